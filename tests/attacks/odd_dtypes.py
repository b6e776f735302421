"""Returns structured, object, text, time and void arrays, and arrays of absurd shape."""


def relu(Z):
    return np.zeros(Z.shape, dtype=[("a", "f8"), ("b", "O")])


def mse_loss(P, Y):
    return np.zeros(3, dtype="V0")


def linear_forward(X, W, b):
    return np.array("2020-01-01", dtype="M8[D]")


def softmax(Z):
    return np.lib.stride_tricks.as_strided(np.zeros(1), shape=(1 << 20, 1 << 20), strides=(0, 0))
