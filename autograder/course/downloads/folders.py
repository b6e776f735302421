"""No system: a folder or a file per student, called as the student is.

Several attempts are folders ``attempt1``, ``attempt2`` (or dates) in a student's folder, or files and folders
``ada_attempt1``, ``ada_attempt2``.  Files ``ada_<name>.py``, where ``<name>.py`` was handed out, are one student's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice

from autograder.course.downloads.handed_in import Found, HandedIn, holds_work, is_empty, leftover
from autograder.course.moment import to_moment
from autograder.course.names import ending_of, shown
from autograder.course.place import CODE, Place
from autograder.model.assignment import Assignment

_ATTEMPT = re.compile(r"(?:(?:attempt|submission|version|try|v)[ _-]?)?([0-9]{1,9})", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T _-]\d\d[:-]\d\d([:-]\d\d)?)?Z?", re.ASCII)
_MARKED = re.compile(r"(.+?)[ _-]+attempt[ _-]*([0-9]{1,9})", re.IGNORECASE | re.DOTALL)


def read(folder: Place, assignment: Assignment) -> Found:
    """Take each folder, and the files of one stem, for a student's."""
    handed_out = _handed_out(assignment)
    flat: dict[tuple[str, int], list[tuple[str, Place]]] = defaultdict(list)
    handed_in: list[HandedIn] = []
    unassigned = []
    for place in folder.children:
        if place.kind == "folder" and _is_ours(place):
            continue
        if place.kind == "folder" and place.name == assignment.template.name:
            unassigned.append(leftover(place, "is the folder that was handed out"))
        elif place.kind == "folder" and not is_empty(place):
            handed_in += _of_folder(place, assignment)
        elif place.kind != "file":
            unassigned.append(leftover(place))
        elif place.name.lower() in handed_out:
            unassigned.append(
                leftover(place, "is called like the homework itself, which does not say whose it is")
            )
        else:
            student, name = _owner(place.name, handed_out)
            student, number = _marked(student)
            flat[student, number].append((name, place))
    for (student, number), files in flat.items():
        is_sure = any(place.is_code or place.is_zip for _, place in files)
        handed_in.append(_handed_in(student, tuple(files), number, assignment, is_sure=is_sure))
    return Found(tuple(handed_in), tuple(unassigned))


def _of_folder(place: Place, assignment: Assignment) -> list[HandedIn]:
    attempts = [(*_numbered(inner), inner) for inner in place.folders]
    is_dated = any(is_date for _, is_date, _ in attempts)
    if (
        (len(attempts) > 1 or is_dated)
        and all(n for n, *_ in attempts)
        and len(attempts) == len(place.children)
    ):
        return [
            _handed_in(place.name, (("", inner),), number, assignment, when=inner.name if is_date else "")
            for number, is_date, inner in attempts
        ]
    student, number = _marked(place.name)
    is_sure = holds_work(place)
    # A folder beside a file of one name is the file, unpacked: it comes after it.
    return [_handed_in(student, (("", place),), number, assignment, is_sure=is_sure, is_folder=True)]


def _is_ours(folder: Place) -> bool:
    """Whether it holds the grader's reports, which it writes where it is started."""
    return folder.name == "results" and any(
        file.name == "report.json" for file in islice(folder.walk(), 5000)
    )


def _numbered(folder: Place) -> tuple[int, bool]:
    """What orders an attempt's folder, and whether it is a date; 0 for other folders."""
    if not holds_work(folder):
        return 0, False
    if _DATE.fullmatch(folder.name):
        return int("".join(re.findall("[0-9]", folder.name)).ljust(14, "0")), True
    match = _ATTEMPT.fullmatch(folder.name)
    return (int(match[1]) + 1, False) if match else (0, False)


def _marked(name: str) -> tuple[str, int]:
    match = _MARKED.fullmatch(name)
    return (match[1], int(match[2])) if match else (name, 0)


def _handed_out(assignment: Assignment) -> set[str]:
    """Names of the files that students started from, in lower case."""
    names = {assignment.name.lower() + ending for ending in CODE}
    if assignment.template.is_dir():
        names |= {file.name.lower() for file in assignment.template.iterdir() if file.suffix in CODE}
    return names


def _owner(name: str, handed_out: set[str]) -> tuple[str, str]:
    """Whose a file is, by its name, and what it was called before that was put in front."""
    for original in sorted(handed_out, key=lambda n: (-len(n), n)):
        if name.lower().endswith(original) and name[-len(original) - 1 : -len(original)] in ("_", "-", " "):
            student = name[: -len(original) - 1].strip(" _-")
            if student:
                return student, name[-len(original) :]
    return ending_of(name)[0], name


def _handed_in(
    student: str,
    files: tuple[tuple[str, Place], ...],
    number: int,
    assignment: Assignment,
    *,
    is_sure: bool = True,
    is_folder: bool = False,
    when: str = "",
) -> HandedIn:
    bare = re.sub(rf"^{re.escape(assignment.name)}[ _-]+", "", student, flags=re.IGNORECASE)
    return HandedIn(
        key=student,
        files=files,
        called=student,
        name=shown(student),
        hints=(("any", student), ("any", bare), ("name", student), ("name", bare)),
        number=2 * number + is_folder,
        submitted=to_moment(when.replace("_", " ")),
        is_sure=is_sure,
    )
