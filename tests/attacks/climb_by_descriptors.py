"""Opens the root as a path and goes from there; climbs with .. and chdir."""
relative = FACTS["secret"].lstrip("/")
for flags in (os.O_RDONLY, os.O_PATH, os.O_PATH | os.O_DIRECTORY):
    for start in ("/", "..", "."):
        try:
            fd = os.open(relative if start == "/" else "../" * 9 + relative, os.O_RDONLY, dir_fd=os.open(start, flags))
            os.read(fd, 10)
            breached(f"from {start}")
        except OSError:
            continue
try:
    os.chdir("/")
    open(relative).read()
    breached("by chdir")
except OSError:
    pass
