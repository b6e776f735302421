"""nbgrader: ``submitted/<student>/<assignment>/<notebook>.ipynb``, with the time in ``timestamp.txt``."""

from __future__ import annotations

from datetime import datetime

from autograder.course.downloads.handed_in import Found, HandedIn, is_empty, leftover
from autograder.course.moment import to_moment
from autograder.course.names import fold, shown
from autograder.course.place import Place
from autograder.errors import UsageError
from autograder.model.assignment import Assignment


def is_here(folder: Place, assignment: Assignment) -> bool:
    """Whether it is ``submitted`` or the course that holds it."""
    if any(place.is_called(assignment.name) for place in folder.files):
        return False
    submitted = _submitted(folder)
    return submitted is not None and any(student.folders for student in submitted.folders)


def read(folder: Place, assignment: Assignment) -> Found:
    """Give each student the folder of this assignment; those of others are listed."""
    submitted = _submitted(folder) or folder
    handed_in, unassigned = [], []
    if submitted is not folder:
        unassigned += [leftover(p, "is no part of submitted") for p in folder.children if p is not submitted]
    students = [p for p in submitted.folders if not is_empty(p)]
    names = {p.name for p in students}
    unassigned += [leftover(p, "is no student's folder") for p in submitted.children if p.name not in names]
    wanted = _wanted(students, assignment)
    for student in students:
        place = student
        if not student.files:
            for other in student.children:
                if fold(other.name) == wanted and other.kind == "folder" and not is_empty(other):
                    place = other
                else:
                    why = "is of another assignment" if fold(other.name) != wanted else ""
                    unassigned.append(f"{shown(student.name)}/{leftover(other, why)}")
            if place is student:
                continue
        handed_in.append(
            HandedIn(
                key=student.name,
                files=(("", place),),
                called=student.name,
                hints=(("any", student.name), ("name", student.name)),
                submitted=_time(place),
            )
        )
    return Found(tuple(handed_in), tuple(unassigned))


def _submitted(folder: Place) -> Place | None:
    if folder.name == "submitted":
        return folder
    return next((place for place in folder.folders if place.name == "submitted"), None)


def _wanted(students: list[Place], assignment: Assignment) -> str:
    """What nbgrader calls this assignment."""
    ids = {fold(p.name): p for s in students if not s.files for p in s.folders}
    for own in (assignment.id, assignment.name):
        if fold(own) in ids:
            return fold(own)
    if len(ids) > 1:
        holding = {
            fold(p.name)
            for s in students
            if not s.files
            for p in s.folders
            if any(file.is_called(assignment.name) for file in p.walk())
        }
        ids = {name: place for name, place in ids.items() if name in holding} or ids
    if len(ids) > 1:
        listed = ", ".join(sorted(shown(p.name, 30) for p in ids.values())[:5])
        raise UsageError(
            f"submitted/ holds several assignments ({listed}); "
            f"give a folder with one of them, or call that one {assignment.name}."
        )
    return next(iter(ids), "")


def _time(place: Place) -> datetime | None:
    stamp = next((p for p in place.files if p.name == "timestamp.txt"), None)
    return to_moment(stamp.head(200).decode("utf-8", "replace")) if stamp else None
