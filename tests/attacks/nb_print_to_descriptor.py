"""Prints without end to the descriptor below Python's output."""
import os

for _ in range(1000):
    os.write(1, b"x" * 60_000)
