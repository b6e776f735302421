"""Prints without end to the descriptor below Python's output."""
import os

while True:
    os.write(1, b"x" * 60_000)
