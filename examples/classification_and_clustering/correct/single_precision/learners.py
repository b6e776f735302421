"""Everything in single precision, and distances from products."""

import numpy as np

F = np.float32


def sigmoid(z):
    z = np.asarray(z, F)
    return F(0.5) * (1 + np.tanh(F(0.5) * z))


def log_loss(p, y):
    p, y = np.asarray(p, F), np.asarray(y)
    right = np.where(y == 1, p, 1 - p)
    return -np.log(np.maximum(right, F(1e-12))).mean()


def log_loss_gradient(X, y, w, b, l2=0.0):
    X, w = np.asarray(X, F), np.asarray(w, F)
    dz = sigmoid(np.einsum("nd,d->n", X, w) + F(b)) - y.astype(F)
    return np.einsum("nd,n->d", X, dz) / F(len(y)) + F(2 * l2) * w, dz.mean()


def descend(X, y, w, b, lr, l2=0.0):
    dw, db = log_loss_gradient(X=X, y=y, w=w, b=b, l2=l2)
    return np.asarray(w, F) - F(lr) * dw, F(b) - F(lr) * db


def fit_logistic(X, y, lr, steps, l2=0.0):
    w, b = np.zeros((X.shape[1],), F), F(0)
    losses = np.empty(steps, F)
    for i in range(steps):
        w, b = descend(X, y, w, b, lr, l2)
        losses[i] = log_loss(sigmoid(np.asarray(X, F) @ w + b), y)
    return w, b, losses


def predict_label(X, w, b):
    return np.heaviside(np.asarray(X, F) @ np.asarray(w, F) + F(b), 1)


def assign(X, centres):
    X, centres = np.asarray(X, F), np.asarray(centres, F)
    return np.argmin((centres**2).sum(axis=1) - 2 * X @ centres.T, axis=1)


def update_centres(X, labels, centres):
    member = np.eye(len(centres), dtype=F)[labels]
    count = member.sum(axis=0)[:, None]
    return np.where(count > 0, member.T @ np.asarray(X, F) / np.maximum(count, 1), np.asarray(centres, F))


def inertia(X, labels, centres):
    return (np.linalg.norm(np.asarray(X, F) - np.asarray(centres, F)[labels], axis=1) ** 2).sum()


def spread_centres(X, k, rng):
    if k > X.shape[0]:
        raise ValueError("more centres than rows")
    rows = [int(rng.choice(X.shape[0]))]
    nearest = ((X - X[rows[0]]) ** 2).sum(axis=1)
    for _ in range(1, k):
        rows.append(int(np.searchsorted(nearest.cumsum(), rng.uniform(0, nearest.sum()))))
        nearest = np.minimum(nearest, ((X - X[rows[-1]]) ** 2).sum(axis=1))
    return X[rows].astype(F)


class KMeans:
    labels = None

    def __init__(self, k, max_rounds=100, rng=None):
        self.k, self.max_rounds = k, max_rounds
        self.rng = rng if rng is not None else np.random.default_rng()

    def _round(self, X):
        self.labels = assign(X, self.centres)
        self.centres = update_centres(X, self.labels, self.centres)
        return inertia(X, self.labels, self.centres)

    def fit(self, X, centres=None):
        if centres is None:
            centres = spread_centres(X, self.k, self.rng)
        self.centres = centres.copy()
        history = [self._round(X)]
        for _ in range(1, self.max_rounds):
            before = self.labels
            history.append(self._round(X))
            if (before == self.labels).all():
                return np.array(history)
        return np.array(history)

    def predict(self, X):
        return assign(X, self.centres)
