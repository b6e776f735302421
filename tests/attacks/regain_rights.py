"""Takes back root's powers and higher limits."""
import ctypes, resource, struct

libc = ctypes.CDLL(None, use_errno=True)
if libc.capset(struct.pack("=II", 0x20080522, 0), struct.pack("=IIIIII", *[0xFFFFFFFF] * 6)) == 0:
    breached("capset")
for kind in ("AS", "CPU", "FSIZE", "NOFILE", "CORE"):
    try:
        limit = getattr(resource, f"RLIMIT_{kind}")
        soft, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (soft, hard * 2 + 1 if hard > 0 else resource.RLIM_INFINITY))
        breached(kind)
    except (OSError, ValueError):
        continue
if libc.prctl(47, 2, 21, 0, 0) == 0:
    breached("ambient capabilities")
for change in (lambda: os.setuid(1), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(1), lambda: os.setgroups([0])):
    try:
        change()
        breached("another user")
    except OSError:
        continue
