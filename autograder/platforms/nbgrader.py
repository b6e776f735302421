"""A class as nbgrader keeps it: pages in ``feedback/``, scores in ``gradebook.db``.

nbgrader finds a student's page by the notebook's name and by the secret that came with the submission, so that what it
keeps in ``submitted/`` goes along.  Scores are those of grade cells; there is one for each check, without a cell in a
notebook.  nbgrader is an optional dependency, and only the writing of scores needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from autograder.course.gradebook import CheckFinal, Final
from autograder.errors import UsageError
from autograder.pages.overview import STUDENT_FILE

BESIDE = ("timestamp.txt", "submission_secret.txt")
"""What nbgrader puts beside a submission, and asks for beside a page when it releases it."""


@dataclass(frozen=True)
class Feedback:
    """The page of one student."""

    student: str
    assignment: str
    """As the course calls it."""
    page: Path
    """Where the class run has put it."""
    submitted: Path
    """The student's folder of this assignment in the course."""
    target: Path
    """Where nbgrader looks for it."""


def pages(finals: Sequence[Final], run: Path, course: Path) -> Iterator[Feedback]:
    """The page of each student whose work is in the course's ``submitted/``.

    Parameters
    ----------
    finals : sequence of Final
    run : Path
        Folder of the class run.
    course : Path
        Folder of the course, with ``submitted/``.

    Raises
    ------
    UsageError
        If the submissions are not from this course.
    """
    for final in finals:
        if final.record is None or final.record.report is None:
            continue
        student, assignment = final.student.id, final.record.attempt.path.name
        submitted = course / "submitted" / student / assignment
        if not submitted.is_dir():
            raise UsageError(f"{submitted} is not there: was {run} graded from this course's submitted/?")
        entry = final.record.report["submission"].get("entry") or assignment
        yield Feedback(
            student,
            assignment,
            (run / final.record.file).parent / STUDENT_FILE,
            submitted,
            course / "feedback" / student / assignment / f"{PurePath(entry).stem}.html",
        )


def write_scores(finals: Sequence[Final], assignment: str, notebook: str, database: Path) -> int:
    """Write the final scores into nbgrader's database.

    A check's score is the grade cell's; points by hand are its manual score, and what being late costs the penalty of
    the submission.  Points by hand for the whole are extra credit in the first check.  Other cells of the notebook, and
    what was marked in them, are left as they are.

    Parameters
    ----------
    finals : sequence of Final
    assignment, notebook : str
        As the course calls them.
    database : Path
        ``gradebook.db``, made if it is not there.

    Returns
    -------
    int
        How many students have a score there now.

    Raises
    ------
    ModuleNotFoundError
        If nbgrader is not installed.
    """
    from nbgrader.api import Gradebook

    scored = [final for final in finals if final.checks and final.record is not None]
    with Gradebook(f"sqlite:///{database.resolve()}") as book:
        book.update_or_create_assignment(assignment)
        book.update_or_create_notebook(notebook, assignment)
        bonus = {part.id for final in scored for part in final.parts if part.is_bonus}
        for check in {c.id: c for final in scored for c in final.checks}.values():
            most = 0.0 if check.part in bonus else check.max_score
            book.update_or_create_grade_cell(
                cell_name(check.id), notebook, assignment, max_score=most, cell_type="code"
            )
        for final in scored:
            _write(book, final, assignment, notebook)
    return len(scored)


def cell_name(check: str) -> str:
    """A check's id as nbgrader allows it: letters, digits, ``_`` and ``-``."""
    return check.replace(".", "-")


def _write(book: Any, final: Final, assignment: str, notebook: str) -> None:
    student = final.student.id
    book.update_or_create_student(student)
    assert final.record is not None
    submitted = final.record.attempt.submitted
    book.update_or_create_submission(
        assignment, student, **({"timestamp": submitted.isoformat()} if submitted else {})
    )
    handed_in = book.find_submission_notebook(notebook, assignment, student)
    handed_in.late_submission_penalty = final.late.points
    rest = (final.final or 0.0) + final.late.points - sum(check.score for check in final.checks)
    for number, check in enumerate(final.checks):
        grade = _grade(book, check, handed_in, assignment, notebook, student)
        grade.auto_score = check.machine
        grade.manual_score = check.score if check.score != check.machine else None
        grade.extra_credit = round(rest, 2) if not number and round(rest, 2) else None
        grade.needs_manual_grade = False
    book.db.commit()


def _grade(book: Any, check: CheckFinal, handed_in: Any, assignment: str, notebook: str, student: str) -> Any:
    from nbgrader.api import Grade, MissingEntry

    name = cell_name(check.id)
    try:
        return book.find_grade(name, notebook, assignment, student)
    except MissingEntry:  # the submission was recorded before there was such a cell
        cell = book.find_grade_cell(name, notebook, assignment)
        grade = Grade(cell_id=cell.id, notebook=handed_in)
        book.db.add(grade)
        return grade
