"""A course's download becomes a class: whose submission is which, and what is nobody's."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course import recognise
from autograder.course.assemble import Assembly, free
from autograder.course.downloads.handed_in import HandedIn, leftover
from autograder.course.names import distinct, shown, to_file
from autograder.course.place import InZip, OnDisk, Place
from autograder.course.roster import Roster
from autograder.course.unpack import UNREADABLE, members, unpack_class
from autograder.errors import UsageError
from autograder.model.assignment import Assignment
from autograder.model.attempt import Attempt, Class, Student

ATTEMPTS = ("latest", "best", "all")


def is_class(path: Path, assignment: Assignment) -> bool | None:
    """Whether a path holds a class or is one submission.

    Parameters
    ----------
    path : Path
        What was given to be graded.
    assignment : Assignment
        Tells the file's name, and the functions in it.

    Returns
    -------
    bool or None
        False for one submission, also for what is neither (intake says what is wrong with it); True for a
        class; None if it could be either.

    Raises
    ------
    UsageError
        If there is no such path.
    """
    kind = _kind(path)
    if kind == "folder":
        return recognise.is_class(OnDisk(path.resolve().name, "folder", path), assignment)
    if kind != "zip":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return recognise.is_class(InZip(path.stem, archive, members(archive)[0], path), assignment)
    except (*UNREADABLE, UsageError):
        return False


def find(
    path: Path, assignment: Assignment, *, unpack: Path, roster: Roster | None = None, system: str = ""
) -> Class:
    """Find all submissions of a class.

    Parameters
    ----------
    path : Path
        A folder, or a zip of one: a folder or file per student, or a course system's download.
    assignment : Assignment
    unpack : Path
        A folder of ours, where zips are unpacked and files that lie among others' are copied; each call
        makes new folders in it, and only if it has to.
    roster : Roster, optional
        Gives names and ids, and tells who is absent.
    system : str
        Which system the download comes from (see `Class.system`); found out if empty.

    Returns
    -------
    Class
        With all attempts.  Those of a group that handed in together have one path.

    Raises
    ------
    UsageError
        If it cannot be read, or holds nothing at all.
    """
    if system and system not in recognise.READERS:
        raise UsageError(
            f"There is no system '{shown(system)}'; choose one of {', '.join(recognise.READERS)}."
        )
    folder, unassigned = _opened(path, unpack)
    system, level, beside = recognise.recognise(folder, assignment, system)
    found = recognise.READERS[system](level, assignment)
    unassigned += [leftover(place, "is no submission") for place in beside]
    unassigned += found.unassigned
    students, remarks = _students(found.handed_in, roster)
    unassigned += remarks
    handed_in: dict[str, list[HandedIn]] = defaultdict(list)
    for one in found.handed_in:
        if one.key in students:
            handed_in[students[one.key].id].append(one)
    by_id = {student.id: student for student in students.values()}
    assembly = Assembly(unpack)
    attempts = [
        Attempt(by_id[i], assembly.path(one, i, number), number, one.submitted, one.is_late)
        for i in sorted(handed_in)
        for number, one in enumerate(_ordered(handed_in[i]), 1)
    ]
    unassigned += assembly.left_out
    if not attempts and not unassigned:
        raise UsageError(f"{shown(path.name)} holds no submissions; give the folder or zip that holds them.")
    absent = tuple(student for student in (roster.students if roster else ()) if student.id not in handed_in)
    return Class(tuple(attempts), system, absent, tuple(unassigned))


def choose(found: Class, attempts: str) -> Class:
    """Keep the attempts that are to be graded.

    Parameters
    ----------
    found : Class
    attempts : str
        ``latest`` keeps each student's last; ``best`` and ``all`` keep all, for the best is known after
        grading only.

    Raises
    ------
    UsageError
        If it is none of them.
    """
    if attempts not in ATTEMPTS:
        raise UsageError(f"There are no '{shown(attempts)}' attempts; choose one of {', '.join(ATTEMPTS)}.")
    if attempts != "latest":
        return found
    last = {attempt.student.id: attempt.number for attempt in found.attempts}
    return replace(
        found,
        attempts=tuple(attempt for attempt in found.attempts if attempt.number == last[attempt.student.id]),
    )


def _kind(path: Path) -> str:
    try:
        if path.is_dir():
            return "folder"
        if path.is_file():
            return "zip" if path.suffix.lower() == ".zip" else "file"
        reason = "is neither a file nor a folder" if path.exists() else "does not exist"
    except OSError as error:  # no permission, too long, links that go round
        reason = f"cannot be read ({error.strerror})"
    raise UsageError(f"{shown(str(path), 300)} {reason}; give the folder or zip that holds the submissions.")


def _opened(path: Path, unpack: Path) -> tuple[Place, list[str]]:
    """The folder to look at, and what could not be unpacked."""
    kind = _kind(path)
    if kind == "file":
        raise UsageError(
            f"{shown(path.name)} is no class; give a folder or a .zip of submissions, or grade it as one submission."
        )
    if kind == "folder":
        folder = path.resolve()
        try:
            next(folder.iterdir(), None)
        except OSError as error:
            raise UsageError(
                f"{shown(path.name)} cannot be read ({error.strerror}); see its permissions."
            ) from error
        return OnDisk(folder.name, "folder", folder, without=unpack.resolve()), []
    name = to_file(path.stem)
    into = free(unpack, name)
    refused = unpack_class(path, into)
    return OnDisk(name, "folder", into), refused


def _students(handed_in: Sequence[HandedIn], roster: Roster | None) -> tuple[dict[str, Student], list[str]]:
    """Who is meant by each key, and sentences on those of whom it is not clear."""
    of_key: dict[str, list[HandedIn]] = defaultdict(list)
    for one in handed_in:
        of_key[one.key].append(one)
    matched = _matched(of_key, roster) if roster else {}
    remarks = []
    others = {}
    for key, files in of_key.items():
        is_sure = any(one.is_sure for one in files)
        is_folder = any(place.kind == "folder" for one in files for _, place in one.files)
        if key in matched:
            continue
        if is_sure or (is_folder and roster is None):
            others[key] = files[0]
        else:
            why = "no .py, .ipynb or .zip" + (
                "" if roster is None else ", and nobody of the roster is called so"
            )
            remarks += [f"{shown(place.name)}: {why}." for one in files for _, place in one.files]
    taken = frozenset(student.id for student in roster.students) if roster else frozenset()
    ids = distinct({key: one.called for key, one in others.items()}, taken)
    students = {key: Student(ids[key], one.name, _shown(one.columns)) for key, one in others.items()}
    if roster:
        remarks += [
            f"{one.shown} is nobody's of the roster for certain, and is graded as {ids[key]}."
            for key, one in others.items()
        ]
    for key, student in matched.items():
        one = of_key[key][0]
        students[key] = replace(
            student, name=student.name or one.name, columns={**_shown(one.columns), **student.columns}
        )
    return students, remarks


def _shown(columns: Mapping[str, str]) -> dict[str, str]:
    return {key: shown(value, 200) for key, value in columns.items()}


def _matched(of_key: dict[str, list[HandedIn]], roster: Roster) -> dict[str, Student]:
    """The members of the roster, by key: by an id, else by a name that one of them and one key has."""
    matched: dict[str, Student] = {}
    by_name: dict[str, list[str]] = defaultdict(list)
    for key, (one, *_) in of_key.items():
        student = roster.match(hint for hint in one.hints if hint[0] != "name")
        if student:
            matched[key] = student
            continue
        names = {s.id: s for kind, value in one.hints if kind == "name" for s in roster.named(value)}
        if len(names) == 1:
            by_name[next(iter(names))].append(key)
    sure = {student.id for student in matched.values()}
    of_id = {student.id: student for student in roster.students}
    # Two of one name stay two, also if the roster has only one of them.
    matched.update({keys[0]: of_id[i] for i, keys in by_name.items() if len(keys) == 1 and i not in sure})
    return matched


def _ordered(handed_in: list[HandedIn]) -> list[HandedIn]:
    """A student's attempts, the first one first."""

    def position(one: HandedIn) -> tuple[float, int, str]:
        is_timed = all(other.submitted for other in handed_in)
        return (one.submitted.timestamp() if one.submitted and is_timed else 0.0, one.number, one.key)

    return sorted(handed_in, key=position)
