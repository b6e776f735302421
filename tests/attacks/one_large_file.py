"""Writes one file that is larger than allowed."""


def relu(Z):
    with open("large", "wb") as file:
        for _ in range(40):
            file.write(bytes(1 << 20))
    breached("40 MB")
