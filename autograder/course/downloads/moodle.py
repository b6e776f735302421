"""Moodle: a folder (or, by an option, files) per participation, ``<Full name>_<id>_assignsubmission_file_``."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict

from autograder.course.downloads.handed_in import Found, HandedIn, is_empty, leftover
from autograder.course.names import shown
from autograder.course.place import Place
from autograder.model.assignment import Assignment

_NAME = re.compile(
    r"(?P<name>[^_]*)_(?P<id>[0-9]+)_assignsubmission_(?P<plugin>file|onlinetext)(?:_(?P<file>.*))?",
    re.DOTALL,
)


def is_here(folder: Place, assignment: Assignment) -> bool:
    """Whether anything is named in Moodle's way."""
    return any(_parse(place) for place in folder.children)


def read(folder: Place, assignment: Assignment) -> Found:
    """Gather what each participant has handed in; a name may occur twice, its number does not."""
    parts: dict[str, list[tuple[Place, re.Match[str]]]] = defaultdict(list)
    unassigned = []
    for place in folder.children:
        match = _parse(place)
        if match is None or place.kind not in ("file", "folder"):
            unassigned.append(leftover(place, "is not named as Moodle names submissions"))
        elif place.kind == "folder" and is_empty(place):
            unassigned.append(leftover(place))
        else:
            parts[match["id"]].append((place, match))
    handed_in = []
    for number, places in parts.items():
        name = places[0][1]["name"].strip()
        is_blind = name.casefold() in ("participant", "")
        handed_in.append(
            HandedIn(
                key=number,
                files=_files(places),
                called=f"{name}_{number}",
                name="" if is_blind else shown(name),
                columns={"moodle_id": number},
                hints=(("moodle_id", number),) if is_blind else (("moodle_id", number), ("name", name)),
            )
        )
    return Found(tuple(handed_in), tuple(unassigned))


def _parse(place: Place) -> re.Match[str] | None:
    return _NAME.fullmatch(unicodedata.normalize("NFC", place.name))


def _files(places: list[tuple[Place, re.Match[str]]]) -> tuple[tuple[str, Place], ...]:
    if len(places) == 1 and places[0][0].kind == "folder":
        return (("", places[0][0]),)
    found: list[tuple[str, Place]] = []
    for place, match in places:
        if place.kind == "folder":  # beside another: files, and a text that was typed in
            found += [(child.name, child) for child in place.children if child.kind in ("file", "folder")]
        else:
            found.append((match["file"] or f"{match['plugin']}.html", place))
    return tuple(found)
