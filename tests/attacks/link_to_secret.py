"""Puts links to the reference into its folder, for itself or the grader to follow."""
for make in (os.symlink, os.link):
    for target in (FACTS["secret"], FACTS["reference"]):
        try:
            make(target, f"link-{make.__name__}-{os.path.basename(target)}")
            breached(f"{make.__name__} to {target}")
        except OSError:
            continue
