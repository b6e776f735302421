"""Leaves memory that the next submission can find: System V, POSIX queues, keys."""
import ctypes, platform

libc = ctypes.CDLL(None, use_errno=True)
if libc.shmget(0x5EC2E7, 4096, 0o1666) >= 0:
    breached("shared memory")
if libc.semget(0x5EC2E7, 1, 0o1666) >= 0:
    breached("semaphores")
if libc.msgget(0x5EC2E7, 0o1666) >= 0:
    breached("a queue")
if platform.machine() == "x86_64" and libc.syscall(240, FACTS["token"].encode(), 0o102, 0o600, None) >= 0:
    breached("a POSIX queue")
