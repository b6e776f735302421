"""Solution with typed signatures; the work is done in private helpers that take keywords only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def _column_statistics(*, data: Array) -> tuple[Array, Array]:
    mean, std = np.mean(data, axis=0), np.std(data, axis=0)
    is_constant = np.ptp(data, axis=0) == 0
    return mean, np.where(is_constant, 1.0, std)


def _scaled(*, data: Array, mean: Array, std: Array) -> Array:
    return (data - mean) / std


def _safe_log(*, of: Array) -> Array:
    return np.log(np.clip(of, 1e-12, 1.0 - 1e-12))


def _residual(*, predicted: Array, target: Array, divisor: float) -> Array:
    return (predicted - target) / divisor


def one_hot(y: NDArray[np.int_], num_classes: int) -> Array:
    rows = np.zeros((len(y), num_classes))
    rows[range(len(y)), y] = 1.0
    return rows


def standardize(X_train: Array, X_other: Array) -> tuple[Array, Array]:
    mean, std = _column_statistics(data=X_train)
    return _scaled(data=X_train, mean=mean, std=std), _scaled(data=X_other, mean=mean, std=std)


def linear_forward(X: Array, W: Array, b: Array) -> Array:
    return np.add(np.matmul(X, W), b[None, :])


def relu(Z: Array) -> Array:
    return Z.clip(min=0.0)


def sigmoid(Z: Array) -> Array:
    is_positive = Z >= 0
    decay = np.exp(np.where(is_positive, -Z, Z))
    return np.where(is_positive, 1.0 / (1.0 + decay), decay / (1.0 + decay))


def softmax(Z: Array) -> Array:
    shifted = Z - np.amax(Z, axis=1, keepdims=True)
    weights = np.exp(shifted)
    return np.divide(weights, np.sum(weights, axis=1, keepdims=True))


def mse_loss(P: Array, Y: Array) -> float:
    return float(np.average(np.square(np.subtract(P, Y))))


def bce_loss(P: Array, Y: Array) -> float:
    return -float(np.average(Y * _safe_log(of=P) + (1.0 - Y) * _safe_log(of=1.0 - P)))


def cce_loss(P: Array, Y: Array) -> float:
    return -float(np.average(np.sum(Y * _safe_log(of=P), axis=1)))


def accuracy(P: Array, Y: Array) -> float:
    def decide(scores: Array) -> NDArray[np.int_]:
        return np.argmax(scores, axis=1) if scores.shape[1] > 1 else (scores[:, 0] >= 0.5).astype(int)

    return float(np.average(decide(P) == decide(Y)))


def linear_backward(dZ: Array, X: Array, W: Array) -> tuple[Array, Array, Array]:
    return np.matmul(dZ, np.transpose(W)), np.matmul(np.transpose(X), dZ), np.sum(dZ, axis=0)


def relu_backward(dA: Array, Z: Array) -> Array:
    return np.multiply(dA, np.heaviside(Z, 0.0))


def sigmoid_backward(dA: Array, A: Array) -> Array:
    return dA * (A - A**2)


def mse_backward(P: Array, Y: Array) -> Array:
    return _residual(predicted=P, target=Y, divisor=P.size / 2)


def sigmoid_bce_backward(P: Array, Y: Array) -> Array:
    return _residual(predicted=P, target=Y, divisor=P.size)


def softmax_cce_backward(P: Array, Y: Array) -> Array:
    return _residual(predicted=P, target=Y, divisor=P.shape[0])


def _partial(*, f: Callable[[Array], float], x: Array, index: tuple[int, ...], h: float) -> float:
    up, down = x.copy(), x.copy()
    up[index] += h
    down[index] -= h
    return (f(up) - f(down)) / (2.0 * h)


def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    values = [_partial(f=f, x=x, index=index, h=h) for index, _ in np.ndenumerate(x)]
    return np.array(values).reshape(x.shape)


def relative_error(a: Array, b: Array) -> float:
    length = np.linalg.norm
    bottom = length(a.ravel()) + length(b.ravel())
    return float(length((a - b).ravel()) / bottom) if bottom else 0.0


def gradient_check(
    f: Callable[[Array], float], grad_f: Callable[[Array], Array], x: Array, tol: float = 1e-6
) -> bool:
    return not relative_error(numerical_gradient(f, x), grad_f(x)) > tol


def init_weights(fan_in: int, fan_out: int, method: str, rng: np.random.Generator) -> Array:
    match method:
        case "zero":
            return np.zeros((fan_in, fan_out))
        case "random":
            std = 0.01
        case "he":
            std = (2.0 / fan_in) ** 0.5
        case "xavier":
            std = (2.0 / (fan_in + fan_out)) ** 0.5
        case _:
            raise ValueError(f"unknown method {method!r}")
    return rng.normal(scale=std, size=(fan_in, fan_out))


def _chunks(*, order: NDArray[np.int_], size: int) -> Iterator[NDArray[np.int_]]:
    for start in range(0, len(order), size):
        yield order[start : start + size]


def minibatches(n: int, batch_size: int, rng: np.random.Generator) -> list[NDArray[np.int_]]:
    return list(_chunks(order=rng.permutation(n), size=batch_size))


@dataclass
class SGD:
    lr: float

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        params.update({key: value - self.lr * grads[key] for key, value in params.items()})


@dataclass
class Momentum:
    lr: float
    beta: float = 0.9
    v: dict[str, Array] = field(default_factory=dict)

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        for key in params:
            self.v[key] = _blend(old=self.v.get(key), new=grads[key], weight=self.beta)
            params[key] = params[key] - self.lr * self.v[key]


@dataclass
class AdaGrad:
    lr: float
    eps: float = 1e-8
    s: dict[str, Array] = field(default_factory=dict)

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        for key in params:
            self.s[key] = grads[key] ** 2 + self.s.get(key, 0.0)
            params[key] = params[key] - self.lr * _scale(top=grads[key], squares=self.s[key], eps=self.eps)


@dataclass
class RMSprop:
    lr: float
    rho: float = 0.9
    eps: float = 1e-8
    s: dict[str, Array] = field(default_factory=dict)

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        for key in params:
            self.s[key] = _blend(old=self.s.get(key), new=grads[key] ** 2, weight=self.rho)
            params[key] = params[key] - self.lr * _scale(top=grads[key], squares=self.s[key], eps=self.eps)


@dataclass
class Adam:
    lr: float
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    t: int = 0
    v: dict[str, Array] = field(default_factory=dict)
    s: dict[str, Array] = field(default_factory=dict)

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        self.t += 1
        for key in params:
            self.v[key] = _blend(old=self.v.get(key), new=grads[key], weight=self.beta1)
            self.s[key] = _blend(old=self.s.get(key), new=grads[key] ** 2, weight=self.beta2)
            v_hat = self.v[key] / (1.0 - self.beta1**self.t)
            s_hat = self.s[key] / (1.0 - self.beta2**self.t)
            params[key] = params[key] - self.lr * _scale(top=v_hat, squares=s_hat, eps=self.eps)


def _blend(*, old: Array | None, new: Array, weight: float) -> Array:
    past = np.zeros_like(new) if old is None else old
    return weight * past + (1.0 - weight) * new


def _scale(*, top: Array, squares: Array, eps: float) -> Array:
    return top / (np.sqrt(squares) + eps)


def penalty(weights: list[Array], l1: float, l2: float) -> float:
    if not weights:
        return 0.0
    entries = np.concatenate([W.ravel() for W in weights])
    return float(l1 * np.abs(entries).sum() + l2 * entries @ entries)


def penalty_grad(W: Array, l1: float, l2: float) -> Array:
    return np.sign(W) * l1 + W * (2.0 * l2)


def dropout_mask(shape: tuple[int, ...], rate: float, rng: np.random.Generator) -> Array:
    return rng.binomial(1, 1.0 - rate, size=shape).astype(float)


def dropout_forward(A: Array, mask: Array, rate: float) -> Array:
    return _drop(values=A, mask=mask, rate=rate)


def dropout_backward(dA: Array, mask: Array, rate: float) -> Array:
    return _drop(values=dA, mask=mask, rate=rate)


def _drop(*, values: Array, mask: Array, rate: float) -> Array:
    return np.where(mask > 0, values, 0.0) / (1.0 - rate)


def batchnorm_forward(
    X: Array, gamma: Array, beta: Array, mean: Array, var: Array, train: bool, momentum: float = 0.9, eps: float = 1e-5
) -> tuple[Array, Array, Array]:
    used_mean, used_var = (np.mean(X, axis=0), np.var(X, axis=0)) if train else (mean, var)
    Y = gamma * _normalized(X=X, mean=used_mean, var=used_var, eps=eps) + beta
    if not train:
        return Y, mean, var
    return Y, _blend(old=mean, new=used_mean, weight=momentum), _blend(old=var, new=used_var, weight=momentum)


def _normalized(*, X: Array, mean: Array, var: Array, eps: float) -> Array:
    return np.divide(X - mean, np.sqrt(np.add(var, eps)))


def batchnorm_backward(dY: Array, X: Array, gamma: Array, eps: float = 1e-5) -> tuple[Array, Array, Array]:
    var = np.var(X, axis=0)
    X_hat = _normalized(X=X, mean=np.mean(X, axis=0), var=var, eps=eps)
    dX_hat = dY * gamma
    inner = dX_hat - np.mean(dX_hat, axis=0) - X_hat * np.mean(dX_hat * X_hat, axis=0)
    return inner / np.sqrt(var + eps), np.sum(dY * X_hat, axis=0), np.sum(dY, axis=0)


def shift_images(images: Array, dy: int, dx: int) -> Array:
    shifted = np.zeros_like(images)
    rows, from_rows = _overlap(size=images.shape[1], shift=dy)
    columns, from_columns = _overlap(size=images.shape[2], shift=dx)
    shifted[:, rows, columns] = images[:, from_rows, from_columns]
    return shifted


def _overlap(*, size: int, shift: int) -> tuple[slice, slice]:
    length = max(size - abs(shift), 0)
    to, source = max(shift, 0), max(-shift, 0)
    return slice(min(to, size), min(to, size) + length), slice(min(source, size), min(source, size) + length)


def augment(
    images: Array, y: NDArray[np.int_], copies: int, max_shift: int, rng: np.random.Generator
) -> tuple[Array, NDArray[np.int_]]:
    moved = [images]
    for _ in range(copies):
        offsets = rng.integers(-max_shift, max_shift + 1, size=(len(images), 2))
        moved.append(
            np.concatenate([shift_images(image[None], dy, dx) for image, (dy, dx) in zip(images, offsets, strict=True)])
        )
    return np.concatenate(moved), np.concatenate([y for _ in range(copies + 1)])


@dataclass
class _Trace:
    """What one hidden layer remembers for its backward pass."""

    inputs: Array
    linear: Array
    normal: Array
    active: Array


class MLP:
    def __init__(
        self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0, dropout=0.0, batchnorm=False, rng=None
    ):
        if hidden not in {"relu", "sigmoid"}:
            raise ValueError(f"hidden={hidden!r}")
        if output not in {"softmax", "sigmoid", "linear"}:
            raise ValueError(f"output={output!r}")
        self._sizes, self._hidden, self._out = tuple(sizes), hidden, output
        self._l1, self._l2, self._rate, self._bn = l1, l2, dropout, batchnorm
        self._rng = rng if rng is not None else np.random.default_rng()
        self.params: dict[str, Array] = {}
        self.running: dict[str, Array] = {}
        for number, (fan_in, fan_out) in enumerate(zip(self._sizes[:-1], self._sizes[1:], strict=True), start=1):
            self.params[f"W{number}"] = init_weights(fan_in, fan_out, init, self._rng)
            self.params[f"b{number}"] = np.zeros(fan_out)
            if self._bn and number <= self._hidden_count:
                self.params[f"gamma{number}"], self.params[f"beta{number}"] = np.ones(fan_out), np.zeros(fan_out)
                self.running[f"mean{number}"], self.running[f"var{number}"] = np.zeros(fan_out), np.ones(fan_out)

    @property
    def _hidden_count(self) -> int:
        return len(self._sizes) - 2

    def _hidden_layer(self, *, number: int, inputs: Array, train: bool) -> _Trace:
        linear = linear_forward(inputs, self.params[f"W{number}"], self.params[f"b{number}"])
        normal = linear
        if self._bn:
            normal, mean, var = batchnorm_forward(
                X=linear,
                gamma=self.params[f"gamma{number}"],
                beta=self.params[f"beta{number}"],
                mean=self.running[f"mean{number}"],
                var=self.running[f"var{number}"],
                train=train,
            )
            if train:
                self.running |= {f"mean{number}": mean, f"var{number}": var}
        return _Trace(inputs, linear, normal, relu(normal) if self._hidden == "relu" else sigmoid(normal))

    def _forward(self, *, X: Array, train: bool, masks) -> tuple[Array, list[_Trace], Array]:
        traces = []
        for number in range(1, self._hidden_count + 1):
            trace = self._hidden_layer(number=number, inputs=X, train=train)
            traces.append(trace)
            X = trace.active if masks is None else dropout_forward(trace.active, masks[number - 1], self._rate)
        last = len(self._sizes) - 1
        Z = linear_forward(X, self.params[f"W{last}"], self.params[f"b{last}"])
        match self._out:
            case "softmax":
                return softmax(Z), traces, X
            case "sigmoid":
                return sigmoid(Z), traces, X
        return Z, traces, X

    def _total_loss(self, *, P: Array, Y: Array) -> float:
        data = {"softmax": cce_loss, "sigmoid": bce_loss, "linear": mse_loss}[self._out](P, Y)
        return data + penalty([v for k, v in self.params.items() if k[0] == "W"], self._l1, self._l2)

    def predict_proba(self, X):
        P, _, _ = self._forward(X=X, train=False, masks=None)
        return P

    def loss(self, X, Y):
        return self._total_loss(P=self.predict_proba(X), Y=Y)

    def loss_and_grads(self, X, Y, masks=None):
        if masks is None and self._rate > 0:
            masks = [dropout_mask((len(X), width), self._rate, self._rng) for width in self._sizes[1:-1]]
        P, traces, top = self._forward(X=X, train=True, masks=masks)
        start = {"softmax": softmax_cce_backward, "sigmoid": sigmoid_bce_backward, "linear": mse_backward}
        grads: dict[str, Array] = {}
        upstream = self._linear_back(number=len(traces) + 1, dZ=start[self._out](P, Y), inputs=top, grads=grads)
        for number in range(len(traces), 0, -1):
            trace = traces[number - 1]
            if masks is not None:
                upstream = dropout_backward(upstream, masks[number - 1], self._rate)
            if self._hidden == "relu":
                upstream = relu_backward(upstream, trace.normal)
            else:
                upstream = sigmoid_backward(upstream, trace.active)
            if self._bn:
                upstream, grads[f"gamma{number}"], grads[f"beta{number}"] = batchnorm_backward(
                    upstream, trace.linear, self.params[f"gamma{number}"]
                )
            upstream = self._linear_back(number=number, dZ=upstream, inputs=trace.inputs, grads=grads)
        return self._total_loss(P=P, Y=Y), grads

    def _linear_back(self, *, number: int, dZ: Array, inputs: Array, grads: dict[str, Array]) -> Array:
        W = self.params[f"W{number}"]
        dX, dW, db = linear_backward(dZ, inputs, W)
        grads[f"W{number}"], grads[f"b{number}"] = dW + penalty_grad(W, self._l1, self._l2), db
        return dX


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    rng = rng if rng is not None else np.random.default_rng()
    history: dict[str, list[float]] = {"train_loss": [], "val_loss": []}
    for _ in range(epochs):
        _run_epoch(model=model, X=X, Y=Y, optimizer=optimizer, batch_size=batch_size or len(X), rng=rng)
        history["train_loss"].append(model.loss(X, Y))
        if X_val is not None:
            history["val_loss"].append(model.loss(X_val, Y_val))
    return history


def _run_epoch(*, model, X, Y, optimizer, batch_size, rng) -> None:
    for rows in minibatches(len(X), batch_size, rng):
        _, grads = model.loss_and_grads(X=X[rows], Y=Y[rows])
        optimizer.step(params=model.params, grads=grads)


def decision_grid(predict, x_range, y_range, steps):
    x, y = (np.linspace(start, stop, num=steps) for start, stop in (x_range, y_range))
    xx, yy = np.meshgrid(x, y, indexing="xy")
    return xx, yy, np.reshape(predict(np.vstack((xx.ravel(), yy.ravel())).T), (steps, steps))


def _spread_ratio(*, model, X: Array, depth: int) -> float:
    A, stds = X, []
    for number in range(1, depth + 1):
        A = relu(linear_forward(A, model.params[f"W{number}"], model.params[f"b{number}"]))
        stds.append(float(A.std()))
    return stds[-1] / stds[0] if stds[0] else 0.0


def _fit(*, X, Y, hidden, optimizer, epochs, rng, X_val=None, Y_val=None, **settings):
    model = MLP([X.shape[1], *hidden, Y.shape[1]], rng=rng, **settings)
    return model, train(model, X, Y, optimizer, epochs, batch_size=32, rng=rng, X_val=X_val, Y_val=Y_val)


def compare_initializations(X, Y, depth, width, epochs, rng):
    results = {}
    for method in ("zero", "random", "he", "xavier"):
        model = MLP([X.shape[1], *[width] * depth, Y.shape[1]], init=method, rng=rng)
        ratio = _spread_ratio(model=model, X=X, depth=depth)
        history = train(model, X, Y, Adam(lr=0.003), epochs, batch_size=32, rng=rng)
        results[method] = {"activation_ratio": ratio, "train_loss": history["train_loss"]}
    return results


def compare_optimizers(X, Y, epochs, rng):
    seed = int(rng.integers(2**31))
    optimizers = {
        "sgd": SGD(0.3),
        "momentum": Momentum(0.3),
        "adagrad": AdaGrad(0.1),
        "rmsprop": RMSprop(0.01),
        "adam": Adam(0.02),
    }
    return {
        name: _fit(X=X, Y=Y, hidden=[64], optimizer=o, epochs=epochs, rng=np.random.default_rng(seed))[1]["train_loss"]
        for name, o in optimizers.items()
    }


def compare_widths(X, Y, widths, epochs, rng):
    accuracies = {}
    for width in widths:
        model, _ = _fit(X=X, Y=Y, hidden=[width], optimizer=Adam(lr=0.02), epochs=epochs, rng=rng)
        accuracies[width] = accuracy(model.predict_proba(X), Y)
    return accuracies


def compare_learning_rates(X, Y, rates, epochs, rng):
    with np.errstate(all="ignore"):
        return {
            rate: _fit(X=X, Y=Y, hidden=[64], optimizer=SGD(lr=rate), epochs=epochs, rng=rng)[1]["train_loss"][-1]
            for rate in rates
        }


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    gaps = {}
    for name, settings in {"none": {}, "l2": {"l2": 3e-3}, "dropout": {"dropout": 0.5}}.items():
        _, history = _fit(
            X=X, Y=Y, hidden=[64, 64], optimizer=Adam(lr=0.01), epochs=epochs, rng=rng, X_val=X_val, Y_val=Y_val, **settings
        )
        gaps[name] = history["val_loss"][-1] - history["train_loss"][-1]
    return gaps
