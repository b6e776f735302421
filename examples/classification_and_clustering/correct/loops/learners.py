"""Plain Python wherever it does: one example, one coordinate at a time."""

import math

import numpy as np


def sigmoid(z):
    def one(x):
        return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))

    return np.array([one(float(x)) for x in np.ravel(z)]).reshape(np.shape(z))


def log_loss(p, y):
    total = 0
    for probability, label in zip(p, y):
        probability = min(max(float(probability), 1e-12), 1 - 1e-12)
        total -= math.log(probability) if label == 1 else math.log(1 - probability)
    return total / len(y)


def score(row, w, b):
    return sum(float(x) * float(v) for x, v in zip(row, w)) + b


def log_loss_gradient(X, y, w, b, l2=0.0):
    n, d = len(X), len(w)
    dw, db = [0.0] * d, 0.0
    for row, label in zip(X, y):
        error = float(sigmoid(np.array(score(row, w, b)))) - label
        for j in range(d):
            dw[j] += error * row[j] / n
        db += error / n
    return [dw[j] + 2 * l2 * w[j] for j in range(d)], db


def descend(X, y, w, b, lr, l2=0.0):
    dw, db = log_loss_gradient(X, y, w, b, l2)
    return [v - lr * g for v, g in zip(w, dw)], b - lr * db


def fit_logistic(X, y, lr, steps, l2=0.0):
    w, b, losses = [0.0 for _ in X[0]], 0.0, []
    for _ in range(steps):
        w, b = descend(X, y, w, b, lr, l2)
        p = [float(sigmoid(np.array(score(row, w, b)))) for row in X]
        losses.append(log_loss(p, y))
    return np.array(w), b, losses


def predict_label(X, w, b):
    return [int(score(row, w, b) >= 0) for row in X]


def squared_distance(one, other):
    return sum((float(a) - float(c)) ** 2 for a, c in zip(one, other))


def assign(X, centres):
    labels = []
    for row in X:
        distances = [squared_distance(row, centre) for centre in centres]
        labels.append(distances.index(min(distances)))
    return labels


def update_centres(X, labels, centres):
    moved = [[float(v) for v in centre] for centre in centres]
    for k in range(len(moved)):
        own = [row for row, label in zip(X, labels) if label == k]
        if own:
            moved[k] = [sum(column) / len(own) for column in zip(*own)]
    return moved


def inertia(X, labels, centres):
    return sum(squared_distance(row, centres[label]) for row, label in zip(X, labels))


def spread_centres(X, k, rng):
    rows = list(X)
    if len(rows) < k:
        raise ValueError("too few rows")
    centres = [rows[int(rng.random() * len(rows))]]
    for _ in range(k - 1):
        nearest = [min(squared_distance(row, c) for c in centres) for row in rows]
        left = rng.random() * sum(nearest)
        for row, share in zip(rows, nearest):
            left -= share
            if left < 0:
                break
        centres.append(row)
    return np.array(centres)


class KMeans:
    def __init__(self, k, max_rounds=100, rng=None):
        self.k, self.max_rounds, self.rng = k, max_rounds, rng or np.random.default_rng()
        self.centres = self.labels = None

    def fit(self, X, centres=None):
        self.centres = centres if centres is not None else spread_centres(X, self.k, self.rng)
        history, labels = [], None
        for _ in range(self.max_rounds):
            before, labels = labels, list(assign(X, self.centres))
            self.centres = update_centres(X, labels, self.centres)
            history.append(inertia(X, labels, self.centres))
            if labels == before:
                break
        self.labels = labels
        return history

    def predict(self, X):
        return assign(X, self.centres)
