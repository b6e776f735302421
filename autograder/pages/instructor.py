"""A report as an instructor sees it: all of it, with the student's code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.model.submission import Submission
from autograder.pages.answers import Answer
from autograder.pages.checks import CheckView
from autograder.pages.passages import Passage, definitions, whole
from autograder.pages.student import Adjusted, ReportView, report_view
from autograder.pages.trainings import Reference


@dataclass(frozen=True)
class Behind:
    """What a student is not told of a check."""

    reason: str
    visibility: str
    mistake: str
    """Id in the catalogue; empty if none was recognised."""
    confidence: str
    summary: str
    same_numbers: tuple[str, ...]
    duration_s: float
    details: str
    """What was measured, as JSON."""


@dataclass(frozen=True)
class Suspect:
    """A definition of the student's, and the checks of it that lost points."""

    passage: Passage
    checks: tuple[CheckView, ...]


@dataclass(frozen=True)
class InstructorView:
    """All that the page shows."""

    report: ReportView
    behind: Mapping[str, Behind]
    """By check id."""
    suspects: tuple[Suspect, ...]
    code: tuple[Passage, ...]
    facts: tuple[tuple[str, str], ...]
    """Names and values: time, isolation, seed, versions."""
    missing: tuple[str, ...]
    """What the submission could have done."""
    answers: tuple[Answer, ...]
    """To written questions."""
    class_page: str
    """Address of the class overview; empty where there is none."""


def instructor_view(
    report: Mapping[str, Any],
    reference: Reference,
    submission: Submission | None,
    *,
    name: str = "",
    adjusted: Adjusted | None = None,
    answers: tuple[Answer, ...] = (),
    class_page: str = "",
) -> InstructorView:
    """A report with everything in it.

    Parameters
    ----------
    report, reference, name, adjusted
        As for `autograder.pages.student.student_view`.
    submission : Submission or None
        The student's files; without them no code is shown.
    answers : tuple of Answer
        To written questions.
    class_page : str
        Address of the class overview, relative to this page.
    """
    no_score = f"No score ({report['status'].replace('_', ' ')}): {report['message']}"
    view = report_view(report, reference, for_student=False, no_score=no_score, name=name, adjusted=adjusted)
    timing, isolation = report.get("timing") or {}, report.get("isolation") or {}
    raised = _raised(report)
    return InstructorView(
        report=view,
        behind={c["id"]: _behind(c, timing.get("checks", {})) for c in report.get("checks", ())},
        suspects=_suspects(view, submission, report, raised) if submission else (),
        code=tuple(whole(submission, raised)) if submission else (),
        facts=tuple(_facts(report)),
        missing=tuple(isolation.get("missing", ())),
        answers=answers,
        class_page=class_page,
    )


def _behind(check: Mapping[str, Any], durations: Mapping[str, float]) -> Behind:
    diagnosis = check["diagnosis"] or {}
    details = {key: value for key, value in check["details"].items() if key != "compared"}
    return Behind(
        reason=check["reason"],
        visibility=check["visibility"],
        mistake=diagnosis.get("mistake", ""),
        confidence=diagnosis.get("confidence", ""),
        summary=diagnosis.get("summary", ""),
        same_numbers=tuple(diagnosis.get("same_numbers", ())),
        duration_s=durations.get(check["id"], 0.0),
        details=json.dumps(details, indent=1, ensure_ascii=False) if details else "",
    )


def _raised(report: Mapping[str, Any]) -> set[str]:
    """Lines of the student's code on which something was raised."""
    ran = report.get("notebook") or report.get("module") or {"failed": ()}
    raised = [check["details"].get("exception") or {} for check in report.get("checks", ())]
    return {str(item["code"]).strip() for item in (*raised, *ran["failed"]) if item.get("code")}


def _suspects(
    view: ReportView, submission: Submission, report: Mapping[str, Any], raised: set[str]
) -> tuple[Suspect, ...]:
    lost: dict[str, list[CheckView]] = {}
    where = {
        c["id"]: (c["details"].get("exception") or {}).get("function", "") for c in report.get("checks", ())
    }
    for check in view.lost:
        for name in dict.fromkeys((check.id.partition(".")[0], where[check.id])):
            lost.setdefault(name, []).append(check)
    return tuple(
        Suspect(passage, tuple(lost[passage.name])) for passage in definitions(submission, list(lost), raised)
    )


def _facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts, environment = [], report["environment"]
    timing = report.get("timing")
    if timing:
        facts += [
            ("Time", f"{timing['wall_s']:.1f} s"),
            ("Processor time of the submission", f"{timing['submission_cpu_s']:.1f} s"),
            ("Processor time of the grader", f"{timing['grader_cpu_s']:.1f} s"),
        ]
    if report.get("isolation"):
        facts.append(("Isolation", report["isolation"]["level"]))
    facts += [
        ("Seed", str(report["seed"])),
        ("Submission", report["submission"].get("digest", "")[:12]),
        ("Assignment", report["assignment"]["digest"][:12]),
        ("Python, NumPy", f"{environment['python']}, {environment['numpy']}"),
        ("Platform", environment["platform"]),
    ]
    return [(name, value) for name, value in facts if value]
