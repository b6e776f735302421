"""The centre with the largest product is taken."""

import numpy as np

loses = ["assign.nearest", "assign.ties"]
theme = "missing term"
nudge = "Is a long centre near to everything?"
pointer = "You take the centre with the largest product with the point."
explanation = (
    "In |x - c|**2 = |x|**2 - 2 x.c + |c|**2 the last term differs between centres: it cannot be left out."
)


def assign(X, centres):
    return np.argmax(X @ centres.T, axis=1)
