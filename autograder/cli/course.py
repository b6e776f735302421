"""``grade.py SUBMISSIONS``: a whole class, from the download to the gradebook."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.assignment.load import load
from autograder.cli.grade import select
from autograder.course import database, gradebook, spreadsheets
from autograder.course.find import choose, find
from autograder.course.roster import read_roster
from autograder.course.run import Job, Outcome, grade_class, write_class
from autograder.errors import ExitCode, UsageError
from autograder.model.attempt import Class

_LINE_EVERY_S = 5.0


def run(arguments: argparse.Namespace) -> int:
    """Find the students, grade what is not graded yet, write the gradebook; return the exit status."""
    folder, source = Path(arguments.assignment), Path(arguments.submission)
    assignment = load(folder)
    output = Path(
        arguments.output or Path("results", source.stem if source.is_file() else source.resolve().name)
    )
    roster = read_roster(Path(arguments.roster)) if arguments.roster else None
    unpacked = output / "unpacked"  # made anew each time, so that nothing of an older download is left in it
    shutil.rmtree(unpacked, ignore_errors=True)
    found = choose(find(source, assignment, unpack=unpacked, roster=roster), arguments.attempts)
    found = _only(found, arguments.students or [])
    if not found.attempts:
        raise UsageError(f"no submission was found in {source}.")
    selected = tuple(sorted(select(assignment.rubric, arguments.only or [])))
    seed = assignment.seed if arguments.seed is None else arguments.seed
    job = Job(folder.resolve(), seed, selected, arguments.isolation)
    jobs = arguments.jobs or os.cpu_count() or 1
    with _progress(len(found.attempts), quiet=arguments.quiet) as done:
        outcomes = grade_class(found, job, output, jobs=jobs, force=arguments.force, done=done)
    write_class(found, outcomes, assignment, output, arguments.attempts)
    book = gradebook.make(output, assignment)
    notes = spreadsheets.write(book, output)
    database.build(book, output)
    if not arguments.quiet:
        print("\n".join([*_summary(found, outcomes), *notes]))
        print(f"\nGradebook: {output / 'gradebook.csv'}", file=sys.stderr)
    statuses = {outcome.status for outcome in outcomes}
    if "grader_error" in statuses:
        return ExitCode.GRADER
    return ExitCode.MACHINE if "infrastructure_error" in statuses else ExitCode.GRADED


def _only(found: Class, students: list[str]) -> Class:
    """The class, or some of its students."""
    if not students:
        return found
    known = {attempt.student.id for attempt in found.attempts}
    for wanted in students:
        if wanted not in known:
            raise UsageError(f"--students {wanted}: nobody with this id has handed in anything.")
    attempts = tuple(a for a in found.attempts if a.student.id in students)
    return Class(attempts, found.system, found.absent, found.unassigned)


def _summary(found: Class, outcomes: list[Outcome]) -> list[str]:
    scores = sorted(o.score for o in outcomes if o.score is not None)
    counts = Counter(o.status for o in outcomes)
    students = len({o.attempt.student.id for o in outcomes})
    lines = [f"{students} students, {len(outcomes)} submissions ({found.system})."]
    lines += [f"  {status.replace('_', ' ')}: {count}" for status, count in sorted(counts.items())]
    if scores:
        middle = scores[len(scores) // 2]
        lines.append(f"Scores from {scores[0]:g} to {scores[-1]:g}, median {middle:g}.")
    for outcome in outcomes:
        if outcome.score is None:
            lines.append(f"  {outcome.attempt.student.id}: {outcome.message}")
    if found.absent:
        lines.append(f"Nothing from {len(found.absent)}: {', '.join(s.id for s in found.absent)}.")
    if found.unassigned:
        lines += ["Not assigned to a student:", *(f"  {text}" for text in found.unassigned)]
    return ["".join(c if c.isprintable() else " " for c in line) for line in lines]


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[Outcome], None]]:
    """Shows how far the run is: a bar on a terminal, a line now and then in a log."""
    if quiet:
        yield lambda outcome: None
        return
    failed = 0
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=total)

            def show(outcome: Outcome) -> None:
                nonlocal failed
                failed += outcome.score is None
                bar.update(task, advance=1, description=f"{failed} not graded" if failed else "")

            yield show
        return
    began = last = time.monotonic()
    count = 0

    def line(outcome: Outcome) -> None:
        nonlocal failed, last, count
        count += 1
        failed += outcome.score is None
        now = time.monotonic()
        if now - last >= _LINE_EVERY_S or count == total:
            last, rate = now, count / max(now - began, 1e-9)
            left = f", {(total - count) / rate:.0f} s left" if count < total else ""
            print(f"{count} of {total}, {failed} not graded, {rate:.2g} per second{left}", file=sys.stderr)

    yield line
