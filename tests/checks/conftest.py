"""Lets plain ``pytest tests/checks`` mark the reference, in this process; it must lose nothing.

A check author works with this; ``grade.py`` ignores it and runs the same files against a submission.
"""

from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.checking.fixtures import reference_module
from autograder.checking.in_process import InProcessSession
from autograder.checking.plugin import CheckPlugin

ROOT = Path(__file__).parents[2]


class ReferencePlugin(CheckPlugin):
    """The checks' fixtures, with the reference as the submission."""

    def __init__(self):
        assignment = load(ROOT)
        session = InProcessSession(dict(vars(reference_module(assignment.reference))))
        super().__init__(assignment, session, assignment.seed, set())

    def pytest_collection_modifyitems(self, config, items):
        """Our own tests run beside the checks: nothing is left out."""


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(ReferencePlugin(), "reference-checks")
