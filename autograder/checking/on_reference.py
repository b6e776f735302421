"""Lets plain ``pytest`` in a folder of checks mark the reference, in this process; it must lose nothing.

A check author works with this; ``grade.py`` ignores it and runs the same files against a submission.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.checking.fixtures import reference_module
from autograder.checking.in_process import InProcessSession
from autograder.checking.plugin import CheckPlugin

_NAME = "reference-checks"


class ReferencePlugin(CheckPlugin):
    """The checks' fixtures, with the reference as the submission.

    Parameters
    ----------
    folder : Path
        The assignment's.
    """

    def __init__(self, folder: Path) -> None:
        assignment = load(folder)
        session = InProcessSession(dict(vars(reference_module(assignment.reference))))
        super().__init__(assignment, session, assignment.seed, set())

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Other tests may run beside the checks: nothing is left out."""


def mark_reference(config: pytest.Config, folder: Path) -> None:
    """Give the checks of an assignment's folder their fixtures; a ``conftest.py`` beside them calls it.

    Raises
    ------
    pytest.UsageError
        If the checks of another assignment run at the same time: a fixture means one homework.
    """
    if config.pluginmanager.has_plugin(_NAME):
        raise pytest.UsageError(f"{folder.name}: the checks of one homework at a time.")
    config.pluginmanager.register(ReferencePlugin(folder), _NAME)
