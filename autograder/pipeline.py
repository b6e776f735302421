"""The stages in order: from a path to a report."""

from __future__ import annotations

import importlib
import resource
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.checking.run import Checked, run_checks
from autograder.checking.student import Asked
from autograder.errors import AutograderError, UsageError
from autograder.host.ending import Ending
from autograder.host.isolation import establish
from autograder.host.pool import Zygote
from autograder.host.session import Session
from autograder.intake.read import name, read
from autograder.model.assignment import Assignment
from autograder.model.result import WRONG, CheckResult
from autograder.model.submission import Submission
from autograder.reporting import build
from autograder.scoring.points import add_up

_PATIENCE_S = 30.0  # for counterexamples of a slow submission; the reference needs milliseconds


def grade(
    path: Path,
    assignment: Assignment,
    *,
    entry: str | None,
    seed: int,
    selected: set[str],
    isolation_mode: str = "auto",
) -> dict[str, Any]:
    """Grade one submission.

    Parameters
    ----------
    path : Path
        A folder, a ``.py``, a ``.ipynb`` or a ``.zip`` of one.
    assignment : Assignment
    entry : str or None
        The file that counts, where several could.
    seed : int
        Of the checks' random inputs.
    selected : set of str
        Ids of the checks to run.
    isolation_mode : str
        ``auto``, ``require`` or ``process``; see `autograder.host.isolation.establish`.

    Returns
    -------
    dict
        The report; without a score if the submission is invalid or the grader or machine failed.

    Raises
    ------
    UsageError
        If the path or the entry does not exist.
    """
    began = time.monotonic()
    submission: Submission | None = None
    try:
        submission = read(path, assignment, entry)
        return _grade(submission, assignment, seed, selected, isolation_mode, began)
    except UsageError:
        raise
    except AutograderError as error:
        return build.not_graded(assignment, name(path, assignment), error, seed=seed, submission=submission)


def _grade(
    submission: Submission,
    assignment: Assignment,
    seed: int,
    selected: set[str],
    isolation_mode: str,
    began: float,
) -> dict[str, Any]:
    limits = assignment.rubric.limits
    with (
        Zygote("notebook" if submission.kind == "notebook" else "") as zygote,
        ExitStack() as stack,
    ):
        _warm_up()
        isolation = establish(zygote, limits, isolation_mode, assignment.rubric.refused_packages)
        session = stack.enter_context(
            Session(zygote, submission, limits, assignment.name, _handout(assignment), seed, isolation)
        )
        session.load()
        ended = session.load_ending
        if ended is not None:
            results = {check_id: _not_loaded(ended) for check_id in selected}
        else:
            checked = run_checks(assignment, session, seed, selected)
            results = explain(assignment, checked, session, seed)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return build.graded(
        assignment,
        submission,
        add_up(assignment.rubric, results),
        seed=seed,
        loaded=session.loaded,
        load_failure=ended.message if ended else "",
        isolation=isolation.report(),
        timing={
            "wall_s": round(time.monotonic() - began, 3),
            "load_s": round(session.load_s, 3),
            "submission_cpu_s": round(session.cpu_s, 3),
            "grader_cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        },
    )


def explain(assignment: Assignment, checked: Checked, session: Asked, seed: int) -> dict[str, CheckResult]:
    """The results of a run, each lost one with its diagnosis and its smallest counterexample where there is one."""
    lost = {i for i, found in checked.results.items() if found.fraction < 1 and found.status in WRONG}
    if not lost:
        return checked.results
    from autograder.diagnosis import counterexample
    from autograder.diagnosis.diagnose import Diagnostician

    found = Diagnostician(assignment, checked.functions, seed).diagnose(checked.results, session)
    results = dict(checked.results)
    began = time.monotonic()
    for check_id in results:
        if check_id in lost:
            shown = None
            if time.monotonic() - began < _PATIENCE_S:
                check = checked.functions[check_id]
                shown = counterexample.find(assignment, check, check_id, session, seed)
            results[check_id] = replace(
                results[check_id], diagnosis=found.get(check_id), counterexample=shown
            )
    return results


def _warm_up() -> None:
    # What the checks need is imported while the zygote starts, on the other core.
    for package in ("pytest", "pytest_jsonreport.plugin"):
        importlib.import_module(package)


def _not_loaded(ended: Ending) -> CheckResult:
    return CheckResult(ended.status, f"load_{ended.reason}", ended.message, 0.0)


def _handout(assignment: Assignment) -> Mapping[str, bytes]:
    """What students were given beside the file to write in: data, plotting code."""
    entries = {f"{assignment.name}.py", f"{assignment.name}.ipynb"}
    found = {}
    for file in sorted(assignment.template.rglob("*")):
        if file.is_file() and file.name not in entries and "__pycache__" not in file.parts:
            found[file.relative_to(assignment.template).as_posix()] = file.read_bytes()
    return found
