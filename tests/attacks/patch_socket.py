"""Replaces the socket's methods in the process that serves."""
import socket

socket.socket.sendall = lambda self, data: None
