"""``python -m autograder export``: a report in the form of another system."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.assignment.load import load
from autograder.course import gradebook
from autograder.course.records import read_report
from autograder.errors import InvalidSubmission, UsageError
from autograder.intake.read import read
from autograder.model.assignment import Assignment
from autograder.model.submission import Submission
from autograder.platforms import nbgrader
from autograder.platforms.places import SourceFile, source_file
from autograder.reporting import to_json

WITH_SOURCE = ("classroom", "github")
"""Forms that name lines of the submission."""


def run(arguments: argparse.Namespace) -> int:
    """Write the report in its other form; return the exit status."""
    report_path, output = Path(arguments.report), Path(arguments.output)
    if arguments.submission and arguments.format not in WITH_SOURCE:
        raise UsageError(f"--submission is for {' and '.join(WITH_SOURCE)} only, which name its lines.")
    if arguments.format == "nbgrader":
        return _nbgrader(report_path, output, load(Path(arguments.assignment)))
    report = read_report(report_path)
    source = None
    if arguments.submission:
        assignment = load(Path(arguments.assignment))
        source = _source(Path(arguments.submission), Path(arguments.repository), report, assignment)
    for path, text in _files(arguments.format, report, source, output):
        print(f"wrote {to_json.write_text(text, path, path.name)}")
    return 0


def _files(
    form: str, report: Mapping[str, Any], source: SourceFile | None, output: Path
) -> list[tuple[Path, str]]:
    """What is written for one form, each file with its path."""
    if form == "junit":
        from autograder.platforms.junit import junit

        return [(output, junit(report))]
    if form == "gradescope":
        from autograder.platforms import gradescope

        return [(output, _json(gradescope.results(report)))]
    if form == "prairielearn":
        from autograder.platforms import prairielearn

        return [(output, _json(prairielearn.results(report)))]
    from autograder.platforms.classroom import classroom, encoded

    if form == "classroom":
        return [(output, _json(classroom(report, source)))]
    from autograder.platforms.github import annotation_commands, summary

    commands = "".join(f"{line}\n" for line in annotation_commands(report, source))
    return [
        (output / "summary.md", summary(report)),
        (output / "annotations.txt", commands),
        (output / "outputs.txt", _outputs(report, encoded(classroom(report, source)))),
    ]


def _outputs(report: Mapping[str, Any], result: str) -> str:
    """What a step of GitHub Actions hands on: a line for each value."""
    score = "" if report["score"] is None else f"{report['score']:g}"
    return f"score={score}\nmax-score={report['max_score']:g}\nresult={result}\n"


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _source(
    path: Path, repository: Path, report: Mapping[str, Any], assignment: Assignment
) -> SourceFile | None:
    """The file that was graded, as the repository has it; None where it is not there, or not the same."""
    if "entry" not in report["submission"]:
        return None  # there was none that could be graded
    submission = _graded(path, report["submission"], assignment)
    place = _place(path, submission) if submission else None
    if submission is None or place is None:
        raise UsageError(f"{path} is not the submission that {report['submission']['id']}'s report is of.")
    try:
        named = place.resolve().relative_to(repository.resolve())
    except ValueError as error:
        raise UsageError(f"{place} does not lie in the repository {repository}.") from error
    if place.suffix.lower() == ".zip":
        return SourceFile(named.as_posix())
    names = {check["id"].partition(".")[0] for check in report.get("checks", ())}
    return source_file(submission, names, named.as_posix())


def _graded(path: Path, wanted: Mapping[str, Any], assignment: Assignment) -> Submission | None:
    """The submission that a report is of, whether `--entry` has chosen its file or not; None if it is not there."""
    for entry in (None, wanted["entry"]):
        with suppress(InvalidSubmission):
            submission = read(path, assignment, entry)
            if submission.digest == wanted["digest"]:
                return submission
    return None


def _place(path: Path, submission: Submission) -> Path | None:
    """Where the file that counts lies."""
    if path.is_file():
        return path
    content = submission.files[submission.entry]
    named = (p for p in path.rglob("*") if p.name == submission.entry and p.is_file() and not p.is_symlink())
    found = (p for p in sorted(named, key=lambda p: (len(p.parts), p)) if p.read_bytes() == content)
    return next(found, None)


def _nbgrader(run: Path, course: Path, assignment: Assignment) -> int:
    """Put the pages and scores of a class into a course's folder."""
    finals = gradebook.make(run, assignment).finals
    found = list(nbgrader.pages(finals, run, course))
    if not found:
        raise UsageError(f"{run} has nobody's report; grade the course's submitted/ first.")
    known = [f for f in found if all((f.submitted / name).is_file() for name in nbgrader.BESIDE)]
    for feedback in known:
        _copy(feedback.page, feedback.target)
        for name in nbgrader.BESIDE:
            _copy(feedback.submitted / name, feedback.target.with_name(name))
    print(f"wrote {course / 'feedback'}: pages of {len(known)} students.")
    if len(known) < len(found):
        # One folder without these files ends the release of everybody's.
        others = ", ".join(f.student for f in found if f not in known)
        print(f"Not handed in through nbgrader, so that it cannot release their pages: {others}.")
    database = course / "gradebook.db"
    # nbgrader calls a program of its own environment by name when it makes a database.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    )
    try:
        count = nbgrader.write_scores(finals, found[0].assignment, assignment.name, database)
    except ModuleNotFoundError as error:
        if error.name != "nbgrader":
            raise
        print(f"No scores in {database}: nbgrader is not installed where this runs.")
    else:
        print(f"wrote {database}: scores of {count} students.")
    return 0


def _copy(source: Path, target: Path) -> None:
    try:
        text = source.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{source} cannot be read ({error.strerror}); grade the class again.") from error
    to_json.write_text(text, target, target.name)
