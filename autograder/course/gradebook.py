"""The final row of each student: what the machine found, what a person has changed, what being late has cost.

``final = machine + by_hand − late``, in hundredths.  The grader's reports are read and never changed.  Where there
is no score (nothing handed in, unreadable, the grader's or the machine's fault) the final score is empty rather than
zero: whether that is a zero is for a person to say, with an override of ``score``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from autograder.course import overrides
from autograder.course.late import LateRule
from autograder.course.overrides import LATE, WHOLE, Override
from autograder.course.records import ClassRun, Member, Record, read_run
from autograder.model.assignment import Assignment
from autograder.model.attempt import Student
from autograder.model.late import NONE, Deduction
from autograder.model.rubric import Rubric
from autograder.model.score import PartScore

T = TypeVar("T")
BEST = "best"
ABSENT, NOT_GRADED = "absent", "not_graded"
"""Statuses beside those of a report: nothing was handed in; there is no (readable) report."""


@dataclass(frozen=True)
class CheckFinal:
    """One check of the attempt that counts."""

    id: str
    title: str
    part: str
    machine: float
    """What the grader gave."""
    score: float
    """What it is worth after overrides."""
    max_score: float


@dataclass(frozen=True)
class Final:
    """The row of one student."""

    student: Student
    status: str
    """Of the report that counts; `ABSENT` or `NOT_GRADED` if there is none."""
    record: Record | None
    """The attempt that counts."""
    attempts: int
    """How many there are."""
    machine: float | None
    """The grader's score; None if it gave none."""
    by_hand: float
    """What overrides add to it."""
    late: Deduction
    final: float | None
    max_score: float
    checks: tuple[CheckFinal, ...] = ()
    parts: tuple[PartScore, ...] = ()
    """With the overrides of their checks."""
    overrides: tuple[Override, ...] = ()
    notes: tuple[str, ...] = ()
    """What an instructor should know of this row, in sentences."""


@dataclass(frozen=True)
class Gradebook:
    """All rows of a class."""

    run: ClassRun
    finals: tuple[Final, ...]
    """One for each student, absent ones included, by id."""
    checks: Mapping[str, float]
    """Ids and points of the checks, in the rubric's order; others that a report has come last."""
    parts: Mapping[str, str]
    """Ids and titles of the parts."""
    title: str
    max_score: float
    is_partial: bool = False
    """Only some of the checks were run."""
    has_late_policy: bool = False

    def remarks(self) -> list[str]:
        """What whoever defends the scores should know of them all, in sentences."""
        told = []
        handed_in = [row for row in self.finals if row.record is not None and row.final is not None]
        unknown = [r.student.id for r in handed_in if r.record and r.record.attempt.submitted is None]
        if self.has_late_policy and unknown:
            told.append(
                f"It is not known when {len(unknown)} of {len(handed_in)} were handed in: being late costs them "
                "nothing."
            )
        lowered = [
            row.student.id
            for row in self.finals
            if row.machine is not None and (row.by_hand < 0 or any(c.score < c.machine for c in row.checks))
        ]
        if lowered:
            told.append(f"Set by hand below what the grader gives: {', '.join(lowered)}.")
        return told


def make(folder: Path, assignment: Assignment) -> Gradebook:
    """The gradebook of a class run.

    Parameters
    ----------
    folder : Path
        The class run's output, with ``overrides.toml`` if there are any.
    assignment : Assignment
        Its rubric has the late policy and the checks that overrides may name.

    Raises
    ------
    UsageError
        If the folder is not one of a class run, or an override is wrong.
    GraderFault
        If the late policy's hook fails.
    """
    run = read_run(folder)
    rubric = assignment.rubric
    entries = overrides.read(folder, {m.student.id for m in run.members}, rubric)
    rows = _Rows(run, rubric, LateRule(rubric.late, assignment.root), entries)
    finals = tuple(rows.final(member) for member in run.members)
    # A report of an older rubric may have checks and parts that it does not name; they come last.
    checks = {c.id: c.max_score for row in finals for c in row.checks}
    parts = {p.id: p.title for row in finals for p in row.parts}
    return Gradebook(
        run=run,
        finals=finals,
        checks=_first({c.id: c.points for c in rubric.checks}, checks),
        parts=_first({p.id: p.title for p in rubric.parts}, parts),
        title=assignment.title,
        max_score=rows.max_score,
        is_partial=any(r.report and r.report.get("selection") for m in run.members for r in m.records),
        has_late_policy=rubric.late.policy != NONE,
    )


class _Rows:
    """Makes one row after the other."""

    def __init__(self, run: ClassRun, rubric: Rubric, rule: LateRule, entries: Sequence[Override]) -> None:
        self.run, self.rule = run, rule
        self.max_score = rubric.max_score
        self.overrides: dict[str, list[Override]] = {}
        for entry in entries:
            self.overrides.setdefault(entry.student, []).append(entry)

    def final(self, member: Member) -> Final:
        """The row of the attempt that counts."""
        if not member.records:
            return self._without_score(member, None, ABSENT, ())
        if self.run.mode == BEST:
            rows = [self._row(member, record) for record in member.records]
            # Of equal ones the earliest, which nobody can call late.
            return max(rows, key=lambda r: (_or_less(r.final), _or_less(r.machine), -_number(r)))
        counted = [r for r in member.records if r.attempt.number == member.counted]
        return self._row(member, counted[0] if counted else member.records[-1])

    def _row(self, member: Member, record: Record) -> Final:
        report = record.report
        if report is None:
            return self._without_score(member, record, NOT_GRADED, (record.problem,))
        notes = self._notes(report)
        if report["status"] != "graded":
            return self._without_score(member, record, report["status"], (report["message"], *notes))
        entries, ignored = self._entries(member.student.id)
        notes += ignored
        by_check = {e.check: e for e in entries}
        checks = tuple(_check(item, by_check.get(item["id"])) for item in report["checks"])
        missing = by_check.keys() - {WHOLE, LATE} - {c.id for c in checks}
        notes += [f"The report has no check '{i}', which is set by hand." for i in sorted(missing)]
        notes += [
            f"{c.id} is set by hand to {c.score:g}, below the {c.machine:g} that the grader gives."
            for c in checks
            if c.score < c.machine
        ]
        machine = round(report["score"], 2)
        before = _sum([machine, *(c.score - c.machine for c in checks)])
        late = self._late(record, before, report["max_score"], by_check.get(LATE))
        final = _sum([before, -late.points])
        if WHOLE in by_check:  # the last word
            if late.points:
                notes.append(
                    f"The whole score is set by hand; what being late costs, {late.points:g}, is not taken off."
                )
            late, final = Deduction(), by_check[WHOLE].points
            if final < machine:
                notes.append(
                    f"The score is set by hand to {final:g}, below the {machine:g} that the grader gives."
                )
            before = final
        return Final(
            student=member.student,
            status=report["status"],
            record=record,
            attempts=_handed_in(member),
            machine=machine,
            by_hand=_sum([before, -machine]),
            late=late,
            final=final,
            max_score=report["max_score"],
            checks=checks,
            parts=tuple(_parts(report, checks)),
            overrides=tuple(entries),
            notes=tuple(notes),
        )

    def _without_score(
        self, member: Member, record: Record | None, status: str, notes: Iterable[str]
    ) -> Final:
        entries = self.overrides.get(member.student.id, [])
        whole = next((e.points for e in entries if e.check == WHOLE), None)
        waiting = [e.check for e in entries if e.check != WHOLE]
        if waiting and whole is None:
            notes = [*notes, f"Set by hand, but there is no score to change: {', '.join(waiting)}."]
        return Final(
            student=member.student,
            status=status,
            record=record,
            attempts=_handed_in(member),
            machine=None,
            by_hand=whole or 0.0,
            late=Deduction(),
            final=whole,
            max_score=record.report["max_score"] if record and record.report else self.max_score,
            overrides=tuple(entries),
            notes=tuple(notes),
        )

    def _entries(self, student: str) -> tuple[list[Override], list[str]]:
        """What is set by hand and counts, and what does not since the whole score is set."""
        entries = self.overrides.get(student, [])
        whole = [entry for entry in entries if entry.check == WHOLE]
        others = [entry.check for entry in entries if entry.check != WHOLE]
        if not whole or not others:
            return entries, []
        return whole, [f"The whole score is set by hand; without effect beside it: {', '.join(others)}."]

    def _late(self, record: Record, score: float, max_score: float, set_to: Override | None) -> Deduction:
        if set_to is not None:
            points = min(set_to.points, score)
            return Deduction(points, f"For being late −{points:g}, set by hand.")
        attempt = record.attempt
        return self.rule.deduct(score, max_score, attempt.submitted, attempt.is_late)

    def _notes(self, report: Mapping[str, Any]) -> list[str]:
        notes = []
        digest = self.run.assignment.get("digest")
        if digest and digest != report["assignment"]["digest"]:
            notes.append("It was graded with another state of the assignment than the class; grade it again.")
        if report.get("selection"):
            notes.append(f"Only {len(report['selection'])} of the checks were run.")
        if report["status"] == "graded" and report["message"]:
            notes.append(report["message"])
        return notes


def _check(item: Mapping[str, Any], entry: Override | None) -> CheckFinal:
    score = entry.points if entry else item["score"]
    return CheckFinal(item["id"], item["title"], item["part"], item["score"], score, item["max_score"])


def _parts(report: Mapping[str, Any], checks: Sequence[CheckFinal]) -> Iterable[PartScore]:
    for part in report["parts"]:
        own = [c for c in checks if c.part == part["id"]]
        is_bonus = part.get("is_bonus", False)
        yield PartScore(part["id"], part["title"], _sum(c.score for c in own), part["max_score"], is_bonus)


def _first(known: Mapping[str, T], found: Mapping[str, T]) -> dict[str, T]:
    return {**known, **{i: found[i] for i in sorted(found.keys() - known.keys())}}


def _handed_in(member: Member) -> int:
    """How many attempts there are; with ``--attempts latest`` the earlier ones are not graded."""
    return max([len(member.records), *(record.attempt.number for record in member.records)])


def _number(row: Final) -> int:
    return row.record.attempt.number if row.record else 0


def _or_less(score: float | None) -> float:
    return -1.0 if score is None else score


def _sum(values: Iterable[float]) -> float:
    # In hundredths, as the scores themselves are added up: the order of the checks cannot matter.
    return sum(round(v * 100) for v in values) / 100
