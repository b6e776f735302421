"""Compares two gradings: whose score moves, by how much, and why.

Each side is the output of a class run, or a single report.  Of a class the final scores are compared, as its
``gradebook.db`` has them; without one, the grader's scores.  Identical work that lost points comes first: it is
what nobody can explain to a student.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import database
from autograder.course.gradebook import ABSENT, NOT_GRADED
from autograder.course.records import CLASS_FILE, Member, Record, read_report, read_run
from autograder.errors import UsageError

REPORT_FILE = "report.json"
NOT_THERE = "not there"


@dataclass(frozen=True)
class CheckMove:
    """A check that differs."""

    id: str
    old: float | None
    """None if that report does not have the check."""
    new: float | None
    old_status: str
    new_status: str
    message: str
    """Of the new report."""


@dataclass(frozen=True)
class Move:
    """A student whose score, status or checks differ."""

    student: str
    name: str
    old: float | None
    """None if there is no score."""
    new: float | None
    old_status: str
    new_status: str
    is_same_work: bool
    """Both gradings are of the same bytes."""
    checks: tuple[CheckMove, ...]
    reasons: tuple[str, ...]
    """Whatever differs beside the checks, in sentences."""

    @property
    def by(self) -> float:
        """Points gained; no score counts as none."""
        return round((self.new or 0) - (self.old or 0), 2)

    @property
    def is_unjust(self) -> bool:
        """Identical work that lost points, or its score."""
        return self.is_same_work and (self.by < 0 or (self.new is None and self.old is not None))


@dataclass(frozen=True)
class Comparison:
    """Of two gradings."""

    old: str
    new: str
    moves: tuple[Move, ...]
    """Identical work that lost points first, then by what was lost."""
    unmoved: int
    """How many are the same on both sides."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Standing:
    """Where a student stands on one side."""

    student: str
    name: str
    status: str
    report: Mapping[str, Any] = field(default_factory=dict)
    """Empty if there is none."""
    problem: str = ""
    attempt: int | None = None
    score: float | None = None
    late: float = 0.0
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def checks(self) -> dict[str, Mapping[str, Any]]:
        """By id."""
        return {c["id"]: c for c in self.report.get("checks", ())}

    @property
    def digest(self) -> str | None:
        """Of the submission; None if it was not read."""
        digest: str | None = self.report.get("submission", {}).get("digest")
        return digest


def compare(old: Path, new: Path) -> Comparison:
    """What differs between two outputs of class runs, or between two reports.

    Parameters
    ----------
    old, new : Path
        A folder with ``class.json``, or a report or the folder that holds it.

    Raises
    ------
    UsageError
        If one of them is neither, if they are not of the same kind, or if a file cannot be understood.
    """
    kinds = [_kind(path) for path in (old, new)]
    if kinds[0] != kinds[1]:
        raise UsageError(f"{old} is {kinds[0]} and {new} is {kinds[1]}; compare two of the same kind.")
    notes: list[str] = []
    if kinds[0] == _REPORT:
        # Two files that somebody has named belong together, whatever the submission is called in them.
        before, after = ({"": _single(path)} for path in (old, new))
    else:
        before, after = _classes((old, new), notes)
    moves = []
    for student in sorted(before.keys() | after.keys()):
        move = _move(before.get(student), after.get(student))
        if move is not None:
            moves.append(move)
    moves.sort(key=lambda m: (not m.is_unjust, m.by, m.student))
    unmoved = len(before.keys() | after.keys()) - len(moves)
    return Comparison(str(old), str(new), tuple(moves), unmoved, tuple(notes))


def to_plain(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON data."""
    plain = asdict(comparison)
    for item, move in zip(plain["moves"], comparison.moves, strict=True):
        item |= {"by": move.by, "is_unjust": move.is_unjust}
    return plain


def render(comparison: Comparison) -> str:
    """A comparison as text: what matters most first."""
    moves = comparison.moves
    total = len(moves) + comparison.unmoved
    lines = [f"note: {note}" for note in comparison.notes]
    if not moves:
        return "\n".join([*lines, f"Nothing moved: {total} of {total} the same."])
    lines.append(f"{len(moves)} of {total} moved: {_counts(moves)}.")
    for title, group in (
        ("Identical work that lost points", [m for m in moves if m.is_unjust]),
        ("Others", [m for m in moves if not m.is_unjust]),
    ):
        if group:
            lines += ["", f"{title}:"]
            lines += [_one_line(line) for move in group for line in _lines(move)]
    return "\n".join(lines)


def _counts(moves: Sequence[Move]) -> str:
    """How many went which way."""
    ways = {"down": 0, "up": 0, "with the same score": 0, "with a score now": 0, "without one now": 0}
    for move in moves:
        if (move.old is None) != (move.new is None):
            ways["with a score now" if move.old is None else "without one now"] += 1
        else:
            ways["down" if move.by < 0 else "up" if move.by > 0 else "with the same score"] += 1
    told = [f"{count} {way}" for way, count in ways.items() if count or way in ("down", "up")]
    return ", ".join(told)


def _lines(move: Move) -> Iterator[str]:
    who = f"{move.student} ({move.name})" if move.name else move.student
    by = f" ({'+' if move.by > 0 else '−'}{abs(move.by):g})" if move.by else ""
    status = "" if move.old_status == move.new_status else f", {move.old_status} → {move.new_status}"
    yield f"  {who}: {_points(move.old)} → {_points(move.new)}{by}{status}"
    for check in move.checks:
        change = (
            check.new_status
            if check.old_status == check.new_status
            else f"{check.old_status} → {check.new_status}"
        )
        message = f": {check.message}" if check.message else ""
        yield f"      {check.id}: {_points(check.old)} → {_points(check.new)}, {change}{message}"
    for reason in move.reasons:
        yield f"      {reason}"


_REPORT, _CLASS = "a report", "the output of a class run"


def _kind(path: Path) -> str:
    if (path / CLASS_FILE).is_file():
        return _CLASS
    if path.is_file() or (path / REPORT_FILE).is_file():
        return _REPORT
    if not path.exists():
        raise UsageError(f"{path} does not exist.")
    raise UsageError(f"{path} holds neither {CLASS_FILE} nor {REPORT_FILE}.")


def _single(path: Path) -> _Standing:
    report = read_report(path / REPORT_FILE if path.is_dir() else path)
    return _Standing(report["submission"]["id"], "", report["status"], report, score=report["score"])


def _classes(folders: tuple[Path, Path], notes: list[str]) -> Iterator[dict[str, _Standing]]:
    """Where everybody stands on both sides: by final scores, or by the grader's where a side has no others."""
    runs = [read_run(folder) for folder in folders]
    finals = [database.read_finals(folder) for folder in folders]
    for run, found in zip(runs, finals, strict=True):
        if found is None:
            notes.append(f"{run.folder} has no {database.FILE}.")
        elif not all(_goes_with(member, found.get(member.student.id)) for member in run.members):
            # As when a regrade was stopped before the gradebook was made.
            notes.append(f"{run.folder / database.FILE} is older than the reports there.")
    if notes:
        notes.append("The grader's scores are compared, without late deductions and overrides.")
    for run, found in zip(runs, finals, strict=True):
        yield {
            m.student.id: _standing(m, _machine_only(m) if notes or found is None else found[m.student.id])
            for m in run.members
        }


def _goes_with(member: Member, final: Mapping[str, Any] | None) -> bool:
    """Whether the gradebook was made from these reports."""
    if final is None or (final["attempt"] is None) != (not member.records):
        return False
    record = _attempt(member, final["attempt"])
    report = record.report if record else None
    machine: float | None = final["machine_score"]
    return machine == _rounded(report["score"] if report else None)


def _attempt(member: Member, number: int | None) -> Record | None:
    return next((r for r in member.records if r.attempt.number == number), None)


def _standing(member: Member, final: Mapping[str, Any]) -> _Standing:
    record = _attempt(member, final["attempt"])
    return _Standing(
        student=member.student.id,
        name=member.student.name,
        status=final["status"],
        report=(record.report if record else None) or {},
        problem=record.problem if record else "",
        attempt=final["attempt"],
        score=final["final_score"],
        late=final["late_deduction"],
        overrides=final["overrides"],
    )


def _machine_only(member: Member) -> dict[str, Any]:
    last = member.records[-1] if member.records else None
    record = _attempt(member, member.counted) or last
    report = record.report if record else None
    return {
        "attempt": record.attempt.number if record else None,
        "status": report["status"] if report else NOT_GRADED if record else ABSENT,
        "final_score": _rounded(report["score"] if report else None),
        "late_deduction": 0.0,
        "overrides": {},
    }


def _move(old: _Standing | None, new: _Standing | None) -> Move | None:
    """What differs for one student; None if neither the score, the status nor the score of a check does."""
    some = new or old
    assert some is not None
    before = old or _Standing(some.student, some.name, NOT_THERE)
    after = new or _Standing(some.student, some.name, NOT_THERE)
    checks = tuple(_check_moves(before, after))
    is_moved = _rounded(before.score) != _rounded(after.score) or before.status != after.status
    if not is_moved and not any(c.old != c.new for c in checks):
        return None
    is_same = before.digest is not None and before.digest == after.digest
    return Move(
        student=some.student,
        name=some.name,
        old=before.score,
        new=after.score,
        old_status=before.status,
        new_status=after.status,
        is_same_work=is_same,
        checks=checks,
        reasons=tuple(_reasons(before, after, is_same, bool(checks))),
    )


def _check_moves(old: _Standing, new: _Standing) -> Iterator[CheckMove]:
    if not old.checks or not new.checks:  # one side has no score: every check would stand here
        return
    for check_id in {**old.checks, **new.checks}:
        a, b = old.checks.get(check_id, {}), new.checks.get(check_id, {})
        if (a.get("score"), a.get("status")) != (b.get("score"), b.get("status")):
            yield CheckMove(
                check_id,
                a.get("score"),
                b.get("score"),
                a.get("status", NOT_THERE),
                b.get("status", NOT_THERE),
                b.get("message", ""),
            )


def _reasons(old: _Standing, new: _Standing, is_same_work: bool, have_checks_moved: bool) -> Iterator[str]:
    graded_otherwise: list[str] = []
    if old.report and new.report:
        graded_otherwise = list(_settings(old.report, new.report))
        if old.attempt != new.attempt:
            yield f"Attempt {new.attempt} counts, it was attempt {old.attempt}."
        if old.digest and new.digest:
            yield "The same work." if is_same_work else "Other work: the submission's files have changed."
        yield from graded_otherwise
    yield from _overrides(old.overrides, new.overrides)
    if old.late != new.late:
        yield f"The deduction for being late was {old.late:g} and is {new.late:g}."
    for when, side in (("before", old), ("now", new)):
        why = side.problem or (side.report.get("message", "") if side.score is None else "")
        if why:
            yield f"Not graded {when}: {why}"
    if is_same_work and have_checks_moved and not graded_otherwise:
        yield "Nothing else differs: these checks do not repeat their verdict."


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What a score depends on beside the submission."""
    a, b = old["assignment"], new["assignment"]
    if a["id"] != b["id"]:
        yield f"Another assignment: {a['id']} → {b['id']}."
    elif a["version"] != b["version"]:
        yield f"The assignment has changed, version {a['version']} → {b['version']}."
    elif a["digest"] != b["digest"]:
        yield f"The assignment has changed, though it is still version {a['version']}."
    if old["max_score"] != new["max_score"]:
        yield f"The maximum was {old['max_score']:g} and is {new['max_score']:g}."
    if old.get("selection") != new.get("selection"):
        yield "Other checks were chosen."
    if old["seed"] != new["seed"]:
        yield f"Other random inputs, seed {old['seed']} → {new['seed']}."
    a, b = old["environment"], new["environment"]
    for name in sorted(a.keys() | b.keys()):
        if a.get(name) != b.get(name):
            yield f"Another {name}: {a.get(name, 'unknown')} → {b.get(name, 'unknown')}."


def _overrides(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for check in sorted(old.keys() | new.keys()):
        a, b = (side.get(check, {}).get("points") for side in (old, new))
        if a == b:
            continue
        if b is None:
            yield f"No longer set by hand: {check}, which was {a:g}."
        else:
            was = "" if a is None else f", which was {a:g}"
            yield f"Set by hand: {check} to {b:g}{was}, by {new[check]['who']}: {new[check]['comment']}"


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 2)


def _points(score: float | None) -> str:
    return "none" if score is None else f"{score:g}"


def _one_line(text: str) -> str:
    """Without control characters: names and messages must not move the cursor of a terminal."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
