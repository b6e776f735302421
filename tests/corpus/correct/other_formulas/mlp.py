"""As short as I could make it; several formulas are rearranged."""
from functools import reduce
from itertools import count

import numpy as np

one_hot = lambda y, num_classes: 1.0 * np.equal.outer(y, np.arange(num_classes))


def standardize(X_train, X_other):
    m = X_train.mean(0)
    s = np.sqrt(np.maximum(((X_train - m) ** 2).mean(0), 0))
    s = s + (s < 1e-9)
    return tuple((X - m) / s for X in (X_train, X_other))


linear_forward = lambda X, W, b: np.column_stack([X, np.ones(len(X))]) @ np.vstack([W, b])
relu = lambda Z: Z * (Z > 0)
sigmoid = lambda Z: (1 + np.tanh(Z / 2)) / 2


def log_softmax(Z):
    top = Z.max(1, keepdims=True)
    return Z - top - np.log(np.exp(Z - top).sum(1, keepdims=True))


softmax = lambda Z: np.exp(log_softmax(Z))
mse_loss = lambda P, Y: np.linalg.norm(P - Y) ** 2 / P.size
bce_loss = lambda P, Y: -np.mean(Y * np.log(P + 1e-12) + (1 - Y) * np.log(1 - P + 1e-12))
cce_loss = lambda P, Y: -np.mean(np.log((P * Y).sum(1) + 1e-12))
label = lambda P: P.argmax(1) if P.shape[1] > 1 else (P[:, 0] >= 0.5) * 1
accuracy = lambda P, Y: np.mean(label(P) == label(Y))

linear_backward = lambda dZ, X, W: ((W @ dZ.T).T, (dZ.T @ X).T, dZ.T.sum(-1))
relu_backward = lambda dA, Z: dA * np.ceil(np.clip(Z, 0, 1))
sigmoid_backward = lambda dA, A: dA * (0.25 - (A - 0.5) ** 2)
mse_backward = lambda P, Y: (P - Y) / (P.size / 2)
sigmoid_bce_backward = lambda P, Y: (P * (1 - Y) - Y * (1 - P)) / P.size
softmax_cce_backward = lambda P, Y: np.divide(P - Y, len(P))


def numerical_gradient(f, x, h=1e-5):
    def partial(i):
        e = np.zeros(x.size)
        e[i] = h
        e = e.reshape(x.shape)
        return (f(x + e) - f(x - e)) / h / 2
    return np.array([partial(i) for i in range(x.size)]).reshape(x.shape)


norm = lambda a: np.sqrt((np.asarray(a) ** 2).sum())
relative_error = lambda a, b: norm(a - b) / (norm(a) + norm(b)) if norm(a) or norm(b) else 0
gradient_check = lambda f, grad_f, x, tol=1e-6: relative_error(numerical_gradient(f, x), grad_f(x)) <= tol


def init_weights(fan_in, fan_out, method, rng):
    try:
        var = dict(zero=0, random=1e-4, he=2 / fan_in, xavier=2 / (fan_in + fan_out))[method]
    except KeyError as error:
        raise ValueError(method) from error
    return rng.normal(size=(fan_in, fan_out)) * var**0.5


def minibatches(n, batch_size, rng):
    keys = rng.random(n)  # sorting random keys shuffles
    return np.array_split(np.argsort(keys), range(batch_size, n, batch_size))


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for k, g in grads.items():
            params[k] = params[k] - self.lr * g


class Momentum:
    def __init__(self, lr, beta=0.9):
        self.lr, self.beta, self.v = lr, beta, {}

    def step(self, params, grads):
        # v + (1 - beta)(g - v) is the same average
        for k, g in grads.items():
            v = self.v.get(k, 0 * g)
            self.v[k] = v + (1 - self.beta) * (g - v)
            params[k] = params[k] - self.lr * self.v[k]


class AdaGrad:
    def __init__(self, lr, eps=1e-8):
        self.lr, self.eps, self.root = lr, eps, {}

    def step(self, params, grads):
        for k, g in grads.items():
            self.root[k] = np.hypot(self.root.get(k, 0), g)  # root of the sum of squares
            params[k] = params[k] - self.lr / (self.root[k] + self.eps) * g


class RMSprop:
    def __init__(self, lr, rho=0.9, eps=1e-8):
        self.lr, self.rho, self.eps, self.s = lr, rho, eps, {}

    def step(self, params, grads):
        for k, g in grads.items():
            s = self.s.get(k, 0 * g)
            self.s[k] = s - (1 - self.rho) * (s - g * g)
            params[k] = params[k] - self.lr / (self.s[k] ** 0.5 + self.eps) * g


class Adam:
    """The correction is moved into the rate; eps is scaled along, so it stays outside the corrected root."""

    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.b1, self.b2, self.eps = lr, beta1, beta2, eps
        self.m, self.time = {}, count(1)

    def step(self, params, grads):
        t = next(self.time)
        root = (1 - self.b2**t) ** 0.5
        rate = self.lr * root / (1 - self.b1**t)
        for k, g in grads.items():
            v, s = self.m.get(k, (0 * g, 0 * g))
            self.m[k] = v, s = v + (1 - self.b1) * (g - v), s + (1 - self.b2) * (g * g - s)
            params[k] = params[k] - rate * v / (s**0.5 + self.eps * root)


penalty = lambda weights, l1, l2: sum(l1 * np.linalg.norm(W.ravel(), 1) + l2 * np.vdot(W, W) for W in weights)
penalty_grad = lambda W, l1, l2: l1 * ((W > 0).astype(float) - (W < 0)) + l2 * (W + W)
dropout_mask = lambda shape, rate, rng: np.ceil(rng.random(shape) - rate).clip(0, 1)
dropout_forward = lambda A, mask, rate: A * mask / (1 - rate)
dropout_backward = dropout_forward


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    m, v = (X.mean(0), (X**2).mean(0) - X.mean(0) ** 2) if train else (mean, var)
    new = (momentum * mean + (1 - momentum) * m, momentum * var + (1 - momentum) * v) if train else (mean, var)
    a = gamma / np.sqrt(v + eps)
    return (a * X + (beta - a * m), *new)


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    # step by step through the graph, as in the well known blog post
    N, D = dY.shape
    mu = 1.0 / N * np.sum(X, axis=0)
    xmu = X - mu
    sq = xmu**2
    var = 1.0 / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    dbeta = np.sum(dY, axis=0)
    dgamma = np.sum(dY * xhat, axis=0)
    dxhat = dY * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / (sqrtvar**2) * divar
    dvar = 0.5 * 1.0 / np.sqrt(var + eps) * dsqrtvar
    dsq = 1.0 / N * np.ones((N, D)) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = 1.0 / N * np.ones((N, D)) * dmu
    return dx1 + dx2, dgamma, dbeta


shift_matrix = lambda n, d: np.equal.outer(np.arange(n), np.arange(n) + d) * 1.0
shift_images = lambda images, dy, dx: shift_matrix(images.shape[1], dy) @ images @ shift_matrix(images.shape[2], dx).T


def augment(images, y, copies, max_shift, rng):
    draw = lambda: rng.integers(-max_shift, max_shift + 1)
    moved = [shift_images(im, draw(), draw()) if im.ndim == 3 else shift_images(im[None], draw(), draw())[0]
             for _ in range(copies) for im in images]
    return np.stack([*images, *moved]), np.hstack([y] * (copies + 1))


class MLP:
    def __init__(self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0, dropout=0.0,
                 batchnorm=False, rng=None):
        self.f, self.df = {"relu": (lambda Z: relu(Z), lambda d, Z, A: relu_backward(d, Z)),
                           "sigmoid": (lambda Z: sigmoid(Z), lambda d, Z, A: sigmoid_backward(d, A))}.get(hidden, (0, 0))
        self.g = {"softmax": (lambda Z: softmax(Z), lambda P, Y: cce_loss(P, Y), lambda P, Y: softmax_cce_backward(P, Y)),
                  "sigmoid": (lambda Z: sigmoid(Z), lambda P, Y: bce_loss(P, Y), lambda P, Y: sigmoid_bce_backward(P, Y)),
                  "linear": (lambda Z: Z, lambda P, Y: mse_loss(P, Y), lambda P, Y: mse_backward(P, Y))}.get(output)
        if not (self.f and self.g):
            raise ValueError("hidden or output is unknown")
        self.l1, self.l2, self.rate, self.rng, self.sizes = l1, l2, dropout, rng or np.random.default_rng(), sizes
        pairs = list(enumerate(zip(sizes, sizes[1:]), 1))
        self.params = reduce(lambda p, q: p | q, ({f"W{i}": init_weights(*s, init, self.rng), f"b{i}": np.zeros(s[1])}
                                                  for i, s in pairs))
        self.running = {}
        for i, (_, h) in pairs[:-1] if batchnorm else []:
            self.params |= {f"gamma{i}": np.ones(h), f"beta{i}": np.zeros(h)}
            self.running |= {f"mean{i}": np.zeros(h), f"var{i}": np.ones(h)}

    def walk(self, X, train, masks, i=1):
        """Recursive: predictions, and a function from the gradient of the output scores to all gradients."""
        p, r, n = self.params, self.running, str(i)
        S = linear_forward(X, p["W" + n], p["b" + n])

        def finish(d, grads):
            d, dW, db = linear_backward(d, X, p["W" + n])
            return d, grads | {"W" + n: dW + penalty_grad(p["W" + n], self.l1, self.l2), "b" + n: db}

        if i == len(self.sizes) - 1:
            return self.g[0](S), lambda d: finish(d, {})
        Z = S
        if r:
            Z, r["mean" + n], r["var" + n] = batchnorm_forward(
                S, p["gamma" + n], p["beta" + n], r["mean" + n], r["var" + n], train)
        A = self.f(Z)
        P, rest = self.walk(A if masks is None else dropout_forward(A, masks[i - 1], self.rate), train, masks, i + 1)

        def back(d):
            d, grads = rest(d)
            d = d if masks is None else dropout_backward(d, masks[i - 1], self.rate)
            d = self.df(d, Z, A)
            if r:
                d, grads["gamma" + n], grads["beta" + n] = batchnorm_backward(d, S, p["gamma" + n])
            return finish(d, grads)

        return P, back

    def total(self, P, Y):
        return self.g[1](P, Y) + penalty([W for k, W in self.params.items() if "W" in k], self.l1, self.l2)

    def predict_proba(self, X):
        return self.walk(X, False, None)[0]

    def loss(self, X, Y):
        return self.total(self.predict_proba(X), Y)

    def loss_and_grads(self, X, Y, masks=None):
        if masks is None and self.rate:
            masks = [dropout_mask((len(X), h), self.rate, self.rng) for h in self.sizes[1:-1]]
        P, back = self.walk(X, True, masks)
        return self.total(P, Y), back(self.g[2](P, Y))[1]


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    rng, B = rng or np.random.default_rng(), batch_size or len(X)

    def epoch():
        for i in minibatches(len(X), B, rng):
            optimizer.step(model.params, model.loss_and_grads(X[i], Y[i])[1])
        return model.loss(X, Y), *([] if X_val is None else [model.loss(X_val, Y_val)])

    rows = [epoch() for _ in range(epochs)]
    return {"train_loss": [r[0] for r in rows], "val_loss": [v for r in rows for v in r[1:]]}


def decision_grid(predict, x_range, y_range, steps):
    yy, xx = np.mgrid[y_range[0]:y_range[1]:steps * 1j, x_range[0]:x_range[1]:steps * 1j]
    return xx, yy, predict(np.array([xx.ravel(), yy.ravel()]).T).reshape(xx.shape)


def compare_initializations(X, Y, depth, width, epochs, rng):
    def one(init):
        net = MLP([X.shape[1], *[width] * depth, Y.shape[1]], init=init, rng=rng)
        acts = [X]
        for i in range(1, depth + 1):
            acts.append(relu(linear_forward(acts[-1], net.params[f"W{i}"], net.params[f"b{i}"])))
        ratio = acts[-1].std() / (acts[1].std() or 1)
        return {"activation_ratio": ratio, "train_loss": train(net, X, Y, Adam(0.003), epochs, 32, rng)["train_loss"]}
    return {k: one(k) for k in ("zero", "random", "he", "xavier")}


def compare_optimizers(X, Y, epochs, rng):
    seed = int(rng.integers(2**31))
    run = lambda o, g: train(MLP([X.shape[1], 64, Y.shape[1]], rng=g), X, Y, o, epochs, 32, g)["train_loss"]
    return {k: run(o, np.random.default_rng(seed)) for k, o in dict(
        sgd=SGD(0.3), momentum=Momentum(0.3), adagrad=AdaGrad(0.1), rmsprop=RMSprop(0.01), adam=Adam(0.02)).items()}


def compare_widths(X, Y, widths, epochs, rng):
    nets = {w: MLP([X.shape[1], w, Y.shape[1]], rng=rng) for w in widths}
    return {w: (train(n, X, Y, Adam(0.02), epochs, 32, rng), accuracy(n.predict_proba(X), Y))[1] for w, n in nets.items()}


@np.errstate(all="ignore")
def compare_learning_rates(X, Y, rates, epochs, rng):
    return {r: train(MLP([X.shape[1], 64, Y.shape[1]], rng=rng), X, Y, SGD(r), epochs, 32, rng)["train_loss"][-1]
            for r in rates}


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    gap = lambda h: h["val_loss"][-1] - h["train_loss"][-1]
    return {k: gap(train(MLP([X.shape[1], 64, 64, Y.shape[1]], rng=rng, **kw), X, Y, Adam(0.01), epochs, 32, rng,
                         X_val, Y_val)) for k, kw in {"none": {}, "l2": {"l2": 3e-3}, "dropout": {"dropout": 0.5}}.items()}
