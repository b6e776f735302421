"""``grade.py SUBMISSIONS``: a whole class, from the download to the gradebook."""

from __future__ import annotations

import argparse
import difflib
import os
import shutil
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Self

from autograder.assignment.load import load
from autograder.cli.grade import select
from autograder.cli.output import show
from autograder.course import database, gradebook, overrides, spreadsheets
from autograder.course.find import choose, find
from autograder.course.late import LateRule
from autograder.course.roster import read_roster
from autograder.course.run import Job, Outcome, Way, grade_class, write_class
from autograder.errors import ExitCode, UsageError
from autograder.model.assignment import Assignment
from autograder.model.attempt import Class

if TYPE_CHECKING:
    import rich.progress

_LINE_EVERY_S = 5.0


def run(arguments: argparse.Namespace) -> int:
    """Find the students, grade what is not graded yet, write the gradebook; return the exit status."""
    source = Path(arguments.submission)
    folder = Path(arguments.assignment)
    assignment = load(folder)
    selected = tuple(sorted(select(assignment.rubric, arguments.only or [])))
    output = _output(arguments, source, is_partial=len(selected) < len(assignment.rubric.checks))
    roster = read_roster(Path(arguments.roster)) if arguments.roster else None
    unpacked = output / "unpacked"  # made anew each time, so that nothing of an older download is left in it
    shutil.rmtree(unpacked, ignore_errors=True)
    everything = find(source, assignment, unpack=unpacked, roster=roster, system=arguments.system)
    found = choose(everything, arguments.attempts)
    if not found.attempts:
        raise UsageError(f"no submission was found in {source}: {found.unassigned[0]}")
    only = _only(found, arguments.students)
    # A slip in them is told before the grading, not after it.
    everybody = {a.student.id for a in everything.attempts} | {s.id for s in everything.absent}
    overrides.read(output, everybody, assignment.rubric)
    LateRule(assignment.rubric.late, assignment.root).prepare()
    seed = assignment.seed if arguments.seed is None else arguments.seed
    job = Job(folder.resolve(), seed, selected, arguments.isolation)
    total = sum(only is None or attempt.student.id in only for attempt in found.attempts)
    way, jobs = _way(arguments), arguments.jobs
    with Progress(total, is_quiet=arguments.quiet or arguments.json) as progress:
        try:
            outcomes = grade_class(
                found,
                job,
                output,
                jobs=jobs or (total if way else os.cpu_count() or 1),
                force=arguments.force,
                only=only,
                done=progress.done,
                way=way,
            )
        except KeyboardInterrupt:
            progress.say(
                f"{progress.count} of {total} are graded and kept; the same command goes on from there."
            )
            raise
    write_class(found, outcomes, assignment, output, arguments.attempts)
    book = gradebook.make(output, assignment)
    notes = spreadsheets.write(book, output)
    database.build(book, output)
    notes = (*book.remarks(), *notes, *_write_pages(book, found, assignment, jobs))
    graded = [o for o in outcomes if only is None or o.attempt.student.id in only]
    if arguments.json:
        show((output / "class.json").read_text("utf-8"), end="")
    elif not arguments.quiet:
        scores = [
            f.final for f in book.finals if f.final is not None and (only is None or f.student.id in only)
        ]
        show("\n".join([*_summary(found, graded, len(everything.attempts), scores), *notes]))
        show(f"\nGradebook: {output / 'gradebook.csv'}\nPages:     {output / 'class.html'}", file=sys.stderr)
    statuses = {outcome.status for outcome in graded}
    if "grader_error" in statuses:
        return ExitCode.GRADER
    return ExitCode.MACHINE if "infrastructure_error" in statuses else ExitCode.GRADED


def _write_pages(
    book: gradebook.Gradebook, found: Class, assignment: Assignment, jobs: int | None
) -> list[str]:
    # Only now: matplotlib comes with it, and nobody should wait for that before the grading.
    from autograder.pages.write import write_class

    sources = {(attempt.student.id, attempt.number): attempt.path for attempt in found.attempts}
    return write_class(book, sources, assignment, jobs or os.cpu_count() or 1)


def _output(arguments: argparse.Namespace, source: Path, *, is_partial: bool) -> Path:
    """The run's folder."""
    default = Path("results", source.stem if source.is_file() else source.resolve().name)
    output = Path(arguments.output or default)
    if source.is_dir() and output.resolve() == source.resolve():
        raise UsageError("the reports would lie among the submissions; choose another --output.")
    # A part of the checks must not replace the reports and the gradebook of all of them.
    return output / "selected" if is_partial else output


def _only(found: Class, wanted: list[str] | None) -> set[str] | None:
    """Ids of the students that are asked for; None for all."""
    if not wanted:
        return None
    known = sorted({attempt.student.id for attempt in found.attempts})
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3)
            raise UsageError(
                f"--students {name}: nobody with this id has handed in anything"
                + (f"; is {' or '.join(near)} meant?" if near else ".")
            )
    return set(wanted)


def _way(arguments: argparse.Namespace) -> Way | None:
    """On a cluster, if one is named."""
    if not arguments.scheduler:
        return None
    try:
        from autograder.course import cluster
    except ModuleNotFoundError as error:
        raise UsageError(
            f"--scheduler needs the package '{error.name}'; run: {sys.executable} -m pip install distributed"
        ) from error
    return cluster.on(arguments.scheduler, lambda text: show(text, file=sys.stderr))


def _summary(found: Class, outcomes: list[Outcome], attempts: int, scores: list[float]) -> list[str]:
    counts = Counter(o.status for o in outcomes)
    students = len({o.attempt.student.id for o in outcomes})
    handed_in = f"{len(outcomes)} of {attempts}" if len(outcomes) < attempts else str(attempts)
    lines = [f"{students} students, {handed_in} submissions ({found.system})."]
    lines += [f"  {status.replace('_', ' ')}: {count}" for status, count in sorted(counts.items())]
    if scores:
        middle = round(statistics.median(scores), 2)
        lines.append(f"Scores from {min(scores):g} to {max(scores):g}, median {middle:g}.")
    for outcome in outcomes:
        if outcome.score is None:
            attempt = outcome.attempt
            number = f", attempt {attempt.number}" if attempt.number > 1 else ""
            lines.append(f"  {attempt.student.id}{number}: {outcome.message}")
    if found.absent:
        lines.append(f"Nothing from {len(found.absent)}: {', '.join(s.id for s in found.absent)}.")
    if found.unassigned:
        lines += ["Not assigned to a student:", *(f"  {text}" for text in found.unassigned)]
    return ["".join(c if c.isprintable() else " " for c in line) for line in lines]


class Progress:
    """Shows how far a run is: a bar on a terminal, a line now and then in a log.

    Parameters
    ----------
    total : int
        How many submissions there are to be graded.
    is_quiet : bool
        Show nothing but warnings.
    """

    def __init__(self, total: int, *, is_quiet: bool) -> None:
        self._total, self._is_quiet = total, is_quiet
        self.count, self._failed, self._were_there = 0, 0, 0
        self._open: set[tuple[str, ...]] = set()
        self._bar: rich.progress.Progress | None = None
        self._began = self._last = time.monotonic()

    def __enter__(self) -> Self:
        if not self._is_quiet and sys.stderr.isatty():
            self._bar = _bar()
            self._task = self._bar.add_task("", total=self._total, told="")
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.stop()

    def done(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.count += 1
        self._failed += outcome.score is None
        self._were_there += outcome.was_there
        self._warn(outcome)
        now = time.monotonic()
        fresh = self.count - self._were_there  # what was there already says nothing on how fast it goes
        rate = fresh / max(now - self._began, 1e-9)
        left_s = (self._total - self.count) / rate if fresh else None
        if self._bar:
            told = [f"{self._failed} not graded", f"{rate:.2g} per second", _left(left_s)]
            self._bar.update(self._task, advance=1, told=", ".join(t for t in told if t))
        elif not self._is_quiet and (now - self._last >= _LINE_EVERY_S or self.count == self._total):
            self._last = now
            told = [f"{self.count} of {self._total}", f"{self._failed} not graded"]
            told += [f"{self._were_there} from before"] if self._were_there else []
            told += [f"{rate:.2g} per second"] if fresh else []
            told += [_left(left_s)] if self.count < self._total else []
            self.say(", ".join(t for t in told if t))

    def say(self, text: str) -> None:
        """Print a line, above the bar if there is one."""
        show(text, file=sys.stderr)

    def _warn(self, outcome: Outcome) -> None:
        """Say what a submission could have done, once."""
        isolation = outcome.isolation or {}
        missing = tuple(isolation.get("missing", ()))
        if missing and missing not in self._open:
            self._open.add(missing)
            self.say(f"warning: isolation is '{isolation['level']}'; a submission can {'; '.join(missing)}.")


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s left"
    return f"{minutes} min left" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min left"


def _bar() -> rich.progress.Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    # The time left is our own: Rich's would count what was there already as done in no time.
    return Progress(
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[told]}"), console=Console(stderr=True)
    )
