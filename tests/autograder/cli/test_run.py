"""One submission on another system's machine: its limits, its results, whose fault."""

import argparse
import dataclasses
import json

import pytest

from autograder.assignment.load import load
from autograder.cli import run as hosted
from autograder.errors import MachineFault
from autograder.model.submission import Submission
from autograder.reporting import build

GB = 1 << 30


@pytest.fixture
def limits(homework):
    return load(homework).rubric.limits


def test_a_submission_has_what_the_machine_has(limits):
    limits = dataclasses.replace(limits, total_s=600, load_s=500, memory_bytes=2 * GB)
    here = hosted._within(limits, 600, 768 << 20, is_module=True)
    assert (here.total_s, here.load_s, here.memory_bytes) == (480, 480, 512 << 20)


def test_a_submission_has_no_more_than_the_rubric_says(limits):
    assert hosted._within(limits, 2400, 64 * GB, is_module=True) == limits
    assert hosted._within(limits, 2400, None, is_module=True) == limits


def test_a_kernel_keeps_its_address_space(limits):
    assert hosted._within(limits, 2400, 512 << 20, is_module=False) == limits


@pytest.mark.parametrize(
    ("texts", "expected"), [(["max\n", "4096\n"], 4096), (["805306368\n"], 805306368), ([], None)]
)
def test_memory_is_what_the_container_has(tmp_path, monkeypatch, texts, expected):
    places = [tmp_path / f"{k}" for k in range(3)]
    for place, text in zip(places, texts, strict=False):
        place.write_text(text)
    monkeypatch.setattr(hosted, "_MEMORY", tuple(map(str, places)))
    assert hosted.memory_bytes() == expected


@pytest.fixture
def asked(homework, tmp_path, monkeypatch):
    """Runs the command with a report that is made, not graded."""

    def run(system, make):
        monkeypatch.setattr(hosted, "_grade", lambda path, assignment, arguments: make(assignment, path))
        arguments = argparse.Namespace(
            system=system, folder=tmp_path, assignment=homework, timeout=600, seed=None, isolation="auto"
        )
        status = hosted.run(arguments)
        return status, json.loads((tmp_path / "results" / "results.json").read_text("utf-8"))

    return run


def fault(assignment, path):
    submission = Submission("ada", "module", "hw.py", {"hw.py": b""})
    return build.not_graded(assignment, path.name, MachineFault("no disk"), seed=1, submission=submission)


def test_the_machines_fault_has_no_score_and_an_exit_status(asked, capsys):
    status, found = asked("gradescope", fault)
    assert status == 4 and "score" not in found and "tests" not in found
    assert "no disk" in capsys.readouterr().out and "no disk" not in json.dumps(found)


def test_the_machines_fault_uses_no_attempt(asked):
    status, found = asked("prairielearn", fault)
    assert status == 4 and found["gradable"] is False
