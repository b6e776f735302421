"""Prints more than allowed."""
import time


def relu(Z):
    for _ in range(60):
        print("x" * 1_000_000)
    time.sleep(0.6)
    breached("60 MB")
