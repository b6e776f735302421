"""Tells one submission from a class, and which course system a class comes from."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from autograder.course.downloads import blackboard, canvas, folders, github, gradescope, moodle, nbgrader
from autograder.course.downloads.handed_in import Found
from autograder.course.names import ending_of, fold
from autograder.course.place import Place
from autograder.model.assignment import Assignment

_IS_HERE: dict[str, Callable[[Place, Assignment], bool]] = {  # the surest signs first
    "gradescope": gradescope.is_here,
    "moodle": moodle.is_here,
    "nbgrader": nbgrader.is_here,
    "github": github.is_here,
    "blackboard": blackboard.is_here,
    "canvas": canvas.is_here,
}
READERS: dict[str, Callable[[Place, Assignment], Found]] = {
    "folders": folders.read,
    "canvas": canvas.read,
    "moodle": moodle.read,
    "gradescope": gradescope.read,
    "github": github.read,
    "nbgrader": nbgrader.read,
    "blackboard": blackboard.read,
}
_MAX_WRAPPERS = 8
_MAX_READ = 4 << 20  # bytes; a notebook's pictures may come before its code
_DEFINED = re.compile(rb"\b(?:def|class)\s+([A-Za-z_]\w*)")


def recognise(place: Place, assignment: Assignment, system: str = "") -> tuple[str, Place, list[Place]]:
    """Find out what a download is.

    Parameters
    ----------
    place : Place
        The folder that was given.
    assignment : Assignment
    system : str
        A key of `READERS`, if it is known.

    Returns
    -------
    tuple
        The system; the folder that holds its submissions; what lies beside the folders on the way there.
    """
    levels = _levels(place)
    for index, level in enumerate(levels):
        for name, is_here in _IS_HERE.items():
            if system in ("", name) and is_here(level, assignment):
                return name, level, _beside(levels[:index])
    # A wrapped class, or a class of one?
    last = levels[-1]
    if len(levels) > 1 and not _is_root(last, assignment):
        levels.pop()
    return system or "folders", levels[-1], _beside(levels[:-1])


def is_class(place: Place, assignment: Assignment) -> bool | None:
    """Whether a folder is a class; None if it could be either."""
    system, level, _ = recognise(place, assignment)
    if system == "folders":
        return judge(_levels(place)[-1], assignment)
    is_wrapped_work = any(file.is_called(assignment.name) for file in level.files)
    users = {h.key for h in canvas.read(level, assignment).handed_in} if system == "canvas" else set()
    # A student's own file may be called in Canvas's way by chance, or was taken from a download.
    return None if is_wrapped_work or len(users) == 1 else True


def judge(level: Place, assignment: Assignment) -> bool | None:
    """Whether the files and folders of one folder are several students' work.

    The rule of `autograder.intake.read.read` comes first: what it takes for one submission is one, unless
    there is as good a reason for the contrary.
    """
    is_homework = partial(_is_homework, names=_names(assignment))
    named: set[str] = set()  # files and folders that hold a file called as the homework, or a zip alone
    works: set[str] = set()  # those, and others with the homework's functions
    units: set[str] = set()  # those, and others with any code
    is_entry = any(file.is_called(assignment.name) for file in level.files)
    for place in level.children:
        if place.name == assignment.template.name:
            continue  # the handout beside the work
        unit = fold(place.name if place.kind == "folder" else ending_of(place.name)[0])
        if place.kind == "folder" and (kind := _kind_of(place, assignment, is_homework)):
            groups = {"named": [named, works, units], "work": [works, units], "code": [units]}[kind]
        elif place.is_zip:
            groups = [] if is_entry else [named, works, units]
        elif place.is_code and not is_entry:
            groups = [works, units] if is_homework(place) else [units]
        else:
            continue
        for group in groups:
            group.add(unit)
        if not is_entry and (len(named) > 1 or len(works) > 2):
            return True
        if is_entry and len(named) > 1:
            return None
    if is_entry:
        return False
    notebooks = sum(file.name.lower().endswith(".ipynb") for file in level.files)
    is_decided = len(named) == 1 or len(units) < 2 or notebooks == 1
    if len(works) > 1:
        return None if is_decided else True
    return False if is_decided else None


def _levels(place: Place) -> list[Place]:
    """The folder, and those inside that wrap everything."""
    levels = [place]
    while len(levels) < _MAX_WRAPPERS:
        last = levels[-1]
        if len(last.folders) != 1 or any(file.is_code or file.is_zip for file in last.files):
            break
        levels.append(last.folders[0])
    return levels


def _beside(levels: list[Place]) -> list[Place]:
    return [place for level in levels for place in level.children if place.kind != "folder"]


def _is_root(level: Place, assignment: Assignment) -> bool:
    """Whether a folder that is said to be in a class holds it rather than one student's files."""
    verdict = judge(level, assignment)
    has_code = any(file.is_code for file in level.files)
    return verdict is True or (len(level.folders) > 1 and (verdict is None or not has_code))


def _kind_of(folder: Place, assignment: Assignment, is_homework: Callable[[Place], bool]) -> str:
    """What a folder holds: ``named``, ``work``, ``code`` or nothing."""
    code, zips = [], 0
    for file in folder.walk():
        if file.is_called(assignment.name):
            return "named"
        if file.is_code:
            code.append(file)
        zips += file.is_zip
    if not code:
        return "named" if zips else ""
    return "work" if any(map(is_homework, code[:20])) else "code"


def _names(assignment: Assignment) -> frozenset[bytes]:
    """Functions and classes of the homework."""
    template = assignment.template / f"{assignment.name}.py"
    source = template if template.is_file() else assignment.reference
    return frozenset(_DEFINED.findall(source.read_bytes()))


def _is_homework(file: Place, names: frozenset[bytes]) -> bool:
    """Whether a file defines at least half of the homework's functions."""
    found = names.intersection(_DEFINED.findall(file.head(_MAX_READ)))
    return bool(found) and 2 * len(found) >= len(names)
