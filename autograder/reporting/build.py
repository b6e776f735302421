"""Makes the report: the full record of one grading as plain JSON data."""

from __future__ import annotations

import math
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from autograder import __version__
from autograder.errors import AutograderError, ExitCode
from autograder.model.assignment import Assignment
from autograder.model.score import CheckScore, PartScore, Score
from autograder.model.submission import Submission

SCHEMA_VERSION = "1.2"
_STATUS = {
    ExitCode.USAGE: "invalid_submission",
    ExitCode.GRADER: "grader_error",
    ExitCode.MACHINE: "infrastructure_error",
}


def graded(
    assignment: Assignment,
    submission: Submission,
    score: Score,
    *,
    seed: int,
    loaded: Mapping[str, Any] | None,
    load_failure: str,
    isolation: Mapping[str, Any],
    timing: Mapping[str, Any],
) -> dict[str, Any]:
    """The report of a submission that has a score.

    Parameters
    ----------
    loaded : mapping or None
        What the first load of the submission found: statements or cells that failed.
    load_failure : str
        Why it could not be loaded at all; empty if it could.
    isolation : mapping
        What shut the worker in.
    timing : mapping
        The one field in which two runs differ.

    Returns
    -------
    dict
        As described by ``schema.json``.
    """
    report = _head(assignment, seed)
    report |= {
        "status": "graded",
        "message": load_failure,
        "submission": _submission(submission),
        "score": score.score,
        "max_score": score.max_score,
        "parts": [_part(p) for p in score.parts],
        "checks": [_check(c) for c in score.checks],
        "selection": None
        if len(score.checks) == len(assignment.rubric.checks)
        else [c.check.id for c in score.checks],
        "manual": [{"id": m.id, "title": m.title} for m in assignment.rubric.manual],
        "training": [{"check": c.check.id, **record} for c in score.checks for record in c.result.training],
        "isolation": dict(isolation),
        "timing": {**timing, "checks": {c.check.id: round(c.result.duration_s, 4) for c in score.checks}},
    }
    if any(part.is_bonus for part in score.parts):
        report["bonus"] = {"score": score.bonus, "max_score": score.max_bonus}
    what = {"failed": [], **(loaded or {})}
    report["module"] = what if submission.kind == "module" else None
    report["notebook"] = {"cells": 0, **what} if submission.kind == "notebook" else None
    cleaned: dict[str, Any] = _clean(report)
    return cleaned


def not_graded(
    assignment: Assignment,
    name: str,
    error: AutograderError,
    *,
    seed: int,
    submission: Submission | None = None,
) -> dict[str, Any]:
    """The report of a submission that has no score, and why."""
    report = _head(assignment, seed)
    report |= {
        "status": _STATUS[error.exit_code],
        "message": str(error),
        "submission": _submission(submission) if submission else {"id": name},
        "score": None,
        "max_score": assignment.rubric.max_score,
    }
    cleaned: dict[str, Any] = _clean(report)
    return cleaned


def _head(assignment: Assignment, seed: int) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "assignment": {
            "id": assignment.id,
            "title": assignment.title,
            "version": assignment.version,
            "digest": assignment.digest,
        },
        "seed": seed,
        "environment": environment(),
    }


def environment() -> dict[str, str]:
    """What the numbers of a report may depend on beside the assignment, as it is on this machine."""
    import numpy as np

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": f"{sys.platform}-{platform.machine()}",
        "grader": __version__,
    }


def _submission(submission: Submission) -> dict[str, Any]:
    return {
        "id": submission.id,
        "kind": submission.kind,
        "entry": submission.entry,
        "digest": submission.digest,
        "is_template": submission.is_template,
        "notes": list(submission.notes),
    }


def _part(part: PartScore) -> dict[str, Any]:
    told = {"id": part.id, "title": part.title, "score": part.score, "max_score": part.max_score}
    return {**told, "is_bonus": True} if part.is_bonus else told


def _check(scored: CheckScore) -> dict[str, Any]:
    line, found = scored.check, scored.result
    return {
        "id": line.id,
        "title": line.title,
        "part": line.part,
        "score": scored.score,
        "max_score": line.points,
        "status": found.status,
        "reason": found.reason,
        "visibility": line.visibility,
        "message": found.message,
        "details": dict(found.details),
        "follow_through": dict(found.follow_through) if found.follow_through else None,
        "diagnosis": asdict(found.diagnosis) if found.diagnosis else None,
        "counterexample": asdict(found.counterexample) if found.counterexample else None,
    }


def _clean(value: Any) -> Any:
    """Plain JSON: numbers and objects that JSON does not know become texts, odd characters are replaced."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {str(k): _clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(v) for v in value]
    if hasattr(value, "tolist"):  # an array, or a number of NumPy's
        return _clean(value.tolist())
    return value if value is None or isinstance(value, (bool, int, float)) else _clean(str(value))
