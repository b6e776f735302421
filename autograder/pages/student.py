"""A report as its student may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograder.course.overrides import WHOLE, Override
from autograder.model.late import Deduction
from autograder.pages.checks import ByHand, CheckView, by_hand, check_view
from autograder.pages.trainings import Reference, TrainingView, training_views

_MOST_FAILURES, _MOST_NAMES = 30, 20
# Whose fault it is that there is no score, for those who must not read what a check or the machine has said.
_NO_SCORE = {
    "grader_error": "Your work has no score yet: the grader itself failed, which is not your fault.",
    "infrastructure_error": "Your work has no score yet: the grader's machine failed, which is not your fault.",
}


@dataclass(frozen=True)
class PartView:
    """A part of the homework."""

    id: str
    title: str
    score: float
    max_score: float
    checks: tuple[CheckView, ...]
    is_bonus: bool = False

    @property
    def lost(self) -> tuple[CheckView, ...]:
        """Its checks that lost points; nobody loses a bonus by handing nothing in for it."""
        return tuple(c for c in self.checks if c.has_lost and not (self.is_bonus and c.has_no_file))


@dataclass(frozen=True)
class Failure:
    """A cell of a notebook, or a statement of a module, that failed when it was run."""

    place: str
    type: str
    message: str
    code: str
    names: tuple[str, ...]
    """What it would have defined."""


@dataclass(frozen=True)
class Adjusted:
    """What became of the grader's score."""

    machine: float | None
    by_hand: float
    late: Deduction
    final: float | None
    overrides: tuple[Override, ...] = ()
    """All that is set by hand."""


@dataclass(frozen=True)
class ReportView:
    """All that the page of one report shows to both readers."""

    title: str
    name: str
    """Whose work it is."""
    entry: str
    score: float | None
    max_score: float
    bonus: float
    """What of the score is bonus, which the maximum does not hold."""
    no_score: str
    """Why there is no score, in a sentence; empty if there is one."""
    message: str
    """Why the submission could not be loaded."""
    is_template: bool
    is_selection: bool
    """Only some of the checks were run."""
    notes: tuple[str, ...]
    parts: tuple[PartView, ...]
    trainings: tuple[TrainingView, ...]
    failures: tuple[Failure, ...]
    """The first of them."""
    more_failures: int
    manual: tuple[str, ...]
    adjusted: Adjusted | None
    """Without the overrides themselves, which stand where they are about something."""
    beside: Mapping[str, ByHand]
    """What is set by hand beside the points of checks that the report has."""
    made_by: str
    """Version of the assignment and the grader."""

    @property
    def is_all_right(self) -> bool:
        """Whether no check lost points, those of a bonus included."""
        return not any(check.has_lost for part in self.parts for check in part.checks)

    @property
    def lost(self) -> tuple[CheckView, ...]:
        """The checks that lost points, the dearest first."""
        checks = [check for part in self.parts for check in part.lost]
        return tuple(sorted(checks, key=lambda check: check.score - check.max_score))


def student_view(
    report: Mapping[str, Any], reference: Reference, *, name: str = "", adjusted: Adjusted | None = None
) -> ReportView:
    """A report without anything that is hidden from its student.

    Parameters
    ----------
    report : mapping
        As `autograder.reporting.build` makes it.
    reference : mapping
        The reference's trainings.
    name : str
        Of the student; the submission's by default.
    adjusted : Adjusted or None
        The final score, in a class.
    """
    no_score = _NO_SCORE.get(report["status"]) or f"Your work has no score: {report['message']}"
    if adjusted and adjusted.final is not None:
        no_score = f"The grader gave no score: {report['message']}"
    return report_view(report, reference, for_student=True, no_score=no_score, name=name, adjusted=adjusted)


def report_view(
    report: Mapping[str, Any],
    reference: Reference,
    *,
    for_student: bool,
    no_score: str,
    name: str,
    adjusted: Adjusted | None,
) -> ReportView:
    """A report for one of the two readers."""
    submission, is_graded = report["submission"], report["status"] == "graded"
    entries = {entry.check: entry for entry in adjusted.overrides} if adjusted else {}
    checks = [
        check_view(check, for_student=for_student, set_by_hand=entries.pop(check["id"], None))
        for check in report.get("checks", ())
    ]
    open_to_reader = {check.id for check in checks if not (check.is_hidden and for_student)}
    failed = (report.get("notebook") or report.get("module") or {"failed": ()})["failed"]
    graded_by = (
        f"version {report['assignment']['version']}, graded by version {report['environment']['grader']}"
    )
    return ReportView(
        title=report["assignment"]["title"],
        name=name or submission["id"],
        entry=submission.get("entry", ""),
        score=report["score"],
        max_score=report["max_score"],
        bonus=report.get("bonus", {}).get("score", 0.0),
        no_score="" if is_graded else no_score,
        message=report["message"] if is_graded else "",
        is_template=submission.get("is_template", False),
        is_selection=bool(report.get("selection")),
        notes=tuple(submission.get("notes", ())),
        parts=tuple(
            PartView(
                part["id"],
                part["title"],
                _with_changes(part["score"], [c for c in checks if c.part == part["id"]]),
                part["max_score"],
                tuple(check for check in checks if check.part == part["id"]),
                part.get("is_bonus", False),
            )
            for part in report.get("parts", ())
        ),
        trainings=training_views(report, reference, open_to_reader) if is_graded else (),
        failures=_failures(failed[:_MOST_FAILURES]),
        more_failures=max(0, len(failed) - _MOST_FAILURES),
        manual=tuple(item["title"] for item in report.get("manual", ())),
        adjusted=replace(adjusted, overrides=()) if adjusted else None,
        beside={
            what: by_hand(
                entry, adjusted.machine if adjusted and what == WHOLE else None, for_student=for_student
            )
            for what, entry in entries.items()
        },
        made_by=graded_by,
    )


def _with_changes(score: float, checks: Sequence[CheckView]) -> float:
    """The points of a part after what is set by hand."""
    changes = (c.by_hand.points - (c.by_hand.machine or 0.0) for c in checks if c.by_hand)
    return round(score + sum(changes), 2)


def _failures(failed: Sequence[Mapping[str, Any]]) -> tuple[Failure, ...]:
    return tuple(
        Failure(
            place=f"cell {item['cell']}" if "cell" in item else f"line {item.get('line', '?')}",
            type=item.get("type", ""),
            message=item.get("message", ""),
            code=item.get("code", ""),
            names=tuple(item.get("names", ()))[:_MOST_NAMES],
        )
        for item in failed
    )
