"""Returns more than fits into a frame."""


def relu(Z):
    return np.zeros(1 << 24)


def softmax(Z):
    return [np.zeros(1)] * 50_000


def mse_loss(P, Y):
    return "x" * 100_000_000


def linear_forward(X, W, b):
    return list(range(2_000_000))
