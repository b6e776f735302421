"""``python -m autograder new``: a homework of one function to start from."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from autograder.authoring.skeleton import write_skeleton

_MOST_SEED = 10**8


def run(arguments: argparse.Namespace) -> int:
    """Write the folder, and say what is in it; return the exit status."""
    folder = Path(arguments.folder)
    # Not a fixed one: nobody is to know the hidden inputs of a homework that is not made yet.
    files = write_skeleton(folder, seed=secrets.randbelow(_MOST_SEED))
    for path in files:
        print(f"wrote {folder / path.relative_to(folder.resolve())}")
    print(f"{folder / 'README.md'} says what to do next.")
    return 0
