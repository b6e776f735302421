"""Points that a person has set by hand, in ``overrides.toml`` beside the reports.

A grading never writes that file, so it survives a regrade.  Its entries::

    [[overrides]]
    student = "ada"
    check = "double"            # "score" sets the whole score, "late" the points that being late costs
    points = 1.5                # what it is worth now, not what is added to it
    comment = "the sign convention of the lecture"
    who = "M. Instructor"
    when = 2026-11-20T10:30:00  # or a date

It is TOML as the rubric is: an override is a decision with a reason, written one at a time and worth a line in a
version history, and a spreadsheet that opens a CSV takes zeros from the front of student ids and rewrites dates.
The points are absolute, so that a regrade which finds the same points by itself does not count them twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from autograder.assignment.fields import Table, read_toml
from autograder.errors import GraderFault, UsageError
from autograder.model.rubric import Rubric

FILE = "overrides.toml"
WHOLE, LATE = "score", "late"
"""What an entry can set beside the points of a check."""


@dataclass(frozen=True)
class Override:
    """One decision by hand."""

    student: str
    check: str
    """Id of a check, `WHOLE` or `LATE`."""
    points: float
    comment: str
    """Why; for instructors."""
    who: str
    when: date
    """A date, or a date and a time."""


def read(folder: Path, students: Collection[str], rubric: Rubric) -> tuple[Override, ...]:
    """The overrides of a class, none if the file does not exist.

    Parameters
    ----------
    folder : Path
        In which ``overrides.toml`` lies.
    students : collection of str
        Ids of all who may be named: those with attempts and those without.
    rubric : Rubric
        The checks and what they are worth.

    Raises
    ------
    UsageError
        If an entry is incomplete or doubled, names what does not exist, or gives more points than there are.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    total = round(sum(c.points for c in rubric.checks), 2)
    maxima = {WHOLE: total, LATE: total} | {c.id: c.points for c in rubric.checks}
    try:
        table = Table(read_toml(path), FILE)
        found = [_entry(item, students, maxima) for item in table.tables("overrides")]
        table.done()
    except GraderFault as error:  # the reader of the assignment's files; this one is the user's
        raise UsageError(str(error)) from error
    seen: set[tuple[str, str]] = set()
    for entry in found:
        if (entry.student, entry.check) in seen:
            raise UsageError(
                f"{FILE}: '{entry.check}' of '{entry.student}' is set twice; keep the entry that counts."
            )
        seen.add((entry.student, entry.check))
    return tuple(found)


def _entry(table: Table, students: Collection[str], maxima: Mapping[str, float]) -> Override:
    content = dict(table.content)
    when = content.pop("when", None)  # no kind of entry that `Table` knows
    table = Table(content, table.where)
    student, check = table.text("student"), table.text("check")
    table.where = f"{table.where} ('{check}' of '{student}')"
    if student not in students:
        raise UsageError(f"{table.where}: nobody has the id '{student}'{_near(student, students) or '.'}")
    if check not in maxima:
        raise UsageError(
            f"{table.where}: there is no check '{check}'{_near(check, maxima)}; "
            f"'{WHOLE}' sets the whole, '{LATE}' the deduction."
        )
    entry = Override(
        student, check, table.number("points"), table.text("comment"), table.text("who"), _day(table, when)
    )
    table.done()
    if entry.points > maxima[check]:
        raise UsageError(f"{table.where}: {entry.points:g} points, but there are {maxima[check]:g} at most.")
    if round(entry.points, 2) != entry.points:  # scores are given in hundredths
        raise UsageError(f"{table.where}: points = {entry.points:g} has more than two decimals.")
    return entry


def _day(table: Table, when: object) -> date:
    if when is None:
        raise UsageError(f"{table.where}: 'when' is missing.")
    if not isinstance(when, date):
        raise UsageError(f"{table.where}: when must be a date, like 2026-11-20 without quotes.")
    return when


def _near(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f", is '{near[0]}' meant?" if near else ""
