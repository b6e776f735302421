"""``python -m autograder run SYSTEM FOLDER``: one submission on another system's machine, as its package calls it.

The submission lies where the system puts it, and the results go where the system looks for them.  The machine has no
more memory and time than the system gives, so that a submission has less of both than the rubric allows.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.assignment.load import load
from autograder.cli.grade import EXIT
from autograder.course.late import LateRule
from autograder.errors import ExitCode, InvalidSubmission
from autograder.intake.read import name, read
from autograder.model.assignment import Assignment
from autograder.model.late import Deduction
from autograder.model.rubric import Limits
from autograder.pipeline import Grader
from autograder.platforms import gradescope, prairielearn
from autograder.reporting import build, to_json, to_text

_SUBMISSIONS = {"gradescope": "submission", "prairielearn": "student"}
"""The folder in which a system puts what was handed in."""
_OWN_S = 120.0
"""What the grader itself may need, besides the submission: on half a processor its start takes 5 seconds and its
explanations up to 60."""
_OWN_BYTES = 256 << 20
"""The same of memory: it takes 100 MB, and what a submission sends passes through it."""
_LEAST_BYTES = 384 << 20
_MEMORY = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where Linux tells a container's memory, in the second and first version of control groups."""


def run(arguments: argparse.Namespace) -> int:
    """Grade what lies in the system's folder, write its results; return the exit status."""
    root, assignment = Path(arguments.folder), load(Path(arguments.assignment))
    report = _grade(root / _SUBMISSIONS[arguments.system], assignment, arguments)
    print(to_text.render(report), flush=True)  # for instructors: students do not see what is printed
    isolation = report.get("isolation")
    if isolation:
        print(f"\nIsolation: {isolation['level']}", *isolation["missing"], sep="\n  a submission can ")
    found = prairielearn.results(report)
    if arguments.system == "gradescope":
        found = gradescope.results(report, _late(root, assignment, report))
    text = json.dumps(found, indent=1, allow_nan=False) + "\n"
    to_json.write_text(text, root / "results" / "results.json", "the results")
    status = EXIT[report["status"]]
    return ExitCode.GRADED if status == ExitCode.USAGE else status  # a result it is, for the student to mend


def _grade(path: Path, assignment: Assignment, arguments: argparse.Namespace) -> dict[str, Any]:
    seed = assignment.seed if arguments.seed is None else arguments.seed
    try:
        submission = read(path, assignment)
    except InvalidSubmission as error:
        return build.not_graded(assignment, name(path, assignment), error, seed=seed)
    limits = _within(assignment.rubric.limits, arguments.timeout, memory_bytes(), submission.kind == "module")
    limited = replace(assignment, rubric=replace(assignment.rubric, limits=limits))
    with Grader(limited, arguments.isolation) as grader:
        every = {check.id for check in assignment.rubric.checks}
        return grader.grade_submission(submission, seed=seed, selected=every)


def _within(limits: Limits, timeout_s: float, memory: int | None, is_module: bool) -> Limits:
    """What a submission may use here: no more than the rubric says, and than the machine has."""
    total_s = min(limits.total_s, timeout_s - _OWN_S)
    # A kernel maps more than it uses, so that a limit on that would end it; there the system itself has to.
    if memory is not None and is_module:
        limits = replace(
            limits, memory_bytes=min(limits.memory_bytes, max(memory - _OWN_BYTES, _LEAST_BYTES))
        )
    return replace(limits, total_s=total_s, load_s=min(limits.load_s, total_s))


def memory_bytes() -> int | None:
    """Bytes of memory that this container has; None where that is not limited."""
    for place in _MEMORY:
        try:
            return int(Path(place).read_text("ascii"))
        except (OSError, ValueError):  # no such version, or "max"
            continue
    return None


def _late(root: Path, assignment: Assignment, report: Mapping[str, Any]) -> Deduction:
    """What being late costs, by the time of handing in that Gradescope tells."""
    if report["status"] != "graded":
        return Deduction()
    try:
        metadata = json.loads((root / "submission_metadata.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        print(f"warning: submission_metadata.json cannot be read ({error}).", file=sys.stderr)
        metadata = {}
    submitted, is_late = gradescope.handed_in(metadata if isinstance(metadata, dict) else {})
    rule = LateRule(assignment.rubric.late, assignment.root)
    return rule.deduct(report["score"], report["max_score"], submitted, is_late)
