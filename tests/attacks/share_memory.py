"""Makes memory, semaphores and queues that the next submission could find (here at once removed again)."""
import ctypes, errno, platform

libc = ctypes.CDLL(None, use_errno=True)
PRIVATE, REMOVE = 0, 0
for name, make, remove in (
    ("shared memory", lambda: libc.shmget(PRIVATE, 4096, 0o1600), lambda i: libc.shmctl(i, REMOVE, None)),
    ("semaphores", lambda: libc.semget(PRIVATE, 1, 0o1600), lambda i: libc.semctl(i, 0, REMOVE)),
    ("a queue", lambda: libc.msgget(PRIVATE, 0o1600), lambda i: libc.msgctl(i, REMOVE, None)),
):
    number = make()
    if number >= 0:
        remove(number)
        breached(name)
if platform.machine() == "x86_64":
    ctypes.set_errno(0)
    libc.syscall(240, b"no such queue", os.O_RDONLY, 0, None)
    if ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        breached("POSIX queues")
