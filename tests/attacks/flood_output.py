"""Prints without end."""


def relu(Z):
    while True:
        print("x" * 1_000_000)
