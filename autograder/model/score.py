"""What a submission earned."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.model.result import CheckResult
from autograder.model.rubric import RubricCheck


@dataclass(frozen=True)
class CheckScore:
    """One check: its line in the rubric, what it found, and the points that follow."""

    check: RubricCheck
    result: CheckResult
    score: float


@dataclass(frozen=True)
class PartScore:
    """One part of the homework."""

    id: str
    title: str
    score: float
    max_score: float


@dataclass(frozen=True)
class Score:
    """The whole submission."""

    checks: tuple[CheckScore, ...]
    parts: tuple[PartScore, ...]
    score: float
    max_score: float
