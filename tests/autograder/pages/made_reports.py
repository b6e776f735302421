"""Reports with something in every field, made without grading anybody; each keeps to the schema."""

from pathlib import Path
from typing import Any

from autograder.assignment.rubric import read_rubric
from autograder.errors import AutograderError, InvalidSubmission
from autograder.model.assignment import Assignment
from autograder.model.counterexample import Counterexample
from autograder.model.diagnosis import Diagnosis
from autograder.model.result import CheckResult
from autograder.model.submission import Submission
from autograder.reporting import build
from autograder.scoring.points import add_up
from tests.autograder.course.class_run import VALIDATOR

CODE = '''import numpy as np


def double(x):
    """Twice x."""
    return 3 * x


def add(x, y):
    return x + y[0]
'''
MAP = {
    "x": [-1.0, 1.0],
    "y": [0.0, 2.0],
    "classes": ["0011", "0011", "0122", "2222"],
    "points": {"x": [-0.5, 0.5, 0.1], "y": [0.5, 1.0, 1.5], "classes": "012"},
}


def assignment(
    title: str = "A small homework", check_title: str = "what it does", *, bonus: bool = False
) -> Assignment:
    """Three visible checks and a hidden one, in two parts; the last two train, and may be a bonus."""
    check = {"title": check_title, "points": 2}
    parts = [
        {
            "id": "first",
            "title": "Part 1: One",
            "checks": [{"id": "double", **check}, {"id": "add", **check}],
        },
        {
            "id": "second",
            "title": "Part 2: Two",
            "bonus": bonus,
            "checks": [{"id": "task.open", **check}, {"id": "task.secret", **check, "visibility": "hidden"}],
        },
    ]
    rubric = read_rubric({"parts": parts, "manual": [{"id": "essay", "title": "why"}]}, "rubric.toml")
    return Assignment("small", title, "1", 7, "hw", Path(), *[Path()] * 4, rubric, "0" * 64)


def training(text: str = "test accuracy", share: float = 0.5, **more: Any) -> dict[str, Any]:
    """A record as checks make it."""
    record = {"task": "moons", "metric": text, "value": 0.75, "threshold": 0.9, "zero": 0.5, "target": 0.95}
    return {**record, "share": share, "loss_curve": [1.0, 0.5, 0.01, 0.001], "map": MAP, **more}


def lost(text: str = "It is wrong.", share: float = 0.5, **more: Any) -> CheckResult:
    """A result with `text` in all that can be read."""
    row = {
        "what": text,
        "shape": [3],
        "worst_error": 1.5,
        "at": [1],
        "tolerance": 1e-6,
        "got": 3.25,
        "expected": 1.75,
    }
    details = {
        **row,
        "compared": [{**row, "is_right": False}, {**row, "is_right": True}],
        "exception": {
            "type": text,
            "message": text,
            "line": 10,
            "code": "return x + y[0]",
            "function": "add",
        },
        "modified_arguments": [text],
        "more": {text: [text]},
    }
    note = {
        "own_chain": "error",
        "with_reference": "partial",
        "replaced": [text],
        "counted": "with_reference",
    }
    return CheckResult(
        status="partial" if share else "failed",
        reason="wrong_values",
        message=text,
        fraction=share,
        details=details,
        training=(training(text),),
        duration_s=0.5,
        follow_through={**note, "own_message": text, "credit": 1.0},
        diagnosis=Diagnosis(f"mistake {text}", "certain", text, text, text, (text,)),
        counterexample=Counterexample(f"print(1)  # {text}", text, text, text),
        **more,
    )


PASSED = CheckResult("passed", "", "", 1.0, duration_s=0.1)


def report(
    text: str = "It is wrong.",
    *,
    of: Assignment | None = None,
    student: str = "ada",
    notebook: bool = False,
    **results: CheckResult,
) -> dict[str, Any]:
    """A graded report with `text` in all that can be read; results are named with ``_`` for ``.``."""
    of = of or assignment()
    found = {c.id: results.get(c.id.replace(".", "_"), lost(text)) for c in of.rubric.checks}
    failed = {"type": text, "message": text, "code": text, "names": [text]}
    made = build.graded(
        of,
        submission(text, student, notebook=notebook),
        add_up(of.rubric, found),
        seed=7,
        loaded={"cells": 2, "failed": [{"cell": 2, **failed}]}
        if notebook
        else {"failed": [{"line": 3, **failed}]},
        load_failure=text,
        isolation={"level": "limited", "properties": {}, "missing": ["read a file"]},
        timing={"wall_s": 1.5, "load_s": 0.1, "submission_cpu_s": 0.2, "grader_cpu_s": 0.3},
    )
    VALIDATOR.validate(made)
    return made


def submission(
    text: str = "note", student: str = "ada", *, notebook: bool = False, code: str = CODE
) -> Submission:
    """What was handed in."""
    kind, entry = ("notebook", "hw.ipynb") if notebook else ("module", "hw.py")
    return Submission(
        student, kind, entry, {entry: f"{code}\n# {text}\n".encode("utf-8", "replace")}, notes=(text,)
    )


def without_score(error: AutograderError | None = None) -> dict[str, Any]:
    """A report without a score."""
    made = build.not_graded(assignment(), "ada", error or InvalidSubmission("The folder is empty."), seed=7)
    VALIDATOR.validate(made)
    return made


REFERENCE = {
    ("task.open", "moons"): {"check": "task.open", **training(share=1.0, value=0.99)},
    ("task.secret", "moons"): {"check": "task.secret", **training(share=1.0, value=0.987654321)},
}
