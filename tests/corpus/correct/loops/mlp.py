# Homework: MLP from scratch. I wrote everything with loops first so that I can follow the sums on paper.
import math

import numpy as np


def one_hot(y, num_classes):
    Y = np.zeros((len(y), num_classes))
    for n in range(len(y)):
        Y[n, y[n]] = 1.0
    return Y


def standardize(X_train, X_other):
    N, D = X_train.shape
    A = np.zeros((N, D))
    B = np.zeros(X_other.shape)
    for d in range(D):
        total = 0.0
        for n in range(N):
            total += X_train[n, d]
        mean = total / N
        squares = 0.0
        for n in range(N):
            squares += (X_train[n, d] - mean) ** 2
        std = math.sqrt(squares / N)
        if std < 1e-12:
            std = 1.0
        for n in range(N):
            A[n, d] = (X_train[n, d] - mean) / std
        for m in range(len(X_other)):
            B[m, d] = (X_other[m, d] - mean) / std
    return A, B


def linear_forward(X, W, b):
    Z = np.zeros((X.shape[0], W.shape[1]))
    for n in range(X.shape[0]):
        Z[n] = np.dot(X[n], W) + b
    return Z


def relu(Z):
    A = np.zeros(Z.shape)
    for n in range(len(Z)):
        positive = Z[n] > 0
        A[n][positive] = Z[n][positive]
    return A


def sigmoid(Z):
    A = np.zeros(Z.shape)
    for index in np.ndindex(*Z.shape):
        z = float(Z[index])
        if z >= 0:
            A[index] = 1.0 / (1.0 + math.exp(-z))
        else:
            A[index] = math.exp(z) / (1.0 + math.exp(z))
    return A


def softmax(Z):
    P = np.zeros(Z.shape)
    for n in range(len(Z)):
        biggest = max(Z[n])
        row = [math.exp(z - biggest) for z in Z[n]]
        total = sum(row)
        for k in range(len(row)):
            P[n, k] = row[k] / total
    return P


def mse_loss(P, Y):
    total = 0.0
    for n in range(P.shape[0]):
        for k in range(P.shape[1]):
            total += (P[n, k] - Y[n, k]) ** 2
    return total / (P.shape[0] * P.shape[1])


def _safe(p):
    return min(max(p, 1e-12), 1 - 1e-12)


def bce_loss(P, Y):
    total = 0.0
    for n in range(P.shape[0]):
        for k in range(P.shape[1]):
            p = _safe(P[n, k])
            total -= Y[n, k] * math.log(p) + (1 - Y[n, k]) * math.log(1 - p)
    return total / (P.shape[0] * P.shape[1])


def cce_loss(P, Y):
    total = 0.0
    for n in range(P.shape[0]):
        for k in range(P.shape[1]):
            if Y[n, k]:
                total -= Y[n, k] * math.log(_safe(P[n, k]))
    return total / P.shape[0]


def accuracy(P, Y):
    right = 0
    for p, t in zip(P, Y):
        if len(p) == 1:
            right += int((p[0] >= 0.5) == (t[0] >= 0.5))
        else:
            right += int(list(p).index(max(p)) == list(t).index(max(t)))
    return right / len(P)


def linear_backward(dZ, X, W):
    dX = np.zeros(X.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(W.shape[1])
    for n in range(len(X)):
        dX[n] = np.dot(W, dZ[n])
        dW += np.outer(X[n], dZ[n])
        db += dZ[n]
    return dX, dW, db


def relu_backward(dA, Z):
    dZ = np.zeros(Z.shape)
    for n in range(len(Z)):
        on = Z[n] > 0
        dZ[n][on] = dA[n][on]
    return dZ


def sigmoid_backward(dA, A):
    dZ = np.zeros(A.shape)
    for n in range(len(A)):
        dZ[n] = dA[n] * A[n] * (1 - A[n])
    return dZ


def mse_backward(P, Y):
    N, K = P.shape
    dP = np.zeros((N, K))
    for n in range(N):
        for k in range(K):
            dP[n, k] = 2.0 * (P[n, k] - Y[n, k]) / (N * K)
    return dP


def sigmoid_bce_backward(P, Y):
    N, K = P.shape
    dZ = np.zeros((N, K))
    for n in range(N):
        for k in range(K):
            dZ[n, k] = (P[n, k] - Y[n, k]) / (N * K)
    return dZ


def softmax_cce_backward(P, Y):
    dZ = np.zeros(P.shape)
    for n in range(len(P)):
        dZ[n] = (P[n] - Y[n]) / len(P)
    return dZ


def numerical_gradient(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        i = it.multi_index
        old = x[i]
        x[i] = old + h
        plus = f(x)
        x[i] = old - h
        minus = f(x)
        x[i] = old
        gradient[i] = (plus - minus) / (2 * h)
        it.iternext()
    return gradient


def relative_error(a, b):
    difference = norm_a = norm_b = 0.0
    for p, q in zip(np.ravel(a), np.ravel(b)):
        difference += (p - q) ** 2
        norm_a += p * p
        norm_b += q * q
    bottom = math.sqrt(norm_a) + math.sqrt(norm_b)
    if bottom == 0:
        return 0.0
    return math.sqrt(difference) / bottom


def gradient_check(f, grad_f, x, tol=1e-6):
    error = relative_error(numerical_gradient(f, x), grad_f(x))
    if error <= tol:
        return True
    return False


def init_weights(fan_in, fan_out, method, rng):
    if method == "zero":
        std = 0.0
    elif method == "random":
        std = 0.01
    elif method == "he":
        std = math.sqrt(2 / fan_in)
    elif method == "xavier":
        std = math.sqrt(2 / (fan_in + fan_out))
    else:
        raise ValueError("unknown method " + str(method))
    W = np.zeros((fan_in, fan_out))
    for i in range(fan_in):
        for j in range(fan_out):
            W[i, j] = std * rng.standard_normal()
    return W


def minibatches(n, batch_size, rng):
    order = list(range(n))
    for i in range(n - 1, 0, -1):  # Fisher-Yates
        j = int(rng.integers(0, i + 1))
        order[i], order[j] = order[j], order[i]
    batches = []
    start = 0
    while start < n:
        batches.append(np.array(order[start:start + batch_size]))
        start += batch_size
    return batches


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for key in params:
            params[key] = params[key] - self.lr * grads[key]


class Momentum:
    def __init__(self, lr, beta=0.9):
        self.lr = lr
        self.beta = beta
        self.v = {}

    def step(self, params, grads):
        for key in params:
            if key not in self.v:
                self.v[key] = np.zeros(params[key].shape)
            self.v[key] = self.beta * self.v[key] + (1 - self.beta) * grads[key]
            params[key] = params[key] - self.lr * self.v[key]


class AdaGrad:
    def __init__(self, lr, eps=1e-8):
        self.lr = lr
        self.eps = eps
        self.s = {}

    def step(self, params, grads):
        for key in params:
            if key not in self.s:
                self.s[key] = np.zeros(params[key].shape)
            self.s[key] = self.s[key] + grads[key] ** 2
            params[key] = params[key] - self.lr * grads[key] / (np.sqrt(self.s[key]) + self.eps)


class RMSprop:
    def __init__(self, lr, rho=0.9, eps=1e-8):
        self.lr = lr
        self.rho = rho
        self.eps = eps
        self.s = {}

    def step(self, params, grads):
        for key in params:
            if key not in self.s:
                self.s[key] = np.zeros(params[key].shape)
            self.s[key] = self.rho * self.s[key] + (1 - self.rho) * grads[key] ** 2
            params[key] = params[key] - self.lr * grads[key] / (np.sqrt(self.s[key]) + self.eps)


class Adam:
    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.v = {}
        self.s = {}
        self.t = 0

    def step(self, params, grads):
        self.t += 1
        for key in params:
            if key not in self.v:
                self.v[key] = np.zeros(params[key].shape)
                self.s[key] = np.zeros(params[key].shape)
            self.v[key] = self.beta1 * self.v[key] + (1 - self.beta1) * grads[key]
            self.s[key] = self.beta2 * self.s[key] + (1 - self.beta2) * grads[key] ** 2
            v_hat = self.v[key] / (1 - self.beta1 ** self.t)
            s_hat = self.s[key] / (1 - self.beta2 ** self.t)
            params[key] = params[key] - self.lr * v_hat / (np.sqrt(s_hat) + self.eps)


def penalty(weights, l1, l2):
    value = 0.0
    for W in weights:
        for row in W:
            for w in row:
                value += l1 * abs(w) + l2 * w * w
    return value


def penalty_grad(W, l1, l2):
    dW = np.zeros(W.shape)
    for i in range(len(W)):
        dW[i] = 2 * l2 * W[i]
        if l1:
            for j in range(len(W[i])):
                if W[i, j] > 0:
                    dW[i, j] += l1
                elif W[i, j] < 0:
                    dW[i, j] -= l1
    return dW


def dropout_mask(shape, rate, rng):
    mask = np.ones(shape)
    for index in np.ndindex(*shape):
        if rng.random() < rate:
            mask[index] = 0.0
    return mask


def dropout_forward(A, mask, rate):
    out = np.zeros(A.shape)
    for index in np.ndindex(*A.shape):
        if mask[index]:
            out[index] = A[index] / (1 - rate)
    return out


def dropout_backward(dA, mask, rate):
    return dropout_forward(dA, mask, rate)  # the same formula


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    Y = np.zeros(X.shape)
    new_mean = np.array(mean, dtype=float)
    new_var = np.array(var, dtype=float)
    for j in range(X.shape[1]):
        if train:
            mu = sum(X[:, j]) / len(X)
            v = sum((X[:, j] - mu) ** 2) / len(X)
            new_mean[j] = momentum * mean[j] + (1 - momentum) * mu
            new_var[j] = momentum * var[j] + (1 - momentum) * v
        else:
            mu, v = mean[j], var[j]
        for n in range(len(X)):
            Y[n, j] = gamma[j] * (X[n, j] - mu) / math.sqrt(v + eps) + beta[j]
    return Y, new_mean, new_var


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    N, H = X.shape
    dX = np.zeros((N, H))
    dgamma = np.zeros(H)
    dbeta = np.zeros(H)
    for j in range(H):
        mu = sum(X[:, j]) / N
        root = math.sqrt(sum((X[:, j] - mu) ** 2) / N + eps)
        x_hat = (X[:, j] - mu) / root
        for n in range(N):
            dgamma[j] += dY[n, j] * x_hat[n]
            dbeta[j] += dY[n, j]
        for n in range(N):
            dX[n, j] = gamma[j] / root * (dY[n, j] - dbeta[j] / N - x_hat[n] * dgamma[j] / N)
    return dX, dgamma, dbeta


def shift_images(images, dy, dx):
    N, h, w = images.shape
    out = np.zeros((N, h, w))
    for n in range(N):
        for r in range(h):
            for c in range(w):
                if 0 <= r - dy < h and 0 <= c - dx < w:
                    out[n, r, c] = images[n, r - dy, c - dx]
    return out


def augment(images, y, copies, max_shift, rng):
    all_images = [image for image in images]
    all_y = [label for label in y]
    for _ in range(copies):
        for n in range(len(images)):
            dy = int(rng.integers(-max_shift, max_shift + 1))
            dx = int(rng.integers(-max_shift, max_shift + 1))
            all_images.append(shift_images(images[n:n + 1], dy, dx)[0])
            all_y.append(y[n])
    return np.array(all_images), np.array(all_y)


class MLP:
    def __init__(self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0, dropout=0.0,
                 batchnorm=False, rng=None):
        if hidden not in ("relu", "sigmoid"):
            raise ValueError(hidden)
        if output not in ("softmax", "sigmoid", "linear"):
            raise ValueError(output)
        self.sizes = sizes
        self.hidden = hidden
        self.output = output
        self.l1 = l1
        self.l2 = l2
        self.dropout = dropout
        self.batchnorm = batchnorm
        self.rng = rng if rng is not None else np.random.default_rng()
        self.L = len(sizes) - 1
        self.params = {}
        self.running = {}
        for i in range(1, self.L + 1):
            self.params["W" + str(i)] = init_weights(sizes[i - 1], sizes[i], init, self.rng)
            self.params["b" + str(i)] = np.zeros(sizes[i])
            if batchnorm and i != self.L:
                self.params["gamma" + str(i)] = np.ones(sizes[i])
                self.params["beta" + str(i)] = np.zeros(sizes[i])
                self.running["mean" + str(i)] = np.zeros(sizes[i])
                self.running["var" + str(i)] = np.ones(sizes[i])

    def _forward(self, X, train, masks):
        self.cache = []
        A = X
        for i in range(1, self.L + 1):
            entry = {"X": A}
            Z = linear_forward(A, self.params["W" + str(i)], self.params["b" + str(i)])
            if i == self.L:
                self.cache.append(entry)
                if self.output == "softmax":
                    return softmax(Z)
                elif self.output == "sigmoid":
                    return sigmoid(Z)
                return Z
            if self.batchnorm:
                entry["S"] = Z
                Z, m, v = batchnorm_forward(Z, self.params["gamma" + str(i)], self.params["beta" + str(i)],
                                            self.running["mean" + str(i)], self.running["var" + str(i)], train)
                if train:
                    self.running["mean" + str(i)] = m
                    self.running["var" + str(i)] = v
            entry["Z"] = Z
            A = relu(Z) if self.hidden == "relu" else sigmoid(Z)
            entry["A"] = A
            if masks is not None:
                A = dropout_forward(A, masks[i - 1], self.dropout)
            self.cache.append(entry)

    def _loss(self, P, Y):
        if self.output == "softmax":
            value = cce_loss(P, Y)
        elif self.output == "sigmoid":
            value = bce_loss(P, Y)
        else:
            value = mse_loss(P, Y)
        if self.l1 or self.l2:
            value += penalty([self.params["W" + str(i)] for i in range(1, self.L + 1)], self.l1, self.l2)
        return value

    def predict_proba(self, X):
        return self._forward(X, False, None)

    def loss(self, X, Y):
        return self._loss(self.predict_proba(X), Y)

    def loss_and_grads(self, X, Y, masks=None):
        if masks is None and self.dropout > 0:
            masks = []
            for size in self.sizes[1:-1]:
                masks.append(dropout_mask((len(X), size), self.dropout, self.rng))
        P = self._forward(X, True, masks)
        grads = {}
        if self.output == "softmax":
            d = softmax_cce_backward(P, Y)
        elif self.output == "sigmoid":
            d = sigmoid_bce_backward(P, Y)
        else:
            d = mse_backward(P, Y)
        for i in range(self.L, 0, -1):
            entry = self.cache[i - 1]
            if i < self.L:
                if masks is not None:
                    d = dropout_backward(d, masks[i - 1], self.dropout)
                if self.hidden == "relu":
                    d = relu_backward(d, entry["Z"])
                else:
                    d = sigmoid_backward(d, entry["A"])
                if self.batchnorm:
                    d, dg, dbt = batchnorm_backward(d, entry["S"], self.params["gamma" + str(i)])
                    grads["gamma" + str(i)] = dg
                    grads["beta" + str(i)] = dbt
            W = self.params["W" + str(i)]
            d, dW, db = linear_backward(d, entry["X"], W)
            grads["W" + str(i)] = dW + penalty_grad(W, self.l1, self.l2)
            grads["b" + str(i)] = db
        return self._loss(P, Y), grads


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    if rng is None:
        rng = np.random.default_rng()
    if batch_size is None:
        batch_size = len(X)
    train_loss = []
    val_loss = []
    for epoch in range(epochs):
        for batch in minibatches(len(X), batch_size, rng):
            loss, grads = model.loss_and_grads(X[batch], Y[batch])
            optimizer.step(model.params, grads)
        train_loss.append(model.loss(X, Y))
        if X_val is not None:
            val_loss.append(model.loss(X_val, Y_val))
    return {"train_loss": train_loss, "val_loss": val_loss}


def decision_grid(predict, x_range, y_range, steps):
    xs = np.linspace(x_range[0], x_range[1], steps)
    ys = np.linspace(y_range[0], y_range[1], steps)
    xx = np.zeros((steps, steps))
    yy = np.zeros((steps, steps))
    points = []
    for r in range(steps):
        for c in range(steps):
            xx[r, c] = xs[c]
            yy[r, c] = ys[r]
            points.append([xs[c], ys[r]])
    answers = predict(np.array(points))
    labels = []
    for r in range(steps):
        labels.append([answers[r * steps + c] for c in range(steps)])
    return xx, yy, np.array(labels)


def compare_initializations(X, Y, depth, width, epochs, rng):
    results = {}
    for method in ["zero", "random", "he", "xavier"]:
        model = MLP([X.shape[1]] + depth * [width] + [Y.shape[1]], init=method, rng=rng)
        A = X
        spreads = []
        for i in range(1, depth + 1):
            A = relu(linear_forward(A, model.params["W" + str(i)], model.params["b" + str(i)]))
            spreads.append(float(np.std(A)))
        ratio = 0.0
        if spreads[0] != 0:
            ratio = spreads[-1] / spreads[0]
        history = train(model, X, Y, Adam(0.003), epochs, 32, rng)
        results[method] = {"activation_ratio": ratio, "train_loss": history["train_loss"]}
    return results


def compare_optimizers(X, Y, epochs, rng):
    seed = int(rng.integers(1000000))
    curves = {}
    for name, optimizer in [("sgd", SGD(0.3)), ("momentum", Momentum(0.3)), ("adagrad", AdaGrad(0.1)),
                            ("rmsprop", RMSprop(0.01)), ("adam", Adam(0.02))]:
        model = MLP([X.shape[1], 64, Y.shape[1]], rng=np.random.default_rng(seed))
        curves[name] = train(model, X, Y, optimizer, epochs, 32, np.random.default_rng(seed))["train_loss"]
    return curves


def compare_widths(X, Y, widths, epochs, rng):
    result = {}
    for width in widths:
        model = MLP([X.shape[1], width, Y.shape[1]], rng=rng)
        train(model, X, Y, Adam(0.02), epochs, 32, rng)
        result[width] = accuracy(model.predict_proba(X), Y)
    return result


def compare_learning_rates(X, Y, rates, epochs, rng):
    result = {}
    for rate in rates:
        model = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
        with np.errstate(all="ignore"):
            history = train(model, X, Y, SGD(rate), epochs, 32, rng)
        result[rate] = history["train_loss"][-1]
    return result


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    gaps = {}
    for name in ["none", "l2", "dropout"]:
        l2 = 3e-3 if name == "l2" else 0.0
        rate = 0.5 if name == "dropout" else 0.0
        model = MLP([X.shape[1], 64, 64, Y.shape[1]], l2=l2, dropout=rate, rng=rng)
        history = train(model, X, Y, Adam(0.01), epochs, 32, rng, X_val, Y_val)
        gaps[name] = history["val_loss"][-1] - history["train_loss"][-1]
    return gaps
