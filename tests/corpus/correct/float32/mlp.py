"""Homework 1. I use single precision everywhere, like the frameworks do (f32 casts whatever comes in)."""

import numpy as np

F = np.float32


def f32(*arrays):
    cast = tuple(np.asarray(a, dtype=F) for a in arrays)
    return cast if len(cast) > 1 else cast[0]


# ---- part 1

def one_hot(y, num_classes):
    out = np.zeros((len(y), num_classes), dtype=F)
    out[np.arange(len(y)), y] = 1
    return out


def standardize(X_train, X_other):
    a, b = f32(X_train, X_other)
    mu = a.mean(0)
    sd = a.std(0)
    sd = np.where(a.max(0) == a.min(0), F(1), sd)
    return (a - mu) / sd, (b - mu) / sd


def linear_forward(X, W, b):
    X, W, b = f32(X, W, b)
    return X @ W + b


def relu(Z):
    return np.maximum(f32(Z), F(0))


def sigmoid(Z):
    Z = f32(Z)
    small = np.exp(-np.abs(Z))
    return np.where(Z < 0, small, F(1)) / (F(1) + small)


def softmax(Z):
    Z = f32(Z)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def mse_loss(P, Y):
    P, Y = f32(P, Y)
    return np.mean(np.square(P - Y), dtype=F)


def bce_loss(P, Y):
    # 1 - 1e-12 is 1 in single precision, so clip both logarithms from below
    P, Y = f32(P, Y)
    tiny = F(1e-12)
    return -np.mean(Y * np.log(np.maximum(P, tiny)) + (1 - Y) * np.log(np.maximum(1 - P, tiny)), dtype=F)


def cce_loss(P, Y):
    P, Y = f32(P, Y)
    return -np.sum(Y * np.log(np.maximum(P, F(1e-12))), dtype=F) / F(len(P))


def accuracy(P, Y):
    if P.shape[1] == 1:
        return np.mean((P >= 0.5) == (Y >= 0.5), dtype=F)
    return np.mean(P.argmax(1) == Y.argmax(1), dtype=F)


# ---- part 2

def linear_backward(dZ, X, W):
    dZ, X, W = f32(dZ, X, W)
    return dZ @ W.T, X.T @ dZ, dZ.sum(0)


def relu_backward(dA, Z):
    dA, Z = f32(dA, Z)
    return dA * (Z > 0)


def sigmoid_backward(dA, A):
    dA, A = f32(dA, A)
    return dA * A * (F(1) - A)


def mse_backward(P, Y):
    P, Y = f32(P, Y)
    return F(2) * (P - Y) / F(P.size)


def sigmoid_bce_backward(P, Y):
    P, Y = f32(P, Y)
    return (P - Y) / F(P.size)


def softmax_cce_backward(P, Y):
    P, Y = f32(P, Y)
    return (P - Y) / F(len(P))


def numerical_gradient(f, x, h=1e-5):
    # differences need double precision, with float32 they are noise
    result = np.zeros(x.shape)
    flat, out = x.reshape(-1), result.reshape(-1)
    for i in range(flat.size):
        keep = flat[i]
        flat[i] = keep + h
        up = f(x)
        flat[i] = keep - h
        down = f(x)
        flat[i] = keep
        out[i] = (up - down) / (2 * h)
    return result


def relative_error(a, b):
    a, b = np.ravel(a), np.ravel(b)
    total = np.linalg.norm(a) + np.linalg.norm(b)
    return np.linalg.norm(a - b) / total if total > 0 else 0.0


def gradient_check(f, grad_f, x, tol=1e-6):
    return relative_error(numerical_gradient(f, x), grad_f(x)) <= tol


def init_weights(fan_in, fan_out, method, rng):
    if method not in ("zero", "random", "he", "xavier"):
        raise ValueError(f"init method {method!r}")
    std = {"zero": 0.0, "random": 0.01, "he": (2 / fan_in) ** 0.5, "xavier": (2 / (fan_in + fan_out)) ** 0.5}[method]
    return F(std) * rng.standard_normal((fan_in, fan_out), dtype=F)


def minibatches(n, batch_size, rng):
    order = np.arange(n, dtype=np.int32)
    rng.shuffle(order)
    return [order[i:i + batch_size] for i in range(0, n, batch_size)]


class _Optimizer:
    def __init__(self, lr):
        self.lr = F(lr)
        self.memory = {}
        self.t = 0

    def recall(self, name, key, like):
        return self.memory.get((name, key), np.zeros(like.shape, dtype=F))

    def step(self, params, grads):
        self.t += 1
        for key in params:
            g = f32(grads[key])
            params[key] = f32(params[key]) - self.lr * self.direction(key, g)


class SGD(_Optimizer):
    def direction(self, key, g):
        return g


class Momentum(_Optimizer):
    def __init__(self, lr, beta=0.9):
        super().__init__(lr)
        self.beta = F(beta)

    def direction(self, key, g):
        v = self.memory["v", key] = self.beta * self.recall("v", key, g) + (F(1) - self.beta) * g
        return v


class AdaGrad(_Optimizer):
    def __init__(self, lr, eps=1e-8):
        super().__init__(lr)
        self.eps = F(eps)

    def direction(self, key, g):
        s = self.memory["s", key] = self.recall("s", key, g) + g * g
        return g / (np.sqrt(s) + self.eps)


class RMSprop(_Optimizer):
    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lr)
        self.rho, self.eps = F(rho), F(eps)

    def direction(self, key, g):
        s = self.memory["s", key] = self.rho * self.recall("s", key, g) + (F(1) - self.rho) * g * g
        return g / (np.sqrt(s) + self.eps)


class Adam(_Optimizer):
    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, F(eps)

    def direction(self, key, g):
        v = F(self.beta1) * self.recall("v", key, g) + F(1 - self.beta1) * g
        s = F(self.beta2) * self.recall("s", key, g) + F(1 - self.beta2) * g * g
        self.memory["v", key], self.memory["s", key] = v, s
        return v / F(1 - self.beta1**self.t) / (np.sqrt(s / F(1 - self.beta2**self.t)) + self.eps)


# ---- part 3

def penalty(weights, l1, l2):
    value = F(0)
    for W in weights:
        W = f32(W)
        value += F(l1) * np.abs(W).sum() + F(l2) * np.square(W).sum()
    return value


def penalty_grad(W, l1, l2):
    W = f32(W)
    return F(l1) * np.sign(W) + F(2 * l2) * W


def dropout_mask(shape, rate, rng):
    return (rng.random(shape, dtype=F) >= rate).astype(F)


def dropout_forward(A, mask, rate):
    A, mask = f32(A, mask)
    return A * mask / F(1 - rate)


def dropout_backward(dA, mask, rate):
    dA, mask = f32(dA, mask)
    return dA * mask / F(1 - rate)


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    X, gamma, beta, mean, var = f32(X, gamma, beta, mean, var)
    m, eps = F(momentum), F(eps)
    if train:
        mu, v = X.mean(axis=0), X.var(axis=0)
        mean, var = m * mean + (F(1) - m) * mu, m * var + (F(1) - m) * v
    else:
        mu, v = mean, var
    return gamma * ((X - mu) / np.sqrt(v + eps)) + beta, mean, var


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    dY, X, gamma = f32(dY, X, gamma)
    sd = np.sqrt(X.var(axis=0) + F(eps))
    X_hat = (X - X.mean(axis=0)) / sd
    dX = gamma / sd * (dY - dY.mean(axis=0) - X_hat * np.mean(dY * X_hat, axis=0))
    return dX, np.sum(dY * X_hat, axis=0), np.sum(dY, axis=0)


def shift_images(images, dy, dx):
    images = f32(images)
    n, h, w = images.shape
    out = np.zeros_like(images)
    if abs(dy) < h and abs(dx) < w:
        out[:, max(dy, 0):h + min(dy, 0), max(dx, 0):w + min(dx, 0)] = \
            images[:, max(-dy, 0):h + min(-dy, 0), max(-dx, 0):w + min(-dx, 0)]
    return out


def augment(images, y, copies, max_shift, rng):
    images = f32(images)
    new, labels = [images], [y]
    for _ in range(copies):
        batch = np.empty_like(images)
        for i, image in enumerate(images):
            dy, dx = rng.integers(-max_shift, max_shift + 1, size=2)
            batch[i] = shift_images(image[np.newaxis], int(dy), int(dx))[0]
        new.append(batch)
        labels.append(y)
    return np.vstack(new), np.hstack(labels)


class MLP:
    def __init__(self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0,
                 dropout=0.0, batchnorm=False, rng=None):
        if hidden not in ("relu", "sigmoid") or output not in ("softmax", "sigmoid", "linear"):
            raise ValueError("hidden or output")
        self.sizes, self.hidden, self.output = sizes, hidden, output
        self.l1, self.l2, self.p, self.batchnorm = l1, l2, dropout, batchnorm
        self.rng = np.random.default_rng() if rng is None else rng
        self.n = len(sizes) - 1
        self.params, self.running = {}, {}
        for i in range(1, self.n + 1):
            h = sizes[i]
            self.params[f"W{i}"] = init_weights(sizes[i - 1], h, init, self.rng)
            self.params[f"b{i}"] = np.zeros(h, F)
            if batchnorm and i < self.n:
                self.params[f"gamma{i}"], self.params[f"beta{i}"] = np.ones(h, F), np.zeros(h, F)
                self.running[f"mean{i}"], self.running[f"var{i}"] = np.zeros(h, F), np.ones(h, F)

    def forward(self, X, train=False, masks=None):
        cache, A = {}, f32(X)
        for i in range(1, self.n + 1):
            cache["in", i] = A
            Z = linear_forward(A, self.params[f"W{i}"], self.params[f"b{i}"])
            if i == self.n:
                break
            cache["pre", i] = Z
            if self.batchnorm:
                Z, mean, var = batchnorm_forward(Z, self.params[f"gamma{i}"], self.params[f"beta{i}"],
                                                 self.running[f"mean{i}"], self.running[f"var{i}"], train)
                self.running[f"mean{i}"], self.running[f"var{i}"] = mean, var
            cache["Z", i] = Z
            A = cache["A", i] = relu(Z) if self.hidden == "relu" else sigmoid(Z)
            if masks is not None:
                A = dropout_forward(A, masks[i - 1], self.p)
        if self.output == "linear":
            return Z, cache
        return (softmax(Z) if self.output == "softmax" else sigmoid(Z)), cache

    def total(self, P, Y):
        data = {"softmax": cce_loss, "sigmoid": bce_loss, "linear": mse_loss}[self.output](P, Y)
        return data + penalty([self.params[f"W{i}"] for i in range(1, self.n + 1)], self.l1, self.l2)

    def predict_proba(self, X):
        return self.forward(X)[0]

    def loss(self, X, Y):
        return self.total(self.predict_proba(X), Y)

    def loss_and_grads(self, X, Y, masks=None):
        if masks is None and self.p > 0:
            masks = [dropout_mask((len(X), h), self.p, self.rng) for h in self.sizes[1:-1]]
        P, cache = self.forward(X, True, masks)
        d = {"softmax": softmax_cce_backward, "sigmoid": sigmoid_bce_backward, "linear": mse_backward}[self.output](P, Y)
        grads = {}
        for i in range(self.n, 0, -1):
            if i < self.n:
                if masks is not None:
                    d = dropout_backward(d, masks[i - 1], self.p)
                d = relu_backward(d, cache["Z", i]) if self.hidden == "relu" else sigmoid_backward(d, cache["A", i])
                if self.batchnorm:
                    d, grads[f"gamma{i}"], grads[f"beta{i}"] = batchnorm_backward(
                        d, cache["pre", i], self.params[f"gamma{i}"])
            W = self.params[f"W{i}"]
            d, grads[f"W{i}"], grads[f"b{i}"] = linear_backward(d, cache["in", i], W)
            grads[f"W{i}"] += penalty_grad(W, self.l1, self.l2)
        return self.total(P, Y), grads


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    X, Y = f32(X, Y)
    if rng is None:
        rng = np.random.default_rng()
    if batch_size is None:
        batch_size = len(X)
    hist = dict(train_loss=[], val_loss=[])
    for _ in range(epochs):
        for b in minibatches(len(X), batch_size, rng):
            _, g = model.loss_and_grads(X[b], Y[b])
            optimizer.step(model.params, g)
        hist["train_loss"].append(model.loss(X, Y))
        if X_val is not None:
            hist["val_loss"].append(model.loss(X_val, Y_val))
    return hist


def decision_grid(predict, x_range, y_range, steps):
    xx, yy = np.meshgrid(np.linspace(*x_range, steps, dtype=F), np.linspace(*y_range, steps, dtype=F))
    labels = predict(np.c_[xx.ravel(), yy.ravel()])
    return xx, yy, np.asarray(labels).reshape(steps, steps)


def compare_initializations(X, Y, depth, width, epochs, rng):
    res = {}
    for m in ("zero", "random", "he", "xavier"):
        net = MLP([X.shape[1]] + [width] * depth + [Y.shape[1]], init=m, rng=rng)
        _, cache = net.forward(X)
        first, last = cache["A", 1].std(), cache["A", depth].std()
        ratio = last / first if first > 0 else F(0)
        res[m] = {"activation_ratio": ratio,
                  "train_loss": train(net, X, Y, Adam(0.003), epochs, 32, rng)["train_loss"]}
    return res


def compare_optimizers(X, Y, epochs, rng):
    s = int(rng.integers(10**6))
    res = {}
    for name, opt in {"sgd": SGD(0.3), "momentum": Momentum(0.3), "adagrad": AdaGrad(0.1),
                      "rmsprop": RMSprop(0.01), "adam": Adam(0.02)}.items():
        net = MLP([X.shape[1], 64, Y.shape[1]], rng=np.random.default_rng(s))
        res[name] = train(net, X, Y, opt, epochs, 32, np.random.default_rng(s + 1))["train_loss"]
    return res


def compare_widths(X, Y, widths, epochs, rng):
    res = {}
    for w in widths:
        net = MLP([X.shape[1], w, Y.shape[1]], rng=rng)
        train(net, X, Y, Adam(0.02), epochs, 32, rng)
        res[w] = accuracy(net.predict_proba(X), Y)
    return res


def compare_learning_rates(X, Y, rates, epochs, rng):
    res = {}
    for lr in rates:
        net = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
        with np.errstate(all="ignore"):
            res[lr] = train(net, X, Y, SGD(lr), epochs, 32, rng)["train_loss"][-1]
    return res


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    res = {}
    for name, kw in {"none": {}, "l2": {"l2": 3e-3}, "dropout": {"dropout": 0.5}}.items():
        net = MLP([X.shape[1], 64, 64, Y.shape[1]], rng=rng, **kw)
        h = train(net, X, Y, Adam(0.01), epochs, 32, rng, X_val, Y_val)
        res[name] = h["val_loss"][-1] - h["train_loss"][-1]
    return res
