"""``python -m autograder doctor``: what shuts submissions in on this machine, as measured."""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

from autograder.assignment.load import load
from autograder.assignment.rubric import default_limits
from autograder.cli import homework
from autograder.errors import ExitCode
from autograder.host.isolation import SEALED, establish
from autograder.host.pool import Zygote
from autograder.model.rubric import Limits
from autograder.sandbox import enter
from autograder.sandbox.probe import PROPERTIES


def run(arguments: argparse.Namespace) -> int:
    """Run the self-test and print what holds; exit with 0 if all of it does, else with 4."""
    limits, refused = _wanted(arguments.assignment)
    print(f"Python {platform.python_version()}, {sys.platform} {platform.release()} {platform.machine()}")
    print(f"Landlock version: {enter.landlock_version() or 'none'}")
    with Zygote() as zygote:
        isolation = establish(zygote, limits, "auto", refused)
    print(f"Isolation: {isolation.level} ({', '.join(isolation.layers) or 'limits only'})\n")
    for name, attempt in PROPERTIES.items():
        holds = isolation.properties.get(name, False)
        print(f"  {'closed' if holds else 'OPEN':<8}{name:<16}{'cannot' if holds else 'can'} {attempt}")
    if isolation.level == SEALED:
        return ExitCode.GRADED
    print(f"\nTo close more: {isolation.remedy()}.")
    return ExitCode.MACHINE


def _wanted(folder: str) -> tuple[Limits, tuple[str, ...]]:
    """Limits and refused packages of the homework; the usual ones where none is named and none is here."""
    if folder == homework.default() and not (Path(folder) / "assignment.toml").is_file():
        return default_limits(), ()
    rubric = load(Path(folder)).rubric
    return rubric.limits, rubric.refused_packages
