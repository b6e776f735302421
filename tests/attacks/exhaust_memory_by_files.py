"""Takes memory that is not in its address space: files in memory, pipes, sockets."""
import ctypes, fcntl

kept = []
try:
    for _ in range(10):
        fd = os.memfd_create("x")
        kept.append(fd)
        os.write(fd, bytes(1 << 20))
    breached("files in memory")
except OSError:
    pass
if ctypes.CDLL(None).syscall(447, 0) >= 0:
    breached("secret memory")
