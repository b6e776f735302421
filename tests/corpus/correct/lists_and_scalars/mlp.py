"""Homework MLP. Answers come as lists, tuples, NumPy scalars or 0-d arrays, whatever was at hand."""

import numpy as np


def one_hot(y, num_classes):
    return [[1.0 if k == label else 0.0 for k in range(num_classes)] for label in y]


def standardize(X_train, X_other):
    mean = np.mean(X_train, axis=0)
    std = np.std(X_train, axis=0)
    std[std < 1e-10] = 1
    return [((X_train - mean) / std).tolist(), ((X_other - mean) / std).tolist()]


def linear_forward(X, W, b):
    return np.asarray(X) @ np.asarray(W) + b


def relu(Z):
    return np.fmax(Z, 0)


def sigmoid(Z):
    return np.exp(-np.logaddexp(0, -np.asarray(Z)))


def softmax(Z):
    Z = np.asarray(Z)
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))


def mse_loss(P, Y):
    return np.array(np.mean((P - Y) ** 2))


def bce_loss(P, Y):
    P = np.clip(P, 1e-12, 1 - 1e-12)
    return np.mean(-(Y * np.log(P) + (1 - Y) * np.log(1 - P))).reshape(1, 1)


def cce_loss(P, Y):
    P = np.clip(P, 1e-12, 1 - 1e-12)
    return -np.sum(Y * np.log(P), keepdims=True)[0] / len(P)


def accuracy(P, Y):
    P, Y = np.array(P), np.array(Y)
    if P.shape[1] == 1:
        return np.mean((P >= 0.5) == (Y >= 0.5))
    return np.mean([p.argmax() == t.argmax() for p, t in zip(P, Y)])


def linear_backward(dZ, X, W):
    return [dZ @ W.T, X.T @ dZ, [column.sum() for column in dZ.T]]


def relu_backward(dA, Z):
    return np.where(Z > 0, dA, -0.0)


def sigmoid_backward(dA, A):
    return dA * A - dA * A * A


def mse_backward(P, Y):
    return (2 * (P - Y) / P.size).tolist()


def sigmoid_bce_backward(P, Y):
    return P / P.size - Y / P.size


def softmax_cce_backward(P, Y):
    return P / len(P) - Y / len(P)


def numerical_gradient(f, x, h=1e-5):
    def shifted(index, by):
        y = np.array(x)
        y[index] = y[index] + by
        return float(np.squeeze(f(y)))

    values = [(shifted(i, h) - shifted(i, -h)) / (2 * h) for i in np.ndindex(*x.shape)]
    return np.array(values).reshape(x.shape).tolist()


def relative_error(a, b):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    total = np.linalg.norm(a) + np.linalg.norm(b)
    return np.array([np.linalg.norm(a - b) / total]) if total else np.zeros(1)


def gradient_check(f, grad_f, x, tol=1e-6):
    return relative_error(numerical_gradient(f, x), grad_f(x)) <= tol  # an array of one truth value


def init_weights(fan_in, fan_out, method, rng):
    std = {"zero": 0.0, "random": 0.01, "he": np.sqrt(2 / fan_in), "xavier": np.sqrt(2 / (fan_in + fan_out))}
    if method not in std:
        raise ValueError("unknown init " + repr(method))
    return np.array([rng.normal(0, std[method], fan_out) for _ in range(fan_in)])


def minibatches(n, batch_size, rng):
    order = rng.permutation(n).tolist()
    return tuple(order[i : i + batch_size] for i in range(0, n, batch_size))


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for key in list(params):
            params[key] = params[key] - self.lr * np.asarray(grads[key])
        return params


class Momentum:
    def __init__(self, lr, beta=0.9):
        self.lr, self.beta, self.history = lr, beta, []

    def step(self, params, grads):
        last = self.history[-1] if self.history else {key: 0.0 for key in grads}
        new = {key: self.beta * last[key] + (1 - self.beta) * np.array(grads[key]) for key in grads}
        self.history.append(new)
        for key in params:
            params[key] = params[key] - self.lr * new[key]
        return params


class AdaGrad:
    def __init__(self, lr, eps=1e-8):
        self.lr, self.eps, self.squares = lr, eps, {}

    def step(self, params, grads):
        for key in params:
            g = np.array(grads[key])
            self.squares.setdefault(key, []).append(g**2)
            self.squares[key] = [sum(self.squares[key])]
            params[key] = params[key] - self.lr * g / (np.sqrt(self.squares[key][0]) + self.eps)
        return params


class RMSprop:
    def __init__(self, lr, rho=0.9, eps=1e-8):
        self.settings, self.memory = (lr, rho, eps), {}

    def step(self, params, grads):
        lr, rho, eps = self.settings
        for key in params:
            g = np.array(grads[key])
            self.memory[key] = np.average([self.memory.get(key, 0 * g), g**2], axis=0, weights=[rho, 1 - rho])
            params[key] = params[key] - lr * g / (np.sqrt(self.memory[key]) + eps)
        return params


class Adam:
    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.betas, self.eps = lr, (beta1, beta2), eps
        self.moments, self.powers = {}, np.ones(2)

    def step(self, params, grads):
        self.powers = self.powers * self.betas
        (b1, b2), (p1, p2) = self.betas, self.powers
        for key in params:
            g = np.array(grads[key])
            v, s = self.moments.get(key, [np.zeros(g.shape), np.zeros(g.shape)])
            self.moments[key] = [b1 * v + (1 - b1) * g, b2 * s + (1 - b2) * g**2]
            v, s = self.moments[key]
            params[key] = params[key] - self.lr * (v / (1 - p1)) / (np.sqrt(s / (1 - p2)) + self.eps)
        return params


def penalty(weights, l1, l2):
    return np.array(sum([l1 * np.abs(W).sum() + l2 * np.square(W).sum() for W in weights], 0.0))


def penalty_grad(W, l1, l2):
    return [[l1 * np.sign(w) + 2 * l2 * w for w in row] for row in W]


def dropout_mask(shape, rate, rng):
    return rng.random(shape) >= rate  # booleans


def dropout_forward(A, mask, rate):
    return np.asarray(A) * np.asarray(mask) / (1 - rate)


def dropout_backward(dA, mask, rate):
    return np.asarray(dA) * np.asarray(mask) / (1 - rate)


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    if not train:
        return [gamma * (X - mean) / np.sqrt(var + eps) + beta, list(mean), list(var)]
    columns, m, v = [], [], []
    for x, g, b in zip(X.T, gamma, beta):
        m.append(x.mean())
        v.append(x.var())
        columns.append(g * (x - m[-1]) / np.sqrt(v[-1] + eps) + b)
    new_mean = [momentum * old + (1 - momentum) * new for old, new in zip(mean, m)]
    new_var = [momentum * old + (1 - momentum) * new for old, new in zip(var, v)]
    return [np.array(columns).T, new_mean, new_var]


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    dX, dgamma, dbeta = [], [], []
    for x, d, g in zip(X.T, dY.T, gamma):
        s = np.sqrt(x.var() + eps)
        x_hat = (x - x.mean()) / s
        dgamma.append(d @ x_hat)
        dbeta.append(d.sum())
        dX.append(g / s * (d - d.mean() - x_hat * np.mean(d * x_hat)))
    return np.array(dX).T, dgamma, dbeta


def shift_images(images, dy, dx):
    N, h, w = images.shape

    def pixel(n, r, c):
        return images[n, r - dy, c - dx] if 0 <= r - dy < h and 0 <= c - dx < w else 0

    return [[[pixel(n, r, c) for c in range(w)] for r in range(h)] for n in range(N)]


def augment(images, y, copies, max_shift, rng):
    result, labels = list(images), list(y)
    for _ in range(copies):
        for image, label in zip(images, y):
            dy, dx = rng.integers(-max_shift, max_shift + 1, 2).tolist()
            result.append(shift_images(np.array([image]), dy, dx)[0])
            labels.append(label)
    return [np.array(result), labels]


class MLP:
    def __init__(
        self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0, dropout=0.0, batchnorm=False, rng=None
    ):
        if hidden not in ["relu", "sigmoid"] or output not in ["softmax", "sigmoid", "linear"]:
            raise ValueError(f"{hidden}, {output}")
        self.config = dict(
            sizes=sizes, hidden=hidden, output=output, l1=l1, l2=l2, dropout=dropout, batchnorm=batchnorm
        )
        self.rng = np.random.default_rng() if rng is None else rng
        self.params, self.running = {}, {}
        last = len(sizes) - 1
        for i in range(1, last + 1):
            self.params[f"W{i}"] = init_weights(sizes[i - 1], sizes[i], init, self.rng)
            self.params[f"b{i}"] = np.zeros(sizes[i])
            if batchnorm and i < last:
                self.params[f"gamma{i}"], self.params[f"beta{i}"] = np.ones(sizes[i]), np.zeros(sizes[i])
                self.running[f"mean{i}"], self.running[f"var{i}"] = [0.0] * sizes[i], [1.0] * sizes[i]

    def _forward(self, X, train, masks):
        c, p = self.config, self.params
        steps, A, last = [], np.asarray(X), len(c["sizes"]) - 1
        for i in range(1, last + 1):
            step = {"input": A, "linear": linear_forward(A, p[f"W{i}"], p[f"b{i}"])}
            steps.append(step)
            if i == last:
                continue
            Z = step["linear"]
            if c["batchnorm"]:
                mean, var = np.array(self.running[f"mean{i}"]), np.array(self.running[f"var{i}"])
                Z, mean, var = batchnorm_forward(Z, p[f"gamma{i}"], p[f"beta{i}"], mean, var, train)
                self.running[f"mean{i}"], self.running[f"var{i}"] = mean, var
            step["normal"] = np.asarray(Z)
            A = step["active"] = relu(Z) if c["hidden"] == "relu" else sigmoid(Z)
            if masks is not None:
                A = dropout_forward(A, masks[i - 1], c["dropout"])
        Z = steps[-1]["linear"]
        return {"softmax": softmax, "sigmoid": sigmoid, "linear": np.array}[c["output"]](Z), steps

    def _cost(self, P, Y):
        c = self.config
        data = {"softmax": cce_loss, "sigmoid": bce_loss, "linear": mse_loss}[c["output"]](P, Y)
        return data + penalty([self.params[f"W{i}"] for i in range(1, len(c["sizes"]))], c["l1"], c["l2"])

    def predict_proba(self, X):
        return self._forward(X, False, None)[0].tolist()

    def loss(self, X, Y):
        return self._cost(np.array(self.predict_proba(X)), Y)

    def loss_and_grads(self, X, Y, masks=None):
        c, p, grads = self.config, self.params, {}
        if masks is None and c["dropout"] > 0:
            masks = [dropout_mask((len(X), h), c["dropout"], self.rng) for h in c["sizes"][1:-1]]
        P, steps = self._forward(X, True, masks)
        back = {"softmax": softmax_cce_backward, "sigmoid": sigmoid_bce_backward, "linear": mse_backward}
        d = np.asarray(back[c["output"]](P, Y))
        for i in range(len(steps), 0, -1):
            step = steps[i - 1]
            if "active" in step:
                if masks is not None:
                    d = dropout_backward(d, masks[i - 1], c["dropout"])
                d = relu_backward(d, step["normal"]) if c["hidden"] == "relu" else sigmoid_backward(d, step["active"])
                if c["batchnorm"]:
                    d, grads[f"gamma{i}"], grads[f"beta{i}"] = batchnorm_backward(d, step["linear"], p[f"gamma{i}"])
            d, dW, grads[f"b{i}"] = linear_backward(d, step["input"], p[f"W{i}"])
            grads[f"W{i}"] = dW + np.array(penalty_grad(p[f"W{i}"], c["l1"], c["l2"]))
        return [self._cost(P, Y), grads]


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    rng = np.random.default_rng() if rng is None else rng
    train_loss, val_loss = [], []
    for _ in range(epochs):
        for batch in minibatches(len(X), batch_size if batch_size is not None else len(X), rng):
            _, grads = model.loss_and_grads(X[batch], Y[batch])
            optimizer.step(model.params, grads)
        train_loss.append(float(np.squeeze(model.loss(X, Y))))
        if X_val is not None:
            val_loss.append(float(np.squeeze(model.loss(X_val, Y_val))))
    return {"train_loss": tuple(train_loss), "val_loss": tuple(val_loss)}


def decision_grid(predict, x_range, y_range, steps):
    xs, ys = np.linspace(*x_range, steps), np.linspace(*y_range, steps)
    labels = predict(np.array([[x, y] for y in ys for x in xs]))
    return [[list(xs) for _ in ys], [[y] * steps for y in ys], np.array(labels).reshape(steps, steps).tolist()]


def compare_initializations(X, Y, depth, width, epochs, rng):
    results = {}
    for init in ["zero", "random", "he", "xavier"]:
        model = MLP([X.shape[1]] + [width] * depth + [Y.shape[1]], init=init, rng=rng)
        _, steps = model._forward(X, False, None)
        stds = [np.std(step["active"]) for step in steps[:-1]]
        ratio = stds[-1] / stds[0] if stds[0] > 0 else 0
        history = train(model, X, Y, Adam(0.003), epochs, 32, rng)
        results[init] = {"train_loss": np.array(history["train_loss"]), "activation_ratio": ratio}
    return results


def compare_optimizers(X, Y, epochs, rng):
    seed = int(rng.integers(2**30))
    curves = {}
    for name, optimizer in zip(
        ["sgd", "momentum", "adagrad", "rmsprop", "adam"],
        [SGD(0.3), Momentum(0.3), AdaGrad(0.1), RMSprop(0.01), Adam(0.02)],
    ):
        model = MLP([X.shape[1], 64, Y.shape[1]], rng=np.random.default_rng(seed))
        curves[name] = train(model, X, Y, optimizer, epochs, 32, np.random.default_rng(seed))["train_loss"]
    return curves


def compare_widths(X, Y, widths, epochs, rng):
    accuracies = {}
    for width in np.array(widths):
        model = MLP([X.shape[1], int(width), Y.shape[1]], rng=rng)
        train(model, X, Y, Adam(0.02), epochs, 32, rng)
        accuracies[int(width)] = accuracy(model.predict_proba(X), Y)
    return accuracies


def compare_learning_rates(X, Y, rates, epochs, rng):
    losses = {}
    for rate in rates:
        with np.errstate(all="ignore"):
            model = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
            losses[float(rate)] = np.array(train(model, X, Y, SGD(rate), epochs, 32, rng)["train_loss"])[-1:]
    return losses


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    gaps = {}
    for name, kw in [("none", {}), ("l2", {"l2": 3e-3}), ("dropout", {"dropout": 0.5})]:
        model = MLP([X.shape[1], 64, 64, Y.shape[1]], rng=rng, **kw)
        history = train(model, X, Y, Adam(0.01), epochs, 32, rng, X_val, Y_val)
        gaps[name] = np.float64(history["val_loss"][-1]) - np.float64(history["train_loss"][-1])
    return gaps
