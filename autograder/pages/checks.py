"""A check of a report as a page shows it: to a student, or to an instructor.

What a student may not see of a hidden check is not left out by a template but never put into its `CheckView`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograder.course.overrides import Override
from autograder.model.result import LISTS, NO_FILE, NOT_IMPLEMENTED
from autograder.pages.texts import rough, short
from autograder.pages.verdicts import Verdict, verdict


@dataclass(frozen=True)
class Compared:
    """One answer held against what is asked, as a row of a table."""

    what: str
    place: str
    """Index of the worst entry; empty for a single number."""
    expected: str
    got: str
    error: str
    allowed: str
    is_right: bool = False


@dataclass(frozen=True)
class FollowThrough:
    """That a check was judged twice."""

    replaced: tuple[str, ...]
    """Pieces of the reference's in the second judgement."""
    own: Verdict
    other: Verdict
    has_counted: bool
    """Whether the second judgement is the one that counts."""
    own_message: str
    credit: float
    is_unwritten: bool = False
    """Whether it is not written with the reference's pieces below it, either: then there is nothing to tell."""


@dataclass(frozen=True)
class Snippet:
    """The smallest input found that shows a failure."""

    code: str
    function: str


@dataclass(frozen=True)
class ByHand:
    """Points that a person has set; who and why are for instructors."""

    points: float
    machine: float | None = None
    """What the grader gave."""
    comment: str = ""
    who: str = ""
    when: str = ""


@dataclass(frozen=True)
class CheckView:
    """What a page says of one check."""

    id: str
    title: str
    part: str
    score: float
    max_score: float
    verdict: Verdict
    is_hidden: bool
    has_no_file: bool = False
    """It reads a file that was not handed in."""
    message: str = ""
    compared: tuple[Compared, ...] = ()
    hint: str = ""
    snippet: Snippet | None = None
    follow_through: FollowThrough | None = None
    modified: tuple[str, ...] = ()
    """Calls that changed an array they were given."""
    lists: tuple[str, ...] = ()
    """Values in which a list came where an array is asked for."""
    by_hand: ByHand | None = None

    @property
    def has_lost(self) -> bool:
        """Whether there is something to explain."""
        return self.score < self.max_score


def is_hidden(check: Mapping[str, Any]) -> bool:
    """Whether a student may see no more than the verdict: a file does not know whether a date has passed."""
    return bool(check["visibility"] != "visible")


def check_view(
    check: Mapping[str, Any], *, for_student: bool, set_by_hand: Override | None = None
) -> CheckView:
    """A check for one of the two readers."""
    hidden = is_hidden(check)
    found = verdict(check["status"], check["reason"])
    view = CheckView(
        id=check["id"],
        title=check["title"],
        part=check["part"],
        score=set_by_hand.points if set_by_hand else check["score"],
        max_score=check["max_score"],
        verdict=found,
        is_hidden=hidden,
        has_no_file=check["reason"] == NO_FILE,
        message=found.reason,
        by_hand=by_hand(set_by_hand, check["score"], for_student=for_student) if set_by_hand else None,
    )
    if hidden and for_student:
        return view
    details = check["details"]
    sample, diagnosis = check["counterexample"], check["diagnosis"]
    return replace(
        view,
        message=check["message"],
        compared=_compared(details),
        hint=diagnosis["hint"] if diagnosis else "",
        snippet=Snippet(sample["snippet"], sample["function"]) if sample else None,
        follow_through=_follow_through(check["follow_through"]),
        modified=tuple(details.get("modified_arguments", ())),
        lists=tuple(details.get(LISTS, ())),
    )


def by_hand(entry: Override, machine: float | None, *, for_student: bool) -> ByHand:
    """What one of the two readers sees of an override."""
    if for_student:
        return ByHand(entry.points, machine)
    return ByHand(entry.points, machine, entry.comment, entry.who, str(entry.when)[: len("2026-11-20 10:30")])


def _compared(details: Mapping[str, Any]) -> tuple[Compared, ...]:
    """The comparisons that a check noted: all arrays of a gradient check, or the one that was wrong."""
    if details.get("compared"):
        return tuple(_row(item) for item in details["compared"])
    return (_row(details),) if {"expected", "expected_shape"} & details.keys() else ()


def _row(item: Mapping[str, Any]) -> Compared:
    if "expected" not in item:
        wanted, came = (_shape(item[key]) if key in item else "" for key in ("expected_shape", "shape"))
        return Compared(item.get("what", ""), "", wanted, came, "", "", bool(item.get("is_right", False)))
    at = item.get("at") or []
    return Compared(
        what=item.get("what", ""),
        place=f"[{', '.join(map(str, at))}]" if at else "",
        expected=short(item["expected"]),
        got=short(item["got"]),
        error=rough(item.get("worst_error", "")),
        allowed=rough(item.get("tolerance", "")),
        is_right=bool(item.get("is_right", False)),
    )


def _shape(sizes: Any) -> str:
    return f"shape ({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"


def _follow_through(note: Mapping[str, Any] | None) -> FollowThrough | None:
    if not note:
        return None
    return FollowThrough(
        replaced=tuple(note["replaced"]),
        own=verdict(note["own_chain"]),
        other=verdict(note["with_reference"]),
        has_counted=note["counted"] == "with_reference",
        own_message=note["own_message"],
        credit=note["credit"],
        is_unwritten=note["own_chain"] == note["with_reference"] == NOT_IMPLEMENTED,
    )
