"""Blackboard: ``<homework>_<user>_attempt_<date and time>_<file>``, all in one folder."""

from __future__ import annotations

import re
from collections import defaultdict

from autograder.course.downloads.handed_in import Found, HandedIn, leftover
from autograder.course.moment import to_moment
from autograder.course.place import Place
from autograder.model.assignment import Assignment

_NAME = re.compile(
    r".*_(?P<user>[^_]+)_attempt_(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|\.txt)",
    re.DOTALL | re.ASCII,
)


def is_here(folder: Place, assignment: Assignment) -> bool:
    """Whether nearly everything is named in Blackboard's way."""
    matches = [place for place in folder.children if _NAME.fullmatch(place.name)]
    return bool(matches) and 5 * len(matches) >= 4 * len(folder.children)


def read(folder: Place, assignment: Assignment) -> Found:
    """Gather the files of each user's attempts."""
    attempts: dict[tuple[str, str], list[tuple[str, Place]]] = defaultdict(list)
    unassigned = []
    for place in folder.children:
        match = _NAME.fullmatch(place.name) if place.kind in ("file", "folder") else None
        if match is None or (place.kind == "folder" and not place.children):
            unassigned.append(leftover(place, "is not named as Blackboard names files"))
        else:
            attempts[match["user"], match["time"]].append((match["file"] or "receipt.txt", place))
    handed_in = [
        HandedIn(
            key=user,
            files=tuple(files),
            called=user,
            hints=(("any", user), ("name", user)),
            number=int(time.replace("-", "")),
            submitted=to_moment(time),
        )
        for (user, time), files in attempts.items()
    ]
    return Found(tuple(handed_in), tuple(unassigned))
