"""MLP with layer objects: the network is a list of layers that look up their parameters by name."""

import numpy as np


# ------------------------------------------------------------------ functions


def one_hot(y, num_classes):
    Y = np.zeros((len(y), num_classes))
    Y[np.arange(len(y)), y] = 1
    return Y


class Scaler:
    def fit(self, X):
        self.mean = X.mean(axis=0)
        spread = X.std(axis=0)
        spread[X.max(axis=0) - X.min(axis=0) < 1e-12] = 1
        self.std = spread
        return self

    def transform(self, X):
        return (X - self.mean) / self.std


def standardize(X_train, X_other):
    scaler = Scaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_other)


def linear_forward(X, W, b):
    return X @ W + b


def relu(Z):
    return np.where(Z > 0, Z, 0)


def sigmoid(Z):
    return np.piecewise(
        np.asarray(Z, dtype=float),
        [Z >= 0, Z < 0],
        [lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(z) / (1 + np.exp(z))],
    )


def softmax(Z):
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def mse_loss(P, Y):
    return ((P - Y) ** 2).mean()


def bce_loss(P, Y):
    P = np.clip(P, 1e-12, 1 - 1e-12)
    return -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).mean()


def cce_loss(P, Y):
    return -(Y * np.log(np.clip(P, 1e-12, 1 - 1e-12))).sum(axis=1).mean()


def accuracy(P, Y):
    if P.shape[1] == 1:
        return np.equal(P >= 0.5, Y == 1).mean()
    return np.equal(P.argmax(axis=1), Y.argmax(axis=1)).mean()


def linear_backward(dZ, X, W):
    return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)


def relu_backward(dA, Z):
    return dA * (Z > 0)


def sigmoid_backward(dA, A):
    return dA * A * (1 - A)


def mse_backward(P, Y):
    return 2 * (P - Y) / np.prod(P.shape)


def sigmoid_bce_backward(P, Y):
    return (P - Y) / np.prod(P.shape)


def softmax_cce_backward(P, Y):
    return (P - Y) / P.shape[0]


def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    for entry in it:
        before = entry.copy()
        entry[...] = before + h
        plus = f(x)
        entry[...] = before - h
        minus = f(x)
        entry[...] = before
        grad[it.multi_index] = (plus - minus) / (2 * h)
    return grad


def relative_error(a, b):
    denominator = np.linalg.norm(a) + np.linalg.norm(b)
    return np.linalg.norm(a - b) / denominator if denominator else 0.0


def gradient_check(f, grad_f, x, tol=1e-6):
    return relative_error(numerical_gradient(f, x), grad_f(x)) <= tol


def init_weights(fan_in, fan_out, method, rng):
    if method == "zero":
        return np.zeros((fan_in, fan_out))
    if method == "random":
        return 0.01 * rng.standard_normal((fan_in, fan_out))
    if method == "he":
        return np.sqrt(2 / fan_in) * rng.standard_normal((fan_in, fan_out))
    if method == "xavier":
        return np.sqrt(2 / (fan_in + fan_out)) * rng.standard_normal((fan_in, fan_out))
    raise ValueError(f"unknown initialization {method}")


def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


# ------------------------------------------------------------------ optimizers: one rule object per array


class Optimizer:
    def __init__(self, make_rule):
        self._make_rule, self._rules = make_rule, {}

    def step(self, params, grads):
        for key, g in grads.items():
            rule = self._rules.setdefault(key, self._make_rule())
            params[key] = params[key] - rule(g)


class SGD(Optimizer):
    def __init__(self, lr):
        super().__init__(lambda: lambda g: lr * g)


class Momentum(Optimizer):
    class Rule:
        def __init__(self, lr, beta):
            self.lr, self.beta, self.v = lr, beta, 0.0

        def __call__(self, g):
            self.v = self.beta * self.v + (1 - self.beta) * g
            return self.lr * self.v

    def __init__(self, lr, beta=0.9):
        super().__init__(lambda: Momentum.Rule(lr, beta))


class AdaGrad(Optimizer):
    class Rule:
        def __init__(self, lr, eps):
            self.lr, self.eps, self.s = lr, eps, 0.0

        def __call__(self, g):
            self.s = self.s + g**2
            return self.lr * g / (np.sqrt(self.s) + self.eps)

    def __init__(self, lr, eps=1e-8):
        super().__init__(lambda: AdaGrad.Rule(lr, eps))


class RMSprop(Optimizer):
    class Rule:
        def __init__(self, lr, rho, eps):
            self.lr, self.rho, self.eps, self.s = lr, rho, eps, 0.0

        def __call__(self, g):
            self.s = self.rho * self.s + (1 - self.rho) * g**2
            return self.lr * g / (np.sqrt(self.s) + self.eps)

    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lambda: RMSprop.Rule(lr, rho, eps))


class Adam(Optimizer):
    class Rule:
        def __init__(self, lr, beta1, beta2, eps):
            self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
            self.v = self.s = 0.0
            self.t = 0

        def __call__(self, g):
            self.t += 1  # each array has its own rule, so this counts steps
            self.v = self.beta1 * self.v + (1 - self.beta1) * g
            self.s = self.beta2 * self.s + (1 - self.beta2) * g**2
            v_hat = self.v / (1 - self.beta1**self.t)
            s_hat = self.s / (1 - self.beta2**self.t)
            return self.lr * v_hat / (np.sqrt(s_hat) + self.eps)

    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lambda: Adam.Rule(lr, beta1, beta2, eps))


# ------------------------------------------------------------------ regularization


def penalty(weights, l1, l2):
    return sum(l1 * abs(W).sum() + l2 * (W**2).sum() for W in weights)


def penalty_grad(W, l1, l2):
    return l1 * np.sign(W) + 2 * l2 * W


def dropout_mask(shape, rate, rng):
    return (rng.random(shape) > rate).astype(float)


def dropout_forward(A, mask, rate):
    return A * mask / (1 - rate)


def dropout_backward(dA, mask, rate):
    return dA * mask / (1 - rate)


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    if train:
        mu, sigma2 = X.mean(axis=0), X.var(axis=0)
        mean = momentum * mean + (1 - momentum) * mu
        var = momentum * var + (1 - momentum) * sigma2
        return gamma * (X - mu) / np.sqrt(sigma2 + eps) + beta, mean, var
    return gamma * (X - mean) / np.sqrt(var + eps) + beta, mean, var


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    N = len(X)
    s = np.sqrt(X.var(axis=0) + eps)
    X_hat = (X - X.mean(axis=0)) / s
    dgamma, dbeta = (dY * X_hat).sum(axis=0), dY.sum(axis=0)
    return gamma / (N * s) * (N * dY - dbeta - X_hat * dgamma), dgamma, dbeta


def shift_images(images, dy, dx):
    _, h, w = images.shape
    rows, cols = np.arange(h) - dy, np.arange(w) - dx
    inside = ((rows >= 0) & (rows < h))[:, None] & ((cols >= 0) & (cols < w))[None, :]
    return images[:, rows.clip(0, h - 1)][:, :, cols.clip(0, w - 1)] * inside


def augment(images, y, copies, max_shift, rng):
    shifts = rng.integers(-max_shift, max_shift + 1, size=(copies * len(images), 2))
    source = np.concatenate([images] * copies) if copies else images[:0]
    moved = [shift_images(image[None], dy, dx)[0] for image, (dy, dx) in zip(source, shifts)]
    return np.concatenate([images, np.array(moved).reshape(-1, *images.shape[1:])]), np.tile(y, copies + 1)


# ------------------------------------------------------------------ the network


class Layer:
    def __init__(self, net, number):
        self.net, self.number = net, number

    def name(self, letter):
        return f"{letter}{self.number}"

    def param(self, letter):
        return self.net.params[self.name(letter)]


class Linear(Layer):
    def forward(self, X, train):
        self.X = X
        return linear_forward(X, self.param("W"), self.param("b"))

    def backward(self, d, grads):
        W = self.param("W")
        d, dW, grads[self.name("b")] = linear_backward(d, self.X, W)
        grads[self.name("W")] = dW + penalty_grad(W, self.net.l1, self.net.l2)
        return d


class BatchNorm(Layer):
    def forward(self, X, train):
        self.X = X
        running = self.net.running
        Y, running[self.name("mean")], running[self.name("var")] = batchnorm_forward(
            X, self.param("gamma"), self.param("beta"), running[self.name("mean")], running[self.name("var")], train
        )
        return Y

    def backward(self, d, grads):
        d, grads[self.name("gamma")], grads[self.name("beta")] = batchnorm_backward(d, self.X, self.param("gamma"))
        return d


class ReLU(Layer):
    def forward(self, X, train):
        self.Z = X
        return relu(X)

    def backward(self, d, grads):
        return relu_backward(d, self.Z)


class Sigmoid(Layer):
    def forward(self, X, train):
        self.A = sigmoid(X)
        return self.A

    def backward(self, d, grads):
        return sigmoid_backward(d, self.A)


class Dropout(Layer):
    mask = None

    def forward(self, X, train):
        if not train or self.mask is None:
            return X
        return dropout_forward(X, self.mask, self.net.dropout)

    def backward(self, d, grads):
        return d if self.mask is None else dropout_backward(d, self.mask, self.net.dropout)


class MLP:
    outputs = {
        "softmax": (softmax, cce_loss, softmax_cce_backward),
        "sigmoid": (sigmoid, bce_loss, sigmoid_bce_backward),
        "linear": (lambda Z: Z, mse_loss, mse_backward),
    }

    def __init__(
        self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0, dropout=0.0, batchnorm=False, rng=None
    ):
        activations = {"relu": ReLU, "sigmoid": Sigmoid}
        if hidden not in activations or output not in self.outputs:
            raise ValueError(f"{hidden!r} or {output!r} is unknown")
        self.rng = np.random.default_rng() if rng is None else rng
        self.l1, self.l2, self.dropout, self.sizes = l1, l2, dropout, sizes
        self.activate, self.criterion, self.output_backward = self.outputs[output]
        self.params, self.running, self.layers = {}, {}, []
        for number in range(1, len(sizes)):
            n_in, n_out = sizes[number - 1], sizes[number]
            self.params[f"W{number}"] = init_weights(n_in, n_out, init, self.rng)
            self.params[f"b{number}"] = np.zeros(n_out)
            self.layers.append(Linear(self, number))
            if number == len(sizes) - 1:
                break
            if batchnorm:
                self.params[f"gamma{number}"], self.params[f"beta{number}"] = np.ones(n_out), np.zeros(n_out)
                self.running[f"mean{number}"], self.running[f"var{number}"] = np.zeros(n_out), np.ones(n_out)
                self.layers.append(BatchNorm(self, number))
            self.layers += [activations[hidden](self, number), Dropout(self, number)]

    def _forward(self, X, train):
        for layer in self.layers:
            X = layer.forward(X, train)
        return self.activate(X)

    def _cost(self, P, Y):
        weights = [self.params[key] for key in self.params if key.startswith("W")]
        return self.criterion(P, Y) + penalty(weights, self.l1, self.l2)

    def predict_proba(self, X):
        return self._forward(X, train=False)

    def loss(self, X, Y):
        return self._cost(self._forward(X, train=False), Y)

    def loss_and_grads(self, X, Y, masks=None):
        for layer in self.layers:
            if isinstance(layer, Dropout):
                if masks is not None:
                    layer.mask = masks[layer.number - 1]
                elif self.dropout > 0:
                    layer.mask = dropout_mask((len(X), self.sizes[layer.number]), self.dropout, self.rng)
                else:
                    layer.mask = None
        P = self._forward(X, train=True)
        grads = {}
        d = self.output_backward(P, Y)
        for layer in reversed(self.layers):
            d = layer.backward(d, grads)
        return self._cost(P, Y), grads


class Trainer:
    def __init__(self, model, optimizer, rng):
        self.model, self.optimizer, self.rng = model, optimizer, rng

    def epoch(self, X, Y, batch_size):
        for batch in minibatches(len(X), batch_size, self.rng):
            _, grads = self.model.loss_and_grads(X[batch], Y[batch])
            self.optimizer.step(self.model.params, grads)


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    trainer = Trainer(model, optimizer, rng if rng is not None else np.random.default_rng())
    train_loss, val_loss = [], []
    for _ in range(epochs):
        trainer.epoch(X, Y, batch_size or len(X))
        train_loss.append(model.loss(X, Y))
        if X_val is not None:
            val_loss.append(model.loss(X_val, Y_val))
    return {"train_loss": train_loss, "val_loss": val_loss}


# ------------------------------------------------------------------ experiments


def decision_grid(predict, x_range, y_range, steps):
    xx, yy = np.meshgrid(np.linspace(*x_range, steps), np.linspace(*y_range, steps))
    return xx, yy, np.array(predict(np.dstack([xx, yy]).reshape(-1, 2))).reshape(steps, steps)


def compare_initializations(X, Y, depth, width, epochs, rng):
    results = {}
    for init in ("zero", "random", "he", "xavier"):
        model = MLP([X.shape[1], *(depth * [width]), Y.shape[1]], init=init, rng=rng)
        stds, A = [], X
        for layer in model.layers[:-1]:
            A = layer.forward(A, False)
            if isinstance(layer, ReLU):
                stds.append(A.std())
        ratio = stds[-1] / stds[0] if stds[0] > 0 else 0.0
        history = train(model, X, Y, Adam(0.003), epochs, 32, rng)
        results[init] = {"activation_ratio": ratio, "train_loss": history["train_loss"]}
    return results


def compare_optimizers(X, Y, epochs, rng):
    seed = rng.integers(2**32)
    chosen = dict(sgd=SGD(0.3), momentum=Momentum(0.3), adagrad=AdaGrad(0.1), rmsprop=RMSprop(0.01), adam=Adam(0.02))
    curves = {}
    for name, optimizer in chosen.items():
        same = np.random.default_rng(seed)
        model = MLP([X.shape[1], 64, Y.shape[1]], rng=same)
        curves[name] = train(model, X, Y, optimizer, epochs, 32, same)["train_loss"]
    return curves


def compare_widths(X, Y, widths, epochs, rng):
    def fit(width):
        model = MLP([X.shape[1], width, Y.shape[1]], rng=rng)
        train(model, X, Y, Adam(0.02), epochs, 32, rng)
        return accuracy(model.predict_proba(X), Y)

    return {width: fit(width) for width in widths}


def compare_learning_rates(X, Y, rates, epochs, rng):
    losses = {}
    for rate in rates:
        with np.errstate(over="ignore", invalid="ignore"):
            model = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
            losses[rate] = train(model, X, Y, SGD(rate), epochs, 32, rng)["train_loss"][-1]
    return losses


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    gaps = {}
    for name, options in (("none", {}), ("l2", {"l2": 3e-3}), ("dropout", {"dropout": 0.5})):
        model = MLP([X.shape[1], 64, 64, Y.shape[1]], rng=rng, **options)
        history = train(model, X, Y, Adam(0.01), epochs, 32, rng, X_val, Y_val)
        gaps[name] = history["val_loss"][-1] - history["train_loss"][-1]
    return gaps
