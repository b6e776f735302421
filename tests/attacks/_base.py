"""What every attack is added to: the work of somebody lazy. Four functions are right, the rest is missing."""


def linear_forward(X, W, b):
    return X @ W + b


def relu(Z):
    return np.maximum(Z, 0.0)


def sigmoid(Z):
    return np.exp(-np.logaddexp(0.0, -Z))


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
