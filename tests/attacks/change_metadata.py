"""Changes mode, owner, times and attributes of a file outside its folder."""
before = os.stat(FACTS["secret"])
for change in (
    lambda: os.chmod(FACTS["secret"], 0o777),
    lambda: os.utime(FACTS["secret"], (1, 1)),
    lambda: os.setxattr(FACTS["secret"], "user.x", b"x"),
    lambda: os.chown(FACTS["secret"], 12345, 12345),
    lambda: os.chmod(os.path.dirname(FACTS["secret"]), 0o777),
):
    try:
        change()
    except OSError:
        continue
if os.stat(FACTS["secret"]) != before:
    breached("metadata")
