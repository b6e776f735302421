"""The folder that a class run leaves: reads its records, and puts further files beside them, whole or not at all."""

from __future__ import annotations

import errno
import json
import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.errors import MachineFault, UsageError
from autograder.model.attempt import Attempt, Student
from autograder.reporting.build import SCHEMA_VERSION

CLASS_FILE = "class.json"
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


@dataclass(frozen=True)
class Record:
    """One attempt and what the grader said of it."""

    attempt: Attempt
    file: str = ""
    """Of the report, relative to the folder; empty if it was not graded."""
    report: Mapping[str, Any] | None = None
    problem: str = ""
    """Why there is no report, in a sentence."""


@dataclass(frozen=True)
class Member:
    """A student with all attempts, in their order; without any if nothing was handed in."""

    student: Student
    records: tuple[Record, ...] = ()
    counted: int | None = None
    """The attempt that counts, as the class run says."""


@dataclass(frozen=True)
class ClassRun:
    """All that a class run has left."""

    folder: Path
    members: tuple[Member, ...]
    """Everybody, absent ones included, by id."""
    assignment: Mapping[str, Any] = field(default_factory=dict)
    """Id, title, version and digest."""
    mode: str = "latest"
    """Which attempts were graded: ``latest``, ``best`` or ``all``."""
    unassigned: tuple[str, ...] = ()
    """Files that belong to nobody."""


def read_run(folder: Path) -> ClassRun:
    """What lies in the folder of a class run.

    A report that is missing or damaged costs nobody else theirs: its record says so.

    Raises
    ------
    UsageError
        If there is no ``class.json``, or it cannot be understood.
    """
    path = folder / CLASS_FILE
    content = _read_json(path)
    try:
        members = {}
        for item in content["students"]:
            member = _member(item, folder)
            if member.student.id in members:
                raise UsageError(f"{path}: the student '{member.student.id}' stands there twice.")
            members[member.student.id] = member
        for item in content.get("absent", []):
            student = _student(item)
            members.setdefault(student.id, Member(student))
        return ClassRun(
            folder=folder,
            members=tuple(members[i] for i in sorted(members)),
            assignment=dict(content.get("assignment") or {}),
            mode=str(content.get("attempts", "latest")),
            unassigned=tuple(str(item) for item in content.get("unassigned", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"{path} is not what a class run writes ({type(error).__name__}: {error})."
        ) from error


def read_report(path: Path) -> dict[str, Any]:
    """A report, with all that is asked of it here.

    Raises
    ------
    UsageError
        If it cannot be read, is no report, or is one of a later major version.
    """
    report = _read_json(path)
    major = str(report.get("schema_version", "")).partition(".")[0]
    if major != SCHEMA_VERSION.partition(".")[0]:
        # Minor versions only add; unknown entries are not looked at.
        raise UsageError(f"{path} is no report of version {SCHEMA_VERSION.partition('.')[0]}.")
    wrong = _first_wrong(report)
    if wrong:
        raise UsageError(f"{path} is no report: '{wrong}' is missing or of another kind.")
    return report


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file that takes the place of `path` when the block has ended well.

    Raises
    ------
    UsageError
        If the folder cannot be written to.
    MachineFault
        If the disk is full or broken.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        os.close(handle)
        try:
            yield Path(name)
            _sync(name)
            os.chmod(name, 0o644)
            os.replace(name, path)
            _sync(path.parent)  # or the new name itself could be lost with the power
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        if error.errno in _DISK:
            raise MachineFault(f"{path.name} could not be written: {error.strerror}.") from error
        raise UsageError(f"{path} cannot be written ({error.strerror}).") from error


def _sync(path: str | Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
        content = json.loads(raw)
        if b"\\ud" in raw.lower():  # names of files can hold halves of characters, which nothing can write
            content = json.loads(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not valid JSON ({error}).") from error
    if not isinstance(content, dict):
        raise UsageError(f"{path} does not hold a JSON object.")
    return content


def _member(item: Mapping[str, Any], folder: Path) -> Member:
    student = _student(item)
    records = sorted(
        (_record(a, student, folder) for a in item.get("attempts", [])), key=lambda r: r.attempt.number
    )
    numbers = [r.attempt.number for r in records]
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"two attempts of '{student.id}' have the same number")
    return Member(student, tuple(records), item.get("counted"))


def _student(item: Mapping[str, Any] | str) -> Student:
    if isinstance(item, str):
        return Student(item)
    columns = {k: str(v) for k, v in (item.get("columns") or {}).items() if v is not None}
    return Student(str(item["id"]), str(item.get("name") or ""), columns)


def _record(item: Mapping[str, Any], student: Student, folder: Path) -> Record:
    submitted = item.get("submitted")
    attempt = Attempt(
        student=student,
        path=Path(item.get("path") or ""),
        number=int(item["number"]),
        submitted=datetime.fromisoformat(submitted) if submitted else None,
        is_late=item.get("is_late"),
    )
    file = item.get("report") or ""
    if not file:
        return Record(attempt, problem="This attempt was not graded.")
    try:
        return Record(attempt, file, read_report(folder / file))
    except UsageError as error:
        return Record(attempt, file, problem=str(error))


def _first_wrong(report: Mapping[str, Any]) -> str:
    """The first entry that is not what the others here rely on; empty if there is none."""
    is_graded = report.get("status") == "graded"
    wanted: dict[str, Any] = {"status": str, "message": str, "assignment": dict, "submission": dict}
    wanted |= {"environment": dict, "seed": int, "max_score": float}
    wanted |= {"score": float, "parts": list, "checks": list, "timing": dict} if is_graded else {}
    for name, kind in wanted.items():
        if not _is(report.get(name), kind):
            return name
    for name in ("id", "title", "version", "digest"):
        if not _is(report["assignment"].get(name), str):
            return f"assignment.{name}"
    if not _is(report["submission"].get("id"), str):
        return "submission.id"
    texts, numbers = dict.fromkeys(("id", "title"), str), dict.fromkeys(("score", "max_score"), float)
    more = dict.fromkeys(("part", "status", "reason", "message"), str)
    for group, wanted in (("parts", texts | numbers), ("checks", texts | numbers | more)):
        seen: set[str] = set()
        for i, item in enumerate(report[group] if is_graded else ()):
            for name, kind in wanted.items():
                if not isinstance(item, dict) or not _is(item.get(name), kind) or item["id"] in seen:
                    return f"{group}[{i}].{name}"
            seen.add(item["id"])
    return ""


def _is(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, kind)
