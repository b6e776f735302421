"""Connects to the loopback and to the world by TCP."""
import socket, urllib.request

for address in (("127.0.0.1", FACTS["tcp"]), ("localhost", FACTS["tcp"])):
    try:
        socket.create_connection(address, 0.3).close()
        breached("tcp")
    except OSError:
        continue
try:
    urllib.request.urlopen(f"http://127.0.0.1:{FACTS['tcp']}/", timeout=0.1)
except TimeoutError:
    breached("http")
