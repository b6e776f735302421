"""Sends values that are nested a hundred thousand times."""
relu = instead(frame(b'{"a":[],"v":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))
softmax = instead(frame(b'{"a":[],"v":' + b'{"t":' * 100_000 + b"1" + b"}" * 100_000 + b"}"))
def mse_loss(P, Y):
    nested = 1
    for _ in range(100_000):
        nested = [nested]
    return nested
