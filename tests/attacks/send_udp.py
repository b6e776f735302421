"""Sends a packet over the loopback."""
import socket


def attempt():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"x", ("127.0.0.1", FACTS["udp"]))
    breached("udp")


attempt()
