"""``python -m autograder template`` and ``notebook``: what is generated from the reference."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.assignment.load import load
from autograder.authoring.template import write_notebook, write_template
from autograder.errors import UsageError


def run_template(arguments: argparse.Namespace) -> int:
    """Write the student template, or with ``--check`` tell what in it is stale; return the exit status."""
    assignment = load(Path(arguments.assignment))
    changed = write_template(assignment, check=arguments.check)
    for path in changed:
        shown = path.relative_to(assignment.root)
        if not arguments.check:
            print(f"wrote {shown}" if path.exists() else f"removed {shown}")
        elif path.exists():
            print(f"{shown} is stale: run python -m autograder template.", file=sys.stderr)
        else:
            print(f"{shown} is missing: run python -m autograder template.", file=sys.stderr)
    if not changed:
        print("The template is up to date.")
    return 1 if arguments.check and changed else 0


def run_notebook(arguments: argparse.Namespace) -> int:
    """Write the solved notebook; return the exit status."""
    output = Path(arguments.output)
    if output.suffix != ".ipynb":
        raise UsageError(f"{output} is no notebook; give a path that ends in .ipynb.")
    if not output.parent.is_dir():
        raise UsageError(f"The folder {output.parent} does not exist; make it first.")
    write_notebook(load(Path(arguments.assignment)), output)
    print(f"wrote {output}")
    return 0
