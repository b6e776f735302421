"""Waits for connections, for another submission to find."""
import socket

for family, address in ((socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_UNIX, "\0" + FACTS["token"])):
    try:
        server = socket.socket(family)
        server.bind(address)
        server.listen()
        breached("a server")
    except OSError:
        continue
