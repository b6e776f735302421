"""Computes without end and catches what would interrupt it."""
while True:
    try:
        while True:
            pass
    except BaseException:
        continue
