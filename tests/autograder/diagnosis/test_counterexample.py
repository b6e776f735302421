"""Counterexamples of the homework's own mistakes: they run, they say what happens, and they are small."""

import contextlib
import io
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import collect
from autograder.diagnosis import counterexample, simpler, variants
from autograder.diagnosis.counterexample import find
from autograder.host import ending
from autograder.host.ending import WorkerEnded
from autograder.wire import messages
from autograder.wire.values import Opaque

ROOT = Path(__file__).parents[3]
SEED = 11

# Mistake, check, and the largest dimension that an array of the snippet may have.
FUNCTIONS = [
    ("one_hot__transposed", "one_hot", 2),
    ("one_hot__columns_filled", "one_hot", 2),
    ("standardize__own_statistics", "standardize.other", 2),
    ("standardize__constant_column_divided_by_zero", "standardize.train", 2),
    ("linear_forward__bias_missing", "linear_forward", 2),
    ("linear_forward__bias_scaled", "linear_forward", 2),
    ("linear_forward__weights_transposed", "linear_forward", 3),
    ("relu__leaky", "relu", 2),
    ("relu__largest_entry", "relu", 2),
    ("relu__capped", "relu", 2),
    ("sigmoid__overflow", "sigmoid.extremes", 3),
    ("sigmoid__tanh", "sigmoid.values", 2),
    ("softmax__global_sum", "softmax.values", 2),
    ("softmax__no_shift", "softmax.extremes", 2),
    ("softmax__over_examples", "softmax.values", 2),
    ("mse_loss__summed", "mse_loss", 2),
    ("mse_loss__half", "mse_loss", 2),
    ("bce_loss__unclipped", "bce_loss.saturated", 2),
    ("bce_loss__base_two", "bce_loss.values", 2),
    ("cce_loss__summed", "cce_loss.values", 2),
    ("cce_loss__unclipped", "cce_loss.saturated", 3),
    ("accuracy__one_column_by_argmax", "accuracy", 2),
    ("accuracy__percent", "accuracy", 2),
    ("linear_backward__db_averaged", "linear_backward.db", 2),
    ("linear_backward__db_missing", "linear_backward.dX", 2),
    ("linear_backward__order", "linear_backward.dW", 2),
    ("linear_backward__dX_averaged", "linear_backward.dX", 2),
    ("relu_backward__mask_from_gradient", "relu_backward", 2),
    ("sigmoid_backward__sigmoid_twice", "sigmoid_backward", 2),
    ("mse_backward__two_missing", "mse_backward", 2),
    ("sigmoid_bce_backward__not_averaged", "sigmoid_bce_backward", 2),
    ("softmax_cce_backward__over_entries", "softmax_cce_backward", 2),
    ("relative_error__zero_by_zero", "relative_error", 2),
    ("relative_error__one_norm", "relative_error", 2),
    ("init_weights__he_fan_out", "init_weights.he", 3),
    ("minibatches__last_batch_dropped", "minibatches.partition", 3),
    ("penalty__l2_half", "penalty", 2),
    ("penalty_grad__two_missing", "penalty_grad", 2),
    ("dropout_mask__inverted", "dropout_mask", 2),
    ("dropout_forward__scaled_by_rate", "dropout_forward", 2),
    ("batchnorm_forward__unbiased", "batchnorm_forward.train", 2),
    ("batchnorm_forward__momentum_swapped", "batchnorm_forward.running", 2),
    ("batchnorm_backward__mean_path_missing", "batchnorm_backward.dX", 3),
    ("shift_images__wraps", "shift_images", 2),
]
OBJECTS = [
    ("SGD.step__first_array_only", "SGD", 2),
    ("SGD.step__gradients_scaled_in_place", "SGD", 2),
    ("Momentum.step__state_lost", "Momentum", 2),
    ("Adam.step__no_correction", "Adam.steps", 2),
    ("Adam.step__t_stands_still", "Adam.steps", 2),
    ("Adam.step__eps_inside", "Adam.eps", 2),
    ("MLP.init__batchnorm_on_the_output", "MLP.parameters", 2),
    ("MLP._forward__relu_always", "MLP.predict_proba", 2),
    ("MLP._backward__stops_at_one_layer", "MLP.gradients", 2),
]


class Homework:
    """The homework's checks, and submissions made from its mistakes."""

    def __init__(self):
        self.assignment = load(ROOT)
        self.checks = collect(self.assignment)
        self.variants = variants.of(self.assignment.reference)
        self.mistakes = {mistake.id: mistake for mistake in read_mistakes(self.assignment.mistakes)}

    def namespace(self, mistake="", **functions):
        changes = self.mistakes[mistake].changes if mistake else ()
        return {**self.variants.namespace(changes), **functions}

    def find(self, namespace, check_id, seed=SEED, session=None):
        session = session or InProcessSession(namespace)
        return find(self.assignment, self.checks[check_id], check_id, session, seed)


@pytest.fixture(scope="module")
def mlp():
    """The homework; its checks are collected once."""
    return Homework()


def run(snippet, namespace, name="mlp"):
    """What a snippet prints beside this module, and the names that it defines."""
    module = types.ModuleType(name)
    module.__dict__.update(namespace)
    before = sys.modules.get(name)
    sys.modules[name] = module
    defined, said = {}, io.StringIO()
    try:
        with contextlib.redirect_stdout(said), np.errstate(all="ignore"), np.printoptions():
            exec(compile(snippet, "snippet", "exec"), defined)
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
    return said.getvalue().rstrip("\n"), defined


def told(snippet):
    """The two outputs in the comments at a snippet's end."""
    lines = snippet.rstrip("\n").split("\n")
    if lines[-1].startswith("# expected: "):
        return lines[-2].removeprefix("# yours:    "), lines[-1].removeprefix("# expected: ")
    yours, expected = lines.index("# yours:"), lines.index("# expected:")
    return tuple(
        "\n".join(line[2:] for line in part) for part in (lines[yours + 1 : expected], lines[expected + 1 :])
    )


def arrays(defined):
    return [value for value in defined.values() if isinstance(value, np.ndarray)]


@pytest.mark.parametrize(("mistake", "check_id", "most"), FUNCTIONS + OBJECTS, ids=lambda x: str(x))
def test_a_snippet_prints_what_it_says_with_wrong_and_with_right_code(mlp, mistake, check_id, most):
    found = mlp.find(mlp.namespace(mistake), check_id)
    yours, expected = told(found.snippet)
    printed, defined = run(found.snippet, mlp.namespace())
    assert printed == expected == found.expected
    assert all(max(a.shape) <= most for a in arrays(defined)), found.snippet
    if yours.startswith("raises "):
        with pytest.raises(Exception) as raised:
            run(found.snippet, mlp.namespace(mistake))
        assert yours.startswith(f"raises {type(raised.value).__name__}: ")
    else:
        assert run(found.snippet, mlp.namespace(mistake))[0] == yours == found.student
    assert found.student != found.expected
    assert found.function.split(".")[0] in {change.component for change in mlp.mistakes[mistake].changes}


def test_the_same_seed_gives_the_same_snippet_and_another_one_another(mlp):
    for mistake, check_id in (("linear_forward__bias_missing", "linear_forward"), OBJECTS[3][:2]):
        snippets = [mlp.find(mlp.namespace(mistake), check_id, seed).snippet for seed in (1, 1, 2)]
        assert snippets[0] == snippets[1] != snippets[2]


def test_the_inputs_are_not_those_of_the_grading(mlp, monkeypatch):
    seeds = []
    record = counterexample.record

    def noted(assignment, check, check_id, namespace, seed):
        seeds.append(seed)
        return record(assignment, check, check_id, namespace, seed)

    monkeypatch.setattr(counterexample, "record", noted)
    assert mlp.find(mlp.namespace("mse_loss__half"), "mse_loss")
    assert seeds
    assert SEED not in seeds


def test_probabilities_stay_probabilities_and_targets_stay_one_hot(mlp):
    for mistake in ("cce_loss__mean_over_entries", "cce_loss__summed", "cce_loss__softmax_twice"):
        _, defined = run(mlp.find(mlp.namespace(mistake), "cce_loss.values").snippet, mlp.namespace())
        P, Y = defined["P"], defined["Y"]
        assert ((P > 0) & (P < 1)).all()
        np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-9)
        np.testing.assert_array_equal(np.sort(Y, axis=1)[:, -1], 1)
        np.testing.assert_array_equal(Y.sum(axis=1), 1)


def test_extreme_numbers_stay_where_they_are_what_fails(mlp):
    _, defined = run(
        mlp.find(mlp.namespace("sigmoid__overflow"), "sigmoid.extremes").snippet, mlp.namespace()
    )
    assert np.abs(defined["Z"]).max() >= 700
    _, defined = run(
        mlp.find(mlp.namespace("bce_loss__unclipped"), "bce_loss.saturated").snippet, mlp.namespace()
    )
    assert np.isin(defined["P"], (0, 1)).all()
    _, defined = run(mlp.find(mlp.namespace("sigmoid__sign"), "sigmoid.extremes").snippet, mlp.namespace())
    assert np.abs(defined["Z"]).max() < 10


@given(st.integers(0, 10**6), st.lists(st.integers(-1, 30), min_size=40, max_size=40))
def test_whatever_is_taken_keeps_what_the_arguments_had_in_common(seed, choices):
    rng = np.random.default_rng(seed)
    N, D, K = (int(n) for n in rng.integers(2, 7, size=3))
    P = rng.uniform(0.05, 1, size=(N, K))
    given_args = (
        rng.normal(size=(N, D)),
        P / P.sum(axis=1, keepdims=True),
        np.eye(K)[rng.integers(0, K, N)],
        rng.uniform(0.05, 0.95, size=(N, 1)),
        rng.integers(0, K, N),
        rng.uniform(0.3, 2.0, D),
        0.37,
        1e-8,
    )
    rounds, taken = simpler.proposals((messages.call("f", given_args),), (), None), None
    for choice in choices:
        try:
            batch = rounds.send(taken)
        except StopIteration:
            break
        taken = batch[choice] if 0 <= choice < len(batch) else None
        for [step] in batch:
            X, P, Y, share, y, var, l2, eps = step["args"]
            assert len(X) == len(P) == len(Y) == len(share) == len(y)
            assert P.shape == Y.shape
            assert X.shape[1:] == var.shape
            np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-8)
            assert ((P > 0) & (P < 1)).all()
            assert ((share > 0) & (share < 1)).all()
            assert (np.sort(Y, axis=1)[:, -1] == 1).all()
            assert (Y.sum(axis=1) == 1).all()
            assert y.dtype.kind == "i"
            assert (y >= 0).all()
            assert (var > 0).all()
            assert (X != 0).all()
            assert len(np.unique(X)) == X.size
            assert (l2, eps) == (0.37, 1e-8)


def test_a_check_that_students_do_not_see_is_not_asked(mlp):
    class Unasked:
        def ask(self, *args, **kwargs):
            raise AssertionError

    for check_id in ("gradient_check", "task.xor", "compare_widths"):
        assert mlp.find({}, check_id, session=Unasked()) is None


def test_right_code_has_none(mlp):
    for check_id in ("softmax.values", "Adam.steps", "init_weights.he", "MLP.gradients_dropout"):
        assert mlp.find(mlp.namespace(), check_id) is None


def test_other_draws_are_not_called_wrong(mlp):
    def uniform(fan_in, fan_out, method, rng):
        limit = np.sqrt(6 / fan_in)
        return rng.uniform(-limit, limit, size=(fan_in, fan_out))

    assert mlp.find(mlp.namespace(init_weights=uniform), "init_weights.he") is None
    assert mlp.find(mlp.namespace("minibatches__stored_order"), "minibatches.shuffled") is None


@pytest.mark.parametrize(
    ("mistake", "check_id", "line", "student", "expected"),
    [
        ("init_weights__he_one_over_fan_in", "init_weights.he", "np.round(np.std(", "0.06", "0.08"),
        (
            "init_weights__uniform_with_deviation_as_limit",
            "init_weights.he",
            "np.round(np.std(",
            "0.05",
            "0.08",
        ),
        ("dropout_mask__inverted", "dropout_mask", "np.round(np.mean(", "0.3", "0.7"),
    ],
)
def test_of_what_is_drawn_a_statistic_of_many_is_shown(mlp, mistake, check_id, line, student, expected):
    """One draw beside another may make the wrong one look right."""
    shown = mlp.find(mlp.namespace(mistake), check_id)
    assert line in shown.snippet
    assert (shown.student, shown.expected) == (student, expected)
    assert "statistic of many draws" in shown.snippet
    assert run(shown.snippet, mlp.namespace(mistake))[0].strip() == student


def test_of_what_is_drawn_in_a_wrong_form_no_numbers_are_shown(mlp):
    def wrong(shape, rate, rng):
        return rng.random((shape[1], shape[0])) >= rate

    def raising(shape, rate, rng):
        raise ValueError("no mask")

    for function, student in ((wrong, "(150, 200)"), (raising, "raises ValueError: no mask")):
        shown = mlp.find(mlp.namespace(dropout_mask=function), "dropout_mask")
        assert "print(np.shape(dropout_mask(" in shown.snippet
        assert shown.student == student or "raises" not in student
        assert shown.expected.startswith("(")


def test_of_a_step_that_raises_what_it_should_change_is_shown(mlp):
    def step(self, params, grads):
        for key in sorted(grads):
            params[key] = params[key] - self.lr * grads["W1"]

    wrong = mlp.namespace(SGD=type("SGD", (mlp.namespace()["SGD"],), {"step": step}))
    shown = mlp.find(wrong, "SGD")
    assert "print(params)" in shown.snippet
    assert shown.function == "SGD.step"
    assert shown.student.startswith("raises ValueError: ")
    printed, defined = run(shown.snippet, mlp.namespace())
    assert printed == shown.expected
    assert set(defined["params"]) == {"W1", "b1"}
    with pytest.raises(ValueError, match="broadcast"):
        run(shown.snippet, wrong)


def test_what_the_check_accepts_is_not_shown_as_wrong(mlp):
    def cce_loss(P, Y):
        return float(-np.sum(Y * np.log(np.clip(P, 1e-7, 1 - 1e-7))) / len(P))

    assert mlp.find(mlp.namespace(cce_loss=cce_loss), "cce_loss.saturated") is None
    namespace = mlp.namespace("linear_backward__all_averaged")
    for check_id, place in (("linear_backward.dX", 0), ("linear_backward.dW", 1), ("linear_backward.db", 2)):
        assert f"print(linear_backward(dZ, X, W)[{place}])" in mlp.find(namespace, check_id).snippet


def test_code_that_does_not_give_the_same_twice_has_none(mlp):
    calls = []

    def relu(Z):
        calls.append(Z)
        return np.maximum(Z, 0) + len(calls)

    assert mlp.find(mlp.namespace(relu=relu), "relu") is None
    for mistake in ("Adam.init__state_of_the_class", "Adam.init__mutable_default"):
        assert mlp.find(mlp.namespace(mistake), "Adam.state") is None


def raises(error):
    def function(*args):
        raise error

    return function


def endless(*args):
    return endless(*args)


RUBBISH = {
    "None": lambda *args: None,
    "a text": lambda *args: "quote \" ' and \n import os \x1b[31m \u202e",
    "a long text": lambda *args: "x" * 50_000,
    "NaN": lambda *args: np.full((3, 2), np.nan),
    "a ragged list": lambda *args: [[1.0], [2.0, 3.0], "no"],
    "a huge integer": lambda *args: 10**1000,
    "a tuple of odds and ends": lambda *args: (None, object(), {"a\n": 1, 2: [()]}),
    "an object": lambda *args: object(),
    "an object of an odd type": lambda *args: type("a\nb", (), {})(),
    "complex numbers": lambda *args: np.array([1j, 2.0]),
    "half precision": lambda *args: np.full((2, 2), 0.3, dtype=np.float16),
    "many numbers": lambda *args: np.zeros((300, 400)),
    "many axes": lambda *args: np.zeros((1,) * 12),
    "nothing": lambda *args: np.zeros((0, 3)),
    "nested deeply": lambda *args: [[[[[[[[[[[[1]]]]]]]]]]]],
    "an exception": raises(ValueError("bad\nimport os \x1b")),
    "an exception without a text": raises(KeyError()),
    "an exit": raises(SystemExit(3)),
    "an interrupt": raises(KeyboardInterrupt()),
    "not written": raises(NotImplementedError("softmax")),
    "no end": endless,
    "another number of arguments": lambda: None,
    "no function": 3,
}


@pytest.mark.parametrize("rubbish", RUBBISH)
@pytest.mark.parametrize(
    ("name", "check_id"),
    [
        ("softmax", "softmax.values"),
        ("linear_backward", "linear_backward.db"),
        ("minibatches", "minibatches.partition"),
    ],
)
def test_rubbish_stays_within_its_comment(mlp, rubbish, name, check_id):
    namespace = mlp.namespace(**{name: RUBBISH[rubbish]})
    found = mlp.find(namespace, check_id)
    assert found is not None or rubbish in ("not written",)
    if found is not None:
        printed, _ = run(found.snippet, mlp.namespace())
        assert printed == told(found.snippet)[1]
        assert found.snippet.isascii()
        assert all(c.isprintable() or c == "\n" for c in found.snippet)
        assert len(found.snippet) <= 3000
        code = [line for line in found.snippet.splitlines() if line and not line.startswith("#")]
        assert code[-1].startswith("print(")


@pytest.mark.parametrize("method", ["__init__", "step"])
def test_rubbish_in_a_class_does_no_harm(mlp, method):
    for name, function in RUBBISH.items():
        if callable(function) and name != "no end":
            bad = type("Adam", (mlp.namespace()["Adam"],), {method: function})
            found = mlp.find(mlp.namespace(Adam=bad), "Adam.steps")
            assert found is None or run(found.snippet, mlp.namespace())[0] == found.expected


def test_a_missing_function_has_none(mlp):
    namespace = mlp.namespace()
    del namespace["relu"]
    assert mlp.find(namespace, "relu") is None


class Odd(InProcessSession):
    """Answers in other numbers than it is asked."""

    extra = 1

    def ask(self, steps, timeout_s, callbacks=(), doing="It"):
        found = super().ask(steps, timeout_s, callbacks, doing)
        return found + [{"value": Opaque("more")}] * self.extra


class Ended(InProcessSession):
    """Ends after some questions."""

    left = 1

    def ask(self, steps, timeout_s, callbacks=(), doing="It"):
        self.left -= 1
        if self.left < 0:
            raise WorkerEnded(ending.timed_out(timeout_s, doing))
        return super().ask(steps, timeout_s, callbacks, doing)


def test_a_worker_that_ends_or_answers_too_much_does_no_harm(mlp):
    namespace = mlp.namespace("relu__leaky")
    assert mlp.find(namespace, "relu", session=Odd(namespace)) is None
    for left in range(12):
        session = Ended(namespace)
        session.left = left
        mlp.find(namespace, "relu", session=session)
    session.left = 0
    assert mlp.find(namespace, "relu", session=session) is None


def test_a_worker_is_asked_like_code_of_the_graders_own(assignment, open_session, solved):
    wrong = solved.replace("2 * x", "3 * x").replace("x + y", "x - y")
    checks = collect(assignment)
    session = open_session(wrong)
    found = find(assignment, checks["double"], "double", session, SEED)
    assert "from hw import double\n\nx = np.array([[" in found.snippet
    here, right = {}, {}
    exec(wrong, here)
    exec(solved, right)
    assert run(found.snippet, here, "hw")[0] == found.student
    assert run(found.snippet, right, "hw")[0] == found.expected
    assert found.function == "double"
    assert find(assignment, checks["add.values"], "add.values", session, SEED) is not None
    assert find(assignment, checks["add.hidden"], "add.hidden", session, SEED) is None
