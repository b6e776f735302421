"""GitHub Classroom: clones ``<slug>-<username>``, in a folder ``<slug>-submissions``."""

from __future__ import annotations

from autograder.course.downloads.handed_in import Found, HandedIn, is_empty, leftover
from autograder.course.place import Place
from autograder.model.assignment import Assignment

_ENDING = "-submissions"


def is_here(folder: Place, assignment: Assignment) -> bool:
    """Whether a folder of clones is called as Classroom does it, or holds repositories with one beginning."""
    if (
        any(place.is_called(assignment.name) for place in folder.files)
        or folder.has_git()
        or not folder.folders
    ):
        return False
    if _slug(folder):
        return True
    clones = sum(place.has_git() for place in folder.folders)
    return clones > 1 and 2 * clones > len(folder.folders)


def read(folder: Place, assignment: Assignment) -> Found:
    """Give each clone to the user of its name; the part before it is the assignment's."""
    slug = _slug(folder)
    beginning = f"{slug}-" if slug else _common(folder)
    handed_in, unassigned = [], []
    for place in folder.children:
        if place.kind != "folder" or is_empty(place):
            unassigned.append(leftover(place, "is no repository"))
            continue
        user = place.name.removeprefix(beginning)
        users = [user] if slug else _possible_users(place.name, beginning)
        handed_in.append(
            HandedIn(
                key=place.name,
                files=(("", place),),
                called=user,
                columns={"github": user},
                hints=(*(("github", name) for name in users), ("any", user)),
            )
        )
    return Found(tuple(handed_in), tuple(unassigned))


def _slug(folder: Place) -> str:
    """What Classroom calls the assignment, if the folder is called as Classroom calls it."""
    slug = folder.name.removesuffix(_ENDING)
    is_of_all = all(place.name.startswith(slug + "-") for place in folder.folders)
    return slug if slug != folder.name and is_of_all else ""


def _common(folder: Place) -> str:
    """The beginning of all names, up to a hyphen."""
    names = [place.name for place in folder.folders]
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[: first.rfind("-", 0, same) + 1]


def _possible_users(clone: str, beginning: str) -> list[str]:
    """Whose a clone may be, the longest names first.

    Where only what the clones have in common tells where the assignment's name ends, the end of that may be the
    users'.  A single clone has nothing in common with others; any part may be the assignment's.
    """
    starts = [0, *(i + 1 for i, c in enumerate(clone) if c == "-")]
    return [clone[i:] for i in starts if i <= len(beginning) or not beginning]
