"""Files of part 4: right ones keep every point, and every wrong one loses those of what is wrong in it."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.checking.fixtures import Fixtures, load_arrays, reference_files, reference_module
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import collect
from autograder.intake.arrays import read_arrays
from autograder.proving.prove import asks_code

ROOT = Path(__file__).parents[2]
ASSIGNMENT = load(ROOT)
NAME = "framework.npz"
CHECKS = {i: check for i, check in collect(ASSIGNMENT).items() if not asks_code(check)}
SHAPES = {"W1": (2, 16), "b1": (16,), "W2": (16, 8), "b2": (8,), "W3": (8, 3), "b3": (3,)}
SPIRALS = load_arrays(ASSIGNMENT.data / "spirals.npz")
MLP = reference_module(ASSIGNMENT.reference)
ALL = {"outputs": 1.0, "loss": 1.0, "gradients": 1.0, "sgd": 1.0, "momentum": 1.0}
HALF = dict.fromkeys(ALL, 0.5)


@pytest.fixture
def keras():
    """The reference's file, made by Keras, which a test may spoil."""
    return dict(read_arrays(reference_files(ASSIGNMENT)[NAME]))


def packed(arrays, write=np.savez):
    stream = io.BytesIO()
    write(stream, **arrays)
    return stream.getvalue()


def lost(raw):
    """Share of its points that each check of the file loses, and what is said."""
    files = {} if raw is None else {NAME: raw}
    fixtures = Fixtures(ASSIGNMENT, InProcessSession({}), ASSIGNMENT.seed, files)
    results = {i.removeprefix("framework."): fixtures.run(check, i) for i, check in CHECKS.items()}
    shares = {i: 1 - found.fraction for i, found in results.items() if found.fraction < 1}
    return shares, results


def test_all_of_the_bonus_is_decided_by_files():
    bonus = {c.id for c in ASSIGNMENT.rubric.checks if c.part in ASSIGNMENT.rubric.bonus_parts}
    assert bonus == set(CHECKS) == {f"framework.{name}" for name in ALL}


# -- right files


FOUND = sorted((ROOT / "tests/corpus/files").glob(f"*/{NAME}"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.parent.name)
def test_a_right_file_keeps_every_point(path):
    shares, results = lost(path.read_bytes())
    assert shares == {}, [found.message for found in results.values()]


RIGHT = {
    "as_it_is": lambda arrays: packed(arrays),
    "compressed": lambda arrays: packed(arrays, np.savez_compressed),
    "in_double_precision": lambda arrays: packed(
        {k: a if a.dtype.kind == "U" else a.astype(float) for k, a in arrays.items()}
    ),
    "in_fortran_order": lambda arrays: packed({k: np.asfortranarray(a) for k, a in arrays.items()}),
    "of_another_machine": lambda arrays: packed(
        {k: a.astype(a.dtype.newbyteorder(">")) for k, a in arrays.items()}
    ),
    "with_more_in_it": lambda arrays: packed({**arrays, "notes": np.arange(3)}),
    "with_a_loss_of_shape_1": lambda arrays: packed(
        {k: a.reshape(1) if k.endswith("loss") else a for k, a in arrays.items()}
    ),
}


@pytest.mark.parametrize("form", RIGHT)
def test_the_form_of_a_right_file_does_not_matter(form, keras):
    shares, results = lost(RIGHT[form](keras))
    assert shares == {}
    assert all(found.details["student_id"] == "reference" for found in results.values())


# -- files made without a framework, right or wrong in one thing


class Descent:
    """``v = keep * v + new * g``, then ``-lr * v``: all of the optimizers that are mistaken for one another."""

    def __init__(self, lr, keep=0.0, new=1.0):
        self.lr, self.keep, self.new, self.v = lr, keep, new, {}

    def step(self, params, grads):
        for key, g in grads.items():
            self.v[key] = self.keep * self.v.get(key, 0.0) + self.new * g
            params[key] = params[key] - self.lr * self.v[key]


class Nesterov(Descent):
    """The step goes on with what comes next."""

    def step(self, params, grads):
        for key, g in grads.items():
            self.v[key] = self.keep * self.v.get(key, 0.0) + self.new * g
            params[key] = params[key] - self.lr * (self.keep * self.v[key] + self.new * g)


def ordered(student_id):
    keys = [hashlib.sha256(f"{student_id} {row}".encode()).digest() for row in range(300)]
    return np.array(sorted(range(300), key=keys.__getitem__))


def made(
    order=None,
    student_id="ada",
    start=None,
    sgd=lambda: Descent(0.1),
    momentum=lambda: Descent(0.1, 0.9, 0.1),
    batches=None,
    **settings,
):
    """A file whose numbers all belong together, of a network with these settings."""
    order = ordered(student_id) if order is None else order
    X, Y = SPIRALS["X_train"][order], np.eye(3)[SPIRALS["y_train"][order]]
    batches = [range(first, first + 60) for first in range(0, 300, 60)] if batches is None else batches
    arrays = {"student_id": np.array(student_id), "X": X, "Y": Y}
    for seed, name in enumerate(("sequential", "functional")):
        model = MLP.MLP([2, 16, 8, 3], rng=np.random.default_rng(seed), **settings)
        if start:
            model.params = {key: start(value, seed) for key, value in model.params.items()}
        weights = dict(model.params)
        loss, grads = model.loss_and_grads(X[:60], Y[:60])
        found = {"outputs": model.predict_proba(X), "loss": np.array(loss)}
        found |= {f"weights_{k}": v for k, v in weights.items()}
        found |= {f"gradient_{k}": v for k, v in grads.items()}
        for what, optimizer in (("sgd", sgd()), ("momentum", momentum())):
            model.params = dict(weights)
            for rows in batches:
                optimizer.step(model.params, model.loss_and_grads(X[rows], Y[rows])[1])
            found |= {f"{what}_{k}": v for k, v in model.params.items()}
        arrays |= {f"{name}_{k}": v for k, v in found.items()}
    return arrays


def test_what_is_made_without_a_framework_is_right():
    assert lost(packed(made()))[0] == {}


def blocks(*sizes):
    ends = np.cumsum(sizes)
    return [range(end - size, end) for size, end in zip(sizes, ends, strict=True)]


def scaled(**factors):
    """A start whose arrays are multiplied with these factors."""
    by_shape = {SHAPES[key]: factor for key, factor in factors.items()}
    return {"start": lambda value, seed: value * by_shape.get(value.shape, 1.0)}


TRAINED = {"sgd": 1.0, "momentum": 1.0}
MADE = {
    "zero_weights": ({"start": lambda value, seed: np.zeros_like(value)}, ALL),
    "constant_weights": ({"start": lambda value, seed: np.full_like(value, 0.1 + seed)}, ALL),
    "equal_units": ({"start": lambda value, seed: np.repeat(value[..., :1], value.shape[-1], axis=-1)}, ALL),
    "dead_units": ({"start": lambda value, seed: value if value.ndim == 2 else np.full_like(value, -50.0)}, ALL),
    "equal_models": ({"start": lambda value, seed: np.sin(np.arange(1, value.size + 1.0)).reshape(value.shape)}, HALF),
    "tiny_weights": (scaled(W3=0.01), ALL),
    "outputs_all_but_equal": ({"start": lambda value, seed: np.array([12.0, 0, 0]) if value.size == 3 else value}, ALL),
    "gradients_all_but_zero": (scaled(W1=10.0, W2=0.03, W3=0.02), ALL),
    "first_layer_all_but_fixed": (scaled(W1=10.0, W2=0.03, W3=0.063), {"momentum": 1.0}),
    "data_as_given": ({"order": np.arange(300)}, ALL),
    "data_of_another_student": ({"order": ordered("grace")}, ALL),
    "data_shuffled": ({"order": np.random.default_rng(0).permutation(300)}, ALL),
    "sigmoid_units": ({"hidden": "sigmoid"}, ALL),
    "independent_outputs": ({"output": "sigmoid"}, ALL),
    "with_l2": ({"l2": 0.01}, {"loss": 1.0, "gradients": 1.0, **TRAINED}),
    "wrong_rate": ({"sgd": lambda: Descent(0.01)}, {"sgd": 1.0}),
    "rate_slightly_off": ({"sgd": lambda: Descent(0.101)}, {"sgd": 1.0}),
    "ascent": ({"sgd": lambda: Descent(-0.1)}, {"sgd": 1.0}),
    "momentum_not_averaged": ({"momentum": lambda: Descent(0.1, 0.9)}, {"momentum": 1.0}),
    "momentum_with_another_beta": ({"momentum": lambda: Descent(0.1, 0.95, 0.05)}, {"momentum": 1.0}),
    "momentum_of_nesterov": ({"momentum": lambda: Nesterov(0.1, 0.9, 0.1)}, {"momentum": 1.0}),
    "no_momentum": ({"momentum": lambda: Descent(0.1)}, {"momentum": 1.0}),
    "adam": ({"sgd": lambda: MLP.Adam(0.1), "momentum": lambda: MLP.Adam(0.1)}, TRAINED),
    "batches_of_32": ({"batches": blocks(*[32] * 9, 12)}, TRAINED),
    "all_rows_at_once": ({"batches": blocks(300)}, TRAINED),
    "four_steps": ({"batches": blocks(60, 60, 60, 60)}, TRAINED),
    "two_epochs": ({"batches": blocks(*[60] * 5) * 2}, TRAINED),
    "batches_in_another_order": ({"batches": blocks(*[60] * 5)[::-1]}, TRAINED),
}  # fmt: skip


@pytest.mark.parametrize("variant", MADE)
def test_a_file_of_another_network_or_training_loses(variant):
    settings, shares = MADE[variant]
    assert lost(packed(made(**settings)))[0] == shares


# -- the file of a framework, spoilt


def both(change, *names):
    """Change these arrays of both models."""
    return lambda arrays: {
        **arrays,
        **{key: change(array) for key, array in arrays.items() if key.partition("_")[2].startswith(names)},
    }


def swapped(one, other):
    """Exchange what begins with these names."""

    def swap(key):
        if key.startswith(one):
            return other + key.removeprefix(one)
        return one + key.removeprefix(other) if key.startswith(other) else key

    return lambda arrays: {swap(key): array for key, array in arrays.items()}


def without(*names):
    return lambda arrays: {key: array for key, array in arrays.items() if not key.startswith(names)}


def forged(arrays):
    """Numbers of the right shapes and sizes."""
    rng = np.random.default_rng(5)
    kept = {"student_id": arrays["student_id"], "X": arrays["X"], "Y": arrays["Y"]}
    return {**{key: rng.permutation(a.ravel()).reshape(a.shape) for key, a in arrays.items()}, **kept}


def rewritten(arrays):
    """Another student's file, with the own id and the own rows."""
    order = np.argsort(ordered("reference"))[ordered("ada")]
    rows = {key: array[order] for key, array in arrays.items() if array.ndim and len(array) == 300}
    return {**arrays, **rows, "student_id": np.array("ada")}


def copied(arrays):
    first = {key: array for key, array in arrays.items() if key.startswith("sequential")}
    return {**arrays, **{key.replace("sequential", "functional"): array for key, array in first.items()}}


def nearly_copied(arrays):
    """The weights of the first model again, changed too little to matter."""
    again = copied(arrays)
    return {key: a * (1 + 1e-6) if key.startswith("functional_weights") else a for key, a in again.items()}


def reordered(arrays):
    """The first model again, its hidden units in another order."""
    one, two = np.roll(np.arange(16), 5), np.arange(8)[::-1]
    orders = {
        "W1": (slice(None), one),
        "b1": (one,),
        "W2": np.ix_(one, two),
        "b2": (two,),
        "W3": (two,),
        "b3": (...,),
    }
    again = copied(arrays)
    return {
        key: a[orders.get(key.rpartition("_")[2], ...)] if key.startswith("functional") else a
        for key, a in again.items()
    }


def without_a_network(arrays):
    """Hidden layers that do next to nothing, so that only the last bias has to be computed."""
    rng, start = np.random.default_rng(0), {key: np.zeros(shape) for key, shape in SHAPES.items()}
    start["W1"], start["W2"] = rng.normal(0, 2e-5, (2, 16)), rng.normal(0, 0.1, (16, 8))
    start["W3"] = rng.normal(0, 2.5e-5, (8, 3))
    start["W1"][:, 0], start["W2"][0] = 0.3, rng.normal(0, 1e-6, 8)  # a unit that works, but is not read
    start["W3"][7, 0], start["b2"][7] = 0.2, -50.0  # and one that is read, but does not work
    start["b3"][0] = 5.0
    Y, made_up = arrays["Y"], {key: arrays[key] for key in ("student_id", "X", "Y")}

    def softmax(b):
        return np.exp(b) / np.exp(b).sum()

    P = softmax(start["b3"])
    for name in ("sequential", "functional"):
        gradient = {key: np.zeros(shape) for key, shape in SHAPES.items()} | {"b3": P - Y[:60].mean(axis=0)}
        found = {"weights": start, "gradient": gradient}
        for what, optimizer in (("sgd", Descent(0.1)), ("momentum", Descent(0.1, 0.9, 0.1))):
            found[what] = dict(start)
            for first in range(0, 300, 60):
                b3 = softmax(found[what]["b3"]) - Y[first : first + 60].mean(axis=0)
                optimizer.step(found[what], {"b3": b3})
        made_up |= {f"{name}_{what}_{key}": a for what, values in found.items() for key, a in values.items()}
        made_up |= {f"{name}_outputs": np.tile(P, (300, 1)), f"{name}_loss": -np.mean(Y[:60] @ np.log(P))}
    return made_up


def unmoved(arrays):
    return {
        **arrays,
        **{key.replace("weights", "sgd"): array for key, array in arrays.items() if "weights" in key},
    }


def holding(key, number):
    def change(arrays):
        spoilt = arrays[key].copy()
        spoilt.flat[0] = number
        return {**arrays, key: spoilt}

    return change


SPOILT = {
    "forged": (forged, ALL),
    "id_of_another_student": (lambda arrays: {**arrays, "student_id": np.array("ada")}, ALL),
    "id_missing": (without("student_id"), ALL),
    "id_empty": (lambda arrays: {**arrays, "student_id": np.array(" ")}, ALL),
    "id_of_odd_characters": (lambda arrays: {**arrays, "student_id": np.array("a\ud800")}, ALL),
    "id_a_number_with_a_point": (lambda arrays: {**arrays, "student_id": np.array(1.5)}, ALL),
    # Losses, gradients and steps belong to certain rows: only outputs can be moved.
    "copied_with_the_own_rows": (rewritten, {"loss": 1.0, "gradients": 1.0, **TRAINED}),
    "labels_as_numbers": (lambda arrays: {**arrays, "Y": arrays["Y"].argmax(axis=1)}, ALL),
    "data_missing": (without("X"), ALL),
    "no_functional_model": (without("functional"), HALF),
    "functional_copied": (copied, HALF),
    "functional_copied_nearly": (nearly_copied, HALF),
    "functional_copied_in_another_order": (reordered, HALF),
    "without_a_network": (without_a_network, ALL),
    "models_swapped": (swapped("sequential_weights", "functional_weights"), ALL),
    "trainings_swapped": (lambda a: swapped("sequential_sgd", "sequential_momentum")(a), {"sgd": 0.5, "momentum": 0.5}),
    "constant_outputs": (both(lambda a: np.full_like(a, 1 / 3), "outputs"), {"outputs": 1.0}),
    "scores_for_probabilities": (both(np.log, "outputs"), {"outputs": 1.0}),
    "labels_for_probabilities": (both(lambda a: np.eye(3)[a.argmax(axis=1)], "outputs"), {"outputs": 1.0}),
    "loss_summed": (both(lambda a: 60 * a, "loss"), {"loss": 1.0}),
    "loss_of_each_row": (both(lambda a: np.full(60, a), "loss"), {"loss": 1.0}),
    "gradient_summed": (both(lambda a: 60 * a, "gradient"), {"gradients": 1.0}),
    "gradient_of_other_sign": (both(np.negative, "gradient"), {"gradients": 1.0}),
    "gradient_of_nothing": (both(np.zeros_like, "gradient"), {"gradients": 1.0}),
    "small_gradient_slightly_off": (both(lambda a: 1.0005 * a, "gradient_W3"), {"gradients": 1.0}),
    "gradient_missing": (without("sequential_gradient_b2"), {"gradients": 0.5}),
    "one_entry_off": (holding("sequential_gradient_W2", 0.02), {"gradients": 0.5}),
    "not_a_number": (holding("functional_sgd_W1", np.nan), {"sgd": 0.5}),
    "weights_not_finite": (holding("sequential_weights_W1", np.inf), HALF),
    "weights_very_large": (holding("sequential_weights_W1", 1e30), HALF),
    "weights_transposed": (both(np.transpose, "weights_W"), ALL),
    "weights_as_texts": (both(lambda a: a.astype(str), "weights_W1"), ALL),
    "nothing_learned": (unmoved, {"sgd": 1.0}),
}  # fmt: skip


@pytest.mark.parametrize("variant", SPOILT)
def test_a_spoilt_file_loses(variant, keras):
    change, shares = SPOILT[variant]
    found, results = lost(packed(change(keras)))
    assert found == shares
    assert all(results[name].message for name in shares)


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x03\x04", packed({"a": np.array([None])})], ids=["empty", "cut", "pickle"]
)
def test_what_is_no_file_of_arrays_is_malformed(raw):
    shares, results = lost(raw)
    assert shares == ALL
    assert {found.status for found in results.values()} == {"malformed"}


def test_a_file_that_was_not_handed_in_is_said_to_be():
    shares, results = lost(None)
    assert shares == ALL
    assert {found.message for found in results.values()} == {"framework.npz was not handed in."}
    assert {found.status for found in results.values()} == {"not_implemented"}


def test_every_check_of_a_file_is_lost_alone():
    alone = {tuple(shares) for _, shares in [*MADE.values(), *SPOILT.values()] if len(shares) == 1}
    assert alone == {(name,) for name in ALL}
