"""What one student handed in, as one of possibly several attempts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Student:
    """A member of the class."""

    id: str
    """Unique in the class, and fit for a file's name."""
    name: str = ""
    """As the course's system or the roster has it."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Further columns of the roster, or ids of other systems: ``email``, ``canvas_id``, ..."""


@dataclass(frozen=True)
class Attempt:
    """One submission of one student."""

    student: Student
    path: Path
    """Folder or file."""
    number: int = 1
    """Counted from 1 in the order of handing in."""
    submitted: datetime | None = None
    """When, where the course's system tells; with a time zone, or local time."""
    is_late: bool | None = None
    """What the course's system says, where it does."""


@dataclass(frozen=True)
class Class:
    """All that was found in a download."""

    attempts: tuple[Attempt, ...]
    """By student, then by number."""
    system: str
    """Where it comes from: ``folders``, or the course's system: ``canvas``, ``moodle``, ``github``, ..."""
    absent: tuple[Student, ...] = ()
    """Members of the roster who have handed in nothing."""
    unassigned: tuple[str, ...] = ()
    """Files and folders that could not be assigned to a student, each with why, in a sentence."""
