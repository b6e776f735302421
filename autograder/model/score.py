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
    is_bonus: bool = False


@dataclass(frozen=True)
class Score:
    """The whole submission."""

    checks: tuple[CheckScore, ...]
    parts: tuple[PartScore, ...]
    score: float
    """With the bonus, so that it may be larger than `max_score`."""
    max_score: float
    """Without the bonus."""

    @property
    def bonus(self) -> float:
        """What of the score is bonus."""
        return round(sum(part.score for part in self.parts if part.is_bonus), 2)

    @property
    def max_bonus(self) -> float:
        """What the bonus could have been."""
        return round(sum(part.max_score for part in self.parts if part.is_bonus), 2)
