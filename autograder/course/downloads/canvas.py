"""Canvas: one flat folder, in which each file's name says whose it is.

``<name>[_LATE]_<user>_<attachment>_<file>``, or ``<name>_<user>_text.html`` for what was typed in.  Of an
anonymous assignment the user is ``anon_<code>``.  A file handed in again is called ``mlp-1.py``, ``mlp-2.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from autograder.course.downloads.handed_in import Found, HandedIn, leftover
from autograder.course.names import ending_of, fold, shown
from autograder.course.place import CODE, Place
from autograder.model.assignment import Assignment

_NAME = re.compile(
    r"(?:(?P<name>\w+?)_)??(?:(?P<late>LATE)_)?(?P<user>[0-9]+|anon_[A-Za-z0-9]+)_"
    r"(?:(?P<attachment>[0-9]{1,18})_(?P<file>.+)|(?P<typed>text|link)\.html)",
    re.DOTALL,
)
_AGAIN = re.compile(r"(.+)-[0-9]{1,3}", re.DOTALL)


def is_here(folder: Place, assignment: Assignment) -> bool:
    """Whether nearly everything is named in Canvas's way, and a file may be the homework."""
    if any(place.is_called(assignment.name) for place in folder.files):
        return False
    matches = [m for place in folder.children if (m := _parse(place))]
    is_homework = any(m["typed"] or m["file"].lower().endswith((*CODE, ".zip")) for m in matches)
    return is_homework and 5 * len(matches) >= 4 * len(folder.children)


def read(folder: Place, assignment: Assignment) -> Found:
    """Gather the files of each user."""
    users: dict[str, list[tuple[Place, re.Match[str]]]] = defaultdict(list)
    unassigned = []
    for place in folder.children:
        match = _parse(place) if place.kind in ("file", "folder") else None
        if match is None:
            unassigned.append(leftover(place, "is not named as Canvas names files"))
        elif place.kind == "folder" and not place.children:
            unassigned.append(leftover(place))
        else:
            users[match["user"]].append((place, match))
    handed_in = []
    for user, files in users.items():
        name = next((m["name"] for _, m in files if m["name"]), "")
        hints = (("canvas_id", user), ("name", name)) if name else (("canvas_id", user),)
        entry = _entry(files, assignment.name)
        for number, attempt in enumerate(_attempts(files, entry), 1):
            handed_in.append(
                HandedIn(
                    key=user,
                    files=_as_handed_in(attempt, entry),
                    called=f"{name}_{user}" if name else user,
                    name=shown(name),
                    columns={"canvas_id": user},
                    hints=hints,
                    number=number,
                    is_late=any(m["late"] for _, m in attempt),
                )
            )
    return Found(tuple(handed_in), tuple(unassigned))


def _parse(place: Place) -> re.Match[str] | None:
    # Some systems take accents apart, and what is left over would be no letter.
    return _NAME.fullmatch(unicodedata.normalize("NFC", place.name))


def _entry(files: Sequence[tuple[Place, re.Match[str]]], stem: str) -> str | None:
    """Stem of the homework's file, as it was before it was handed in again; renamed, if it is the only one."""
    stems = {_base(m)[0] for _, m in files if _base(m)[1] in CODE}
    if fold(stem) in stems:
        return fold(stem)
    return next(iter(stems)) if len(stems) == 1 else None


def _attempts(
    files: Sequence[tuple[Place, re.Match[str]]], entry: str | None
) -> list[list[tuple[Place, re.Match[str]]]]:
    """The files in the order of handing in; where the homework's file comes again, another attempt begins."""
    attempts: list[list[tuple[Place, re.Match[str]]]] = [[]]
    seen: set[tuple[str, str]] = set()
    for place, match in sorted(files, key=lambda f: (int(f[1]["attachment"] or 0), f[0].name)):
        base = _base(match)
        if base[0] == entry and base in seen:
            attempts.append([])
            seen = set()
        seen.add(base)
        attempts[-1].append((place, match))
    return attempts


def _base(match: re.Match[str]) -> tuple[str, str]:
    """Stem and ending of a file, as they were before it was handed in again."""
    stem, ending = ending_of(match["file"] or "")
    again = _AGAIN.fullmatch(stem)
    return fold(again[1] if again else stem), ending.lower()


def _as_handed_in(
    files: list[tuple[Place, re.Match[str]]], entry: str | None
) -> tuple[tuple[str, Place], ...]:
    """The files by the names they had: modules are imported, and data opened, by name."""
    names = {fold(m["file"] or "") for _, m in files}
    # Only where the homework itself was handed in again; other numbers may be the student's own.
    is_again = any(
        _base(m)[0] == entry and _base(m)[1] in CODE and fold(ending_of(m["file"])[0]) != entry
        for _, m in files
        if m["file"]
    )
    found = []
    for place, match in files:
        name = match["file"] or f"{match['typed']}.html"
        stem, ending = ending_of(name)
        again = _AGAIN.fullmatch(stem)
        if is_again and again and fold(again[1] + ending) not in names:
            name = again[1] + ending
            names.add(fold(name))
        found.append((name, place))
    return tuple(found)
