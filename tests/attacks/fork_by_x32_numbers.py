"""Starts a process by the x32 table's numbers, which a filter on x86_64 numbers would not see."""
import ctypes, platform

libc = ctypes.CDLL(None, use_errno=True)
if platform.machine() == "x86_64":
    for number in (57, 56, 435):
        pid = libc.syscall(0x40000000 + number, 17, 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        if pid > 0:
            breached(f"number {number}")
