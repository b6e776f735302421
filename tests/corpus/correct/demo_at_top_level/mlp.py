"""My homework. I tried things out as I went along, so there is some code between the functions."""
import time

import numpy as np

print("NumPy", np.__version__)
np.random.seed(1)
np.set_printoptions(precision=4, suppress=True)
t0 = time.time()


def one_hot(y, num_classes):
    return np.array([np.eye(num_classes)[label] for label in y])


print(one_hot(np.array([2, 0, 1]), 3))


def standardize(X_train, X_other):
    mu, sd = X_train.mean(0), X_train.std(0)
    sd = np.where(np.ptp(X_train, axis=0) > 0, sd, 1.0)
    return (X_train - mu) / sd, (X_other - mu) / sd


def linear_forward(X, W, b):
    return X @ W + b


def relu(Z):
    return Z.clip(0)


def sigmoid(Z):
    safe = np.clip(Z, -709, 709)
    return np.where(safe > 0, 1 / (1 + np.exp(-safe)), 1 - 1 / (1 + np.exp(safe)))


# a look at the curve
zs = np.linspace(-6, 6, 25)
print(np.c_[zs, sigmoid(zs)][::6])


def softmax(Z):
    return np.array([np.exp(z - max(z)) / np.exp(z - max(z)).sum() for z in Z])


scores = np.array([[1.0, 2.0, 3.0], [1000.0, 0.0, 0.0]])
print("softmax", softmax(scores), softmax(scores).sum(axis=1))


def mse_loss(P, Y):
    return np.square(P - Y).mean()


def bce_loss(P, Y):
    P = P.clip(1e-12, 1 - 1e-12)
    return np.mean(-Y * np.log(P) - (1 - Y) * np.log(1 - P))


def cce_loss(P, Y):
    return -np.mean(np.log(P.clip(1e-12, 1)[Y.astype(bool)]))


def accuracy(P, Y):
    if P.shape[1] == 1:
        return float(((P >= 0.5) * 1 == Y).mean())
    return float((P.argmax(1) == Y.argmax(1)).mean())


def linear_backward(dZ, X, W):
    return np.dot(dZ, W.T), np.dot(X.T, dZ), dZ.sum(0)


def relu_backward(dA, Z):
    return dA * (Z > 0).astype(float)


def sigmoid_backward(dA, A):
    return dA * A * (1 - A)


def mse_backward(P, Y):
    N, K = P.shape
    return 2 * (P - Y) / N / K


def sigmoid_bce_backward(P, Y):
    N, K = P.shape
    return (P - Y) / N / K


def softmax_cce_backward(P, Y):
    N, _ = P.shape
    return (P - Y) / N


def numerical_gradient(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        e = np.zeros(x.shape)
        e[i] = h
        gradient[i] = (f(x + e) - f(x - e)) / (2 * h)
    return gradient


def relative_error(a, b):
    if not np.any(a) and not np.any(b):
        return 0.0
    return np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b))


def gradient_check(f, grad_f, x, tol=1e-6):
    return bool(relative_error(numerical_gradient(f, x), grad_f(x)) <= tol)


# does it work?
x = np.random.randn(3, 2)
print("check of a square:", gradient_check(lambda x: np.sum(x**2), lambda x: 2 * x, x))
print("check of a mistake:", gradient_check(lambda x: np.sum(x**2), lambda x: x, x))

Z_try, Y_try = np.random.randn(4, 3), np.eye(3)[[0, 2, 1, 1]]
print("softmax + cce:", gradient_check(lambda Z: cce_loss(softmax(Z), Y_try),
                                       lambda Z: softmax_cce_backward(softmax(Z), Y_try), Z_try))


def init_weights(fan_in, fan_out, method, rng):
    stds = dict(zero=0.0, random=0.01, he=np.sqrt(2 / fan_in), xavier=np.sqrt(2 / (fan_in + fan_out)))
    if method not in stds:
        raise ValueError("method?")
    return stds[method] * rng.standard_normal((fan_in, fan_out))


def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    out = []
    for i in range(0, n, batch_size):
        out.append(order[i:i + batch_size])
    return out


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for k in params:
            params[k] = params[k] - self.lr * grads[k]


class Momentum(SGD):
    def __init__(self, lr, beta=0.9):
        super().__init__(lr)
        self.beta, self.v = beta, {}

    def step(self, params, grads):
        for k in params:
            self.v[k] = self.beta * self.v.get(k, np.zeros_like(params[k])) + (1 - self.beta) * grads[k]
        super().step(params, self.v)


class AdaGrad(SGD):
    def __init__(self, lr, eps=1e-8):
        super().__init__(lr)
        self.eps, self.s = eps, {}

    def step(self, params, grads):
        for k in params:
            self.s[k] = self.s.get(k, 0) + grads[k]**2
        super().step(params, {k: grads[k] / (np.sqrt(self.s[k]) + self.eps) for k in params})


class RMSprop(SGD):
    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lr)
        self.rho, self.eps, self.s = rho, eps, {}

    def step(self, params, grads):
        for k in params:
            self.s[k] = self.rho * self.s.get(k, 0) + (1 - self.rho) * grads[k]**2
        super().step(params, {k: grads[k] / (np.sqrt(self.s[k]) + self.eps) for k in params})


class Adam(SGD):
    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.t, self.v, self.s = 0, {}, {}

    def step(self, params, grads):
        self.t += 1
        direction = {}
        for k in params:
            self.v[k] = self.beta1 * self.v.get(k, 0) + (1 - self.beta1) * grads[k]
            self.s[k] = self.beta2 * self.s.get(k, 0) + (1 - self.beta2) * grads[k]**2
            v = self.v[k] / (1 - self.beta1**self.t)
            s = self.s[k] / (1 - self.beta2**self.t)
            direction[k] = v / (np.sqrt(s) + self.eps)
        super().step(params, direction)


# every optimizer should find the minimum of a parabola
for optimizer in (SGD(0.1), Momentum(0.1), AdaGrad(1.0), RMSprop(0.05), Adam(0.3)):
    p = {"x": np.array([3.0, -2.0])}
    for _ in range(300):
        optimizer.step(p, {"x": 2 * p["x"]})
    print(type(optimizer).__name__, p["x"])

# compare with the measurements of last year (only on my laptop)
old_results = np.loadtxt("C:/Users/me/Desktop/results_2023.txt")
print("old", old_results.mean())


def penalty(weights, l1, l2):
    return sum(l1 * np.abs(W).sum() + l2 * np.square(W).sum() for W in weights)


def penalty_grad(W, l1, l2):
    return l1 * np.sign(W) + 2 * l2 * W


def dropout_mask(shape, rate, rng):
    return (rng.random(shape) >= rate) * 1.0


def dropout_forward(A, mask, rate):
    return A * mask / (1 - rate)


def dropout_backward(dA, mask, rate):
    return dA * mask / (1 - rate)


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    if train:
        mu, va = X.mean(0), X.var(0)
        out = gamma * (X - mu) / np.sqrt(va + eps) + beta
        return out, momentum * mean + (1 - momentum) * mu, momentum * var + (1 - momentum) * va
    else:
        return gamma * (X - mean) / np.sqrt(var + eps) + beta, mean, var


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    sd = np.sqrt(X.var(0) + eps)
    Xh = (X - X.mean(0)) / sd
    return gamma / sd * (dY - dY.mean(0) - Xh * (dY * Xh).mean(0)), (dY * Xh).sum(0), dY.sum(0)


_X, _dY = np.random.randn(6, 2), np.random.randn(6, 2)
_g, _b, _z = np.array([1.5, 0.5]), np.zeros(2), np.zeros(2)
assert gradient_check(lambda X: np.sum(_dY * batchnorm_forward(X, _g, _b, _z, _z, True)[0]),
                      lambda X: batchnorm_backward(_dY, X, _g)[0], _X, 1e-5)


def shift_images(images, dy, dx):
    n, h, w = images.shape
    big = np.pad(images, [(0, 0), (abs(dy), abs(dy)), (abs(dx), abs(dx))])
    return big[:, abs(dy) - dy:abs(dy) - dy + h, abs(dx) - dx:abs(dx) - dx + w]


def augment(images, y, copies, max_shift, rng):
    new = [images]
    for _ in range(copies):
        for im in images:
            new.append(shift_images(im[None], *rng.integers(-max_shift, max_shift + 1, 2)))
    return np.concatenate(new), np.tile(y, copies + 1)


class MLP:
    def __init__(self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0, dropout=0.0,
                 batchnorm=False, rng=None):
        if hidden not in ("relu", "sigmoid") or output not in ("softmax", "sigmoid", "linear"):
            raise ValueError("hidden/output")
        self.sizes, self.hidden, self.output, self.l1, self.l2 = sizes, hidden, output, l1, l2
        self.dropout, self.batchnorm = dropout, batchnorm
        self.rng = rng if rng is not None else np.random.default_rng()
        self.n = len(sizes) - 1
        self.params, self.running = {}, {}
        for i in range(1, self.n + 1):
            self.params[f"W{i}"] = init_weights(sizes[i - 1], sizes[i], init, self.rng)
            self.params[f"b{i}"] = np.zeros(sizes[i])
            if batchnorm and i < self.n:
                self.params[f"gamma{i}"], self.params[f"beta{i}"] = np.ones(sizes[i]), np.zeros(sizes[i])
                self.running[f"mean{i}"], self.running[f"var{i}"] = np.zeros(sizes[i]), np.ones(sizes[i])

    def _forward(self, X, train=False, masks=None):
        self.As, self.Zs, self.Ss = [X], [], []
        for i in range(1, self.n):
            S = linear_forward(self.As[-1], self.params[f"W{i}"], self.params[f"b{i}"])
            self.Ss.append(S)
            if self.batchnorm:
                S, self.running[f"mean{i}"], self.running[f"var{i}"] = batchnorm_forward(
                    S, self.params[f"gamma{i}"], self.params[f"beta{i}"],
                    self.running[f"mean{i}"], self.running[f"var{i}"], train)
            self.Zs.append(S)
            A = relu(S) if self.hidden == "relu" else sigmoid(S)
            self.As.append(A if masks is None else dropout_forward(A, masks[i - 1], self.dropout))
        Z = linear_forward(self.As[-1], self.params[f"W{self.n}"], self.params[f"b{self.n}"])
        return softmax(Z) if self.output == "softmax" else sigmoid(Z) if self.output == "sigmoid" else Z

    def _loss(self, P, Y):
        loss = dict(softmax=cce_loss, sigmoid=bce_loss, linear=mse_loss)[self.output](P, Y)
        return loss + penalty([self.params[f"W{i + 1}"] for i in range(self.n)], self.l1, self.l2)

    def predict_proba(self, X):
        return self._forward(X)

    def loss(self, X, Y):
        return self._loss(self._forward(X), Y)

    def loss_and_grads(self, X, Y, masks=None):
        if masks is None and self.dropout > 0:
            masks = [dropout_mask((len(X), s), self.dropout, self.rng) for s in self.sizes[1:-1]]
        P = self._forward(X, True, masks)
        d = dict(softmax=softmax_cce_backward, sigmoid=sigmoid_bce_backward, linear=mse_backward)[self.output](P, Y)
        grads = {}
        for i in range(self.n, 0, -1):
            if i < self.n:
                Z = self.Zs[i - 1]
                if masks is not None:
                    d = dropout_backward(d, masks[i - 1], self.dropout)
                d = relu_backward(d, Z) if self.hidden == "relu" else sigmoid_backward(d, sigmoid(Z))
                if self.batchnorm:
                    d, grads[f"gamma{i}"], grads[f"beta{i}"] = batchnorm_backward(
                        d, self.Ss[i - 1], self.params[f"gamma{i}"])
            W = self.params[f"W{i}"]
            d, grads[f"W{i}"], grads[f"b{i}"] = linear_backward(d, self.As[i - 1], W)
            grads[f"W{i}"] = grads[f"W{i}"] + penalty_grad(W, self.l1, self.l2)
        return self._loss(P, Y), grads


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    if rng is None:
        rng = np.random.default_rng()
    hist = {"train_loss": [], "val_loss": []}
    for epoch in range(epochs):
        for idx in minibatches(len(X), batch_size or len(X), rng):
            optimizer.step(model.params, model.loss_and_grads(X[idx], Y[idx])[1])
        hist["train_loss"].append(model.loss(X, Y))
        if X_val is not None:
            hist["val_loss"].append(model.loss(X_val, Y_val))
    return hist


# ---- first training: two clouds
rng = np.random.default_rng(0)
X = np.concatenate([rng.normal(-1, 0.7, (60, 2)), rng.normal(1, 0.7, (60, 2))])
Y = one_hot(np.repeat([0, 1], 60), 2)
model = MLP([2, 16, 2], rng=rng)
history = train(model, X, Y, Adam(0.02), 30, 16, rng)
print("loss %.3f -> %.3f" % (history["train_loss"][0], history["train_loss"][-1]))
print("accuracy", accuracy(model.predict_proba(X), Y))

import matplotlib.pyplot as plt

plt.plot(history["train_loss"])
plt.xlabel("epoch")
plt.savefig("loss.png")
plt.show()


def decision_grid(predict, x_range, y_range, steps):
    xs, ys = np.linspace(*x_range, steps), np.linspace(*y_range, steps)
    xx, yy = np.meshgrid(xs, ys)
    return xx, yy, predict(np.column_stack((xx.ravel(), yy.ravel()))).reshape(xx.shape)


xx, yy, labels = decision_grid(lambda p: model.predict_proba(p).argmax(1), (-3, 3), (-3, 3), 40)
fig, ax = plt.subplots()
ax.contourf(xx, yy, labels, alpha=0.3)
ax.scatter(*X.T, c=Y[:, 1])
fig.savefig("boundary.png")

with open("notes_for_myself.txt") as file:  # forgot to hand it in
    print(file.read())


def compare_initializations(X, Y, depth, width, epochs, rng):
    results = {}
    for init in ("zero", "random", "he", "xavier"):
        model = MLP([X.shape[1]] + [width] * depth + [Y.shape[1]], init=init, rng=rng)
        model.predict_proba(X)
        first, last = model.As[1].std(), model.As[depth].std()
        results[init] = {"activation_ratio": float(last / first) if first > 0 else 0.0,
                         "train_loss": train(model, X, Y, Adam(0.003), epochs, 32, rng)["train_loss"]}
    return results


def compare_optimizers(X, Y, epochs, rng):
    seed = int(rng.integers(2**31))
    curves = {}
    for name, optimizer in dict(sgd=SGD(0.3), momentum=Momentum(0.3), adagrad=AdaGrad(0.1),
                                rmsprop=RMSprop(0.01), adam=Adam(0.02)).items():
        model = MLP([X.shape[1], 64, Y.shape[1]], rng=np.random.default_rng(seed))
        curves[name] = train(model, X, Y, optimizer, epochs, 32, np.random.default_rng(seed))["train_loss"]
    return curves


def compare_widths(X, Y, widths, epochs, rng):
    accuracies = {}
    for width in widths:
        model = MLP([X.shape[1], width, Y.shape[1]], rng=rng)
        train(model, X, Y, Adam(0.02), epochs, 32, rng)
        accuracies[width] = accuracy(model.predict_proba(X), Y)
    return accuracies


def compare_learning_rates(X, Y, rates, epochs, rng):
    losses = {}
    for rate in rates:
        with np.errstate(all="ignore"):
            model = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
            losses[rate] = train(model, X, Y, SGD(rate), epochs, 32, rng)["train_loss"][-1]
    return losses


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    gaps = {}
    for name, kw in dict(none={}, l2=dict(l2=3e-3), dropout=dict(dropout=0.5)).items():
        model = MLP([X.shape[1], 64, 64, Y.shape[1]], rng=rng, **kw)
        h = train(model, X, Y, Adam(0.01), epochs, 32, rng, X_val, Y_val)
        gaps[name] = h["val_loss"][-1] - h["train_loss"][-1]
    return gaps


print(compare_widths(X, Y, [1, 4], 5, rng))
print("all done after %.1f s" % (time.time() - t0))
print(undefined_variable_that_i_renamed)
