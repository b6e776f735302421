"""A report as GitHub Classroom's reporter reads it: the output of a step, from which it makes the grade.

The reporter prints names and messages into the log of the job as they are, so nothing in them may be taken for a
workflow command.  It is the student's view, in which nothing hidden is.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from autograder.pages.student import student_view
from autograder.pages.texts import shown
from autograder.platforms.places import SourceFile

_MOST_ENCODED = 100_000
"""Characters: the result is handed on in an environment variable, and Linux takes 128 KiB of one (execve(2))."""
_MESSAGE_SIZES = (500, 200, 80, 0)
_LEAST_NAME = 80
_ERRORS = {"error", "timeout", "memory", "crashed"}


def classroom(report: Mapping[str, Any], source: SourceFile | None = None) -> dict[str, Any]:
    """The result of a grader, in version 3 of its format.

    The grade is the sum of the tests' scores; a report without a score has a `max_score` of 0, for which none is sent.

    Parameters
    ----------
    report : mapping
    source : SourceFile or None
        The file that counts, with its path in the repository.
    """
    for size in _MESSAGE_SIZES:
        result = _result(report, source, size)
        if len(encoded(result)) <= _MOST_ENCODED:
            break
    return result


def encoded(result: Mapping[str, Any]) -> str:
    """A result as the output of a step has it."""
    return base64.b64encode(json.dumps(result, separators=(",", ":"), ensure_ascii=False).encode()).decode()


def _result(report: Mapping[str, Any], source: SourceFile | None, size: int) -> dict[str, Any]:
    view = student_view(report, {})
    if view.no_score:
        test = _test("grading", "error", _logged(view.no_score, 500))
        return {"version": 3, "status": "error", "message": test["message"], "max_score": 0, "tests": [test]}
    statuses = {check["id"]: check["status"] for check in report["checks"]}
    times, starts = report["timing"]["checks"], source.starts if source else {}
    tests = [
        _test(
            _logged(f"{check.id}: {check.title}", max(size, _LEAST_NAME)),
            "pass" if not check.has_lost else "error" if statuses[check.id] in _ERRORS else "fail",
            _logged(f"{check.message} {check.hint}", size) if check.has_lost else None,
            test_code=check.id,
            filename=_logged(source.path if source else view.entry, 500),
            line_no=starts.get(check.id.partition(".")[0], 0),
            duration=times.get(check.id, 0.0),
            score=check.score,
        )
        for part in view.parts
        for check in part.checks
        if not check.has_lost
        or check in part.lost  # the reporter would call a bonus that was not tried a failure
    ]
    failed = any(test["status"] != "pass" for test in tests)
    return {
        "version": 3,
        "status": "fail" if failed else "pass",
        "message": None,
        "max_score": view.max_score,
        "tests": tests,
    }


def _test(name: str, status: str, message: str | None, **more: Any) -> dict[str, Any]:
    plain = {"test_code": "", "task_id": 0, "filename": "", "line_no": 0, "duration": 0.0, "score": 0.0}
    return {"name": name, "status": status, "message": message, **plain, "output": "", **more}


def _logged(text: str, size: int) -> str:
    """Text on one line without the marks of workflow commands, ``::`` at its start and ``##[`` anywhere."""
    line = " ".join(shown(text, size).split())
    return re.sub(":(?=:)", ": ", line).replace("##[", "## [")
