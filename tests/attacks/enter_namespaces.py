"""Makes namespaces of its own, mounts, changes its root."""
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000, 0x08000000, 0x04000000):
    if libc.unshare(flag) == 0:
        breached(f"unshare {flag:#x}")
if libc.mount(b"none", os.getcwd().encode(), b"tmpfs", 0, None) == 0:
    breached("mount")
try:
    os.chroot(".")
    breached("chroot")
except OSError:
    libc.umount2(b"/tmp", 2)
