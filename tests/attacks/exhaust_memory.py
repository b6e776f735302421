"""Takes memory until there is none."""


def relu(Z):
    kept = []
    while True:
        kept.append(np.ones(1 << 22))


def softmax(Z):
    return bytearray(1 << 40)


def mse_loss(P, Y):
    return 10 ** (10**9)
