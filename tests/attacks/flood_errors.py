"""Prints more than allowed to standard error, by the descriptor."""
import time


def relu(Z):
    for _ in range(1000):
        os.write(2, b"::error::" + b"x" * 60_000)
    time.sleep(0.6)
    breached("60 MB")
