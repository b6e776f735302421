"""``python -m autograder release``: the folder that students get."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.assignment.load import load
from autograder.authoring.release import release


def run(arguments: argparse.Namespace) -> int:
    """Write the folder, and say what its checks leave to the grader; return the exit status."""
    assignment, output = load(Path(arguments.assignment)), Path(arguments.output)
    left = release(assignment, output)
    hidden = [check.id for check in assignment.rubric.checks if check.visibility != "visible"]
    print(f"wrote {output}: template, data and public checks.")
    if left or hidden:
        print(f"Left to the grader: {', '.join([*left, *hidden])}.")
    return 0
