"""Lets plain ``pytest tests/checks`` mark the reference, which must lose nothing.

A check author works with this; ``grade.py`` ignores it and runs the same files against a submission.
"""

from functools import cached_property
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.checking.plugin import CheckPlugin
from autograder.host.pool import Zygote
from autograder.host.session import Session
from autograder.intake.read import read

ROOT = Path(__file__).parents[2]


class ReferencePlugin(CheckPlugin):
    """The checks' fixtures, with the reference as the submission and a worker only when needed."""

    def __init__(self):
        assignment = load(ROOT)
        self.assignment, self.seed = assignment, assignment.seed
        self.faults, self.json_report, self.ended = {}, {}, {}

    @cached_property
    def session(self):
        self.zygote = Zygote()
        submission = read(self.assignment.reference, self.assignment)
        return Session(
            self.zygote, submission, self.assignment.rubric.limits, self.assignment.name, {}, self.seed
        )

    def pytest_collection_modifyitems(self, config, items):
        """Our own tests run beside the checks: nothing is left out."""

    def pytest_unconfigure(self):
        if "session" in self.__dict__:
            self.session.close()
            self.zygote.close()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(ReferencePlugin(), "reference-checks")
