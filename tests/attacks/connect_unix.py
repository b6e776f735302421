"""Connects to Unix sockets, by path and by abstract name."""
import socket

for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM):
    for address in (FACTS["unix"], FACTS["datagrams"], FACTS["abstract"]):
        try:
            with socket.socket(socket.AF_UNIX, kind) as line:
                line.connect(address)
            breached(repr(address))
        except OSError:
            continue
