"""Holds answers against what is asked: first kind and shape, then values.

Comparisons are written so that NaN fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.checking.lost_points import LostPoints
from autograder.errors import GraderFault
from autograder.model.rubric import Tolerance
from autograder.wire.values import Opaque


@dataclass(frozen=True)
class Comparison:
    """One answer held against what is asked, as those see it who watch."""

    what: str
    error: float
    """Largest difference; infinite if kind or shape is wrong, or a number is not finite."""
    scale: float
    """Size of the expected values, to which the tolerance refers."""
    is_single: bool
    """Whether the bound is that for single precision."""
    tolerance: Tolerance
    is_list: bool = False
    """Whether a list came where an array is asked for."""


_watchers: ContextVar[tuple[Callable[[Comparison], None], ...]] = ContextVar("watchers", default=())


@contextmanager
def watched(note: Callable[[Comparison], None]) -> Iterator[None]:
    """Have `note` told of every comparison that `assert_close` makes meanwhile, right before its verdict.

    It gets plain numbers and what it returns is ignored, so it has no say in the verdict; if it raises, that is a
    fault of the grader, and the check has no result.
    """
    token = _watchers.set((*_watchers.get(), note))
    try:
        yield
    finally:
        _watchers.reset(token)


def _tell(
    what: str, error: float, scale: float, is_single: bool, tolerance: Tolerance, is_list: bool
) -> None:
    for note in _watchers.get():
        try:
            note(Comparison(what, float(error), float(scale), bool(is_single), tolerance, is_list))
        except Exception as fault:  # a LostPoints from here would be a verdict
            raise GraderFault(f"a watcher failed on '{what}': {type(fault).__name__}: {fault}.") from fault


def require(condition: Any, message: str, reason: str = "wrong_values", **details: Any) -> None:
    """Lose the points unless a condition holds.

    Raises
    ------
    LostPoints
        With this reason, message and details.
    """
    if not bool(condition):
        raise LostPoints(reason, message, details=details)


def outputs(answer: Any, count: int, what: str) -> tuple[Any, ...]:
    """The values of an answer that must be a tuple (or list) of `count` values.

    Raises
    ------
    LostPoints
        Malformed, if it is not.
    """
    if isinstance(answer, (tuple, list)) and len(answer) == count:
        return tuple(answer)
    came = f"{len(answer)} values" if isinstance(answer, (tuple, list)) else _kind(answer)
    raise LostPoints.malformed(f"{what} must return {count} values; it returned {came}.")


def as_array(answer: Any, what: str, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """An answer as an array of numbers; lists are taken, and a single number where ``shape == ()``.

    Raises
    ------
    LostPoints
        Malformed if it is not numeric; ``wrong_shape`` if `shape` is given and differs.
    """
    try:
        array = np.asarray(answer)
    except ValueError:  # a ragged list
        array = np.asarray(None)
    if isinstance(answer, (str, Opaque, dict)) or array.dtype.kind not in "biuf":
        raise LostPoints.malformed(f"{what} must be an array of numbers; it is {_kind(answer)}.")
    if shape == () and array.size == 1:
        array = array.reshape(())  # a loss of shape (1,) or (1, 1) is a number all the same
    if shape is not None and array.shape != shape:
        raise LostPoints(
            "wrong_shape",
            f"{what} has shape {_shape(array.shape)}; expected is {_shape(shape)}.",
            details={"what": what, "shape": list(array.shape), "expected_shape": list(shape)},
        )
    return array


def as_number(answer: Any, what: str) -> float:
    """An answer as one number.

    Raises
    ------
    LostPoints
        If it is anything else.
    """
    return float(as_array(answer, what, shape=()))


def assert_close(
    answer: Any,
    expected: Any,
    tolerance: Tolerance,
    what: str = "The result",
    *,
    scale: float = 0.0,
    hint: str = "",
) -> None:
    """Accept an answer whose largest difference from the expected values is within the tolerance.

    Parameters
    ----------
    answer : object
        From the student; anything.
    expected : array_like
        Gives shape and values.
    tolerance : Tolerance
        Its single-precision column counts if the answer comes in single precision.
    what : str
        Names the value in messages.
    scale : float
        Size to which the relative tolerance refers, where that is larger than ``max|expected|``.
    hint : str
        Added to the message when the values differ.

    Raises
    ------
    LostPoints
        ``wrong_kind``, ``wrong_shape``, ``not_finite`` or ``wrong_values``.

    Notes
    -----
    The difference is compared with the largest expected entry, not entry by entry: correct networks have
    gradients that are exactly zero, where an entrywise relative error means nothing.
    """
    _compare(answer, expected, tolerance, what, scale, hint)


def assert_all_close(
    answers: Mapping[str, Any],
    expected: Mapping[str, Any],
    tolerance: Tolerance,
    what: str,
    *,
    scale: float = 0.0,
) -> None:
    """Accept arrays that are each close to the expected one of the same name; else show all of them in the report.

    Parameters
    ----------
    answers, expected : mapping of str to array_like
        The answers have at least the names of the expected ones.
    tolerance : Tolerance
    what : str
        Names the mapping in messages.
    scale : float
        As for `assert_close`.

    Raises
    ------
    LostPoints
        As the first wrong array would by itself; ``compared`` in its details is a table of all.
    """
    lost: LostPoints | None = None
    rows = []
    for name, wanted in expected.items():
        try:
            row = _compare(answers[name], wanted, tolerance, f"{what}['{name}']", scale, "")
        except LostPoints as error:
            lost, row = lost or error, {**error.details, "is_right": False}
        else:
            row["is_right"] = True
        rows.append({"what": f"{what}['{name}']", **row})
    if lost:
        lost.details = {**lost.details, "compared": rows}
        raise lost


def _compare(
    answer: Any, expected: Any, tolerance: Tolerance, what: str, scale: float, hint: str
) -> dict[str, Any]:
    """Hold one answer against what is asked; what was measured."""
    wanted = np.asarray(expected, dtype=np.float64)
    is_list = isinstance(answer, (list, tuple)) and isinstance(expected, np.ndarray) and wanted.ndim > 0
    try:
        got = as_array(answer, what, wanted.shape)
    except LostPoints:
        _tell(what, np.inf, scale, False, tolerance, is_list)
        raise
    if not wanted.size:
        return {}
    is_single = is_single_precision(got)
    got = got.astype(np.float64)
    scale = max(float(np.max(np.abs(wanted))), scale)
    bound = tolerance.bound(scale, is_single)
    finite = np.isfinite(got)
    if not finite.all():
        _tell(what, np.inf, scale, is_single, tolerance, is_list)
        at = np.unravel_index(int(np.argmin(finite)), got.shape)
        message = f"{what} contains {got[at]}{_place(at)}.{_after(hint)}"
        raise LostPoints("not_finite", message, details=_details(what, got, wanted, at, bound))
    errors = np.abs(got - wanted)
    at = np.unravel_index(int(np.argmax(errors)), got.shape)
    _tell(what, errors[at], scale, is_single, tolerance, is_list)
    details = _details(what, got, wanted, at, bound)
    if not errors[at] <= bound:
        share = int(np.sum(errors > bound))
        many = "" if got.size == 1 else f" in {share} of {got.size} entries"
        message = f"{what} is wrong{many}; the largest error is {errors[at]:.2g}{_place(at)}.{_after(hint)}"
        raise LostPoints("wrong_values", message, details=details)
    return details


def is_single_precision(array: np.ndarray) -> bool:
    """Whether numbers were computed in single precision, or half, whatever type they come in.

    ``float(loss)`` of a single-precision loss is a double that single precision can represent; of doubles that
    were computed as such one in 2**29 is.
    """
    if array.dtype.kind != "f":
        return False
    with np.errstate(over="ignore"):
        return array.dtype.itemsize < 8 or np.array_equal(array.astype(np.float32), array, equal_nan=True)


def assert_equal(answer: Any, expected: Any, what: str = "The result", hint: str = "") -> None:
    """Accept an answer whose entries equal the expected ones exactly (labels, masks, indices).

    Raises
    ------
    LostPoints
        If kind, shape or any entry differs.
    """
    assert_close(answer, expected, Tolerance(0.0, 1e-9, 0.0, 1e-6), what, hint=hint)


def _details(
    what: str, got: np.ndarray, wanted: np.ndarray, at: tuple[Any, ...], bound: float
) -> dict[str, Any]:
    return {
        "what": what,
        "shape": list(got.shape),
        "worst_error": float(abs(got[at] - wanted[at])),
        "at": [int(i) for i in at],
        "tolerance": float(bound),
        "got": float(got[at]),
        "expected": float(wanted[at]),
    }


def _kind(answer: Any) -> str:
    if answer is None:
        return "None (is a return missing?)"
    if isinstance(answer, Opaque):
        return f"an object of type {''.join(c for c in answer.type_name if c.isprintable())}"
    if isinstance(answer, np.ndarray):
        return f"an array of shape {_shape(answer.shape)}"
    return {
        "str": "a text",
        "dict": "a dict",
        "list": "a list",
        "tuple": "a tuple",
        "bool": "a truth value",
    }.get(type(answer).__name__, "a number" if isinstance(answer, (int, float)) else "something else")


def _shape(shape: tuple[int, ...]) -> str:
    return "() (a single number)" if shape == () else str(shape)


def _place(at: tuple[Any, ...]) -> str:
    return f" at index [{', '.join(str(int(i)) for i in at)}]" if at else ""


def _after(hint: str) -> str:
    return f" {hint}" if hint else ""
