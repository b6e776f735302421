"""Figures of correct and wrong runs, and nothing that watches can change a verdict."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.checking import assert_close, assert_unmodified, require
from autograder.checking.compare import watched
from autograder.checking.fixtures import Fixtures
from autograder.checking.in_process import InProcessSession
from autograder.checking.lost_points import LostPoints
from autograder.errors import GraderFault
from autograder.model.mistake import Change, Mistake
from autograder.model.rubric import Tolerance
from autograder.proving.gaps import DOUBLE, SINGLE, GivenSingle, measure_check, measure_style, run

ROOT = Path(__file__).parents[3]
ASSIGNMENT = load(ROOT)
TOLERANCE = Tolerance(rtol=1e-6, atol=0.0, rtol_single=1e-4, atol_single=0.0)
X = np.array([[1.1, -2.0], [0.3, 0.7]])


def check_of_relu(student, reference, rng, tolerance):
    for scale in (1.0, 1000.0):
        Z = rng.normal(0.0, scale, size=(4, 3))
        assert_close(student.relu(Z), reference.relu(Z), tolerance(), "relu(Z)")
    assert_unmodified(student, reference.relu)


def with_default(**changes):
    rubric = ASSIGNMENT.rubric
    default = dataclasses.replace(rubric.tolerances["default"], **changes)
    rubric = dataclasses.replace(rubric, tolerances={**rubric.tolerances, "default": default})
    return dataclasses.replace(ASSIGNMENT, rubric=rubric)


def measured(assignment=ASSIGNMENT, check=check_of_relu):
    mistakes = [m for m in read_mistakes(ASSIGNMENT.mistakes) if "relu" in m.components]
    return measure_check(assignment, check, "relu", mistakes, range(2))


# -- watching


def test_a_watcher_is_told_of_every_comparison():
    seen = []
    with watched(seen.append):
        assert_close(X, X, TOLERANCE, "right")
        for wrong in (X + 1, X[0], np.full((2, 2), np.nan), "text"):
            with pytest.raises(LostPoints):
                assert_close(wrong, X, TOLERANCE, "wrong")
        assert_close(X.astype(np.float32), X, TOLERANCE, "single")
    assert [c.what for c in seen] == ["right", *["wrong"] * 4, "single"]
    assert [c.error for c in seen[:5]] == [0.0, 1.0, math.inf, math.inf, math.inf]
    assert [c.scale for c in seen[:2]] == [2.0, 2.0]
    assert [seen[i].is_single for i in (0, 1, 2, 5)] == [False, False, False, True]
    assert_close(X, X, TOLERANCE)
    assert len(seen) == 6


@pytest.mark.parametrize(
    "answer", [X, X + 1, X[0], X * np.nan, None], ids=["right", "off", "shape", "nan", "kind"]
)
@pytest.mark.parametrize("says", [True, False, None, math.inf])
def test_what_a_watcher_returns_changes_no_verdict(answer, says):
    def verdict():
        try:
            assert_close(answer, X, TOLERANCE)
        except LostPoints as lost:
            return lost.reason, lost.message, lost.details
        return "passed"

    alone = verdict()
    with watched(lambda comparison: says):
        assert repr(verdict()) == repr(alone)


@pytest.mark.parametrize("answer", [X, X + 1, X[0]], ids=["right", "off", "shape"])
@pytest.mark.parametrize(
    "error", [LostPoints("none", "none", fraction=1.0), AssertionError("no"), KeyError("x")]
)
def test_a_watcher_that_raises_is_the_graders_fault(answer, error):
    def note(comparison):
        raise error

    with pytest.raises(GraderFault, match="a watcher failed on"), watched(note):
        assert_close(answer, X, TOLERANCE)


def test_a_watcher_cannot_write_to_what_it_is_told():
    def note(comparison):
        comparison.error = 0.0

    with pytest.raises(GraderFault, match="FrozenInstanceError"), watched(note):
        assert_close(X + 1, X, TOLERANCE)


# -- figures


def test_a_mistake_counts_with_what_shows_it_most():
    def check(student, tolerance):
        for size in (1.0, 100.0):
            assert_close(student.off(size), np.array([1.0]), tolerance(), f"size {size}")

    session = InProcessSession({"off": lambda size: np.array([1.0 + 3e-6 * size])})
    reading = run(ASSIGNMENT, session, check, "relu", 0)
    assert reading.figure == (pytest.approx(300, rel=0.01), "size 100.0")
    assert reading.tolerances == {"default"}
    assert Fixtures(ASSIGNMENT, session, 0).run(check, "relu").fraction == 0


def test_what_is_lost_by_a_statement_has_an_infinite_figure():
    def check(student, tolerance):
        assert_close(student.one(), np.array([1.0]), tolerance())
        require(student.one()[0] > 1, "not above one")

    reading = run(ASSIGNMENT, InProcessSession({"one": lambda: np.array([1.0])}), check, "relu", 0)
    assert reading.figure == (math.inf, "not above one")


def test_correct_and_wrong_work_lie_far_on_either_side():
    gap = measured()
    assert list(gap.problems()) == []
    assert gap.correct[DOUBLE].share == 0
    assert 0 < gap.correct[SINGLE].share < 0.01
    assert gap.wrong[DOUBLE].share > 10 < gap.wrong[SINGLE].share
    assert gap.wrong[SINGLE].by.endswith("in single")


def test_a_tolerance_that_is_too_tight_fails():
    [problem] = measured(with_default(rtol_single=1e-7, atol_single=0.0)).problems()
    assert problem.startswith("relu: the correct reference in single comes to ")


def test_a_tolerance_that_is_too_loose_fails():
    gap = measured(with_default(rtol=0.1))
    problems = list(gap.problems())
    assert problems
    assert all(problem.startswith("relu: the wrong relu__") for problem in problems)
    assert any("relu__leaky comes to" in problem for problem in problems)
    assert gap.near[0].share == min(e.share for e in gap.near if e.by == gap.near[0].by)


def test_a_mistake_that_no_statement_sees_is_told():
    def check(student):
        require(student.relu(np.ones(1)) > 0, "no")

    harmless = Mistake(
        "relu__same", (Change("relu", "np.maximum(0.0, Z)", "np.maximum(Z, 0.0)"),), ("relu",), "", ""
    )
    gap = measure_check(ASSIGNMENT, check, "relu", [harmless], range(1))
    assert list(gap.problems()) == ["relu: the wrong relu__same (seed 0) keeps its points."]


def test_a_style_is_measured_in_a_worker_in_both_precisions():
    style = ASSIGNMENT.correct / "einsum"
    gaps = measure_style(ASSIGNMENT, {"relu": check_of_relu}, style, {"relu": range(2)})
    assert gaps["relu"].refused == []
    assert gaps["relu"].correct[DOUBLE].by == "einsum"
    assert gaps["relu"].given_single.by == "einsum in single"


def test_a_correct_style_that_is_refused_is_told():
    def check(student):
        require(student.relu(np.ones(1)) > 2, "too small")

    gaps = measure_style(ASSIGNMENT, {"relu": check}, ASSIGNMENT.correct / "einsum", {"relu": range(1)})
    assert list(gaps["relu"].problems()) == ["relu: the correct einsum loses it (seed 0): too small"]


# -- single precision


def test_arrays_are_given_in_single_precision_and_come_back_as_they_were_kept():
    def check(student):
        kept = student.keep({"W": X, "b": X[0]})
        assert student.kind(X, kept) == "float32 float32"
        after = kept.value()
        assert np.array_equal(after["W"], X)
        assert after["b"].dtype == np.float32

    def kind(array, params):
        params["b"] = params["b"] + np.float32(1)
        return f"{array.dtype} {params['W'].dtype}"

    session = GivenSingle(InProcessSession({"kind": kind}))
    assert Fixtures(ASSIGNMENT, session, 0).run(check, "relu").fraction == 1
