"""A function leaves its arguments alone, draws from the generator it is given, and refuses what makes no sense."""

import numpy as np
import pytest

from autograder.checking.arguments import assert_drawn_from, assert_refused, assert_unmodified
from autograder.checking.in_process import InProcessSession
from autograder.checking.lost_points import LostPoints
from autograder.checking.student import Student


class Net:
    """What the reference has."""

    def fit(self, X, Y): ...


def scale(X, factors, by): ...


class OwnError(ValueError):
    """Of the student's."""


def raising(error):
    def f():
        raise error

    return f


def scaling(*changed):
    """A student's function that changes some of its arguments."""

    def scale(X, factors, by):
        given = {"X": X, "factors": factors[0], "by": by}
        for name in changed:
            given[name] *= 2
        return X * by

    return scale


def asked(function):
    student = Student(InProcessSession({"scale": function, "Net": _Net}), 5.0)
    student.scale(np.ones(3), [np.ones(2)], np.full(1, 2.0))
    return student


class _Net:
    def fit(self, X, Y):
        Y += 1


@pytest.mark.parametrize(
    ("changed", "names", "said"),
    [
        ((), (), ""),
        (("X",), (), "scale changes X, which it is given"),
        (("factors",), (), "scale changes factors, which"),
        (("X", "factors", "by"), (), "scale changes X, factors and by, which"),
        (("X", "by"), ("by",), "scale changes by, which"),
        (("X",), ("by", "factors"), ""),
    ],
)
def test_changed_arguments_are_named(changed, names, said):
    student = asked(scaling(*changed))
    if not said:
        assert_unmodified(student, scale, *names)
        return
    with pytest.raises(LostPoints) as caught:
        assert_unmodified(student, scale, *names)
    assert caught.value.reason == "modified"
    assert caught.value.message.startswith(said)


def test_of_a_method_the_object_is_not_counted():
    student = asked(scaling())
    student.create("Net").fit(np.ones(2), np.ones(2))
    with pytest.raises(LostPoints, match=r"Net\.fit changes Y, which"):
        assert_unmodified(student, Net.fit)


@pytest.mark.parametrize("forged", [[-1], [99], [10**30]])
def test_positions_that_do_not_exist_mean_nothing(forged):
    student = asked(scaling())
    student.modified["scale"] = set(forged)
    assert_unmodified(student, scale)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (raising(ValueError("no")), ""),
        (raising(OwnError("no")), ""),
        (raising(KeyError("no")), "It must raise ValueError; it raises KeyError."),
        (lambda: None, "It must raise ValueError; it raises nothing."),
        (raising(NotImplementedError()), "f is not written yet."),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_value_error(function, said):
    student = Student(InProcessSession({"f": function}), 5.0)
    if not said:
        assert_refused(student.f, "It")
        return
    with pytest.raises(LostPoints) as caught:
        assert_refused(student.f, "It")
    assert caught.value.message == said


@pytest.mark.parametrize(
    ("draw", "is_right"),
    [
        (lambda rng: rng.random(3), True),
        (lambda rng: np.random.default_rng(rng.integers(2**31)).random(3), True),
        (lambda rng: rng.spawn(1)[0].random(3), True),
        (lambda rng: np.full(3, np.nan), True),
        (lambda rng: np.random.random(3), False),
        (lambda rng: np.random.default_rng().random(3), False),
    ],
)
def test_equal_generators_give_equal_results(draw, is_right):
    student = Student(InProcessSession({"draw": draw}), 5.0)
    if is_right:
        assert_drawn_from(student.draw, 7, "It")
        return
    with pytest.raises(LostPoints, match="It must come from rng") as caught:
        assert_drawn_from(student.draw, 7, "It")
    assert caught.value.reason == "rng"
