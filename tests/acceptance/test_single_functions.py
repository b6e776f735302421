"""One function in another style keeps every point; one that fails does so whichever checks ran before."""

from functools import wraps
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.checking.fixtures import Fixtures
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import collect
from autograder.diagnosis import variants

ASSIGNMENT = load(Path(__file__).parents[2])
CHECKS = collect(ASSIGNMENT)
SOURCE = variants.of(ASSIGNMENT.reference)
KNOWN = {mistake.id: mistake for mistake in read_mistakes(ASSIGNMENT.mistakes)}
NETWORK = [i for i in CHECKS if i.startswith(("MLP.", "train."))]


def lost(namespace, checks, seed=ASSIGNMENT.seed):
    """What some checks take, in this order, with the reason."""
    fixtures = Fixtures(ASSIGNMENT, InProcessSession(namespace), seed)
    results = {check_id: fixtures.run(CHECKS[check_id], check_id) for check_id in checks}
    return {i: found.message for i, found in results.items() if found.fraction < 1}


def in_single_precision(function):
    """A function that computes with single-precision copies of its arrays and returns such arrays."""

    def single(value):
        if isinstance(value, np.ndarray) and value.dtype == np.float64:
            return value.astype(np.float32)
        return tuple(map(single, value)) if isinstance(value, tuple) else value

    @wraps(function)
    def called(*args):
        with np.errstate(all="ignore"):
            return single(function(*map(single, args)))

    return called


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "name",
    [
        *("linear_forward", "relu", "sigmoid", "softmax", "mse_loss", "cce_loss"),
        *("linear_backward", "relu_backward", "sigmoid_backward", "mse_backward"),
        *("sigmoid_bce_backward", "softmax_cce_backward", "penalty", "penalty_grad"),
        *("dropout_forward", "dropout_backward", "batchnorm_forward", "batchnorm_backward"),
    ],
)
def test_one_function_in_single_precision_keeps_every_point(name, seed):
    namespace = SOURCE.namespace()
    namespace[name] = in_single_precision(namespace[name])
    own = [i for i in CHECKS if i.partition(".")[0] == name]
    assert lost(namespace, own + NETWORK, seed) == {}


def by_yield(n, batch_size, rng):
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def by_sorting(n, batch_size, rng):
    return np.array_split(np.argsort(rng.random(n)), range(batch_size, n, batch_size))


def by_shuffling_twice(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    rng.shuffle(order)
    return tuple(order[start : start + batch_size] for start in range(0, n, batch_size))


@pytest.mark.parametrize("minibatches", [by_yield, by_sorting, by_shuffling_twice])
def test_batches_may_be_made_in_several_ways(minibatches):
    checks = [i for i in CHECKS if i.startswith(("minibatches", "train."))]
    assert lost({**SOURCE.namespace(), "minibatches": minibatches}, checks) == {}


@pytest.mark.parametrize(
    "dropout_mask",
    [
        lambda shape, rate, rng: rng.binomial(1, 1 - rate, shape),
        lambda shape, rate, rng: rng.choice([0.0, 1.0], size=shape, p=[rate, 1 - rate]),
        lambda shape, rate, rng: (rng.uniform(size=shape) < 1 - rate) * 1.0,
        lambda shape, rate, rng: (rng.integers(0, 1000, shape) >= 1000 * rate).astype(np.float32),
    ],
)
def test_masks_may_be_drawn_in_several_ways(dropout_mask):
    for seed in range(5):
        assert lost({**SOURCE.namespace(), "dropout_mask": dropout_mask}, ["dropout_mask"], seed) == {}


ADAM = ["Adam.steps", "Adam.eps", "Adam.state"]


@pytest.mark.parametrize(
    "order", [ADAM, ADAM[::-1], ["Adam.state"], ["Adam.eps", "Adam.state", "Adam.steps"]]
)
@pytest.mark.parametrize("mistake", ["Adam.init__mutable_default", "Adam.init__state_of_the_class"])
def test_a_state_that_all_optimizers_share_costs_the_same_in_every_order(mistake, order):
    assert set(lost(SOURCE.namespace(KNOWN[mistake].changes), order)) == {"Adam.state"}


@pytest.mark.parametrize("name", ["AdaGrad", "RMSprop"])
@pytest.mark.parametrize("order", [("steps", "eps"), ("eps", "steps"), ("eps",)])
def test_the_same_holds_for_the_other_optimizers(name, order):
    found = lost(
        SOURCE.namespace(KNOWN[f"{name}.init__mutable_default"].changes), [f"{name}.{part}" for part in order]
    )
    assert set(found) == {f"{name}.steps"} & {f"{name}.{part}" for part in order}


def restoring(f, x, h=1e-5):
    """Works on x itself and puts every entry back, up to the last bits."""
    found = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        found[i] = (above - f(x)) / (2 * h)
        x[i] += h
    return found


def test_nobody_is_told_of_a_change_that_was_taken_back():
    for check_id in ("numerical_gradient", "gradient_check"):
        session = InProcessSession({**SOURCE.namespace(), "numerical_gradient": restoring})
        found = Fixtures(ASSIGNMENT, session, ASSIGNMENT.seed).run(CHECKS[check_id], check_id)
        assert (found.fraction, dict(found.details)) == (1, {})


def own_statistics(X_train, X_other):
    def scaled(X):
        return (X - X.mean(axis=0)) / np.where(X.min(axis=0) == X.max(axis=0), 1, X.std(axis=0))

    return scaled(X_train), scaled(X_other)


def divided_by_plain_numbers(X_train, X_other):
    mean, std = X_train.mean(axis=0), [float(s) for s in X_train.std(axis=0)]
    X, other = X_train - mean, X_other - mean
    if 0.0 in std:
        raise ZeroDivisionError
    return X / std, other / std


def whole_units(shape, rate, rng):
    return rng.binomial(1, 1 - rate, shape[1:]) * np.ones(shape)


def he_variance(fan_in, fan_out, method, rng):
    if method == "he":
        return rng.normal(0.0, 2 / fan_in, (fan_in, fan_out))
    return SOURCE.namespace()["init_weights"](fan_in, fan_out, method, rng)


# what is written instead of a function, and which words stand in the messages of which checks
WRONG = [
    ("relu", np.vectorize(lambda z: max(0, z)), {"relu": "wrong in"}),
    ("relu_backward", np.vectorize(lambda d, z: d if z > 0 else 0), {"relu_backward": "wrong in"}),
    ("standardize", own_statistics, {"standardize.other": "X_other"}),
    ("standardize", divided_by_plain_numbers, {"standardize.train": "ZeroDivisionError"}),
    ("dropout_mask", whole_units, {"dropout_mask": "Whole units are dropped together"}),
    ("init_weights", he_variance, {"init_weights.he": "wanted is 0.08165"}),
]


@pytest.mark.parametrize(("name", "function", "expected"), WRONG)
def test_a_wrong_function_loses_its_checks_for_the_right_reason(name, function, expected):
    own = [i for i in CHECKS if i.partition(".")[0] == name]
    for seed in range(8):
        found = lost({**SOURCE.namespace(), name: function}, own, seed)
        assert set(found) == set(expected)
        assert all(words in found[i] for i, words in expected.items()), found
