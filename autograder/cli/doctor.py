"""``python -m autograder doctor``: what shuts submissions in on this machine, as measured."""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

from autograder.assignment.load import load
from autograder.errors import ExitCode
from autograder.host.isolation import SEALED, establish
from autograder.host.pool import Zygote
from autograder.sandbox import enter
from autograder.sandbox.probe import PROPERTIES


def run(arguments: argparse.Namespace) -> int:
    """Run the self-test and print what holds; exit with 0 if all of it does, else with 4."""
    rubric = load(Path(arguments.assignment)).rubric
    print(f"Python {platform.python_version()}, {sys.platform} {platform.release()} {platform.machine()}")
    print(f"Landlock version: {enter.landlock_version() or 'none'}")
    with Zygote() as zygote:
        isolation = establish(zygote, rubric.limits, "auto", rubric.refused_packages)
    print(f"Isolation: {isolation.level} ({', '.join(isolation.layers) or 'limits only'})\n")
    for name, attempt in PROPERTIES.items():
        holds = isolation.properties.get(name, False)
        print(f"  {'closed' if holds else 'OPEN':<8}{name:<16}{'cannot' if holds else 'can'} {attempt}")
    if isolation.level == SEALED:
        return ExitCode.GRADED
    print(f"\nTo close more: {isolation.remedy()}.")
    return ExitCode.MACHINE
