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
    slug = folder.name.removesuffix(_ENDING)
    if slug != folder.name and slug and all(p.name.startswith(slug + "-") for p in folder.folders):
        return True
    clones = sum(place.has_git() for place in folder.folders)
    return clones > 1 and 2 * clones > len(folder.folders)


def read(folder: Place, assignment: Assignment) -> Found:
    """Give each clone to the user of its name; the part before it is the assignment's."""
    beginning = _beginning(folder)
    handed_in, unassigned = [], []
    for place in folder.children:
        if place.kind != "folder" or is_empty(place):
            unassigned.append(leftover(place, "is no repository"))
            continue
        user = place.name.removeprefix(beginning)
        hints = [("github", user)]
        # A user's name may have hyphens, and so may the beginning: the roster knows.
        parts = place.name.split("-")
        hints += [("github", "-".join(parts[i:])) for i in range(len(parts))][:20]
        hints += [("any", user)]
        handed_in.append(
            HandedIn(
                key=place.name,
                files=(("", place),),
                called=user,
                columns={"github": user},
                hints=tuple(hints),
            )
        )
    return Found(tuple(handed_in), tuple(unassigned))


def _beginning(folder: Place) -> str:
    names = [place.name for place in folder.folders]
    slug = folder.name.removesuffix(_ENDING)
    if slug != folder.name and all(name.startswith(slug + "-") for name in names):
        return slug + "-"
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[: first.rfind("-", 0, same) + 1]
