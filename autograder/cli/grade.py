"""``grade.py SUBMISSION``: one submission, from its path to table and report."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from autograder.assignment.load import load
from autograder.errors import ExitCode, UsageError
from autograder.model.rubric import Rubric
from autograder.pipeline import grade
from autograder.reporting import to_json, to_text

EXIT = {
    "graded": ExitCode.GRADED,
    "invalid_submission": ExitCode.USAGE,
    "grader_error": ExitCode.GRADER,
    "infrastructure_error": ExitCode.MACHINE,
}


def run(arguments: argparse.Namespace) -> int:
    """Grade, write the report, print; return the exit status."""
    assignment = load(Path(arguments.assignment))
    report = grade(
        Path(arguments.submission),
        assignment,
        entry=arguments.entry,
        seed=assignment.seed if arguments.seed is None else arguments.seed,
        selected=select(assignment.rubric, arguments.only or []),
        isolation_mode=arguments.isolation,
    )
    _warn(report)
    folder = Path(arguments.output or Path("results", report["submission"]["id"]))
    if report.get("selection"):
        folder /= "selected"  # a part of the checks must not replace the report of all of them
    written = to_json.write(report, folder)
    # Pages that are there already would show another grading than the report beside them.
    arguments.html = arguments.html or (folder / "feedback.html").exists()
    try:
        _print(report, written, arguments)
    except BrokenPipeError:  # whoever read our output has enough; the report is written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if arguments.html:
        from autograder.pages.write import write_submission

        write_submission(report, written.parent, Path(arguments.submission), arguments.entry, assignment)
    status, least = EXIT[report["status"]], arguments.min_score
    if status == ExitCode.GRADED and least is not None and not report["score"] >= least:
        print(f"The score is below {least:g}.", file=sys.stderr)
        return ExitCode.BELOW_MINIMUM
    return status


def _print(report: dict[str, Any], written: Path, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps(report, indent=2), flush=True)
    elif not arguments.quiet:
        in_colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        width = shutil.get_terminal_size((100, 24)).columns
        print(to_text.render(report, width, in_colour=in_colour), flush=True)
        print(f"\nReport: {written}", file=sys.stderr)
        if arguments.html:
            print(f"Pages:  {written.parent / 'feedback.html'}, instructor.html", file=sys.stderr)
    elif report["score"] is None:
        print(report["message"], flush=True)
    else:
        print(f"{report['score']:g} / {report['max_score']:g}", flush=True)


def _warn(report: dict[str, Any]) -> None:
    """Say at the head of the output what a submission could have done here."""
    isolation = report.get("isolation")
    if isolation and isolation["missing"]:
        print(
            f"warning: isolation is '{isolation['level']}'; a submission can {'; '.join(isolation['missing'])}.",
            file=sys.stderr,
        )


def select(rubric: Rubric, wanted: list[str]) -> set[str]:
    """Ids of the checks that a list of parts, functions and check ids names; all if it is empty.

    Raises
    ------
    UsageError
        If a name fits nothing; the message tells what is near.
    """
    if not wanted:
        return {c.id for c in rubric.checks}
    selected: set[str] = set()
    names = {name for c in rubric.checks for name in (c.id, c.part, c.id.partition(".")[0])}
    for name in wanted:
        # A method's name means its class; upper and lower case do not matter.
        asked = {name.lower()} if name.lower() in map(str.lower, names) else {name.lower().partition(".")[0]}
        found = {
            c.id
            for c in rubric.checks
            if asked & {c.id.lower(), c.part.lower(), c.id.lower().partition(".")[0]}
        }
        if not found:
            near = difflib.get_close_matches(name, sorted(names), 3)
            hint = (
                f"is {' or '.join(near)} meant?"
                if near
                else f"parts are {', '.join(p.id for p in rubric.parts)}."
            )
            raise UsageError(f"--only {name} names no part, function or check; {hint}")
        selected |= found
    return selected
