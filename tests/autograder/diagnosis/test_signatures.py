"""Relations between wrong and right numbers: stated when they hold everywhere, and only then."""

import numpy as np
import pytest

from autograder.diagnosis.signatures import Case, recognise
from autograder.wire import messages
from autograder.wire.values import Handle

RNG = np.random.default_rng(11)
SHAPES = [(6, 3), (1, 4), (5, 2)]


def cases(wrong, right=lambda X: 2.0 * X + 1.0, inputs=None):
    """One case for each input; `wrong` gets the right answer and the input."""
    found = []
    for X in inputs if inputs is not None else [RNG.normal(size=shape) for shape in SHAPES]:
        answer = np.asarray(right(X), dtype=float)
        step = messages.call("f", (X,))
        found.append(Case(step, 0, np.asarray(wrong(answer, X), dtype=float), answer))
    return found


def total(X):
    return np.sum(X, axis=0)


@pytest.mark.parametrize(
    ("wrong", "right", "name"),
    [
        (lambda r, X: -r, np.sin, "sign"),
        (lambda r, X: r.T, np.sin, "transposed"),
        (lambda r, X: r * len(X), np.sin, "times_rows"),
        (lambda r, X: r / len(X), np.sin, "over_rows"),
        (lambda r, X: r * X.shape[1], np.sin, "times_columns"),
        (lambda r, X: r / X.shape[1], np.sin, "over_columns"),
        (lambda r, X: r * X.size, np.sin, "times_entries"),
        (lambda r, X: r / X.size, np.sin, "over_entries"),
        (lambda r, X: X, total, "not_summed"),
        (lambda r, X: r.sum(), total, "summed_away"),
        (lambda r, X: r + 0.25, np.sin, "offset"),
        (lambda r, X: 2 * r, np.sin, "factor_2"),
        (lambda r, X: r / 2, np.sin, "factor_0.5"),
        (lambda r, X: 0.37 * r, np.sin, "factor"),
        (lambda r, X: np.where(r == r.max(), np.nan, r), np.sin, "not_finite"),
        (lambda r, X: r.astype(np.float16), np.sin, "few_digits"),
        (lambda r, X: r if len(X) == 1 else r[::-1], np.sin, "one_row"),
        (lambda r, X: r if len(X) > 1 else r + X, np.sin, "several_rows"),
    ],
)
def test_a_relation_is_recognised(wrong, right, name):
    found = recognise(cases(wrong, right))
    assert found is not None
    assert found.id == name
    assert found.nudge.endswith("?")
    assert found.pointer.endswith(".")


def test_overflow_is_told_from_a_wrong_formula():
    inputs = [RNG.normal(size=(3, 2)), np.array([[1000.0, 1.0]])]
    found = recognise(cases(lambda r, X: np.where(np.abs(X) > 99, np.nan, r), np.tanh, inputs))
    assert found.id == "extremes"


def test_the_mode_in_which_it_is_right_is_told():
    found = []
    for train in (True, False, True, False):
        X = RNG.normal(size=(3, 2))
        step = messages.call("f", (X, train))
        found.append(Case(step, 0, X if train else X + X**2, X))
    assert recognise(found).id == "mode"


def test_the_first_step_is_told_from_the_later_ones():
    found = []
    for order in range(4):
        g = RNG.normal(size=3)
        step = messages.call("step", (g,), on=Handle(1))
        found.append(Case(step, order, g if order == 0 else g * (1 + order), g))
    assert recognise(found).id == "first_step"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (lambda r, X: r * (1 + 0.1 * len(X) ** 2), np.sin),  # a ratio for which there is no name
        (lambda r, X: r + RNG.normal(size=r.shape), np.sin),
        (lambda r, X: np.zeros_like(r), np.sin),
        (lambda r, X: np.ones_like(r), np.sin),
        (lambda r, X: r * np.pi + 1, np.sin),
        (lambda r, X: r + 1, lambda X: np.zeros_like(X)),  # right answers that say nothing
        (lambda r, X: -r, lambda X: X[:1, :1] * 0),
    ],
)
def test_where_no_relation_holds_nothing_is_said(wrong, right):
    found = recognise(cases(wrong, right))
    assert found is None or found.id == "offset"


def test_a_relation_that_holds_in_some_cases_only_is_none():
    found = cases(lambda r, X: -r if X.shape[1] == 3 else r + X**2, np.sin)
    assert recognise(found) is None


def test_right_answers_are_not_spoken_of():
    assert recognise(cases(lambda r, X: r)) is None
    assert recognise([]) is None


def test_an_odd_factor_is_named():
    assert recognise(cases(lambda r, X: r / np.sqrt(3), np.sin)).pointer == (
        "Every number is 0.5774 times the right one."
    )
