"""MLP from scratch.

I avoid temporaries: every function copies what it needs once and then works in place on its own copy.
"""
import numpy as np

CLIP = 1e-12


def one_hot(y, num_classes):
    Y = np.zeros((y.size, num_classes))
    np.put_along_axis(Y, y.reshape(-1, 1).astype(np.intp), 1.0, axis=1)
    return Y


def standardize(X_train, X_other):
    train, other = X_train.copy(), X_other.copy()
    mu = train.mean(axis=0)
    train -= mu
    other -= mu
    sigma = np.sqrt((train ** 2).mean(axis=0))
    sigma[sigma < 1e-10] = 1.0
    train /= sigma
    other /= sigma
    return train, other


def linear_forward(X, W, b):
    Z = np.empty((X.shape[0], W.shape[1]))
    np.matmul(X, W, out=Z)
    Z += b
    return Z


def relu(Z):
    A = Z.copy()
    A[A < 0] = 0
    return A


def sigmoid(Z):
    A = np.array(Z, dtype=float)
    np.clip(A, -700, 700, out=A)
    np.negative(A, out=A)
    np.exp(A, out=A)
    A += 1
    np.reciprocal(A, out=A)
    return A


def softmax(Z):
    P = Z.copy()
    P -= P.max(axis=1)[:, None]
    np.exp(P, out=P)
    P /= P.sum(axis=1)[:, None]
    return P


def mse_loss(P, Y):
    D = P - Y
    D *= D
    return D.mean()


def bce_loss(P, Y):
    Q = P.copy()
    np.clip(Q, CLIP, 1 - CLIP, out=Q)
    losses = np.where(Y == 1, Q, 1 - Q) if set(np.unique(Y)) <= {0.0, 1.0} else None
    if losses is None:
        return -(Y * np.log(Q) + (1 - Y) * np.log(1 - Q)).mean()
    np.log(losses, out=losses)
    return -losses.mean()


def cce_loss(P, Y):
    Q = P.copy()
    np.clip(Q, CLIP, 1 - CLIP, out=Q)
    np.log(Q, out=Q)
    Q *= Y
    return -Q.sum() / Q.shape[0]


def accuracy(P, Y):
    if P.shape[1] == 1:
        wrong = np.logical_xor(P >= 0.5, Y >= 0.5)
    else:
        wrong = P.argmax(axis=-1) != Y.argmax(axis=-1)
    return 1.0 - wrong.mean()


def linear_backward(dZ, X, W):
    dX = np.empty_like(X)
    dW = np.empty_like(W)
    np.matmul(dZ, W.T, out=dX)
    np.matmul(X.T, dZ, out=dW)
    return dX, dW, np.add.reduce(dZ, axis=0)


def relu_backward(dA, Z):
    dZ = dA.copy()
    dZ[Z <= 0] = 0
    return dZ


def sigmoid_backward(dA, A):
    dZ = 1 - A
    dZ *= A
    dZ *= dA
    return dZ


def mse_backward(P, Y):
    d = P - Y
    d *= 2.0
    d /= d.size
    return d


def sigmoid_bce_backward(P, Y):
    d = P.copy()
    d -= Y
    d /= d.size
    return d


def softmax_cce_backward(P, Y):
    d = P.copy()
    d[Y == 1] -= 1
    d /= len(d)
    return d


def numerical_gradient(f, x, h=1e-5):
    g = np.empty_like(x)
    work = x.copy()
    for i in np.ndindex(work.shape):
        work[i] += h
        g[i] = f(work)
        work[i] = x[i]
        work[i] -= h
        g[i] -= f(work)
        work[i] = x[i]
    g /= 2 * h
    return g


def relative_error(a, b):
    d = a - b
    size = np.sqrt(np.sum(a ** 2)) + np.sqrt(np.sum(b ** 2))
    if size == 0:
        return 0.0
    d *= d
    return np.sqrt(d.sum()) / size


def gradient_check(f, grad_f, x, tol=1e-6):
    x = x.copy()
    return bool(relative_error(grad_f(x), numerical_gradient(f, x)) <= tol)


def init_weights(fan_in, fan_out, method, rng):
    if method == "zero":
        return np.zeros((fan_in, fan_out))
    W = np.empty((fan_in, fan_out))
    rng.standard_normal(out=W)
    if method == "random":
        W *= 0.01
    elif method == "he":
        W *= np.sqrt(2.0 / fan_in)
    elif method == "xavier":
        W *= np.sqrt(2.0 / (fan_in + fan_out))
    else:
        raise ValueError("method: zero, random, he or xavier")
    return W


def minibatches(n, batch_size, rng):
    indices = np.arange(n)
    rng.shuffle(indices)
    batches = []
    while indices.size:
        batches.append(indices[:batch_size])
        indices = indices[batch_size:]
    return batches


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for name, p in params.items():
            p -= self.lr * grads[name]


class Momentum:
    def __init__(self, lr, beta=0.9):
        self.lr, self.beta = lr, beta
        self.v = None

    def step(self, params, grads):
        if self.v is None:
            self.v = {name: np.zeros_like(p) for name, p in params.items()}
        for name, p in params.items():
            v = self.v[name]
            v *= self.beta
            v += (1 - self.beta) * grads[name]
            p -= self.lr * v


class AdaGrad:
    def __init__(self, lr, eps=1e-8):
        self.lr, self.eps = lr, eps
        self.s = None

    def step(self, params, grads):
        if self.s is None:
            self.s = {name: np.zeros_like(p) for name, p in params.items()}
        for name, p in params.items():
            g = grads[name].copy()
            self.s[name] += g ** 2
            root = np.sqrt(self.s[name])
            root += self.eps
            g /= root
            g *= self.lr
            p -= g


class RMSprop:
    def __init__(self, lr, rho=0.9, eps=1e-8):
        self.lr, self.rho, self.eps = lr, rho, eps
        self.s = None

    def step(self, params, grads):
        if self.s is None:
            self.s = {name: np.zeros_like(p) for name, p in params.items()}
        for name, p in params.items():
            g = grads[name].copy()
            s = self.s[name]
            s *= self.rho
            s += (1 - self.rho) * g * g
            g /= np.sqrt(s) + self.eps
            g *= self.lr
            p -= g


class Adam:
    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.v, self.s = None, None
        self.t = 0

    def step(self, params, grads):
        if self.v is None:
            self.v = {name: np.zeros_like(p) for name, p in params.items()}
            self.s = {name: np.zeros_like(p) for name, p in params.items()}
        self.t += 1
        for name, p in params.items():
            g, v, s = grads[name], self.v[name], self.s[name]
            v *= self.beta1
            v += (1 - self.beta1) * g
            s *= self.beta2
            s += (1 - self.beta2) * g * g
            move = v / (1 - self.beta1 ** self.t)
            move /= np.sqrt(s / (1 - self.beta2 ** self.t)) + self.eps
            move *= self.lr
            p -= move


def penalty(weights, l1, l2):
    total = 0.0
    for W in weights:
        w = np.abs(W).ravel()
        total += l1 * w.sum()
        w *= w
        total += l2 * w.sum()
    return total


def penalty_grad(W, l1, l2):
    dW = np.sign(W)
    dW *= l1
    dW += 2 * l2 * W
    return dW


def dropout_mask(shape, rate, rng):
    mask = rng.random(shape)
    np.greater_equal(mask, rate, out=mask)
    return mask


def dropout_forward(A, mask, rate):
    out = A.copy()
    out *= mask
    out /= 1 - rate
    return out


def dropout_backward(dA, mask, rate):
    out = dA.copy()
    out *= mask
    out /= 1 - rate
    return out


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    Y = X.copy()
    mean, var = mean.copy(), var.copy()
    if train:
        mu = Y.mean(axis=0)
        Y -= mu
        v = (Y * Y).mean(axis=0)
        mean *= momentum
        mean += (1 - momentum) * mu
        var *= momentum
        var += (1 - momentum) * v
    else:
        Y -= mean
        v = var
    Y /= np.sqrt(v + eps)
    Y *= gamma
    Y += beta
    return Y, mean, var


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    N = len(X)
    X_hat = X - X.mean(axis=0)
    root = np.sqrt((X_hat ** 2).mean(axis=0) + eps)
    X_hat /= root
    dbeta = dY.sum(axis=0)
    dgamma = (dY * X_hat).sum(axis=0)
    dX = dY.copy()
    dX -= dbeta / N
    X_hat *= dgamma / N
    dX -= X_hat
    dX *= gamma
    dX /= root
    return dX, dgamma, dbeta


def shift_images(images, dy, dx):
    out = np.roll(images, (dy, dx), axis=(1, 2))  # a copy already
    h, w = out.shape[1:]
    if dy > 0:
        out[:, :min(dy, h)] = 0
    elif dy < 0:
        out[:, max(h + dy, 0):] = 0
    if dx > 0:
        out[:, :, :min(dx, w)] = 0
    elif dx < 0:
        out[:, :, max(w + dx, 0):] = 0
    return out


def augment(images, y, copies, max_shift, rng):
    n = len(images)
    all_images = np.tile(images, (1 + copies, 1, 1))
    all_y = np.tile(y, 1 + copies)
    for i in range(n, len(all_images)):
        dy, dx = rng.integers(-max_shift, max_shift, size=2, endpoint=True)
        all_images[i] = shift_images(all_images[i:i + 1], dy, dx)[0]
    return all_images, all_y


class MLP:
    def __init__(self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0,
                 dropout=0.0, batchnorm=False, rng=None):
        self._activation = {"relu": relu, "sigmoid": sigmoid}.get(hidden)
        self._output = {"softmax": softmax, "sigmoid": sigmoid, "linear": np.copy}.get(output)
        if self._activation is None or self._output is None:
            raise ValueError(f"unknown function: {hidden} or {output}")
        self.hidden, self.output = hidden, output
        self.l1, self.l2, self.rate, self.batchnorm = l1, l2, dropout, batchnorm
        self.rng = np.random.default_rng() if rng is None else rng
        self.sizes = list(sizes)
        self.params = {}
        self.running = {}
        for i in range(len(sizes) - 1):
            n = str(i + 1)
            self.params["W" + n] = init_weights(sizes[i], sizes[i + 1], init, self.rng)
            self.params["b" + n] = np.zeros(sizes[i + 1])
            if batchnorm and i + 2 < len(sizes):
                self.params["gamma" + n] = np.ones(sizes[i + 1])
                self.params["beta" + n] = np.zeros(sizes[i + 1])
                self.running["mean" + n] = np.zeros(sizes[i + 1])
                self.running["var" + n] = np.ones(sizes[i + 1])

    @property
    def depth(self):
        return len(self.sizes) - 1

    def predict_proba(self, X):
        A = X.copy()
        for i in range(1, self.depth + 1):
            A = linear_forward(A, self.params[f"W{i}"], self.params[f"b{i}"])
            if i < self.depth:
                if self.batchnorm:
                    A, _, _ = batchnorm_forward(A, self.params[f"gamma{i}"], self.params[f"beta{i}"],
                                                self.running[f"mean{i}"], self.running[f"var{i}"], False)
                A = relu(A) if self.hidden == "relu" else sigmoid(A)
        return self._apply_output(A)

    def _apply_output(self, Z):
        if self.output == "softmax":
            return softmax(Z)
        return sigmoid(Z) if self.output == "sigmoid" else Z

    def _data_loss(self, P, Y):
        if self.output == "softmax":
            return cce_loss(P, Y)
        return bce_loss(P, Y) if self.output == "sigmoid" else mse_loss(P, Y)

    def _penalty(self):
        return penalty([self.params[f"W{i}"] for i in range(1, self.depth + 1)], self.l1, self.l2)

    def loss(self, X, Y):
        return self._data_loss(self.predict_proba(X), Y) + self._penalty()

    def loss_and_grads(self, X, Y, masks=None):
        if masks is None and self.rate > 0:
            masks = [dropout_mask((X.shape[0], n), self.rate, self.rng) for n in self.sizes[1:-1]]
        inputs, linear, normal, active = [X], [], [], []
        for i in range(1, self.depth):
            S = linear_forward(inputs[-1], self.params[f"W{i}"], self.params[f"b{i}"])
            linear.append(S)
            if self.batchnorm:
                S, mean, var = batchnorm_forward(S, self.params[f"gamma{i}"], self.params[f"beta{i}"],
                                                 self.running[f"mean{i}"], self.running[f"var{i}"], True)
                self.running[f"mean{i}"][:] = mean
                self.running[f"var{i}"][:] = var
            normal.append(S)
            A = relu(S) if self.hidden == "relu" else sigmoid(S)
            active.append(A)
            inputs.append(A if masks is None else dropout_forward(A, masks[i - 1], self.rate))
        d = self.depth
        P = self._apply_output(linear_forward(inputs[-1], self.params[f"W{d}"], self.params[f"b{d}"]))
        loss = self._data_loss(P, Y) + self._penalty()

        if self.output == "softmax":
            D = softmax_cce_backward(P, Y)
        elif self.output == "sigmoid":
            D = sigmoid_bce_backward(P, Y)
        else:
            D = mse_backward(P, Y)
        grads = {}
        while d > 0:
            W = self.params[f"W{d}"]
            D, grads[f"W{d}"], grads[f"b{d}"] = linear_backward(D, inputs[d - 1], W)
            grads[f"W{d}"] += penalty_grad(W, self.l1, self.l2)
            d -= 1
            if d > 0:
                if masks is not None:
                    D = dropout_backward(D, masks[d - 1], self.rate)
                if self.hidden == "relu":
                    D = relu_backward(D, normal[d - 1])
                else:
                    D = sigmoid_backward(D, active[d - 1])
                if self.batchnorm:
                    D, grads[f"gamma{d}"], grads[f"beta{d}"] = batchnorm_backward(
                        D, linear[d - 1], self.params[f"gamma{d}"])
        return loss, grads


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    rng = np.random.default_rng() if rng is None else rng
    train_loss, val_loss = np.empty(epochs), []
    for epoch in range(epochs):
        for b in minibatches(len(X), batch_size or len(X), rng):
            optimizer.step(model.params, model.loss_and_grads(X[b], Y[b])[1])
        train_loss[epoch] = model.loss(X, Y)
        if X_val is not None and Y_val is not None:
            val_loss.append(model.loss(X_val, Y_val))
    return {"train_loss": train_loss.tolist(), "val_loss": val_loss}


def decision_grid(predict, x_range, y_range, steps):
    xx, yy = np.meshgrid(np.linspace(*x_range, steps), np.linspace(*y_range, steps))
    points = np.empty((steps * steps, 2))
    points[:, 0] = xx.flat
    points[:, 1] = yy.flat
    labels = predict(points)
    labels.shape = (steps, steps)
    return xx, yy, labels


def compare_initializations(X, Y, depth, width, epochs, rng):
    out = {}
    for init in ("zero", "random", "he", "xavier"):
        net = MLP([X.shape[1]] + [width] * depth + [Y.shape[1]], init=init, rng=rng)
        A, first = X, None
        for i in range(1, depth + 1):
            A = relu(linear_forward(A, net.params[f"W{i}"], net.params[f"b{i}"]))
            if first is None:
                first = A.std()
        ratio = A.std() / first if first > 0 else 0.0
        out[init] = dict(activation_ratio=ratio)
        out[init].update(train_loss=train(net, X, Y, Adam(0.003), epochs, 32, rng)["train_loss"])
    return out


def compare_optimizers(X, Y, epochs, rng):
    start = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
    seed = int(rng.integers(2**31))
    curves = {}
    for name, opt in [("sgd", SGD(0.3)), ("momentum", Momentum(0.3)), ("adagrad", AdaGrad(0.1)),
                      ("rmsprop", RMSprop(0.01)), ("adam", Adam(0.02))]:
        net = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
        for key in net.params:
            net.params[key][...] = start.params[key]
        curves[name] = train(net, X, Y, opt, epochs, 32, np.random.default_rng(seed))["train_loss"]
    return curves


def compare_widths(X, Y, widths, epochs, rng):
    found = dict.fromkeys(widths)
    for width in found:
        net = MLP([X.shape[1], width, Y.shape[1]], rng=rng)
        train(net, X, Y, Adam(0.02), epochs, 32, rng)
        found[width] = accuracy(net.predict_proba(X), Y)
    return found


def compare_learning_rates(X, Y, rates, epochs, rng):
    found = dict.fromkeys(rates)
    old = np.seterr(all="ignore")
    for rate in found:
        net = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
        found[rate] = train(net, X, Y, SGD(rate), epochs, 32, rng)["train_loss"][-1]
    np.seterr(**old)
    return found


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    def gap(**settings):
        net = MLP([X.shape[1], 64, 64, Y.shape[1]], rng=rng, **settings)
        h = train(net, X, Y, Adam(0.01), epochs, 32, rng, X_val, Y_val)
        return h["val_loss"][-1] - h["train_loss"][-1]

    return {"none": gap(), "l2": gap(l2=3e-3), "dropout": gap(dropout=0.5)}
