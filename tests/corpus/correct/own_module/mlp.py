"""The homework. Layers live in layers.py beside this file."""

import numpy as np

from layers import *
from layers import __all__ as layer_names

import layers

assert all(hasattr(layers, name) for name in layer_names)


def one_hot(y, num_classes):
    return np.identity(num_classes)[np.asarray(y, dtype=int), :]


def standardize(X_train, X_other):
    mean, std = np.mean(X_train, 0), np.std(X_train, 0)
    std = np.array([s if s > 1e-9 else 1.0 for s in std])
    return [(X - mean) / std for X in (X_train, X_other)]


def accuracy(P, Y):
    K = P.shape[1]
    predicted = np.argmax(P, axis=1) if K != 1 else np.where(P >= 0.5, 1, 0).flatten()
    true = np.argmax(Y, axis=1) if K != 1 else Y.flatten()
    return np.count_nonzero(predicted == true) / len(P)


def numerical_gradient(f, x, h=1e-5):
    def at(i, value):
        y = x.copy().ravel()
        y[i] = value
        return f(y.reshape(x.shape))

    g = [(at(i, xi + h) - at(i, xi - h)) / (2 * h) for i, xi in enumerate(x.ravel())]
    return np.reshape(g, x.shape)


def relative_error(a, b):
    top = np.linalg.norm(np.subtract(a, b))
    if top == 0:
        return 0.0
    return top / (np.linalg.norm(a) + np.linalg.norm(b))


def gradient_check(f, grad_f, x, tol=1e-6):
    return np.bool_(relative_error(grad_f(x.copy()), numerical_gradient(f, x)) <= tol)


def init_weights(fan_in, fan_out, method, rng):
    shape = (fan_in, fan_out)
    makers = {
        "zero": lambda: np.zeros(shape),
        "random": lambda: rng.normal(0, 0.01, shape),
        "he": lambda: rng.normal(0, np.sqrt(2 / fan_in), shape),
        "xavier": lambda: rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), shape),
    }
    if method not in makers:
        raise ValueError(method)
    return makers[method]()


def minibatches(n, batch_size, rng):
    shuffled = rng.choice(n, size=n, replace=False)
    count = -(-n // batch_size)
    return [shuffled[i * batch_size:(i + 1) * batch_size] for i in range(count)]


class _Base:
    """Calls self.delta(key, g) for every array; new arrays replace the old ones."""

    def __init__(self, lr):
        self.lr = lr
        self.reset()

    def reset(self):
        self.state = {}

    def step(self, params, grads):
        self.before()
        for key in sorted(params):
            params[key] = params[key] + self.delta(key, np.array(grads[key]))

    def before(self):
        pass


class SGD(_Base):
    def delta(self, key, g):
        return -self.lr * g


class Momentum(_Base):
    def __init__(self, lr, beta=0.9):
        super().__init__(lr)
        self.beta = beta

    def delta(self, key, g):
        self.state[key] = self.beta * self.state.get(key, 0) + (1 - self.beta) * g
        return -self.lr * self.state[key]


class AdaGrad(_Base):
    def __init__(self, lr, eps=1e-8):
        super().__init__(lr)
        self.eps = eps

    def delta(self, key, g):
        self.state[key] = self.state.get(key, 0) + g * g
        return -self.lr * g / (self.state[key] ** 0.5 + self.eps)


class RMSprop(_Base):
    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lr)
        self.rho, self.eps = rho, eps

    def delta(self, key, g):
        self.state[key] = self.rho * self.state.get(key, 0) + (1 - self.rho) * g * g
        return -self.lr * g / (self.state[key] ** 0.5 + self.eps)


class Adam(_Base):
    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.beta1, self.beta2, self.eps, self.t = beta1, beta2, eps, 0

    def before(self):
        self.t = self.t + 1

    def delta(self, key, g):
        v, s = self.state.get(key, (0, 0))
        v = self.beta1 * v + (1 - self.beta1) * g
        s = self.beta2 * s + (1 - self.beta2) * g * g
        self.state[key] = v, s
        v, s = v / (1 - self.beta1**self.t), s / (1 - self.beta2**self.t)
        return -self.lr * v / (s**0.5 + self.eps)


def penalty(weights, l1, l2):
    return l1 * sum(np.sum(np.abs(W)) for W in weights) + l2 * sum(np.sum(W * W) for W in weights)


def penalty_grad(W, l1, l2):
    return l1 * ((W > 0) * 1.0 - (W < 0) * 1.0) + 2 * l2 * W


def shift_images(images, dy, dx):
    n, h, w = images.shape
    frame = np.zeros((n, 3 * h, 3 * w))  # big enough for every shift that leaves something
    dy, dx = int(np.clip(dy, -h, h)), int(np.clip(dx, -w, w))
    frame[:, h + dy:2 * h + dy, w + dx:2 * w + dx] = images
    return frame[:, h:2 * h, w:2 * w]


def augment(images, y, copies, max_shift, rng):
    possible = list(range(-max_shift, max_shift + 1))
    parts, labels = [images], [y]
    for _ in range(copies):
        for n, image in enumerate(images):
            parts.append(shift_images(image[None], rng.choice(possible), rng.choice(possible)))
        labels.append(y)
    return np.concatenate(parts), np.concatenate(labels)


class MLP:
    def __init__(self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0,
                 dropout=0.0, batchnorm=False, rng=None):
        if hidden not in ("relu", "sigmoid") or output not in ("softmax", "sigmoid", "linear"):
            raise ValueError((hidden, output))
        self.__dict__.update(sizes=sizes, hidden=hidden, output=output, l1=l1, l2=l2, dropout=dropout,
                             batchnorm=batchnorm, rng=rng or np.random.default_rng())
        self.params, self.running = {}, {}
        for i, (d, h) in enumerate(zip(sizes[:-1], sizes[1:])):
            self.params.update({f"W{i + 1}": init_weights(d, h, init, self.rng), f"b{i + 1}": np.zeros(h)})
        if batchnorm:
            for i, h in enumerate(sizes[1:-1], 1):
                self.params.update({f"gamma{i}": np.ones(h), f"beta{i}": np.zeros(h)})
                self.running.update({f"mean{i}": np.zeros(h), f"var{i}": np.ones(h)})

    def get(self, *names, i):
        return [(self.params if n + str(i) in self.params else self.running)[n + str(i)] for n in names]

    def predict_proba(self, X):
        for i in range(1, len(self.sizes)):
            X = linear_forward(X, *self.get("W", "b", i=i))
            if i < len(self.sizes) - 1:
                if self.batchnorm:
                    X = batchnorm_forward(X, *self.get("gamma", "beta", "mean", "var", i=i), False)[0]
                X = {"relu": relu, "sigmoid": sigmoid}[self.hidden](X)
        return X if self.output == "linear" else {"softmax": softmax, "sigmoid": sigmoid}[self.output](X)

    def cost(self, P, Y):
        names = [f"W{i}" for i in range(1, len(self.sizes))]
        loss = {"softmax": cce_loss, "sigmoid": bce_loss, "linear": mse_loss}[self.output]
        return loss(P, Y) + penalty([self.params[n] for n in names], self.l1, self.l2)

    def loss(self, X, Y):
        return self.cost(self.predict_proba(X), Y)

    def loss_and_grads(self, X, Y, masks=None):
        """Forward pass that leaves a stack of closures, one per operation; the backward pass pops them."""
        stack, grads = [], {}
        if masks is None and self.dropout:
            masks = [dropout_mask((len(X), h), self.dropout, self.rng) for h in self.sizes[1:-1]]

        def linear(A, i):
            W, b = self.get("W", "b", i=i)

            def back(d):
                d, dW, grads[f"b{i}"] = linear_backward(d, A, W)
                grads[f"W{i}"] = dW + penalty_grad(W, self.l1, self.l2)
                return d

            stack.append(back)
            return linear_forward(A, W, b)

        def norm(A, i):
            gamma, beta, mean, var = self.get("gamma", "beta", "mean", "var", i=i)
            out, self.running[f"mean{i}"], self.running[f"var{i}"] = batchnorm_forward(A, gamma, beta, mean, var, True)

            def back(d):
                d, grads[f"gamma{i}"], grads[f"beta{i}"] = batchnorm_backward(d, A, gamma)
                return d

            stack.append(back)
            return out

        def activation(Z):
            if self.hidden == "relu":
                stack.append(lambda d: relu_backward(d, Z))
                return relu(Z)
            A = sigmoid(Z)
            stack.append(lambda d: sigmoid_backward(d, A))
            return A

        def drop(A, mask):
            stack.append(lambda d: dropout_backward(d, mask, self.dropout))
            return dropout_forward(A, mask, self.dropout)

        A, last = X, len(self.sizes) - 1
        for i in range(1, last):
            A = linear(A, i)
            if self.batchnorm:
                A = norm(A, i)
            A = activation(A)
            if masks is not None:
                A = drop(A, masks[i - 1])
        Z = linear(A, last)
        if self.output == "softmax":
            P, d = softmax(Z), softmax_cce_backward
        elif self.output == "sigmoid":
            P, d = sigmoid(Z), sigmoid_bce_backward
        else:
            P, d = Z, mse_backward
        d = d(P, Y)
        while stack:
            d = stack.pop()(d)
        return self.cost(P, Y), grads


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    if rng is None:
        rng = np.random.default_rng()
    losses, val_losses = [], []
    for _ in range(epochs):
        for b in minibatches(len(X), len(X) if batch_size is None else batch_size, rng):
            optimizer.step(model.params, model.loss_and_grads(X[b], Y[b])[1])
        losses += [model.loss(X, Y)]
        val_losses += [] if X_val is None else [model.loss(X_val, Y_val)]
    return {"train_loss": losses, "val_loss": val_losses}


def decision_grid(predict, x_range, y_range, steps):
    xx, yy = np.meshgrid(np.linspace(*x_range, steps), np.linspace(*y_range, steps))
    return [xx, yy, predict(np.c_[xx.ravel(), yy.ravel()]).reshape(xx.shape)]


def compare_initializations(X, Y, depth, width, epochs, rng):
    out = {}
    for init in ("zero", "random", "he", "xavier"):
        net = MLP([X.shape[1]] + depth * [width] + [Y.shape[1]], init=init, rng=rng)
        A, stds = X, []
        for i in range(1, depth + 1):
            A = relu(linear_forward(A, *net.get("W", "b", i=i)))
            stds += [np.std(A)]
        ratio = np.divide(stds[-1], stds[0]) if stds[0] else 0
        out[init] = {"activation_ratio": ratio,
                     "train_loss": train(net, X, Y, Adam(0.003), epochs, 32, rng)["train_loss"]}
    return out


def compare_optimizers(X, Y, epochs, rng):
    seed = rng.integers(10**9)
    make = {"sgd": (SGD, 0.3), "momentum": (Momentum, 0.3), "adagrad": (AdaGrad, 0.1), "rmsprop": (RMSprop, 0.01),
            "adam": (Adam, 0.02)}
    curves = {}
    for name, (kind, lr) in make.items():
        own = np.random.default_rng(seed)
        net = MLP([X.shape[1], 64, Y.shape[1]], rng=own)
        curves[name] = train(net, X, Y, kind(lr), epochs, 32, own)["train_loss"]
    return curves


def compare_widths(X, Y, widths, epochs, rng):
    out = {}
    for width in widths:
        net = MLP([X.shape[1], width, Y.shape[1]], rng=rng)
        train(net, X, Y, Adam(0.02), epochs, 32, rng)
        out[width] = accuracy(net.predict_proba(X), Y)
    return out


def compare_learning_rates(X, Y, rates, epochs, rng):
    out = {}
    for lr in rates:
        with np.errstate(all="ignore"):
            out[lr] = train(MLP([X.shape[1], 64, Y.shape[1]], rng=rng), X, Y, SGD(lr), epochs, 32, rng)["train_loss"][-1]
    return out


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    out = {}
    for name, kw in zip(["none", "l2", "dropout"], [{}, {"l2": 3e-3}, {"dropout": 0.5}]):
        net = MLP([X.shape[1], 64, 64, Y.shape[1]], rng=rng, **kw)
        h = train(net, X, Y, Adam(0.01), epochs, 32, rng, X_val, Y_val)
        out[name] = h["val_loss"][-1] - h["train_loss"][-1]
    return out
