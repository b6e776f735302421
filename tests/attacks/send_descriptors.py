"""Sends open files over the line, so that the grader runs out of descriptors."""
import socket

line = socket.socket(fileno=os.dup(3))
for _ in range(100):
    try:
        socket.send_fds(line, [b"x"], [0] * 100)
        breached("descriptors were sent")
        break
    except OSError:
        continue
