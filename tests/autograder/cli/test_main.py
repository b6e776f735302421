"""The engine needs no homework beside it: every command takes one, and those about the machine need none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.assignment.load import load

ROOT = Path(__file__).parents[3]


@pytest.fixture
def alone(tmp_path):
    """The engine by itself, and a function that runs it."""
    place = tmp_path / "engine"
    shutil.copytree(ROOT / "autograder", place / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "grade.py", place)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*arguments):
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=90)

    return run


@pytest.mark.parametrize(
    "command",
    [["-m", "autograder", "doctor"], ["-m", "autograder", "completion", "bash"], ["grade.py", "--help"]],
    ids=lambda command: command[-1],
)
def test_what_is_about_the_machine_needs_no_homework(alone, command):
    done = alone(*command)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_homework_is_graded_without_the_one_of_the_project(alone, homework):
    graded = alone(
        "grade.py", "--assignment", homework, homework / "reference", "--quiet", "--output", homework
    )
    assert (graded.returncode, graded.stdout) == (0, "3.5 / 3.5\n"), graded.stderr


def test_without_any_homework_that_is_said(alone, homework):
    done = alone("grade.py", homework / "reference")
    assert done.returncode == 3
    assert "assignment.toml" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_homeworks_digest_is_the_same_from_everywhere(homework, monkeypatch):
    whole = load(homework).digest
    monkeypatch.chdir(homework.parent)
    relative = load(Path(homework.name))
    assert relative.digest == whole
    monkeypatch.chdir(ROOT)
    assert relative.reference.is_file(), "what is read later does not depend on the current folder"


def test_the_help_names_the_option_for_another_homework(alone):
    for command in (["grade.py"], ["grade.py", "similar"], ["-m", "autograder"]):
        assert "--assignment FOLDER" in alone(*command, "--help").stdout
