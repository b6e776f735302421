"""Plain pytest in a folder of checks marks the assignment's reference."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
CONFTEST = """
from pathlib import Path

from autograder.checking.on_reference import mark_reference


def pytest_configure(config):
    mark_reference(config, Path(__file__).parents[1])
"""


def pytest_in(*folders):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, folders)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folders[0], env=environment, capture_output=True, text=True, timeout=60
    )


def test_the_reference_is_marked(homework, edit):
    (homework / "checks" / "conftest.py").write_text(CONFTEST)
    assert "3 passed" in pytest_in(homework / "checks").stdout
    edit("checks/test_small.py", "reference.double(x)", "3 * x")
    failed = pytest_in(homework / "checks")
    assert failed.returncode == 1
    assert "1 failed, 2 passed" in failed.stdout
    assert "double is wrong in 6 of 6 entries" in failed.stdout


def test_the_checks_of_two_homeworks_are_not_run_at_once(homework):
    (homework / "checks" / "conftest.py").write_text(CONFTEST)
    done = pytest_in(homework / "checks", ROOT / "tests" / "checks")
    assert done.returncode != 0
    assert "the checks of one homework at a time" in done.stdout + done.stderr
