"""What a download holds, before it is known which students of the class it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from autograder.course.names import shown
from autograder.course.place import Place


@dataclass(frozen=True)
class HandedIn:
    """One attempt of somebody."""

    key: str
    """What tells one student from another in this download."""
    files: tuple[tuple[str, Place], ...]
    """Names within the submission, and where they lie.  A single folder is the submission itself."""
    called: str
    """What the student's id is made from if there is no roster."""
    name: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Ids of the system."""
    hints: tuple[tuple[str, str], ...] = ()
    """What to look for in a roster (see `Roster.match`)."""
    number: int = 1
    """Orders the attempts of one student."""
    submitted: datetime | None = None
    is_late: bool | None = None
    is_sure: bool = True
    """False for what only a roster shows to be a student's."""

    @property
    def shown(self) -> str:
        """Where it lies, for a sentence."""
        first = self.files[0][1].name
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return shown(first) + more


@dataclass(frozen=True)
class Found:
    """All that lies in a download."""

    handed_in: tuple[HandedIn, ...]
    unassigned: tuple[str, ...] = ()
    """Sentences."""


def is_empty(folder: Place) -> bool:
    """Whether a folder holds no file, or none that can be read."""
    return next(folder.walk(), None) is None


def holds_work(folder: Place) -> bool:
    """Whether a folder holds a module, a notebook or a zip."""
    return any(file.is_code or file.is_zip for file in folder.walk())


def leftover(place: Place, why: str = "") -> str:
    """The sentence on something that belongs to nobody."""
    if place.kind == "link":
        why = "is a symbolic link, which is not followed"
    elif place.kind == "special":
        why = "is neither a file nor a folder"
    elif place.kind == "folder" and is_empty(place):
        why = "is a folder that is empty or cannot be read"
    return f"{shown(place.name)} {why or 'says nothing about whose it is'}."
