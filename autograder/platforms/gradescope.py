"""A report as Gradescope reads it: ``results.json``, and what its ``submission_metadata.json`` says of time.

Students see on Gradescope what they see on their page.  A check that is ``hidden`` in the rubric shows its verdict and
points and nothing else, on Gradescope as on a page; it is not "hidden" in Gradescope's sense, which would take the
total from students, too.  ``after_due_date`` and ``after_published`` are Gradescope's own: it holds the whole test back
until then, and the total with it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from autograder.course.moment import to_moment
from autograder.model.late import Deduction
from autograder.pages.checks import CheckView, check_view
from autograder.pages.student import ReportView, student_view
from autograder.pages.texts import points
from autograder.pages.trainings import best_of
from autograder.platforms import feedback

_LATER = {"after_due_date", "after_published"}
"""Visibilities that Gradescope sees to itself."""
_HEAD = {"output_format": "html", "stdout_visibility": "hidden"}
_ON_TIME = Deduction()


def results(report: Mapping[str, Any], late: Deduction = _ON_TIME) -> dict[str, Any]:
    """The content of ``results.json``.

    Parameters
    ----------
    report : mapping
        As `autograder.reporting.build` makes it.
    late : Deduction
        What being late costs.

    Returns
    -------
    dict
        Without a score and without tests if there is none by the grader's or the machine's fault: Gradescope records
        a score only where there is one of the two.  A submission that cannot be read has a score of zero.
    """
    view = student_view(report, {})
    found: dict[str, Any] = {
        **_HEAD,
        "output": feedback.head_html(view, late.sentence),
        "extra_data": _extra(report, late),
    }
    if report["status"] == "invalid_submission":
        view = replace(view, no_score=f"Your work cannot be graded, so it has 0 points: {report['message']}")
        return found | {"score": 0.0, "tests": [], "output": feedback.head_html(view)}
    if report["status"] != "graded":
        return found
    checks = {check["id"]: check for check in report["checks"]}
    bonus = {part["id"] for part in report["parts"] if part.get("is_bonus")}
    return found | {
        "score": round(report["score"] - late.points, 2),
        "execution_time": report["timing"]["wall_s"],
        "visibility": "visible",
        "test_output_format": "html",
        "test_name_format": "text",
        "tests": list(_tests(view, checks, bonus)),
        "leaderboard": _leaderboard(report, checks),
    }


def unfinished() -> str:
    """What is written before the grading begins: all that students see if it never ends."""
    return json.dumps({**_HEAD, "output_format": "text", "output": feedback.UNFINISHED}, indent=2) + "\n"


def handed_in(metadata: Mapping[str, Any]) -> tuple[datetime | None, bool | None]:
    """When a submission was handed in, and whether that is late by the assignment's own due time.

    Grading again must not make anything later, so the time is the one of handing in.

    Parameters
    ----------
    metadata : mapping
        The content of ``submission_metadata.json``; what is missing or odd is not known.
    """
    assignment = metadata.get("assignment")
    created = to_moment(str(metadata.get("created_at", "")))
    due = to_moment(str(assignment.get("due_date", ""))) if isinstance(assignment, Mapping) else None
    if created is None or due is None:
        return created, None
    return created, created.astimezone() > due.astimezone()


def _tests(
    view: ReportView, checks: Mapping[str, Mapping[str, Any]], bonus: Collection[str]
) -> Iterator[dict[str, Any]]:
    for number, part in enumerate(view.parts, 1):
        for place, seen in enumerate(part.checks, 1):
            check = checks[seen.id]
            is_later = check["visibility"] in _LATER
            shown = check_view(check, for_student=False) if is_later else seen
            test = _test(shown, check, f"{number}.{place}")
            test["visibility"] = check["visibility"] if is_later else "visible"
            if part.id in bonus:  # the points that can be reached have to add up to the assignment's
                test |= {"name": f"{test['name']} (bonus of {points(seen.max_score)})", "max_score": 0.0}
            yield test


def _test(view: CheckView, check: Mapping[str, Any], number: str) -> dict[str, Any]:
    return {
        "name": f"{view.id}: {view.title}",
        "number": number,
        "score": view.score,
        "max_score": view.max_score,
        "status": "passed" if check["status"] == "passed" and not view.has_lost else "failed",
        "output": feedback.check_html(view),
        "output_format": "html",
        "name_format": "text",
        "tags": [view.part, view.id.partition(".")[0], check["status"]],
        "extra_data": {"check": view.id, "status": check["status"]}
        | ({} if view.is_hidden else {"reason": check["reason"], "mistake": _mistake(check)}),
    }


def _mistake(check: Mapping[str, Any]) -> str | None:
    return check["diagnosis"]["mistake"] if check["diagnosis"] else None


def _leaderboard(report: Mapping[str, Any], checks: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the student's own trainings came to, of several starts the best; nothing of hidden checks."""
    starts: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in report["training"]:
        if checks[record["check"]]["visibility"] == "visible" and not record.get("with_reference"):
            starts.setdefault((record["task"], record["metric"]), []).append(record)
    rows = []
    for (task, metric), records in starts.items():
        best = best_of(records)
        if isinstance(best["value"], str):  # no number: the training fell apart
            continue
        less_is_better = float(best.get("threshold", 0)) < float(best.get("zero", 0))
        order = "asc" if less_is_better else "desc"
        rows.append({"name": f"{task}, {metric}", "value": best["value"], "order": order})
    return rows


def _extra(report: Mapping[str, Any], late: Deduction) -> dict[str, Any]:
    """What tells later how the score came about; students do not see it."""
    kept = {name: report[name] for name in ("schema_version", "status", "assignment", "seed", "environment")}
    kept |= {"submission": report["submission"], "isolation": report.get("isolation")}
    if report["status"] == "graded":
        kept |= {"graded_score": report["score"], "late": {"points": late.points, "sentence": late.sentence}}
    return kept
