"""MLP homework, everything as Einstein sums where it is natural."""

import numpy as np


def one_hot(y, num_classes):
    return (np.asarray(y)[:, None] == np.arange(num_classes)).astype(np.float64)


def standardize(X_train, X_other):
    n = X_train.shape[0]
    mu = np.einsum("nd->d", X_train) / n
    centred = X_train - mu
    sigma = np.sqrt(np.einsum("nd,nd->d", centred, centred) / n)
    sigma[np.isclose(sigma, 0.0, atol=1e-12)] = 1.0
    return np.einsum("nd,d->nd", centred, 1 / sigma), np.einsum("nd,d->nd", X_other - mu, 1 / sigma)


def linear_forward(X, W, b):
    return np.einsum("nd,dh->nh", X, W) + b


def relu(Z):
    return np.einsum("...,...->...", Z, (Z > 0) * 1.0)


def sigmoid(Z):
    out = np.empty(np.shape(Z))
    up = Z >= 0
    out[up] = 1 / (1 + np.exp(-Z[up]))
    e = np.exp(Z[~up])
    out[~up] = e / (1 + e)
    return out


def softmax(Z):
    E = np.exp(Z - np.max(Z, axis=1)[:, None])
    return np.einsum("nk,n->nk", E, 1 / np.einsum("nk->n", E))


def mse_loss(P, Y):
    R = P - Y
    return np.einsum("nk,nk->", R, R) / R.size


def bce_loss(P, Y):
    Q = np.clip(P, 1e-12, 1 - 1e-12)
    total = np.einsum("nk,nk->", Y, np.log(Q)) + np.einsum("nk,nk->", 1 - Y, np.log1p(-Q))
    return -total / P.size


def cce_loss(P, Y):
    return -np.einsum("nk,nk->", Y, np.log(np.clip(P, 1e-12, 1 - 1e-12))) / P.shape[0]


def accuracy(P, Y):
    if P.shape[1] > 1:
        return (np.argmax(P, 1) == np.argmax(Y, 1)).mean()
    return ((P[:, 0] >= 0.5).astype(int) == Y[:, 0].astype(int)).mean()


def linear_backward(dZ, X, W):
    return (
        np.einsum("nh,dh->nd", dZ, W),
        np.einsum("nd,nh->dh", X, dZ),
        np.einsum("nh->h", dZ),
    )


def relu_backward(dA, Z):
    return np.where(Z > 0, dA, 0.0)


def sigmoid_backward(dA, A):
    return np.einsum("...,...,...->...", dA, A, 1 - A)


def mse_backward(P, Y):
    return (P - Y) * (2 / P.size)


def sigmoid_bce_backward(P, Y):
    return (P - Y) * (1 / P.size)


def softmax_cce_backward(P, Y):
    return (P - Y) * (1 / P.shape[0])


def numerical_gradient(f, x, h=1e-5):
    # one basis array per entry
    grad = np.empty(x.size)
    for i, e in enumerate(np.eye(x.size)):
        step = h * e.reshape(x.shape)
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad.reshape(x.shape)


def relative_error(a, b):
    norm = lambda t: np.sqrt(np.einsum("i,i->", np.ravel(t), np.ravel(t)))
    if norm(a) + norm(b) == 0:
        return 0.0
    return norm(a - b) / (norm(a) + norm(b))


def gradient_check(f, grad_f, x, tol=1e-6):
    return relative_error(numerical_gradient(f, x), grad_f(x)) <= tol


def init_weights(fan_in, fan_out, method, rng):
    variance = {"zero": 0, "random": 1e-4, "he": 2 / fan_in, "xavier": 2 / (fan_in + fan_out)}
    try:
        return np.sqrt(variance[method]) * rng.standard_normal((fan_in, fan_out))
    except KeyError:
        raise ValueError(f"no such method: {method}") from None


def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return np.split(order, np.arange(batch_size, n, batch_size))


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for k in params:
            params[k] -= self.lr * grads[k]


class Momentum:
    def __init__(self, lr, beta=0.9):
        self.lr, self.beta, self.v = lr, beta, {}

    def step(self, params, grads):
        for k in params:
            v = self.v.setdefault(k, np.zeros_like(params[k]))
            v *= self.beta
            v += (1 - self.beta) * grads[k]
            params[k] -= self.lr * v


class AdaGrad:
    def __init__(self, lr, eps=1e-8):
        self.lr, self.eps, self.s = lr, eps, {}

    def step(self, params, grads):
        for k in params:
            s = self.s.setdefault(k, np.zeros_like(params[k]))
            s += np.einsum("...,...->...", grads[k], grads[k])
            params[k] -= self.lr * grads[k] / (np.sqrt(s) + self.eps)


class RMSprop:
    def __init__(self, lr, rho=0.9, eps=1e-8):
        self.lr, self.rho, self.eps, self.s = lr, rho, eps, {}

    def step(self, params, grads):
        for k in params:
            s = self.s.setdefault(k, np.zeros_like(params[k]))
            s *= self.rho
            s += (1 - self.rho) * np.einsum("...,...->...", grads[k], grads[k])
            params[k] -= self.lr * grads[k] / (np.sqrt(s) + self.eps)


class Adam:
    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.v, self.s, self.t = {}, {}, 0

    def step(self, params, grads):
        self.t += 1
        c1, c2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        for k in params:
            v = self.v.setdefault(k, np.zeros_like(params[k]))
            s = self.s.setdefault(k, np.zeros_like(params[k]))
            v += (1 - self.beta1) * (grads[k] - v)
            s += (1 - self.beta2) * (np.einsum("...,...->...", grads[k], grads[k]) - s)
            params[k] -= self.lr * (v / c1) / (np.sqrt(s / c2) + self.eps)


def penalty(weights, l1, l2):
    return sum(l1 * np.einsum("ij->", np.abs(W)) + l2 * np.einsum("ij,ij->", W, W) for W in weights)


def penalty_grad(W, l1, l2):
    return l1 * np.sign(W) + 2 * l2 * W


def dropout_mask(shape, rate, rng):
    return np.where(rng.uniform(size=shape) < rate, 0.0, 1.0)


def dropout_forward(A, mask, rate):
    return np.einsum("...,...->...", A, mask) / (1 - rate)


def dropout_backward(dA, mask, rate):
    return np.einsum("...,...->...", dA, mask) / (1 - rate)


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    if not train:
        return np.einsum("nh,h->nh", X - mean, gamma / np.sqrt(var + eps)) + beta, mean, var
    n = len(X)
    mu = np.einsum("nh->h", X) / n
    C = X - mu
    v = np.einsum("nh,nh->h", C, C) / n
    Y = np.einsum("nh,h->nh", C, gamma / np.sqrt(v + eps)) + beta
    return Y, momentum * mean + (1 - momentum) * mu, momentum * var + (1 - momentum) * v


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    n = len(X)
    C = X - np.einsum("nh->h", X) / n
    inverse = 1 / np.sqrt(np.einsum("nh,nh->h", C, C) / n + eps)
    X_hat = np.einsum("nh,h->nh", C, inverse)
    dgamma = np.einsum("nh,nh->h", dY, X_hat)
    dbeta = np.einsum("nh->h", dY)
    dX = np.einsum("h,nh->nh", gamma * inverse / n, n * dY - dbeta - np.einsum("nh,h->nh", X_hat, dgamma))
    return dX, dgamma, dbeta


def shift_images(images, dy, dx):
    # a shift is a product with a shifted identity from the left and from the right
    _, h, w = images.shape
    return np.einsum("rs,nsc,cd->nrd", np.eye(h, k=-dy), images, np.eye(w, k=dx))


def augment(images, y, copies, max_shift, rng):
    out = [images]
    for _ in range(copies):
        dys = rng.integers(-max_shift, max_shift + 1, len(images))
        dxs = rng.integers(-max_shift, max_shift + 1, len(images))
        out.append(np.stack([shift_images(im[None], dy, dx)[0] for im, dy, dx in zip(images, dys, dxs)]))
    return np.concatenate(out), np.tile(y, copies + 1)


class MLP:
    ACT = ("relu", "sigmoid")
    OUT = ("softmax", "sigmoid", "linear")

    def __init__(self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0, dropout=0.0,
                 batchnorm=False, rng=None):
        if hidden not in self.ACT or output not in self.OUT:
            raise ValueError("unknown hidden or output function")
        self.rng = rng or np.random.default_rng()
        self.hidden, self.output, self.l1, self.l2 = hidden, output, l1, l2
        self.rate, self.bn, self.widths, self.depth = dropout, batchnorm, sizes[1:-1], len(sizes) - 1
        self.params, self.running = {}, {}
        for i, (d, h) in enumerate(zip(sizes, sizes[1:]), 1):
            self.params |= {f"W{i}": init_weights(d, h, init, self.rng), f"b{i}": np.zeros(h)}
            if batchnorm and i < self.depth:
                self.params |= {f"gamma{i}": np.ones(h), f"beta{i}": np.zeros(h)}
                self.running |= {f"mean{i}": np.zeros(h), f"var{i}": np.ones(h)}

    def _run(self, X, train, masks):
        p, tape = self.params, []
        for i in range(1, self.depth):
            S = linear_forward(X, p[f"W{i}"], p[f"b{i}"])
            Z = S
            if self.bn:
                Z, self.running[f"mean{i}"], self.running[f"var{i}"] = batchnorm_forward(
                    S, p[f"gamma{i}"], p[f"beta{i}"], self.running[f"mean{i}"], self.running[f"var{i}"], train
                )
            A = relu(Z) if self.hidden == "relu" else sigmoid(Z)
            tape.append((X, S, Z, A))
            X = dropout_forward(A, masks[i - 1], self.rate) if masks else A
        Z = linear_forward(X, p[f"W{self.depth}"], p[f"b{self.depth}"])
        tape.append((X, Z, Z, Z))
        P = softmax(Z) if self.output == "softmax" else sigmoid(Z) if self.output == "sigmoid" else Z
        return P, tape

    def _cost(self, P, Y):
        f = cce_loss if self.output == "softmax" else bce_loss if self.output == "sigmoid" else mse_loss
        return f(P, Y) + penalty([self.params[f"W{i + 1}"] for i in range(self.depth)], self.l1, self.l2)

    def predict_proba(self, X):
        return self._run(X, False, None)[0]

    def loss(self, X, Y):
        return self._cost(self.predict_proba(X), Y)

    def loss_and_grads(self, X, Y, masks=None):
        if masks is None and self.rate:
            masks = [dropout_mask((len(X), h), self.rate, self.rng) for h in self.widths]
        P, tape = self._run(X, True, masks)
        back = {"softmax": softmax_cce_backward, "sigmoid": sigmoid_bce_backward, "linear": mse_backward}
        D, grads = back[self.output](P, Y), {}
        for i in reversed(range(1, self.depth + 1)):
            X_in, S, Z, A = tape[i - 1]
            if i < self.depth:
                if masks:
                    D = dropout_backward(D, masks[i - 1], self.rate)
                D = relu_backward(D, Z) if self.hidden == "relu" else sigmoid_backward(D, A)
                if self.bn:
                    D, grads[f"gamma{i}"], grads[f"beta{i}"] = batchnorm_backward(D, S, self.params[f"gamma{i}"])
            W = self.params[f"W{i}"]
            D, dW, grads[f"b{i}"] = linear_backward(D, X_in, W)
            grads[f"W{i}"] = dW + penalty_grad(W, self.l1, self.l2)
        return self._cost(P, Y), grads


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    rng = rng or np.random.default_rng()
    history = {"train_loss": [], "val_loss": []}
    for _ in range(epochs):
        for rows in minibatches(len(X), batch_size or len(X), rng):
            optimizer.step(model.params, model.loss_and_grads(X[rows], Y[rows])[1])
        history["train_loss"].append(model.loss(X, Y))
        if X_val is not None:
            history["val_loss"].append(model.loss(X_val, Y_val))
    return history


def decision_grid(predict, x_range, y_range, steps):
    xs, ys = np.linspace(*x_range, steps), np.linspace(*y_range, steps)
    one = np.ones(steps)
    xx, yy = np.einsum("r,c->rc", one, xs), np.einsum("r,c->rc", ys, one)
    return xx, yy, predict(np.stack([xx, yy], axis=-1).reshape(-1, 2)).reshape(steps, steps)


def compare_initializations(X, Y, depth, width, epochs, rng):
    def spread(model):
        H, stds = X, []
        for i in range(depth):
            H = relu(linear_forward(H, model.params[f"W{i + 1}"], model.params[f"b{i + 1}"]))
            stds.append(np.std(H))
        return stds[-1] / stds[0] if stds[0] else 0.0

    def run(method):
        model = MLP([X.shape[1], *[width] * depth, Y.shape[1]], init=method, rng=rng)
        ratio = spread(model)
        curve = train(model, X, Y, Adam(0.003), epochs, 32, rng)["train_loss"]
        return {"activation_ratio": ratio, "train_loss": curve}

    return {method: run(method) for method in ("zero", "random", "he", "xavier")}


def compare_optimizers(X, Y, epochs, rng):
    seed = rng.integers(1 << 30)
    zoo = dict(sgd=SGD(0.3), momentum=Momentum(0.3), adagrad=AdaGrad(0.1), rmsprop=RMSprop(0.01), adam=Adam(0.02))
    for name in zoo:
        model = MLP([X.shape[1], 64, Y.shape[1]], rng=np.random.default_rng(seed))
        zoo[name] = train(model, X, Y, zoo[name], epochs, 32, np.random.default_rng(seed))["train_loss"]
    return zoo


def compare_widths(X, Y, widths, epochs, rng):
    out = {}
    for w in widths:
        model = MLP([X.shape[1], w, Y.shape[1]], rng=rng)
        train(model, X, Y, Adam(0.02), epochs, 32, rng)
        out[w] = accuracy(model.predict_proba(X), Y)
    return out


def compare_learning_rates(X, Y, rates, epochs, rng):
    out = {}
    for lr in rates:
        with np.errstate(all="ignore"):
            model = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
            out[lr] = train(model, X, Y, SGD(lr), epochs, 32, rng)["train_loss"][-1]
    return out


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    gaps = {}
    for name, extra in [("none", {}), ("l2", dict(l2=0.003)), ("dropout", dict(dropout=0.5))]:
        model = MLP([X.shape[1], 64, 64, Y.shape[1]], rng=rng, **extra)
        h = train(model, X, Y, Adam(0.01), epochs, 32, rng, X_val, Y_val)
        gaps[name] = h["val_loss"][-1] - h["train_loss"][-1]
    return gaps
