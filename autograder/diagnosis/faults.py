"""Says what is wrong with an answer, or with one part of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from autograder.diagnosis.evidence import APART, Answer, Path, distance, read

VALUES = "values"
Outcome = Mapping[str, Any]


class Compared:
    """A student's outcome beside the right one; the student's is bounded plain data, and otherwise anything."""

    def __init__(self, student: Outcome, right: Outcome) -> None:
        self.student, self.right = student, right

    @cached_property
    def _answers(self) -> tuple[Answer, Answer]:
        student, right = read([dict(self.student), dict(self.right)])
        return student, right

    def fault(self, path: Path) -> str:
        """What is wrong with a part of the answer, in one word or by the exception's name; empty if nothing is."""
        student, right = self._answers
        if student.error or right.error:
            return "" if student.error == right.error else f"raises {student.error}"
        mine, wanted = _below(student, path), _below(right, path)
        if mine.keys() != wanted.keys():
            return "parts" if mine or not path else "absent"
        return next(filter(None, (_fault(mine[key], wanted[key]) for key in wanted)), "")

    def wrong_parts(self) -> list[Path]:
        """Where it is wrong: in which of its parts, or else as a whole.  Of a list no single item is a part."""
        student, right = self._answers
        if right.error:
            return []  # an exception is asked for, and there are no numbers to show
        if student.error:
            return [()]
        leaves = [path for path in right.numbers if path in student.numbers and self.fault(path)]
        parts = [_outside_lists(path, self.right["value"]) for path in leaves]
        return list(dict.fromkeys([*parts, ()] if student.paths != right.paths else parts))

    def gap(self, path: Path) -> np.ndarray | None:
        """How far each number is off; None where they cannot be compared one by one."""
        mine, wanted = (answer.numbers.get(path) for answer in self._answers)
        if mine is None or wanted is None or mine.shape != wanted.shape:
            return None
        gap: np.ndarray = np.abs(mine.astype(np.float64) - wanted.astype(np.float64))
        return np.where(np.isnan(gap), np.inf, gap)

    def largest_gap(self, path: Path) -> float:
        """How far the number is off that is most; 0 where they cannot be compared."""
        gap = self.gap(path)
        return float(gap.max()) if gap is not None and gap.size else 0.0

    def is_sound(self) -> bool:
        """Whether the right answer has finite numbers only."""
        _, right = self._answers
        return not right.error and all(np.isfinite(numbers).all() for numbers in right.numbers.values())


def at(value: Any, path: Path) -> Any:
    """The part of an answer at a place that it has."""
    for key in path:
        value = value[key]
    return value


def with_part(value: Any, path: Path, part: Any) -> Any:
    """A value in which one part is another one."""
    if not path:
        return part
    key, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, key: with_part(value[key], rest, part)}
    return type(value)(with_part(v, rest, part) if i == key else v for i, v in enumerate(value))


def _below(answer: Answer, path: Path) -> dict[Path, np.ndarray]:
    found = {key[len(path) :]: numbers for key, numbers in answer.numbers.items() if key[: len(path)] == path}
    return dict(sorted(found.items(), key=lambda item: repr(item[0])))


def _fault(mine: np.ndarray, wanted: np.ndarray) -> str:
    if not distance(mine, wanted) > APART:
        return ""
    if mine.shape != wanted.shape and not mine.size == wanted.size == 1:
        return "shape"
    return "not finite" if np.isfinite(wanted).all() and not np.isfinite(mine).all() else VALUES


def _outside_lists(path: Path, value: Any) -> Path:
    for depth, key in enumerate(path):
        if isinstance(value, list):
            return path[:depth]
        value = value[key]
    return path
