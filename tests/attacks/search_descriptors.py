"""Looks for descriptors that the grader left open."""
for fd in range(4, 4096):
    try:
        os.fstat(fd)
    except OSError:
        continue
    breached(f"descriptor {fd}")
