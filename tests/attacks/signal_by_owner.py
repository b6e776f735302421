"""Makes another process the owner of a socket, so that the kernel signals it when data come."""
import fcntl, signal, socket, struct

F_SETSIG, F_SETOWN_EX, FIOSETOWN = 10, 15, 0x8901
victim = FACTS["victim"]
for way in (
    lambda fd: fcntl.fcntl(fd, fcntl.F_SETOWN, victim),
    lambda fd: fcntl.fcntl(fd, F_SETOWN_EX, struct.pack("ii", 1, victim)),
    lambda fd: fcntl.ioctl(fd, FIOSETOWN, struct.pack("i", victim)),
):
    try:
        ours, theirs = socket.socketpair()
        way(theirs.fileno())
        fcntl.fcntl(theirs, F_SETSIG, signal.SIGTERM)
        fcntl.fcntl(theirs, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        ours.send(b"x")
        breached("an owner was set")
    except OSError:
        continue
