"""A report as PrairieLearn reads it: ``results.json`` of an external grader.

PrairieLearn shows the texts as they are, HTML in them escaped.  It has no visibility: students see of a check that is
not ``visible`` in the rubric its verdict and points.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Collection, Mapping
from typing import Any

from autograder.pages.checks import CheckView
from autograder.pages.student import student_view
from autograder.pages.texts import shown
from autograder.pages.trainings import TrainingView, training_views
from autograder.platforms import feedback

MOST_BYTES = 1_000_000
"""Of the whole file: PrairieLearn takes no more than 1 MB."""
_SHORTER = (1000, 200, 0)
"""Characters of each text where all of it would be too much."""
_UNREADABLE = {"SyntaxError", "IndentationError", "TabError"}


def results(report: Mapping[str, Any]) -> dict[str, Any]:
    """The content of ``results.json``.

    Parameters
    ----------
    report : mapping
        As `autograder.reporting.build` makes it.

    Returns
    -------
    dict
        ``gradable`` is false, so that no attempt is used, if there is no score, by whosever fault, or if the file does
        not parse and nothing in it earned a point.  A part of a file that does not parse costs what it defines.
    """
    view = student_view(report, {})
    if report["status"] != "graded":
        return _not_gradable(view.no_score)
    message = feedback.head_text(view)
    if not report["score"] and any(failure.type in _UNREADABLE for failure in view.failures):
        return _not_gradable(message)
    found = {
        "gradable": True,
        # A bonus may lead beyond the maximum, which is nothing where only the bonus was graded.
        "score": min(round(report["score"] / report["max_score"], 6), 1.0) if report["max_score"] else 0.0,
        "message": message,
        "tests": [_test(check, part.title) for part in view.parts for check in part.checks],
    }
    images = _images(
        report, {check.id for part in view.parts for check in part.checks if not check.is_hidden}
    )
    return _within_size(found, images)


def unfinished() -> str:
    """What is written before the grading begins: no attempt is used if it never ends."""
    return json.dumps(_not_gradable(feedback.UNFINISHED), indent=2) + "\n"


def _not_gradable(why: str) -> dict[str, Any]:
    return {"gradable": False, "format_errors": why.splitlines(), "message": why}


def _test(view: CheckView, part: str) -> dict[str, Any]:
    return {
        "name": f"{view.id}: {view.title}",
        "description": part,
        "points": view.score,
        "max_points": view.max_score,
        "message": view.verdict.word,
        "output": feedback.check_text(view),
    }


def _within_size(found: dict[str, Any], images: list[dict[str, str]]) -> dict[str, Any]:
    """All of it if there is room, else without the pictures, else with shorter texts."""
    complete = found | {"images": images}
    if _size(complete) <= MOST_BYTES:
        return complete
    for length in _SHORTER:
        if _size(found) <= MOST_BYTES:
            break
        tests = [test | {"output": test["output"][:length]} for test in found["tests"]]
        found = found | {"tests": tests, "message": found["message"][: 10 * length]}
    return found


def _size(found: Mapping[str, Any]) -> int:
    return len(json.dumps(found))


def _images(report: Mapping[str, Any], visible: Collection[str]) -> list[dict[str, str]]:
    """The losses of what was trained, in visible checks."""
    views = training_views(report, {}, visible)
    return [
        {"label": shown(f"{view.task}: {view.metric} {view.own.value}"), "url": _drawn(view)}
        for view in views
        if view.own.curve
    ]


def _drawn(view: TrainingView) -> str:
    # Here: matplotlib takes longer to import than a function to be graded.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 2.4), dpi=80)
    axes = figure.add_axes((0.15, 0.2, 0.83, 0.76))
    axes.plot(range(1, len(view.own.curve) + 1), view.own.curve)
    if min(view.own.curve) > 0:
        axes.set_yscale("log")
    axes.set(ylabel="loss")
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
