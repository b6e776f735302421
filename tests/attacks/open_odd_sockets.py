"""Opens sockets of other families: netlink, packets, vsock, crypto, bluetooth."""
import socket

for family in (1, 2, 10, 16, 17, 31, 38, 40, 44):
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind).close()
            breached(f"family {family}")
        except OSError:
            continue
