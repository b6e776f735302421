"""Repeatable random cases, and one starter of workers for all tests of a file."""

import dataclasses
from pathlib import Path

import hypothesis
import pytest

from autograder.assignment.load import load
from autograder.assignment.rubric import read_rubric
from autograder.host.pool import Zygote
from autograder.host.session import Session
from autograder.model.assignment import Assignment
from autograder.model.submission import Submission

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("repeatable")

ONE_CHECK = {"id": "f", "title": "f", "points": 1}
LIMITS = dataclasses.replace(
    read_rubric({"parts": [{"id": "one", "title": "One", "checks": [ONE_CHECK]}]}, "rubric").limits,
    load_s=20.0,
    cell_s=10.0,
    total_s=60.0,
    cpu_s=30,
    memory_bytes=1 << 30,
    output_bytes=1 << 20,
    file_bytes=1 << 20,
    open_files=64,
    restarts=10,
)


@pytest.fixture
def assignment(homework: Path) -> Assignment:
    """The small assignment, loaded."""
    return load(homework)


@pytest.fixture
def limits():
    """Limits of a submission: ``limits(total_s=1)``."""
    return lambda **changes: dataclasses.replace(LIMITS, **changes)


@pytest.fixture(scope="module")
def zygote():
    """A starter of workers."""
    with Zygote() as running:
        yield running


@pytest.fixture
def open_session(zygote, request):
    """Opens a session on a module's source (or a notebook's bytes); closed after the test.

    ``open_session("def f(): return 1", total_s=3)``; keywords are limits.
    """
    opened = []

    def start(code: str | bytes, files: dict[str, bytes] | None = None, starter=zygote, **limits) -> Session:
        kind, entry = ("module", "hw.py") if isinstance(code, str) else ("notebook", "hw.ipynb")
        raw = code.encode() if isinstance(code, str) else code
        submission = Submission("someone", kind, entry, {entry: raw, **(files or {})})
        session = Session(starter, submission, dataclasses.replace(LIMITS, **limits), "hw", {}, seed=1)
        opened.append(session)
        return session

    yield start
    for session in opened:
        session.close()
