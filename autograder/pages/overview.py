"""A class at a glance: scores, checks, mistakes, time and failures."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import numpy as np

from autograder.course.gradebook import ABSENT, Final, Gradebook
from autograder.pages.student import Adjusted

_MOST_MISTAKES = 40
_SLOWEST = 10
_CELLS = {"passed": 0, "partial": 1, "not_implemented": 3}
WRONG, NOT_JUDGED = 2, 4
STUDENT_FILE, INSTRUCTOR_FILE, CLASS_FILE = "feedback.html", "instructor.html", "class.html"


@dataclass(frozen=True)
class Row:
    """One student."""

    id: str
    name: str
    status: str
    score: float | None
    """Final, with overrides and what being late costs."""
    max_score: float
    parts: tuple[float | None, ...]
    attempts: int
    late: float
    by_hand: float
    wall_s: float | None
    folder: str
    """Address of the folder with the pages, relative to the class page; empty if there are none."""
    notes: tuple[str, ...]

    @property
    def shown(self) -> str:
        """Name, or id where there is none."""
        return self.name or self.id


@dataclass(frozen=True)
class CommonMistake:
    """A mistake that was recognised, and who made it."""

    name: str
    summary: str
    checks: tuple[str, ...]
    lost: float
    """Points of all students together."""
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class CheckOfClass:
    """One check over all students who were graded."""

    id: str
    title: str
    part: str
    counts: Mapping[int, int]
    """How many cells of the heat map have which number."""
    graded: int
    mean: float
    """Share of its points."""

    @property
    def right(self) -> int:
        """How many have all points."""
        return self.counts.get(0, 0)


@dataclass(frozen=True)
class ClassView:
    """All that the page shows."""

    title: str
    rows: tuple[Row, ...]
    parts: tuple[str, ...]
    """Titles."""
    checks: tuple[CheckOfClass, ...]
    mistakes: tuple[CommonMistake, ...]
    more_mistakes: int
    """How many are not listed."""
    scores: tuple[float, ...]
    max_score: float
    cells: np.ndarray = field(repr=False)
    """Of the heat map: students from the best to the worst, checks in the rubric's order."""
    columns: tuple[str, ...] = ()
    """Ids of the checks that the cells are about."""
    unassigned: tuple[str, ...] = ()

    @property
    def median(self) -> float:
        """Of the scores."""
        return statistics.median(self.scores)

    @property
    def mean(self) -> float:
        """Of the scores."""
        return statistics.fmean(self.scores)

    @property
    def without_score(self) -> tuple[Row, ...]:
        """Who handed in something that has no score."""
        return tuple(row for row in self.rows if row.score is None and row.status != ABSENT)

    @property
    def absent(self) -> tuple[Row, ...]:
        """Who handed in nothing."""
        return tuple(row for row in self.rows if row.status == ABSENT)

    @property
    def slowest(self) -> tuple[Row, ...]:
        """Submissions that took longest to grade."""
        timed = [row for row in self.rows if row.wall_s is not None]
        return tuple(sorted(timed, key=lambda row: -(row.wall_s or 0.0))[:_SLOWEST])

    def by_part(self) -> list[tuple[str, int]]:
        """Parts, and how many checks each has, in the order of the heat map's columns."""
        groups: dict[str, int] = {}
        for check in self.checks:
            groups[check.part] = groups.get(check.part, 0) + 1
        return list(groups.items())


def adjustment(final: Final) -> Adjusted:
    """What became of the grader's score of one student."""
    return Adjusted(final.machine, final.by_hand, final.late, final.final, final.overrides)


def class_view(book: Gradebook) -> ClassView:
    """The overview of a class whose reports are in its folder."""
    rows = {final.student.id: _row(final, list(book.parts)) for final in book.finals}
    graded = [(f, _by_id(f)) for f in book.finals if _by_id(f)]
    graded.sort(key=lambda pair: (-(pair[0].final or 0.0), pair[0].student.id))
    known = {check_id for _, checks in graded for check_id in checks}
    order = [check_id for check_id in book.checks if check_id in known]
    cells = np.full((len(graded), len(order)), NOT_JUDGED, dtype=np.int8)
    for at, (_, checks) in enumerate(graded):
        for column, check_id in enumerate(order):
            if check_id in checks:
                cells[at, column] = _CELLS.get(checks[check_id]["status"], WRONG)
    mistakes = sorted(_mistakes(graded, rows), key=lambda m: (-len(m.rows), -m.lost, m.name))
    return ClassView(
        title=book.title,
        rows=tuple(rows.values()),
        parts=tuple(book.parts.values()),
        checks=tuple(_checks(graded, order, cells, book.parts)),
        mistakes=tuple(mistakes[:_MOST_MISTAKES]),
        more_mistakes=max(0, len(mistakes) - _MOST_MISTAKES),
        scores=tuple(f.final for f in book.finals if f.final is not None),
        max_score=book.max_score,
        cells=cells,
        columns=tuple(order),
        unassigned=book.run.unassigned,
    )


def _row(final: Final, parts: Sequence[str]) -> Row:
    earned = {part.id: part.score for part in final.parts}
    report = final.record.report if final.record else None
    timing = (report or {}).get("timing") or {}
    folder = final.record.file.rpartition("/")[0] if final.record and report else ""
    return Row(
        id=final.student.id,
        name=final.student.name,
        status=final.status,
        score=final.final,
        max_score=final.max_score,
        parts=tuple(earned.get(part) for part in parts),
        attempts=final.attempts,
        late=final.late.points,
        by_hand=final.by_hand,
        wall_s=timing.get("wall_s"),
        folder=quote(folder),
        notes=final.notes,
    )


Graded = Sequence[tuple[Final, Mapping[str, Mapping[str, Any]]]]


def _by_id(final: Final) -> dict[str, Mapping[str, Any]]:
    """The checks of the attempt that counts, with what is set by hand."""
    report = final.record.report if final.record else None
    scores = {check.id: check.score for check in final.checks}
    found = {}
    for check in (report or {}).get("checks", ()):
        score = scores.get(check["id"], check["score"])
        if score != check["score"]:
            status = "passed" if score == check["max_score"] else "partial" if score else "failed"
            check = {**check, "score": score, "status": status}
        found[check["id"]] = check
    return found


def _checks(
    graded: Graded, order: Sequence[str], cells: np.ndarray, parts: Mapping[str, str]
) -> Iterator[CheckOfClass]:
    for column, check_id in enumerate(order):
        found = [checks[check_id] for _, checks in graded if check_id in checks]
        numbers, counts = np.unique(cells[:, column], return_counts=True)
        worth = sum(check["max_score"] for check in found)
        yield CheckOfClass(
            id=check_id,
            title=found[0]["title"],
            part=parts.get(found[0]["part"], found[0]["part"]),
            counts=dict(zip(numbers.tolist(), counts.tolist(), strict=True)),
            graded=len(found),
            mean=sum(check["score"] for check in found) / worth if worth else 0.0,
        )


def _mistakes(graded: Graded, rows: Mapping[str, Row]) -> Iterator[CommonMistake]:
    found: dict[str, list[tuple[Row, Mapping[str, Any]]]] = {}
    for final, checks in graded:
        for check in checks.values():
            diagnosis = check.get("diagnosis")
            if diagnosis and check["score"] < check["max_score"]:
                name = diagnosis["mistake"]
                if name.startswith("numbers."):  # a relation, which means something else in each function
                    name += f" ({check['id'].partition('.')[0]})"
                found.setdefault(name, []).append((rows[final.student.id], check))
    for name, cases in found.items():
        yield CommonMistake(
            name=name,
            summary=cases[0][1]["diagnosis"]["summary"],
            checks=tuple(dict.fromkeys(check["id"] for _, check in cases)),
            lost=sum(check["max_score"] - check["score"] for _, check in cases),
            rows=tuple({row.id: row for row, _ in cases}.values()),
        )
