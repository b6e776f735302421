"""Prints to standard error without end, by the descriptor."""


def relu(Z):
    while True:
        os.write(2, b"::error::" + b"x" * 60_000)
