"""Takes memory until there is none."""


def relu(Z):
    kept = []
    while len(kept) < 96:  # three times what is allowed, in pieces of 32 MB
        kept.append(np.ones(1 << 22))
    breached("3 GB")


def softmax(Z):
    return bytearray(1 << 40)


def mse_loss(P, Y):
    return 10 ** (10**9)
