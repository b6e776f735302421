"""Sends out what it knows as a host's name."""
import socket

for name in ("localhost", "answers.example.invalid"):
    try:
        socket.getaddrinfo(name, 80)
        if name != "localhost":
            breached(name)
    except OSError:
        continue
