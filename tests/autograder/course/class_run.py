"""Outputs of class runs, made without grading anybody; every report keeps to the schema."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import autograder.reporting
from autograder.assignment.rubric import read_rubric
from autograder.errors import InvalidSubmission
from autograder.model.assignment import Assignment
from autograder.model.diagnosis import Diagnosis
from autograder.model.late import LatePolicy
from autograder.model.result import CheckResult
from autograder.model.submission import Submission
from autograder.reporting import build
from autograder.scoring.points import add_up

POINTS = {"double": 2, "add.values": 1, "add.hidden": 0.5}
SCHEMA = json.loads(Path(autograder.reporting.__file__).with_name("schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def assignment(
    points=None, late=None, root=Path(), version="1", title="A small homework", bonus=False
) -> Assignment:
    """With one check in the first part and the others in the second, which may be a bonus."""
    points = points or POINTS
    lines = [{"id": i, "title": f"what {i} does", "points": p} for i, p in points.items()]
    parts = [
        {"id": "first", "title": "One", "checks": lines[:1]},
        {"id": "second", "title": "Two", "checks": lines[1:], "bonus": bonus},
    ]
    rubric = read_rubric({"parts": parts, **({"late": late} if late else {})}, "rubric.toml")
    digest = hashlib.sha256(repr((points, version)).encode()).hexdigest()
    return Assignment("small", title, version, 7, "hw", root, *[root] * 4, rubric, digest)


def report(student="ada", found=None, *, of=None, code="x = 1", seed=7, mistakes=None) -> dict[str, Any]:
    """A graded report; ``found`` has shares of the points or statuses by check, what is not named passes."""
    of = of or assignment()
    results = {
        line.id: _result((found or {}).get(line.id, 1.0), (mistakes or {}).get(line.id))
        for line in of.rubric.checks
    }
    made = build.graded(
        of,
        Submission(student, "module", "hw.py", {"hw.py": code.encode()}),
        add_up(of.rubric, results),
        seed=seed,
        loaded=None,
        load_failure="",
        isolation={"level": "limited", "properties": {}, "missing": []},
        timing={"wall_s": 1.5, "load_s": 0.1, "submission_cpu_s": 0.2, "grader_cpu_s": 0.3},
    )
    VALIDATOR.validate(made)
    return made


def not_graded(student="ada", error=None, *, of=None) -> dict[str, Any]:
    """A report without a score."""
    made = build.not_graded(of or assignment(), student, error or InvalidSubmission("It is empty."), seed=7)
    VALIDATOR.validate(made)
    return made


def _result(share: float | str, mistake: str | None) -> CheckResult:
    if isinstance(share, str):
        return CheckResult(share, "why", f"It {share}.", 0.0, duration_s=0.5)
    found = Diagnosis(mistake, "certain", "sign", "The sign is wrong.", "Look.") if mistake else None
    if share == 1:
        return CheckResult("passed", "", "", 1.0, duration_s=0.5)
    status = "partial" if share else "failed"
    return CheckResult(status, "wrong_values", "It is wrong.", share, duration_s=0.5, diagnosis=found)


@dataclass
class Handed:
    """One attempt."""

    report: dict[str, Any] | None
    submitted: datetime | str | None = None
    is_late: bool | None = None


@dataclass
class Person:
    """One student; without attempts an absent one."""

    id: str
    attempts: list[Handed | dict[str, Any]]
    name: str = ""
    columns: dict[str, str] | None = None
    counted: int | None = None


def write(folder: Path, people: list[Person], *, mode="latest", of=None) -> Path:
    """The folder of a class run."""
    of = of or assignment()
    students, absent = [], []
    for person in people:
        common = {"id": person.id, "name": person.name, "columns": person.columns or {}}
        if not person.attempts:
            absent.append(common)
            continue
        attempts = [_attempt(folder, person.id, n, a) for n, a in enumerate(person.attempts, 1)]
        students.append({**common, "attempts": attempts, "counted": person.counted})
    about = {"id": of.id, "title": of.title, "version": of.version, "digest": of.digest}
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "assignment": about,
        "students": students,
        "absent": absent,
        "unassigned": [],
        "attempts": mode,
    }
    (folder / "class.json").write_text(json.dumps(content), "utf-8")
    return folder


def _attempt(folder: Path, student: str, number: int, handed: Handed | dict[str, Any]) -> dict[str, Any]:
    handed = handed if isinstance(handed, Handed) else Handed(handed)
    submitted = handed.submitted
    plain = {
        "number": number,
        "path": f"submissions/{student}",
        "submitted": submitted.isoformat() if isinstance(submitted, datetime) else submitted,
        "is_late": handed.is_late,
    }
    if handed.report is None:
        return {**plain, "report": None}
    place = f"students/{student}/attempt-{number}/report.json"
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(json.dumps(handed.report), "utf-8")
    return {**plain, "report": place}


def reports(folder):
    """All reports of a run's folder, without the times."""
    found = {}
    for path in sorted(folder.rglob("report.json")):
        report = json.loads(path.read_text("utf-8"))
        report.pop("timing", None)
        found[path.relative_to(folder).as_posix()] = report
    return found


def late(**table: Any) -> LatePolicy:
    """A late policy as the rubric reads it."""
    return assignment(late=table).rubric.late
