"""Grades a class: many submissions at the same time, each report written as soon as it is there.

What a run leaves in its folder::

    students/<id>/attempt-<n>/report.json    one per attempt that was graded
    class.json                               who handed in what, and which attempt counts

A run that was ended at any moment goes on where it was: a report that is there and still holds (the same submission,
assignment, seed and checks) is not made again.
"""

from __future__ import annotations

import json
import math
import os
import signal
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from autograder import __version__
from autograder.assignment.load import load
from autograder.course.records import read_report
from autograder.errors import AutograderError, GraderFault, MachineFault, UsageError
from autograder.intake.read import name, read
from autograder.model.assignment import Assignment
from autograder.model.attempt import Attempt, Class
from autograder.pipeline import Grader
from autograder.reporting import build, to_json

_TASKS = 100
"""Submissions that a process grades before a new one takes its place: what it remembers of them stays bounded.

With a thousand submissions memory grew by 190 MB otherwise; a new process takes about a second."""
TRIES = 2
"""Times that a submission may end the process that grades it."""
_PATIENCE = 2.0
"""How many times the limit of a submission's total time its grading may take."""
_LASTING = ("graded", "invalid_submission")
NOT_GRADED = "not_graded"


@dataclass(frozen=True)
class Job:
    """What is the same for all submissions of a run."""

    folder: Path
    """The assignment's."""
    seed: int
    selected: tuple[str, ...]
    isolation_mode: str = "auto"


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt."""

    attempt: Attempt
    report: Path | None
    """Relative to the run's folder; None if it was left alone and has none."""
    status: str
    """As in the report, or `NOT_GRADED`."""
    score: float | None
    message: str
    cpu_s: float
    """The submission's and the grader's processor time; 0 if the report was there already."""
    was_there: bool
    isolation: Mapping[str, Any] | None = None
    """What shut it in, as in the report."""


Way = Callable[[Sequence[Attempt], Job, Assignment, Path, int], Iterator[tuple[int, dict[str, Any]]]]
"""A way of grading attempts, so many at the same time as the last argument says: writes each report into the run's
folder, and yields the attempt's index and the report (or what `Outcome` has of it) as they come."""


def grade_class(
    found: Class,
    job: Job,
    output: Path,
    *,
    jobs: int,
    force: bool = False,
    only: Collection[str] | None = None,
    done: Callable[[Outcome], None] = lambda outcome: None,
    way: Way | None = None,
) -> list[Outcome]:
    """Grade all attempts of a class and write ``class.json``.

    Parameters
    ----------
    found : Class
    job : Job
    output : Path
        The run's folder.
    jobs : int
        Submissions at the same time.
    force : bool
        Grade also where a report that holds is there.
    only : collection of str, optional
        Ids of the students whose attempts are graded; the others keep what they have.
    done : callable
        Called with each outcome as it comes.
    way : Way, optional
        How the attempts are graded; in processes on this machine if it is not said.

    Returns
    -------
    list of Outcome
        In the order of the attempts.

    Raises
    ------
    UsageError
        If the output folder cannot be written to.
    """
    assignment = load(job.folder)
    outcomes: dict[int, Outcome] = {}
    waiting: list[tuple[float, int]] = []
    for index, attempt in enumerate(found.attempts):
        place = output / report_path(attempt)
        known = _known_report(place)
        if only is not None and attempt.student.id not in only:
            outcomes[index] = _left_alone(attempt, report_path(attempt), known)
        elif known and not force and _holds(known, attempt, assignment, job):
            outcomes[index] = _outcome(attempt, place.relative_to(output), known, was_there=True)
            done(outcomes[index])
        else:
            # Longest first, so that none is left alone at the end; what is not known yet may be the longest.
            waiting.append((-_wall_s(known), index))
    waiting.sort()
    order = [index for _, index in waiting]
    attempts = [found.attempts[index] for index in order]
    graded = (way or _in_processes)(attempts, job, assignment, output, min(jobs, max(1, len(order))))
    for at, report in graded:
        attempt = attempts[at]
        place = report_path(attempt)
        outcomes[order[at]] = _outcome(attempt, place, report, was_there=False)
        done(outcomes[order[at]])
    return [outcomes[index] for index in range(len(found.attempts))]


def report_path(attempt: Attempt) -> Path:
    """Where an attempt's report lies, relative to the run's folder."""
    return Path("students", attempt.student.id, f"attempt-{attempt.number}", "report.json")


def _known_report(place: Path) -> dict[str, Any] | None:
    """The report that is there, if it is a whole one."""
    try:
        return read_report(place)
    except UsageError:
        return None


def _wall_s(report: dict[str, Any] | None) -> float:
    """How long the grading took that a report tells of."""
    seconds = (report or {}).get("timing", {}).get("wall_s")
    return float(seconds) if isinstance(seconds, (int, float)) else math.inf


def _holds(report: dict[str, Any], attempt: Attempt, assignment: Assignment, job: Job) -> bool:
    """Whether grading again could give nothing else."""
    if report["status"] not in _LASTING:
        return False
    try:
        digest = read(attempt.path, assignment).digest
    except AutograderError:
        digest = None
    return (
        report["submission"].get("digest") == digest
        and report["assignment"]["digest"] == assignment.digest
        and report["environment"].get("grader") == __version__
        and report["seed"] == job.seed
        and set(report.get("selection") or _all(assignment)) == set(job.selected)
    )


def _all(assignment: Assignment) -> list[str]:
    return [check.id for check in assignment.rubric.checks]


def _left_alone(attempt: Attempt, place: Path, known: dict[str, Any] | None) -> Outcome:
    """The outcome of an attempt that was not to be graded: the report that it has, if it can be read."""
    if known:
        return _outcome(attempt, place, known, was_there=True)
    return Outcome(attempt, None, NOT_GRADED, None, "", 0.0, was_there=True)


def _outcome(attempt: Attempt, place: Path, report: dict[str, Any], *, was_there: bool) -> Outcome:
    timing = report.get("timing") or {}
    return Outcome(
        attempt,
        place,
        report["status"],
        report.get("score"),
        report.get("message", ""),
        0.0 if was_there else timing.get("submission_cpu_s", 0.0) + timing.get("grader_cpu_s", 0.0),
        was_there,
        report.get("isolation"),
    )


# -- what every way of grading needs


def patience_s(assignment: Assignment) -> float:
    """How long the grading of one submission may take before the process that does it is ended."""
    limits = assignment.rubric.limits
    return _PATIENCE * limits.total_s + limits.load_s


def keep(report: dict[str, Any], attempt: Attempt, output: Path) -> None:
    """Write an attempt's report, whole or not at all.

    Raises
    ------
    UsageError
        If the output folder cannot be written to.
    """
    folder = (output / report_path(attempt)).parent
    for half in folder.glob(".report-*"):  # of a run that was killed while it wrote
        half.unlink(missing_ok=True)
    to_json.write(report, folder)


def not_graded(attempt: Attempt, job: Job, assignment: Assignment, error: AutograderError) -> dict[str, Any]:
    """The report of an attempt of which nothing more is known than why it has no score."""
    return build.not_graded(assignment, name(attempt.path, assignment), error, seed=job.seed)


def given_up(how: str) -> MachineFault:
    """The fault of a machine whose process did not come to the end of a submission.

    Parameters
    ----------
    how : str
        ``ended`` or ``took too long``.
    """
    return MachineFault(f"the process that graded this submission {how}, {TRIES} times; grade it again.")


def unexpected(error: Exception) -> GraderFault:
    """The fault of a grader that failed where nobody expected it: it costs one submission, not the class."""
    trace = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" ({Path(frame.filename).name}, line {frame.lineno})" for frame in trace)
    return GraderFault(f"the grader itself failed, {type(error).__name__}: {error}{where}.")


# -- processes on this machine


def _in_processes(
    attempts: Sequence[Attempt], job: Job, assignment: Assignment, output: Path, jobs: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Grade attempts in processes of our own; see `Way`."""
    limit_s = patience_s(assignment)
    tries = dict.fromkeys(range(len(attempts)), 0)
    for library in ("OPENBLAS", "OMP", "MKL"):  # NumPy looks when it is imported, which is before `_begin`
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    # Started afresh, not forked: this process has threads.
    context = get_context("spawn")
    with ProcessPool(jobs, _TASKS, initializer=_begin, initargs=(job,), context=context) as pool:
        try:
            waiting = {pool.schedule(_grade, (a, output), timeout=limit_s): i for i, a in enumerate(attempts)}
            while waiting:
                future = _first(waiting)
                index = waiting.pop(future)
                attempt = attempts[index]
                try:
                    report = future.result()
                except (ProcessExpired, TimeoutError) as error:
                    tries[index] += 1
                    if tries[index] < TRIES:
                        waiting[pool.schedule(_grade, (attempt, output), timeout=limit_s)] = index
                        continue
                    how = "took too long" if isinstance(error, TimeoutError) else "ended"
                    report = not_graded(attempt, job, assignment, given_up(how))
                    keep(report, attempt, output)
                yield index, report
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise


def _first(waiting: dict[Any, int]) -> Any:
    """A future that is done."""
    from concurrent.futures import FIRST_COMPLETED, wait

    done, _ = wait(list(waiting), return_when=FIRST_COMPLETED)
    return min(done, key=lambda future: waiting[future])


_grader: Grader
_job: Job


def _begin(job: Job) -> None:
    """Prepare a process that grades one submission after the other."""
    global _grader, _job
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who started us decides
    signal.signal(signal.SIGTERM, _leave)  # the pool may end us so, and what we have started must end with us
    _job, _grader = job, Grader(load(job.folder), job.isolation_mode)
    Finalize(None, _grader.__exit__, exitpriority=1)  # the starters are ended, and waited for


def _leave(number: int, frame: object) -> None:
    raise SystemExit(0)


def _grade(attempt: Attempt, output: Path) -> dict[str, Any]:
    assignment = _grader.assignment
    try:
        report = _grader.grade(attempt.path, seed=_job.seed, selected=set(_job.selected))
    except AutograderError as error:  # a path that is gone, an entry that cannot be told
        report = not_graded(attempt, _job, assignment, error)
    except Exception as error:  # nobody expected it
        report = not_graded(attempt, _job, assignment, unexpected(error))
    keep(report, attempt, output)
    return {key: report.get(key) for key in ("status", "score", "message", "timing", "isolation")}


# -- what is left for those who read it


def write_class(
    found: Class, outcomes: Sequence[Outcome], assignment: Assignment, output: Path, rule: str
) -> None:
    """Write ``class.json``: students, their attempts with their reports, and the attempt that counts.

    Parameters
    ----------
    found : Class
    outcomes : sequence of Outcome
    assignment : Assignment
    output : Path
        The run's folder.
    rule : str
        ``latest``, ``best`` or ``all`` (in which the latest counts).
    """
    students: dict[str, dict[str, Any]] = {}
    for outcome in outcomes:
        attempt, student = outcome.attempt, outcome.attempt.student
        entry = students.setdefault(
            student.id,
            {"id": student.id, "name": student.name, "columns": dict(student.columns), "attempts": []},
        )
        entry["attempts"].append(
            {
                "number": attempt.number,
                "path": attempt.path.name,
                "submitted": attempt.submitted.isoformat() if attempt.submitted else None,
                "is_late": attempt.is_late,
                "report": outcome.report.as_posix() if outcome.report else None,
                "status": outcome.status,
                "score": outcome.score,
            }
        )
    for entry in students.values():
        entry["counted"] = counted(entry["attempts"], rule)
    content = {
        "assignment": {"id": assignment.id, "version": assignment.version, "digest": assignment.digest},
        "system": found.system,
        "attempts": rule,
        "students": [students[student_id] for student_id in sorted(students)],
        "absent": [
            {"id": s.id, "name": s.name, "columns": dict(s.columns)}
            for s in sorted(found.absent, key=lambda s: s.id)
        ],
        "unassigned": sorted(found.unassigned),
    }
    to_json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", output / "class.json")


def counted(attempts: Sequence[dict[str, Any]], rule: str) -> int | None:
    """Number of the attempt that counts: of those with a score, if there are any."""
    scored = [a for a in attempts if a["score"] is not None] or list(attempts)
    if not scored:
        return None
    if rule == "best":
        return int(max(scored, key=lambda a: (a["score"] or 0.0, a["number"]))["number"])
    return int(max(a["number"] for a in scored))
