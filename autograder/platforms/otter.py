"""The public checks as Otter-Grader's test files, one for each function or class.

Otter runs tests where the student's code runs, so only what students may have is converted: the visible checks that are
decided with what the reference has answered (`autograder.authoring.release`).  The files are of its exception-based
format and lie beside the students' folder, whose package they ask.  A test earns all of its points or none, and Otter
knows nothing of the reference in place of an earlier piece: what is open then is not passed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from autograder.authoring.release import PACKAGE
from autograder.model.assignment import Assignment
from autograder.model.rubric import RubricCheck

_FILE = '''"""Checks of {name}."""

from {package}.public.front import require
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
'''
_CASE = """

@test_case(name={title!r}, points={points!r}, hidden=False)
def test_{number}(env):
    require({id!r}, env)
"""


def test_files(assignment: Assignment, left: Collection[str]) -> Mapping[str, str]:
    """The files' names and contents.

    Parameters
    ----------
    assignment : Assignment
    left : collection of str
        Ids of the visible checks that are left to the grader.
    """
    groups: dict[str, list[RubricCheck]] = {}
    for check in assignment.rubric.checks:
        if check.visibility == "visible" and check.id not in left:
            groups.setdefault(check.id.partition(".")[0], []).append(check)
    return {f"{name}.py": _file(name, checks) for name, checks in groups.items()}


def _file(name: str, checks: list[RubricCheck]) -> str:
    cases = [
        _CASE.format(number=number, id=check.id, title=f"{check.id}: {check.title}", points=check.points)
        for number, check in enumerate(checks, 1)
    ]
    return _FILE.format(name=name, package=PACKAGE) + "".join(cases)
