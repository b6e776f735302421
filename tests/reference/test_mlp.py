"""The reference, proved by other means than itself: derivatives, closed forms, loops and numbers."""

import doctest
import inspect
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import mlp

# Complex step: Im f(x + ih) / h has no subtraction, so it is exact to rounding
# (Martins, Sturdza, Alonso 2003, The Complex-Step Derivative Approximation).
STEP = 1e-30
EXACT = 1e-12


@pytest.fixture
def rng():
    return np.random.default_rng(20240229)


def complex_gradient(f, x):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        shifted = x.astype(complex)
        shifted[index] += 1j * STEP
        gradient[index] = f(shifted).imag / STEP
    return gradient


def scaled_error(got, expected):
    """Largest difference relative to the largest entry: small entries may be pure rounding."""
    assert got.shape == expected.shape
    return np.max(np.abs(got - expected)) / np.max(np.abs(expected))


def assert_gradient(got, f, x):
    assert scaled_error(got, complex_gradient(f, x)) < EXACT


# Forward formulas that can be continued to complex numbers: abs, max and var would drop the imaginary part.


def c_relu(Z):
    return Z * (Z.real > 0)


def c_sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def c_softmax(Z):
    E = np.exp(Z)
    return E / E.sum(axis=1)[:, None]


def c_batchnorm(X, gamma, beta, eps=1e-5):
    centred = X - X.sum(axis=0) / len(X)
    variance = (centred * centred).sum(axis=0) / len(X)
    return gamma * centred / (variance + eps) ** 0.5 + beta


def c_loss(Z, Y, output):
    if output == "linear":
        return ((Z - Y) ** 2).sum() / Y.size
    if output == "sigmoid":
        A = c_sigmoid(Z)
        return -(Y * np.log(A) + (1 - Y) * np.log(1 - A)).sum() / Y.size
    return -(Y * np.log(c_softmax(Z))).sum() / len(Y)


def c_penalty(weights, l1, l2):
    return sum(l1 * (np.sign(W.real) * W).sum() + l2 * (W * W).sum() for W in weights)


# Part 1


def test_every_example_in_the_handout_is_true():
    result = doctest.testmod(mlp)
    assert result.attempted > 60
    assert result.failed == 0


def test_one_hot_marks_the_label():
    y = np.array([3, 0, 3, 1])
    Y = mlp.one_hot(y, 5)
    assert Y.shape == (4, 5)
    assert Y.dtype == float
    assert all(Y[n, k] == (y[n] == k) for n in range(4) for k in range(5))


def test_standardize_uses_the_training_statistics_for_both(rng):
    X, other = rng.normal(3, 5, (50, 3)), rng.normal(size=(7, 3))
    X[:, 1] = 0.1  # the mean of fifty times 0.1 is not 0.1 in floating point
    got, got_other = mlp.standardize(X, other)
    for column in (0, 2):
        assert abs(got[:, column].mean()) < 1e-14
        assert abs(np.mean(got[:, column] ** 2) - 1) < 1e-14
        slope = (got_other[1, column] - got_other[0, column]) / (other[1, column] - other[0, column])
        np.testing.assert_allclose(got_other[:, column], (other[:, column] - X[:, column].mean()) * slope)
    np.testing.assert_allclose(got[:, 1], 0, atol=1e-15)
    np.testing.assert_allclose(got_other[:, 1], other[:, 1] - 0.1)


def test_linear_forward_is_a_sum_of_products(rng):
    X, W, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    expected = [[sum(X[n, d] * W[d, h] for d in range(3)) + b[h] for h in range(2)] for n in range(4)]
    np.testing.assert_allclose(mlp.linear_forward(X, W, b), expected, rtol=1e-14)


def test_activations_agree_with_the_plain_formulas_where_those_are_safe(rng):
    Z = rng.normal(0, 5, (6, 4))
    np.testing.assert_allclose(mlp.relu(Z), c_relu(Z))
    np.testing.assert_allclose(mlp.sigmoid(Z), c_sigmoid(Z), rtol=1e-13)
    np.testing.assert_allclose(mlp.softmax(Z), c_softmax(Z), rtol=1e-13)


def test_sigmoid_and_softmax_survive_large_numbers():
    Z = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1001.0], [1000.0, 1000.0, 1000.0]])
    np.testing.assert_array_equal(mlp.sigmoid(Z[0]), [1, 0.5, 0])
    P = mlp.softmax(Z)
    np.testing.assert_allclose(P.sum(axis=1), 1)
    np.testing.assert_allclose(P[0], [1, 0, 0])
    np.testing.assert_allclose(P[1, 2] / P[1, 0], np.exp(-1))  # one shift for all rows would lose this row
    np.testing.assert_allclose(P[2], 1 / 3)


def test_losses_agree_with_sums_written_out(rng):
    P, Y = rng.uniform(0.1, 0.9, (4, 3)), rng.integers(0, 2, (4, 3)).astype(float)
    entries = [(P[n, k], Y[n, k]) for n in range(4) for k in range(3)]
    assert mlp.mse_loss(P, Y) == pytest.approx(sum((p - y) ** 2 for p, y in entries) / 12, rel=1e-14)
    assert mlp.bce_loss(P, Y) == pytest.approx(-sum(np.log(p if y else 1 - p) for p, y in entries) / 12)
    assert mlp.cce_loss(P, Y) == pytest.approx(-sum(y * np.log(p) for p, y in entries) / 4)
    assert all(type(loss(P, Y)) is float for loss in (mlp.mse_loss, mlp.bce_loss, mlp.cce_loss))


@pytest.mark.parametrize("loss", [mlp.bce_loss, mlp.cce_loss])
def test_cross_entropy_at_saturation_is_finite_and_as_large_as_the_clip_allows(loss):
    right, wrong = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert 0 <= loss(right, right) < 1e-11
    assert loss(wrong, right) == pytest.approx(-np.log(1e-12), rel=1e-4)


def test_accuracy_counts_rows():
    P = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    assert mlp.accuracy(P, np.eye(3)[[1, 0, 2, 2]]) == 0.75
    assert mlp.accuracy(np.array([[0.2], [0.5], [0.8], [0.4]]), np.array([[0.0], [1.0], [0.0], [1.0]])) == 0.5


# Part 2: backward against complex steps


def test_linear_backward(rng):
    X, W, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    dZ = rng.normal(size=(5, 4))
    dX, dW, db = mlp.linear_backward(dZ, X, W)
    assert_gradient(dX, lambda x: (dZ * (x @ W + b)).sum(), X)
    assert_gradient(dW, lambda w: (dZ * (X @ w + b)).sum(), W)
    assert_gradient(db, lambda c: (dZ * (X @ W + c)).sum(), b)


def test_activation_backwards(rng):
    Z, dA = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    assert_gradient(mlp.relu_backward(dA, Z), lambda z: (dA * c_relu(z)).sum(), Z)
    assert_gradient(mlp.sigmoid_backward(dA, c_sigmoid(Z)), lambda z: (dA * c_sigmoid(z)).sum(), Z)
    assert mlp.relu_backward(np.ones(1), np.zeros(1)) == 0


def test_loss_backwards(rng):
    Z = rng.normal(size=(5, 3))
    Y, soft = np.eye(3)[[0, 2, 1, 1, 0]], rng.uniform(size=(5, 3))
    assert_gradient(mlp.mse_backward(Z, soft), lambda z: c_loss(z, soft, "linear"), Z)
    assert_gradient(mlp.sigmoid_bce_backward(c_sigmoid(Z), soft), lambda z: c_loss(z, soft, "sigmoid"), Z)
    assert_gradient(mlp.softmax_cce_backward(c_softmax(Z), Y), lambda z: c_loss(z, Y, "softmax"), Z)


@pytest.mark.parametrize("eps", [1e-5, 0.1])
def test_batchnorm_backward(rng, eps):
    X, dY = rng.normal(1, [0.05, 1, 4], (6, 3)), rng.normal(size=(6, 3))
    gamma, beta = rng.normal(size=3), rng.normal(size=3)
    dX, dgamma, dbeta = mlp.batchnorm_backward(dY, X, gamma, eps)
    assert_gradient(dX, lambda x: (dY * c_batchnorm(x, gamma, beta, eps)).sum(), X)
    assert_gradient(dgamma, lambda g: (dY * c_batchnorm(X, g, beta, eps)).sum(), gamma)
    assert_gradient(dbeta, lambda b: (dY * c_batchnorm(X, gamma, b, eps)).sum(), beta)


def test_penalty_grad(rng):
    W = rng.normal(size=(3, 2))
    assert_gradient(mlp.penalty_grad(W, 0.3, 0.7), lambda w: c_penalty([w], 0.3, 0.7), W)
    assert mlp.penalty([W, 2 * W], 0.3, 0.7) == pytest.approx(c_penalty([W, 2 * W], 0.3, 0.7))
    assert mlp.penalty([], 0.3, 0.7) == 0.0
    np.testing.assert_array_equal(mlp.penalty_grad(np.zeros(2), 0.3, 0.7), 0)


# 2.7-2.9


def test_numerical_gradient_is_centred():
    x = np.array([[0.5, -1.0], [2.0, 3.0]])
    for h in (1e-1, 1e-2):  # for a cubic, the centred formula is wrong by h**2 exactly
        error = mlp.numerical_gradient(lambda x: float(np.sum(x**3)), x, h) - 3 * x**2
        np.testing.assert_allclose(error, h**2, rtol=1e-6)


@pytest.mark.parametrize("shape", [(), (99,), (2, 3), (2, 1, 2)])
def test_numerical_gradient_takes_any_shape_and_restores_x(rng, shape):
    direction = np.asarray(rng.normal(size=shape))
    x = np.asarray(10.0 ** rng.integers(-9, 1, shape) * rng.normal(size=shape))  # x - h + h is not a tiny x
    before = x.tobytes()
    got = mlp.numerical_gradient(lambda x: float(np.sum(direction * x)), x)
    assert x.tobytes() == before
    assert got.shape == shape
    np.testing.assert_allclose(got, direction, rtol=1e-8, atol=1e-9)


def test_relative_error_is_symmetric_and_never_hides_nan():
    assert np.isnan(mlp.relative_error(np.array([np.nan]), np.zeros(1)))
    assert mlp.relative_error(np.array([[3.0], [0.0]]), np.array([[0.0], [4.0]])) == pytest.approx(5 / 7)
    assert mlp.relative_error(np.zeros((2, 2)), np.zeros((2, 2))) == 0
    assert mlp.relative_error(np.zeros(2), np.ones(2)) == 1


@pytest.mark.parametrize(
    ("grad", "expected"),
    [
        (lambda x: np.cos(x), True),
        (lambda x: np.cos(x) * (1 + 1e-8), True),
        (lambda x: np.cos(x) * (1 + 1e-4), False),
        (lambda x: -np.cos(x), False),
        (lambda x: np.full_like(x, np.nan), False),
    ],
)
def test_gradient_check(grad, expected):
    x = np.array([0.3, 1.0, -2.0])
    assert mlp.gradient_check(lambda x: float(np.sum(np.sin(x))), grad, x) is expected


# 2.10 and 2.11


@pytest.mark.parametrize(
    ("method", "variance"), [("random", 1e-4), ("he", 2 / 300), ("xavier", 2 / 400), ("zero", 0)]
)
def test_init_weights_has_the_moments_of_its_method(rng, method, variance):
    W = mlp.init_weights(300, 100, method, rng)
    assert W.shape == (300, 100)
    assert abs(W.mean()) <= 6 * np.sqrt(variance / W.size)
    assert abs(np.mean(W**2) - variance) <= 6 * variance * np.sqrt(2 / W.size)
    if variance:  # normal, not uniform: the fourth moment is three times the squared variance
        assert abs(np.mean(W**4) / variance**2 - 3) <= 6 * np.sqrt(96 / W.size)
        assert not np.array_equal(W, mlp.init_weights(300, 100, method, rng))


@pytest.mark.parametrize(
    "call",
    [
        lambda: mlp.init_weights(2, 3, "normal", np.random.default_rng(0)),
        lambda: mlp.MLP([2, 3], init="normal"),
        lambda: mlp.MLP([2, 3], hidden="tanh"),
        lambda: mlp.MLP([2, 3], output="relu"),
    ],
)
def test_unknown_names_are_refused_with_the_known_ones(call):
    with pytest.raises(ValueError, match=r"must be .*(he|relu|softmax).*, not '"):
        call()


@given(n=st.integers(1, 60), batch_size=st.integers(1, 70), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
def test_minibatches_are_a_partition(n, batch_size, seed):
    batches = mlp.minibatches(n, batch_size, np.random.default_rng(seed))
    assert sorted(np.concatenate(batches).tolist()) == list(range(n))
    assert all(len(batch) == batch_size for batch in batches[:-1])
    assert 1 <= len(batches[-1]) <= batch_size


def test_minibatches_are_shuffled_anew(rng):
    first, second = (np.concatenate(mlp.minibatches(40, 8, rng)) for _ in range(2))
    assert not np.array_equal(first, np.arange(40))
    assert not np.array_equal(first, second)


# 2.12: closed forms instead of recurrences. After t steps an average v with weight b is the sum of
# (1 - b) * b**(t - i) * g_i over i = 1 .. t.


def average(gradients, weight):
    t = len(gradients)
    return sum((1 - weight) * weight ** (t - i) * g for i, g in enumerate(gradients, start=1))


EPS = 1e-3
OPTIMIZERS = {
    "sgd": (lambda: mlp.SGD(0.1), lambda g: g[-1]),
    "momentum": (lambda: mlp.Momentum(0.1, 0.8), lambda g: average(g, 0.8)),
    "adagrad": (
        lambda: mlp.AdaGrad(0.1, EPS),
        lambda g: g[-1] / (EPS + np.linalg.norm(np.stack(g), axis=0)),
    ),
    "rmsprop": (
        lambda: mlp.RMSprop(0.1, 0.7, EPS),
        lambda g: g[-1] / (EPS + average([x * x for x in g], 0.7) ** 0.5),
    ),
    "adam": (
        lambda: mlp.Adam(0.1, 0.8, 0.95, EPS),
        lambda g: (
            average(g, 0.8)
            / (1 - 0.8 ** len(g))
            / (EPS + (average([x * x for x in g], 0.95) / (1 - 0.95 ** len(g))) ** 0.5)
        ),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_follows_the_closed_form_of_its_steps(rng, name):
    make, direction = OPTIMIZERS[name]
    optimizer, other = make(), make()
    params = {"W1": rng.normal(size=(3, 2)), "b1": rng.normal(size=2)}
    expected = {key: value.copy() for key, value in params.items()}
    seen = {"W1": [], "b1": []}
    for scale in (1.0, 0.01, 3.0, 0.1, 0.0, 1.0):
        grads = {"W1": scale * rng.normal(size=(3, 2)), "b1": scale * rng.normal(size=2)}
        copies = {key: value.copy() for key, value in grads.items()}
        assert optimizer.step(params, grads) is None
        other.step({"W1": np.zeros(1)}, {"W1": np.ones(1)})  # its state must not leak into the first one's
        for key in params:
            seen[key].append(copies[key])
            expected[key] = expected[key] - 0.1 * direction(seen[key])
            np.testing.assert_array_equal(grads[key], copies[key])
            np.testing.assert_allclose(params[key], expected[key], rtol=1e-12, atol=1e-14)


def test_optimizer_defaults_are_those_of_the_contract():
    defaults = {
        mlp.Momentum: {"beta": 0.9},
        mlp.AdaGrad: {"eps": 1e-8},
        mlp.RMSprop: {"rho": 0.9, "eps": 1e-8},
        mlp.Adam: {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    }
    for optimizer, expected in defaults.items():
        parameters = inspect.signature(optimizer).parameters
        assert {name: p.default for name, p in parameters.items() if name != "lr"} == expected


# Part 3


def test_dropout_mask_drops_with_the_given_rate(rng):
    mask, other = (mlp.dropout_mask((200, 150), 0.3, rng) for _ in range(2))
    assert mask.shape == (200, 150)
    assert set(np.unique(mask)) == {0.0, 1.0}
    assert abs(mask.mean() - 0.7) < 6 * np.sqrt(0.21 / mask.size)
    assert abs(np.mean(mask * other) - 0.49) < 0.02  # independent from draw to draw
    assert abs(np.mean(mask[1:] * mask[:-1]) - 0.49) < 0.02  # and from row to row


def test_dropout_keeps_the_expectation_and_has_itself_as_gradient(rng):
    A, dA = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    mask = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 0]], dtype=float)
    expected = [[A[n, h] / 0.75 if mask[n, h] else 0.0 for h in range(3)] for n in range(4)]
    np.testing.assert_allclose(mlp.dropout_forward(A, mask, 0.25), expected)
    assert_gradient(mlp.dropout_backward(dA, mask, 0.25), lambda a: (dA * a * mask / 0.75).sum(), A)


def test_batchnorm_forward_in_training_uses_the_batch(rng):
    X, gamma, beta = rng.normal(2, [0.001, 1, 30], (7, 3)), rng.normal(size=3), rng.normal(size=3)
    mean, var = rng.normal(size=3), rng.uniform(1, 2, 3)
    kept = mean.copy(), var.copy()
    Y, new_mean, new_var = mlp.batchnorm_forward(X, gamma, beta, mean, var, True, momentum=0.8, eps=1e-4)
    np.testing.assert_allclose(Y, c_batchnorm(X, gamma, beta, 1e-4), rtol=1e-9, atol=1e-12)
    for h in range(3):
        m = sum(X[:, h]) / 7
        assert new_mean[h] == pytest.approx(0.8 * mean[h] + 0.2 * m)
        assert new_var[h] == pytest.approx(0.8 * var[h] + 0.2 * sum((x - m) ** 2 for x in X[:, h]) / 7)
    np.testing.assert_array_equal((mean, var), kept)


def test_batchnorm_forward_in_evaluation_treats_every_row_alone(rng):
    X, gamma, beta = rng.normal(size=(5, 2)), rng.normal(size=2), rng.normal(size=2)
    mean, var = rng.normal(size=2), rng.uniform(1, 2, 2)
    Y, new_mean, new_var = mlp.batchnorm_forward(X, gamma, beta, mean, var, False)
    np.testing.assert_array_equal((new_mean, new_var), (mean, var))
    for n in range(5):
        expected = [gamma[h] * (X[n, h] - mean[h]) / (var[h] + 1e-5) ** 0.5 + beta[h] for h in range(2)]
        np.testing.assert_allclose(Y[n], expected, rtol=1e-12)


def slow_shift(images, dy, dx):
    shifted = np.zeros_like(images)
    _, h, w = images.shape
    for r in range(h):
        for c in range(w):
            if 0 <= r - dy < h and 0 <= c - dx < w:
                shifted[:, r, c] = images[:, r - dy, c - dx]
    return shifted


@pytest.mark.parametrize("dy", [-5, -3, -1, 0, 2, 4])
@pytest.mark.parametrize("dx", [-7, -2, 0, 1, 4, 5])
def test_shift_images_agrees_with_a_loop(rng, dy, dx):
    images = rng.uniform(1, 2, (2, 3, 4))
    before = images.copy()
    shifted = mlp.shift_images(images, dy, dx)
    np.testing.assert_array_equal(shifted, slow_shift(images, dy, dx))
    shifted[:] = 7
    np.testing.assert_array_equal(images, before)


def test_augment_appends_shifted_copies_with_their_labels(rng):
    images, y = rng.uniform(1, 2, (20, 4, 5)), rng.integers(0, 10, 20)
    all_images, all_y = mlp.augment(images, y, 3, 1, rng)
    assert all_images.shape == (80, 4, 5)
    np.testing.assert_array_equal(all_images[:20], images)
    np.testing.assert_array_equal(all_y, [*y, *y, *y, *y])
    seen = set()
    for row in range(20, 80):
        original = images[row % 20 : row % 20 + 1]
        fits = [
            (dy, dx)
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
            if np.array_equal(slow_shift(original, dy, dx)[0], all_images[row])
        ]
        assert len(fits) == 1
        seen.add(fits[0])
    assert len(seen) >= 8  # of nine; one being absent in 60 draws has probability 0.008


def test_augment_with_no_copies_is_the_original(rng):
    images, y = rng.normal(size=(3, 2, 2)), np.array([1, 2, 3])
    all_images, all_y = mlp.augment(images, y, 0, 1, rng)
    np.testing.assert_array_equal(all_images, images)
    np.testing.assert_array_equal(all_y, y)


# 3.6: the network


def c_network_loss(params, X, Y, model, masks):
    """Training loss of the whole network, written in one piece and safe for complex parameters."""
    last = len(model.sizes) - 1
    for i in range(1, last):
        X = X @ params[f"W{i}"] + params[f"b{i}"]
        if f"gamma{i}" in params:
            X = c_batchnorm(X, params[f"gamma{i}"], params[f"beta{i}"])
        X = c_relu(X) if model.hidden == "relu" else c_sigmoid(X)
        if masks is not None:
            X = X * masks[i - 1] / (1 - model.dropout)
    Z = X @ params[f"W{last}"] + params[f"b{last}"]
    return c_loss(Z, Y, model.output) + c_penalty(
        [params[f"W{i}"] for i in range(1, last + 1)], model.l1, model.l2
    )


def make_network(rng, sizes, **settings):
    model = mlp.MLP(sizes, rng=rng, **settings)
    for key in model.params:  # off the special values 0 and 1
        model.params[key] = model.params[key] + 0.3 * rng.normal(size=model.params[key].shape)
    X = rng.normal(size=(7, sizes[0]))
    if model.output == "softmax":
        return model, X, np.eye(sizes[-1])[rng.integers(0, sizes[-1], 7)]
    return model, X, rng.uniform(size=(7, sizes[-1]))


@pytest.mark.parametrize("hidden", ["relu", "sigmoid"])
@pytest.mark.parametrize("output", ["softmax", "sigmoid", "linear"])
@pytest.mark.parametrize("extras", ["plain", "all"])
def test_network_gradients_against_complex_steps(rng, hidden, output, extras):
    on = {} if extras == "plain" else {"l1": 0.02, "l2": 0.03, "dropout": 0.25, "batchnorm": True}
    model, X, Y = make_network(rng, [5, 6, 4, 3], hidden=hidden, output=output, **on)
    masks = None
    if on:
        masks = [(rng.random((7, size)) >= 0.25).astype(float) for size in (6, 4)]
    before = {key: value.copy() for key, value in model.params.items()}
    loss, grads = model.loss_and_grads(X, Y, masks)
    assert loss == pytest.approx(c_network_loss(model.params, X, Y, model, masks), rel=1e-12)
    assert grads.keys() == model.params.keys()
    largest = max(np.max(np.abs(g)) for g in grads.values())
    for key, value in model.params.items():
        np.testing.assert_array_equal(value, before[key])
        expected = complex_gradient(
            lambda x, key=key: c_network_loss(model.params | {key: x}, X, Y, model, masks), value
        )
        assert grads[key].shape == value.shape
        assert np.max(np.abs(grads[key] - expected)) < EXACT * largest
    for key in ("b1", "b2"):  # batch normalization takes the mean away, and the bias with it
        assert (np.max(np.abs(grads[key])) < 1e-14) == bool(on)


def test_network_gradients_against_its_own_central_differences(rng):
    settings = {"l1": 0.02, "l2": 0.03, "dropout": 0.25, "batchnorm": True}
    model, X, Y = make_network(rng, [3, 5, 2], **settings)
    masks = [(rng.random((7, 5)) >= 0.25).astype(float)]
    _, grads = model.loss_and_grads(X, Y, masks)
    largest = max(np.max(np.abs(g)) for g in grads.values())
    for key, value in model.params.items():
        numerical = mlp.numerical_gradient(lambda _: model.loss_and_grads(X, Y, masks)[0], value)
        assert np.max(np.abs(numerical - grads[key])) < 1e-6 * largest


def test_network_without_hidden_layers_is_a_linear_model(rng):
    model, X, Y = make_network(rng, [4, 3], batchnorm=True, dropout=0.5)
    assert list(model.params) == ["W1", "b1"]
    assert model.running == {}
    np.testing.assert_allclose(
        model.predict_proba(X), c_softmax(X @ model.params["W1"] + model.params["b1"]), rtol=1e-12
    )
    loss, grads = model.loss_and_grads(X, Y)
    assert loss == model.loss(X, Y)
    assert grads.keys() == model.params.keys()


def test_network_starts_as_the_contract_says():
    model = mlp.MLP([2, 5, 4, 1], output="sigmoid", batchnorm=True, rng=np.random.default_rng(0))
    shapes = {key: value.shape for key, value in model.params.items()}
    assert shapes == {
        **{"W1": (2, 5), "b1": (5,), "gamma1": (5,), "beta1": (5,)},
        **{"W2": (5, 4), "b2": (4,), "gamma2": (4,), "beta2": (4,)},
        **{"W3": (4, 1), "b3": (1,)},
    }
    for key, value in (model.params | model.running).items():
        if key[0] != "W":
            np.testing.assert_array_equal(value, 1.0 if key.startswith(("gamma", "var")) else 0.0)
    assert {key: value.shape for key, value in model.running.items()} == {
        **{"mean1": (5,), "var1": (5,)},
        **{"mean2": (4,), "var2": (4,)},
    }
    assert mlp.MLP([2, 3, 1]).running == {}


def test_evaluation_uses_running_statistics_and_no_dropout(rng):
    model, X, Y = make_network(rng, [3, 4, 2], output="linear", batchnorm=True, dropout=0.5, l1=0.1, l2=0.2)
    S = X @ model.params["W1"] + model.params["b1"]
    model.loss_and_grads(X, Y)
    model.loss_and_grads(X[:3], Y[:3])
    mean = 0.9 * (0.1 * S.mean(axis=0)) + 0.1 * S[:3].mean(axis=0)
    var = 0.9 * (0.9 + 0.1 * S.var(axis=0)) + 0.1 * S[:3].var(axis=0)
    np.testing.assert_allclose(model.running["mean1"], mean, rtol=1e-12)
    np.testing.assert_allclose(model.running["var1"], var, rtol=1e-12)
    Z = model.params["gamma1"] * (S - mean) / np.sqrt(var + 1e-5) + model.params["beta1"]
    P = c_relu(Z) @ model.params["W2"] + model.params["b2"]
    np.testing.assert_allclose(model.predict_proba(X), P, rtol=1e-12)
    weights = [model.params["W1"], model.params["W2"]]
    assert model.loss(X, Y) == pytest.approx(c_loss(P, Y, "linear") + c_penalty(weights, 0.1, 0.2))
    np.testing.assert_allclose(model.running["mean1"], mean, rtol=1e-12)  # evaluation does not change them


def test_dropout_masks_are_drawn_from_the_networks_generator(rng):
    model, X, Y = make_network(rng, [3, 50, 2], dropout=0.4)
    first, second = (model.loss_and_grads(X, Y)[0] for _ in range(2))
    assert first != second
    dropped = [np.mean(model.loss_and_grads(X[:1], Y[:1])[1]["b1"] == 0) for _ in range(100)]
    inactive = np.mean(X[0] @ model.params["W1"] + model.params["b1"] <= 0)
    assert np.mean(dropped) == pytest.approx(inactive + 0.4 * (1 - inactive), abs=0.05)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("linear_forward", {}),
        ("linear_backward", {}),
        ("init_weights", {}),
        ("relu", {}),
        ("relu_backward", {}),
        ("sigmoid", {"hidden": "sigmoid"}),
        ("sigmoid_backward", {"hidden": "sigmoid"}),
        ("softmax", {}),
        ("cce_loss", {}),
        ("softmax_cce_backward", {}),
        ("sigmoid", {"output": "sigmoid"}),
        ("bce_loss", {"output": "sigmoid"}),
        ("sigmoid_bce_backward", {"output": "sigmoid"}),
        ("mse_loss", {"output": "linear"}),
        ("mse_backward", {"output": "linear"}),
        ("penalty", {}),
        ("penalty_grad", {}),
        ("dropout_mask", {"dropout": 0.5}),
        ("dropout_forward", {"dropout": 0.5}),
        ("dropout_backward", {"dropout": 0.5}),
        ("batchnorm_forward", {"batchnorm": True}),
        ("batchnorm_backward", {"batchnorm": True}),
        ("minibatches", {}),
    ],
)
def test_network_and_training_call_each_piece_by_name(monkeypatch, rng, name, settings):
    called = []
    original = getattr(mlp, name)

    def replacement(*args, **kwargs):
        called.append(name)
        return original(*args, **kwargs)

    monkeypatch.setattr(mlp, name, replacement)
    model, X, Y = make_network(rng, [3, 4, 2], **settings)
    mlp.train(model, X, Y, mlp.SGD(0.1), 1, rng=rng)
    assert called


# 3.7


def test_train_with_full_batches_is_gradient_descent(rng):
    model, X, Y = make_network(rng, [3, 4, 2], l2=0.01)
    X_val, Y_val = X[::-1] + 0.1, Y
    params = {key: value.copy() for key, value in model.params.items()}
    expected = {"train_loss": [], "val_loss": []}
    for _ in range(5):
        at = dict(params)
        for key in params:
            gradient = complex_gradient(
                lambda x, key=key, at=at: c_network_loss(at | {key: x}, X, Y, model, None), at[key]
            )
            params[key] = at[key] - 0.2 * gradient
        expected["train_loss"].append(c_network_loss(params, X, Y, model, None))
        expected["val_loss"].append(c_network_loss(params, X_val, Y_val, model, None))
    history = mlp.train(model, X, Y, mlp.SGD(0.2), 5, X_val=X_val, Y_val=Y_val)
    assert history.keys() == expected.keys()
    for name in expected:
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-10)
    for key in params:
        np.testing.assert_allclose(model.params[key], params[key], rtol=1e-9, atol=1e-12)


def test_train_visits_every_example_once_per_epoch_with_its_target(rng):
    class Recorder:
        def __init__(self):
            self.params, self.batches = {}, []

        def loss_and_grads(self, X, Y):
            np.testing.assert_array_equal(X, -Y)
            self.batches.append(X[:, 0].tolist())
            return 0.0, {}

        def loss(self, X, Y):
            return float(len(self.batches))

    model, X = Recorder(), np.arange(10.0)[:, None]
    history = mlp.train(model, X, -X, mlp.SGD(0.1), 2, batch_size=4, rng=rng)
    assert [len(batch) for batch in model.batches] == [4, 4, 2, 4, 4, 2]
    first, second = (np.concatenate(model.batches[part]) for part in (slice(3), slice(3, None)))
    assert sorted(first) == sorted(second) == X[:, 0].tolist()
    assert first.tolist() != second.tolist()
    assert history == {"train_loss": [3.0, 6.0], "val_loss": []}


def test_training_repeats_itself_from_the_same_generators():
    X = np.random.default_rng(0).normal(size=(30, 2))
    Y = (X[:, :1] * X[:, 1:] > 0).astype(float)

    def run():
        model = mlp.MLP([2, 8, 1], output="sigmoid", dropout=0.2, rng=np.random.default_rng(1))
        return mlp.train(model, X, Y, mlp.Adam(0.01), 3, batch_size=8, rng=np.random.default_rng(2))

    assert run() == run()


def test_network_solves_xor():
    X = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    Y = np.array([[0], [1], [0], [1]], dtype=float)
    rng = np.random.default_rng(0)
    model = mlp.MLP([2, 8, 1], hidden="sigmoid", output="sigmoid", init="xavier", rng=rng)
    history = mlp.train(model, X, Y, mlp.Adam(0.1), 400)
    assert history["train_loss"][-1] < 0.05
    assert mlp.accuracy(model.predict_proba(X), Y) == 1


# 3.9 and 3.10


def test_decision_grid_asks_once_and_puts_labels_where_their_points_are():
    calls = []

    def predict(points):
        calls.append(points.shape)
        return 10 * points[:, 0] + points[:, 1]

    xx, yy, labels = mlp.decision_grid(predict, (-1.0, 2.0), (0.0, 6.0), 4)
    assert calls == [(16, 2)]
    for r in range(4):
        for c in range(4):
            assert (xx[r, c], yy[r, c]) == (-1 + c, 2 * r)
            assert labels[r, c] == 10 * xx[r, c] + yy[r, c]


@pytest.fixture(scope="module")
def rings():
    """Three noisy rings around each other: nothing for a linear model, little work for a network."""
    rng = np.random.default_rng(5)
    y = np.arange(150) % 3
    angle, radius = rng.uniform(0, 2 * np.pi, 150), 0.4 + 0.8 * y + 0.1 * rng.normal(size=150)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), np.eye(3)[y]


def test_compare_initializations(rings, rng):
    results = mlp.compare_initializations(*rings, depth=4, width=32, epochs=8, rng=rng)
    assert list(results) == ["zero", "random", "he", "xavier"]
    assert all(len(result["train_loss"]) == 8 for result in results.values())
    assert results["zero"]["activation_ratio"] == 0
    assert results["random"]["activation_ratio"] < 1e-3
    assert 0.2 < results["he"]["activation_ratio"] < 5
    assert results["zero"]["train_loss"][-1] == pytest.approx(np.log(3), abs=0.01)
    assert results["he"]["train_loss"][-1] < 0.7


def test_compare_optimizers_starts_all_from_the_same_place(rings, rng):
    curves = mlp.compare_optimizers(*rings, epochs=10, rng=rng)
    assert list(curves) == ["sgd", "momentum", "adagrad", "rmsprop", "adam"]
    assert all(len(curve) == 10 for curve in curves.values())
    assert curves["adam"][-1] < curves["sgd"][-1]
    still = mlp.compare_optimizers(*rings, epochs=0, rng=rng)
    assert still == {name: [] for name in curves}


def test_compare_optimizers_uses_one_start_and_one_order(monkeypatch, rings, rng):
    starts, orders = [], []
    init_weights, minibatches = mlp.init_weights, mlp.minibatches

    def noted(into, function):
        def wrapper(*args):
            result = function(*args)
            into.append(np.concatenate([np.ravel(part) for part in result]))
            return result

        return wrapper

    monkeypatch.setattr(mlp, "init_weights", noted(starts, init_weights))
    monkeypatch.setattr(mlp, "minibatches", noted(orders, minibatches))
    mlp.compare_optimizers(*rings, epochs=1, rng=rng)
    assert len(starts) == 10
    assert len(orders) == 5
    assert all(np.array_equal(start, starts[i % 2]) for i, start in enumerate(starts))
    assert all(np.array_equal(order, orders[0]) for order in orders)


def test_compare_widths(rings, rng):
    accuracies = mlp.compare_widths(*rings, widths=[16, 1], epochs=40, rng=rng)
    assert list(accuracies) == [16, 1]
    assert accuracies[1] < 0.8 < 0.9 < accuracies[16]


def test_compare_learning_rates_reports_divergence_without_warnings(rings, rng):
    losses = mlp.compare_learning_rates(*rings, rates=[1e-3, 0.1, 1e200], epochs=10, rng=rng)
    assert losses[0.1] < losses[1e-3]
    assert not losses[1e200] < 1.5  # a NaN, too, is not below


def test_compare_regularization_gap_is_validation_minus_training(rng):
    X, X_val = rng.normal(size=(30, 2)), rng.normal(size=(100, 2))
    y, y_val = rng.integers(0, 2, 30), rng.integers(0, 2, 100)  # noise: all that is learned is overfitting
    gaps = mlp.compare_regularization(X, np.eye(2)[y], X_val, np.eye(2)[y_val], epochs=60, rng=rng)
    assert list(gaps) == ["none", "l2", "dropout"]
    assert gaps["none"] > 0.2
    assert max(gaps["l2"], gaps["dropout"]) < gaps["none"]


# The file itself


def test_every_public_name_has_a_numbered_summary_and_stands_in_order():
    public = [v for k, v in vars(mlp).items() if not k.startswith("_") and callable(v)]
    numbers = []
    for item in public:
        number = re.match(r"([123])\.(\d+) \S.*[.]$", inspect.getdoc(item).splitlines()[0])
        assert number, item
        numbers.append((int(number[1]), int(number[2])))
        if inspect.isclass(item):
            methods = [v for k, v in vars(item).items() if not k.startswith("_") and callable(v)]
            prefix = f"{number[1]}.{number[2]} "
            assert all(inspect.getdoc(method).startswith(prefix) for method in methods)
    assert numbers == sorted(numbers)
    assert len(public) == 37 + 6
