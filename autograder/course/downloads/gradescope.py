"""Gradescope: folders ``submission_<id>``, and ``submission_metadata.yml`` that says whose they are."""

from __future__ import annotations

import re

from autograder.course.downloads.gradescope_metadata import Submitted, read_metadata
from autograder.course.downloads.handed_in import Found, HandedIn, is_empty, leftover
from autograder.course.names import fold, shown
from autograder.course.place import Place
from autograder.model.assignment import Assignment

_METADATA = ("submission_metadata.yml", "submission_metadata.yaml")
_MAX_METADATA = 256 << 20  # it holds all results of all submissions, too
_FOLDER = re.compile(r"submission_[0-9]+")


def is_here(folder: Place, assignment: Assignment) -> bool:
    """Whether the metadata lie beside submissions."""
    return _metadata(folder) is not None and any(_FOLDER.fullmatch(p.name) for p in folder.folders)


def read(folder: Place, assignment: Assignment) -> Found:
    """Give each submitter the submission; a group's belongs to each of its members."""
    file = _metadata(folder)
    known = read_metadata(file.head(_MAX_METADATA).decode("utf-8-sig", "replace")) if file else {}
    handed_in: list[HandedIn] = []
    unassigned = []
    for place in folder.children:
        if place is file:
            continue
        is_submission = place.kind == "folder" and not is_empty(place)
        submission = known.pop(place.name, None) if is_submission else None
        if not is_submission and place.name not in known:
            unassigned.append(leftover(place, "is no submission's folder"))
        elif not is_submission:
            continue  # named below, with whose it would be
        elif submission is None or not submission.submitters:
            unassigned.append(leftover(place, "is not said to be anybody's in submission_metadata.yml"))
        else:
            handed_in += _of_each(place, submission)
    for name, submission in known.items():
        who = ", ".join(s.get("name", "") for s in submission.submitters)
        unassigned.append(
            f"{shown(name)} ({shown(who) or 'nobody'}) is in submission_metadata.yml but has no files."
        )
    return Found(tuple(handed_in), tuple(unassigned))


def _metadata(folder: Place) -> Place | None:
    return next((place for place in folder.files if place.name in _METADATA), None)


def _of_each(place: Place, submission: Submitted) -> list[HandedIn]:
    found = {}
    for position, submitter in enumerate(submission.submitters):
        sid, email, name = (submitter.get(k, "") for k in ("sid", "email", "name"))
        own = f"{place.name}_{position + 1}" if len(submission.submitters) > 1 else place.name
        key = fold(email or sid or own)
        ids = {"email": email, "sid": sid, "gradescope_id": place.name.removeprefix("submission_")}
        found[key] = HandedIn(
            key=key,
            files=(("", place),),
            called=sid or email or name or own,
            name=shown(name, 200),
            columns={kind: value for kind, value in ids.items() if value},
            hints=tuple(
                hint for hint in (("id", sid), ("email", email), ("login", sid), ("name", name)) if hint[1]
            ),
            number=int(place.name.removeprefix("submission_")[:18]),
            submitted=submission.created_at,
        )
    return list(found.values())
