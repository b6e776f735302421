"""``grade.py diff OLD NEW``: whose score moves between two gradings, and why."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from autograder.cli.output import show
from autograder.course.diff import compare, render, to_plain


def run(arguments: argparse.Namespace) -> int:
    """Print what differs between ``arguments.old`` and ``arguments.new``, as JSON with ``arguments.json``.

    Returns
    -------
    int
        0 if nothing moved, 1 if something did.

    Raises
    ------
    UsageError
        If one of them is no grading, or they cannot be compared; exit status 2.
    """
    comparison = compare(Path(arguments.old), Path(arguments.new))
    text = json.dumps(to_plain(comparison), indent=2) if arguments.json else render(comparison)
    show(text)
    return 1 if comparison.moves else 0
