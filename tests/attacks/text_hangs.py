"""Raises an exception whose text never comes."""
class Hanging(Exception):
    def __str__(self):
        while True:
            pass


def relu(Z):
    raise Hanging
