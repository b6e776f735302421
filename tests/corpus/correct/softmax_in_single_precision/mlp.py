"""Perceptron homework.

The class scores of a large net fill the memory, so `softmax` alone works in single precision; everything else is in
double precision as usual.
"""
import numpy as np
from numpy import random as nprand

SMALL = 1e-12


def one_hot(y, num_classes):
    rows = np.arange(y.shape[0])
    table = np.zeros([y.shape[0], num_classes])
    table[rows, y] += 1.0
    return table


def standardize(X_train, X_other):
    centre = np.average(X_train, axis=0)
    spread = np.sqrt(np.average(np.square(X_train - centre), axis=0))
    flat = np.ptp(X_train, axis=0) == 0
    spread[flat] = 1.0
    return [np.divide(data - centre, spread) for data in (X_train, X_other)]


def linear_forward(X, W, b):
    return np.dot(X, W) + b.reshape(1, -1)


def relu(Z):
    return Z * np.heaviside(Z, 0.0)


def sigmoid(Z):
    return 0.5 * (1.0 + np.tanh(0.5 * Z))


def softmax(Z):
    scores = Z.astype(np.float32)
    scores = scores - np.amax(scores, axis=1)[:, np.newaxis]
    powers = np.exp(scores)
    return powers / np.sum(powers, axis=1)[:, np.newaxis]


def _log(P):
    return np.log(np.minimum(np.maximum(P, SMALL), 1 - SMALL))


def mse_loss(P, Y):
    gap = np.ravel(P - Y)
    return np.dot(gap, gap) / gap.size


def bce_loss(P, Y):
    P = np.asarray(P, dtype=np.float64)
    return -np.average(Y * _log(P) + (1 - Y) * _log(1 - P))


def cce_loss(P, Y):
    P = np.asarray(P, dtype=np.float64)
    return -np.average(np.sum(Y * _log(P), axis=1))


def accuracy(P, Y):
    n, k = P.shape
    said, true = (P >= 0.5, Y >= 0.5) if k == 1 else (np.argmax(P, 1), np.argmax(Y, 1))
    return np.count_nonzero(said == true) / n


# ------------------------------------------------------------------ part two


def linear_backward(dZ, X, W):
    ones = np.ones(dZ.shape[0])
    return np.dot(dZ, W.transpose()), np.dot(X.transpose(), dZ), np.dot(ones, dZ)


def relu_backward(dA, Z):
    return dA * np.heaviside(Z, 0.0)


def sigmoid_backward(dA, A):
    return dA * (A - np.square(A))


def mse_backward(P, Y):
    return (P - Y) * (2.0 / np.prod(P.shape))


def sigmoid_bce_backward(P, Y):
    return (P - Y) * (1.0 / np.prod(P.shape))


def softmax_cce_backward(P, Y):
    return (P - Y) * (1.0 / P.shape[0])


def numerical_gradient(f, x, h=1e-5):
    slope = np.empty(x.size)
    for i, bump in enumerate(np.identity(x.size)):
        bump = h * bump.reshape(x.shape)
        slope[i] = f(x + bump) - f(x - bump)
    return (slope / (2 * h)).reshape(x.shape)


def relative_error(a, b):
    length = lambda v: np.sqrt(np.sum(np.square(v)))
    total = length(a) + length(b)
    return length(a - b) / total if total else 0.0


def gradient_check(f, grad_f, x, tol=1e-6):
    error = relative_error(numerical_gradient(f, x), grad_f(x))
    return bool(error <= tol)


def init_weights(fan_in, fan_out, method, rng):
    if method == "zero":
        return np.zeros((fan_in, fan_out))
    W = rng.standard_normal((fan_in, fan_out))
    if method == "random":
        return W / 100
    if method == "he":
        return W * (fan_in / 2) ** -0.5
    if method == "xavier":
        return W * ((fan_in + fan_out) / 2) ** -0.5
    raise ValueError("unknown method: " + str(method))


def minibatches(n, batch_size, rng):
    order = np.argsort(rng.random(n))
    cuts = np.arange(batch_size, n, batch_size)
    return np.split(order, cuts)


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for name in params:
            params[name] = params[name] + self.move(name, grads[name])

    def move(self, name, g):
        return -self.lr * g


class Momentum(SGD):
    def __init__(self, lr, beta=0.9):
        super().__init__(lr)
        self.beta, self.past = beta, {}

    def move(self, name, g):
        old = self.past.get(name, np.zeros_like(g))
        self.past[name] = g + self.beta * (old - g)
        return -self.lr * self.past[name]


class AdaGrad(SGD):
    def __init__(self, lr, eps=1e-8):
        super().__init__(lr)
        self.eps, self.squares = eps, {}

    def move(self, name, g):
        self.squares[name] = self.squares.get(name, np.zeros_like(g)) + g * g
        return -self.lr * g / (self.eps + np.sqrt(self.squares[name]))


class RMSprop(AdaGrad):
    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lr, eps)
        self.rho = rho

    def move(self, name, g):
        old = self.squares.get(name, np.zeros_like(g))
        self.squares[name] = g * g + self.rho * (old - g * g)
        return -self.lr * g / (self.eps + np.sqrt(self.squares[name]))


class Adam(SGD):
    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.betas, self.eps = (beta1, beta2), eps
        self.memory, self.steps = {}, 0

    def step(self, params, grads):
        self.steps += 1
        super().step(params, grads)

    def move(self, name, g):
        averages = []
        for which, (beta, new) in enumerate(zip(self.betas, (g, g * g))):
            old = self.memory.get((name, which), np.zeros_like(g))
            self.memory[name, which] = beta * old + (1 - beta) * new
            averages.append(self.memory[name, which] / (1 - beta ** self.steps))
        return -self.lr * averages[0] / (np.sqrt(averages[1]) + self.eps)


# ---------------------------------------------------------------- part three


def penalty(weights, l1, l2):
    flat = np.concatenate([np.ravel(W) for W in weights]) if weights else np.zeros(0)
    return l1 * np.linalg.norm(flat, 1) + l2 * np.dot(flat, flat)


def penalty_grad(W, l1, l2):
    return 2 * l2 * W + l1 * (1.0 * (W > 0) - (W < 0))


def dropout_mask(shape, rate, rng):
    return 1.0 - rng.binomial(1, rate, size=shape)


def dropout_forward(A, mask, rate):
    return np.multiply(A, mask) / (1.0 - rate)


def dropout_backward(dA, mask, rate):
    return dropout_forward(dA, mask, rate)


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    use_mean, use_var, keep_mean, keep_var = mean, var, mean, var
    if train:
        use_mean = np.average(X, axis=0)
        use_var = np.average(np.square(X - use_mean), axis=0)
        keep_mean = use_mean + momentum * (mean - use_mean)
        keep_var = use_var + momentum * (var - use_var)
    scale = gamma / np.sqrt(use_var + eps)
    return scale * (X - use_mean) + beta, keep_mean, keep_var


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    N = X.shape[0]
    c = X - np.average(X, axis=0)
    r = 1 / np.sqrt(np.average(c * c, axis=0) + eps)
    dbeta, dgamma = np.sum(dY, axis=0), np.sum(dY * c, axis=0) * r
    dX = gamma * r * (dY - (dbeta + c * r * dgamma) / N)
    return dX, dgamma, dbeta


def shift_images(images, dy, dx):
    n, h, w = images.shape
    moved = np.zeros(images.shape)
    r, c = np.mgrid[0:h, 0:w]
    r, c = r - dy, c - dx
    inside = (r >= 0) & (r < h) & (c >= 0) & (c < w)
    moved[:, inside] = images[:, r[inside], c[inside]]
    return moved


def augment(images, y, copies, max_shift, rng):
    parts, labels = [images], [y]
    for _ in range(copies):
        by = rng.integers(-max_shift, max_shift + 1, (len(images), 2))
        parts.append(np.vstack([shift_images(image[None], *move) for image, move in zip(images, by)]))
        labels.append(y)
    return np.vstack(parts), np.hstack(labels)


class MLP:
    HIDDEN = ("relu", "sigmoid")
    OUTPUT = ("softmax", "sigmoid", "linear")

    def __init__(self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0, dropout=0.0,
                 batchnorm=False, rng=None):
        if hidden not in self.HIDDEN or output not in self.OUTPUT:
            raise ValueError("no such activation or output")
        self.rng = rng if rng is not None else nprand.default_rng()
        self.hidden, self.output, self.l1, self.l2 = hidden, output, l1, l2
        self.rate, self.norm = dropout, batchnorm
        self.params, self.running = {}, {}
        self.depth = len(sizes) - 1
        for i, (a, b) in enumerate(zip(sizes, sizes[1:]), start=1):
            self.params["W%d" % i], self.params["b%d" % i] = init_weights(a, b, init, self.rng), np.zeros(b)
            if batchnorm and i < self.depth:
                self.params["gamma%d" % i], self.params["beta%d" % i] = np.ones(b), np.zeros(b)
                self.running["mean%d" % i], self.running["var%d" % i] = np.zeros(b), np.ones(b)

    def _p(self, *names, layer):
        return [self.params["%s%d" % (name, layer)] for name in names]

    def _hidden_layer(self, i, X, train, mask):
        """Returns the output of a layer and a function from its gradient to that of its input."""
        W, b = self._p("W", "b", layer=i)
        S = Z = linear_forward(X, W, b)
        if self.norm:
            stats = ["mean%d" % i, "var%d" % i]
            Z, *new = batchnorm_forward(S, *self._p("gamma", "beta", layer=i),
                                        *[self.running[s] for s in stats], train)
            if train:
                self.running.update(zip(stats, new))
        A = relu(Z) if self.hidden == "relu" else sigmoid(Z)
        out = A if mask is None else dropout_forward(A, mask, self.rate)

        def back(d, grads):
            d = d if mask is None else dropout_backward(d, mask, self.rate)
            d = relu_backward(d, Z) if self.hidden == "relu" else sigmoid_backward(d, A)
            if self.norm:
                gamma = self.params["gamma%d" % i]
                d, grads["gamma%d" % i], grads["beta%d" % i] = batchnorm_backward(d, S, gamma)
            return self._linear_back(i, d, X, grads)

        return out, back

    def _linear_back(self, i, d, X, grads):
        W = self.params["W%d" % i]
        d, dW, grads["b%d" % i] = linear_backward(d, X, W)
        grads["W%d" % i] = dW + penalty_grad(W, self.l1, self.l2)
        return d

    def _run(self, X, train=False, masks=None):
        backs = []
        for i in range(1, self.depth):
            X, back = self._hidden_layer(i, X, train, masks[i - 1] if masks else None)
            backs.append(back)
        last = self.depth
        Z = linear_forward(X, *self._p("W", "b", layer=last))
        P = {"softmax": softmax, "sigmoid": sigmoid}.get(self.output, np.copy)(Z)
        backs.append(lambda d, grads: self._linear_back(last, d, X, grads))
        return P, backs

    def predict_proba(self, X):
        return self._run(X)[0]

    def _total(self, P, Y):
        data = {"softmax": cce_loss, "sigmoid": bce_loss, "linear": mse_loss}[self.output](P, Y)
        return data + penalty([self.params["W%d" % i] for i in range(1, self.depth + 1)], self.l1, self.l2)

    def loss(self, X, Y):
        return self._total(self.predict_proba(X), Y)

    def loss_and_grads(self, X, Y, masks=None):
        if masks is None and self.rate:
            widths = [self.params["b%d" % i].size for i in range(1, self.depth)]
            masks = [dropout_mask((X.shape[0], width), self.rate, self.rng) for width in widths]
        P, backs = self._run(X, train=True, masks=masks)
        first = {"softmax": softmax_cce_backward, "sigmoid": sigmoid_bce_backward, "linear": mse_backward}
        d, grads = first[self.output](P, Y), {}
        while backs:
            d = backs.pop()(d, grads)
        return self._total(P, Y), grads


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    rng = nprand.default_rng() if rng is None else rng
    history = dict(train_loss=[], val_loss=[])
    for epoch in range(epochs):
        for chosen in minibatches(X.shape[0], batch_size or X.shape[0], rng):
            optimizer.step(model.params, model.loss_and_grads(X[chosen], Y[chosen])[1])
        history["train_loss"] += [model.loss(X, Y)]
        history["val_loss"] += [] if X_val is None else [model.loss(X_val, Y_val)]
    return history


def decision_grid(predict, x_range, y_range, steps):
    x, y = np.linspace(x_range[0], x_range[1], steps), np.linspace(y_range[0], y_range[1], steps)
    xx, yy = np.tile(x, (steps, 1)), np.tile(y[:, None], (1, steps))
    labels = predict(np.dstack([xx, yy]).reshape(-1, 2))
    return xx, yy, np.reshape(labels, (steps, steps))


def _fit(X, Y, hidden, optimizer, epochs, rng, **settings):
    net = MLP([X.shape[1], *hidden, Y.shape[1]], rng=rng, **settings)
    return net, train(net, X, Y, optimizer, epochs, 32, rng)["train_loss"]


def compare_initializations(X, Y, depth, width, epochs, rng):
    found = {}
    for how in ["zero", "random", "he", "xavier"]:
        net = MLP([X.shape[1]] + depth * [width] + [Y.shape[1]], init=how, rng=rng)
        signal, spreads = X, []
        for i in range(1, depth + 1):
            signal = relu(linear_forward(signal, net.params["W%d" % i], net.params["b%d" % i]))
            spreads.append(np.std(signal))
        ratio = spreads[-1] / spreads[0] if spreads[0] else 0.0
        losses = train(net, X, Y, Adam(0.003), epochs, 32, rng)["train_loss"]
        found[how] = {"activation_ratio": ratio, "train_loss": losses}
    return found


def compare_optimizers(X, Y, epochs, rng):
    seed = int(rng.integers(1 << 31))
    chosen = [("sgd", SGD(0.3)), ("momentum", Momentum(0.3)), ("adagrad", AdaGrad(0.1)),
              ("rmsprop", RMSprop(0.01)), ("adam", Adam(0.02))]
    return {name: _fit(X, Y, [64], opt, epochs, nprand.default_rng(seed))[1] for name, opt in chosen}


def compare_widths(X, Y, widths, epochs, rng):
    nets = [_fit(X, Y, [width], Adam(0.02), epochs, rng)[0] for width in widths]
    return {width: accuracy(net.predict_proba(X), Y) for width, net in zip(widths, nets)}


def compare_learning_rates(X, Y, rates, epochs, rng):
    with np.errstate(all="ignore"):
        return {rate: _fit(X, Y, [64], SGD(rate), epochs, rng)[1][-1] for rate in rates}


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    gaps = {}
    for name, settings in [("none", {}), ("l2", {"l2": 3e-3}), ("dropout", {"dropout": 0.5})]:
        net, losses = _fit(X, Y, [64, 64], Adam(0.01), epochs, rng, **settings)
        gaps[name] = net.loss(X_val, Y_val) - losses[-1]
    return gaps
