"""Answers to a script as numbers that can be held against each other, step by step and output by output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.checking.compare import is_single_precision
from autograder.wire.values import Opaque

EXACT, EXACT_SINGLE = 1e-6, 1e-4
"""Largest relative difference of two computations of the same formula, in double and in single precision.  Correct
solutions in other styles differ by 7e-13 and 2e-6 at most (batch normalization in single precision: 1.7e-4)."""
APART = 100.0
"""Two formulas are told apart when their answers differ by this many times as much."""

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Answer:
    """What one step returned: numbers by their place in it, or the exception; and the arguments that it changed."""

    numbers: Mapping[Path, np.ndarray]
    error: str = ""
    modified: frozenset[int] = frozenset()

    @property
    def paths(self) -> frozenset[Path]:
        """Where there are numbers."""
        return frozenset(self.numbers)


def read(outcomes: list[dict[str, Any]]) -> list[Answer]:
    """The answers of a script's steps."""
    return [
        Answer({}, str(outcome["error"].get("type", "")) or "error")
        if "error" in outcome
        else Answer(dict(_leaves(outcome.get("value"), ())), modified=frozenset(outcome.get("modified", ())))
        for outcome in outcomes
    ]


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, np.ndarray]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, (list, tuple)) and not _is_numeric(value):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    elif value is not None and not isinstance(value, (str, Opaque)):
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            yield path, array


def _is_numeric(value: list[Any] | tuple[Any, ...]) -> bool:
    """A list that is written for an array: of plain numbers, or of equally long lists of them."""
    if isinstance(value, tuple) or not value:
        return False
    try:
        return np.asarray(value).dtype.kind in "biuf" and not isinstance(value[0], np.ndarray)
    except ValueError:
        return False


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Largest difference relative to the largest entry of `other`, in units of what is exact.

    It is infinite if the shapes, or the places of infinities and NaN, are not the same.
    """
    # (1,) and (1, 1) for a single number are a matter of style.
    if one.size == other.size == 1:
        one, other = one.reshape(()), other.reshape(())
    if one.shape != other.shape:
        return np.inf
    unit = EXACT_SINGLE if is_single_precision(one) or is_single_precision(other) else EXACT
    a, b = one.astype(np.float64), other.astype(np.float64)
    finite = np.isfinite(b)
    if not np.array_equal(finite, np.isfinite(a)) or not np.array_equal(
        a[~finite], b[~finite], equal_nan=True
    ):
        return np.inf
    if not finite.any():
        return 0.0
    a, b = a[finite], b[finite]
    return float(np.max(np.abs(a - b)) / (unit * max(float(np.max(np.abs(b))), 1e-300)))


def apart(one: Answer, other: Answer, paths: frozenset[Path]) -> float:
    """Distance of two answers at these places; infinite if one of them raised another exception, or none."""
    if one.error or other.error:
        return 0.0 if one.error == other.error else np.inf
    worst = 0.0
    for path in paths:
        if (path in one.numbers) != (path in other.numbers):
            return np.inf
        if path in one.numbers:
            worst = max(worst, distance(one.numbers[path], other.numbers[path]))
    return worst


def comparable(student: list[Answer], right: list[Answer]) -> list[frozenset[Path]]:
    """Where in each answer the student's numbers can be held against the right ones.

    What a function returns beside what is asked (a cache, say) may have any form, so places are left out that
    only one of them has.
    """
    return [s.paths & r.paths for s, r in zip(student, right, strict=True)]
