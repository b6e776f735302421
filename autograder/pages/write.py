"""Writes pages beside the reports that they show.

A page names what it was made from, by a digest of all that it shows to its reader; one that would come out the same is
not made again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from autograder.assignment.load import load
from autograder.course.gradebook import Gradebook
from autograder.course.records import read_report
from autograder.errors import AutograderError
from autograder.intake.read import read
from autograder.model.assignment import Assignment
from autograder.model.submission import Submission
from autograder.pages.answers import Answer, written_answers
from autograder.pages.instructor import instructor_view
from autograder.pages.overview import CLASS_FILE, INSTRUCTOR_FILE, STUDENT_FILE, adjustment, class_view
from autograder.pages.reference import ReferenceTrainings
from autograder.pages.render import Page, Renderer
from autograder.pages.student import Adjusted, student_view
from autograder.pages.trainings import Reference
from autograder.reporting import to_json

_ALONE = 20
"""Pages of so many submissions are made sooner here than a process for them starts."""
_HEAD = 2000


@dataclass(frozen=True)
class Task:
    """The pages of one submission of a class."""

    report: Path
    source: Path | None
    """Where the submission lies; None where it is not known."""
    name: str
    adjusted: Adjusted | None
    class_page: str


def write_submission(
    report: Mapping[str, Any], folder: Path, path: Path, entry: str | None, assignment: Assignment
) -> tuple[Path, Path]:
    """Write the student's page and the instructor's of a submission that is graded alone.

    Parameters
    ----------
    report : mapping
    folder : Path
        In which the report lies.
    path, entry
        Of the submission, as they were graded.
    assignment : Assignment

    Raises
    ------
    UsageError
        If the folder cannot be written to.
    MachineFault
        If the disk is full or broken.
    """
    reference = _references([report], ReferenceTrainings(assignment))
    source = _read(path, assignment, entry)
    return _write(report, folder, source, reference.get(report["seed"], {}), Renderer(), assignment)


def write_class(
    book: Gradebook, sources: Mapping[tuple[str, int], Path], assignment: Assignment, jobs: int
) -> list[str]:
    """Write the pages of all submissions of a class, and the overview.

    Parameters
    ----------
    book : Gradebook
        Its run's folder has the reports, and gets the pages.
    sources : mapping of (str, int) to Path
        Where each submission lies, by the student's id and the attempt's number.
    assignment : Assignment
    jobs : int
        Processes at the same time.

    Returns
    -------
    list of str
        Sentences on pages that could not be made.

    Raises
    ------
    UsageError
        If the folder cannot be written to.
    MachineFault
        If the disk is full or broken.
    """
    tasks = list(_tasks(book, sources))
    reports = [r.report for m in book.run.members for r in m.records if r.report]
    references = _references(reports, ReferenceTrainings(assignment))
    processes = min(jobs, len(tasks) // _ALONE + 1)
    problems = [
        f"No page for {task.name}: {said}"
        for task, said in _results(tasks, assignment, references, processes)
        if said
    ]
    page = Renderer().overview(class_view(book))
    to_json.write_text(page.text(), book.run.folder / CLASS_FILE, "the class page")
    return problems


def _tasks(book: Gradebook, sources: Mapping[tuple[str, int], Path]) -> Iterator[Task]:
    folder = book.run.folder
    for member, final in zip(book.run.members, book.finals, strict=True):
        for record in member.records:
            if record.report:
                report = folder / record.file
                yield Task(
                    report,
                    sources.get((member.student.id, record.attempt.number)),
                    member.student.name or member.student.id,
                    adjustment(final) if record is final.record else None,
                    Path(os.path.relpath(folder / CLASS_FILE, report.parent)).as_posix(),
                )


def _references(reports: Sequence[Mapping[str, Any]], trainings: ReferenceTrainings) -> dict[int, Reference]:
    """The reference's trainings for every seed of reports in which something was trained."""
    return {
        seed: trainings.of(seed) for seed in {report["seed"] for report in reports if report.get("training")}
    }


def _results(
    tasks: Sequence[Task], assignment: Assignment, references: Mapping[int, Reference], processes: int
) -> Iterator[tuple[Task, str]]:
    """Each task, and what went wrong with it."""
    if processes < 2:
        _begin(assignment, references)
        yield from ((task, _run(task)) for task in tasks)
        return
    from pebble import ProcessExpired, ProcessPool

    arguments = (assignment.root, references)
    with ProcessPool(
        processes, initializer=_begin_from, initargs=arguments, context=get_context("spawn")
    ) as pool:
        futures = [pool.schedule(_run, (task,)) for task in tasks]
        for task, future in zip(tasks, futures, strict=True):
            try:
                yield task, future.result()
            except ProcessExpired as error:
                yield task, f"the process that made it ended ({error})."


_assignment: Assignment
_references_by_seed: Mapping[int, Reference]
_renderer: Renderer


def _begin_from(folder: Path, references: Mapping[int, Reference]) -> None:
    """Prepare a process that makes pages."""
    _begin(load(folder), references)


def _begin(assignment: Assignment, references: Mapping[int, Reference]) -> None:
    global _assignment, _references_by_seed, _renderer
    _assignment, _references_by_seed, _renderer = assignment, references, Renderer()


def _run(task: Task) -> str:
    """Make the pages of one submission; what went wrong, in a sentence."""
    try:
        report = read_report(task.report)
        source = _read(task.source, _assignment, None) if task.source else None
        _write(
            report,
            task.report.parent,
            source,
            _references_by_seed.get(report["seed"], {}),
            _renderer,
            _assignment,
            name=task.name,
            adjusted=task.adjusted,
            class_page=task.class_page,
        )
    except AutograderError as error:
        return str(error)
    except Exception as error:  # a page that fails costs nobody else theirs
        return f"{type(error).__name__}: {error}."
    return ""


def _write(
    report: Mapping[str, Any],
    folder: Path,
    source: Submission | None,
    reference: Reference,
    renderer: Renderer,
    assignment: Assignment,
    *,
    name: str = "",
    adjusted: Adjusted | None = None,
    class_page: str = "",
) -> tuple[Path, Path]:
    if source is not None and source.digest != report["submission"].get("digest"):
        source = None  # other files than those that were graded
    for_student = student_view(report, reference, name=name, adjusted=adjusted)
    for_instructor = instructor_view(
        report,
        reference,
        source,
        name=name,
        adjusted=adjusted,
        answers=_answers(source, assignment) if source else (),
        class_page=class_page,
    )
    return (
        _keep(renderer.student(for_student), folder / STUDENT_FILE),
        _keep(renderer.instructor(for_instructor), folder / INSTRUCTOR_FILE),
    )


def _answers(submission: Submission, assignment: Assignment) -> tuple[Answer, ...]:
    ending = ".ipynb" if submission.kind == "notebook" else ".py"
    template = assignment.template / f"{assignment.name}{ending}"
    given = template.read_bytes() if template.is_file() else b""
    return written_answers(submission, given, assignment.rubric.manual)


def _keep(page: Page, path: Path) -> Path:
    try:
        with path.open(encoding="utf-8") as file:
            if page.digest in file.read(_HEAD):
                return path
    except (OSError, ValueError):
        pass
    return to_json.write_text(page.text(), path, path.name)


def _read(path: Path, assignment: Assignment, entry: str | None) -> Submission | None:
    """The submission's files; None if they cannot be read, which the report says already."""
    try:
        return read(path, assignment, entry)
    except AutograderError:
        return None
