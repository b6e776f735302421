"""Adds up what the checks earned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograder.errors import GraderFault
from autograder.model.result import PARTIAL, PASSED, STATUSES, CheckResult
from autograder.model.rubric import Rubric
from autograder.model.score import CheckScore, PartScore, Score


def add_up(rubric: Rubric, results: Mapping[str, CheckResult]) -> Score:
    """Points of each check, each part and the whole.

    Parameters
    ----------
    rubric : Rubric
    results : mapping of str to CheckResult
        By check id; the selected checks, all of them.

    Raises
    ------
    GraderFault
        If a result is for no line of the rubric, or contradicts itself.
    """
    known = {c.id for c in rubric.checks}
    for check_id, result in results.items():
        if check_id not in known:
            raise GraderFault(f"there is a result for '{check_id}', which the rubric does not name.")
        _refuse_contradiction(check_id, result)
    checks = tuple(
        CheckScore(line, results[line.id], _points(line.points, results[line.id]))
        for line in rubric.checks
        if line.id in results
    )
    parts = []
    for part in rubric.parts:
        own = [c for c in checks if c.check.part == part.id]
        if own:
            parts.append(
                PartScore(
                    part.id,
                    part.title,
                    _sum(c.score for c in own),
                    _sum(c.check.points for c in own),
                    part.is_bonus,
                )
            )
    reachable = _sum(c.check.points for c in checks if c.check.part not in rubric.bonus_parts)
    return Score(checks, tuple(parts), _sum(c.score for c in checks), reachable)


def _refuse_contradiction(check_id: str, result: CheckResult) -> None:
    share = result.fraction
    fits = {PASSED: share == 1.0, PARTIAL: 0.0 < share < 1.0}.get(result.status, share == 0.0)
    if result.status not in STATUSES or not fits:
        raise GraderFault(f"the check '{check_id}' says '{result.status}' with a share of {share}.")


def _points(points: float, result: CheckResult) -> float:
    return round(points * result.fraction, 2)


def _sum(values: Iterable[float]) -> float:
    # Hundredths are added as whole numbers, so that the order of the checks cannot matter.
    return sum(round(v * 100) for v in values) / 100
