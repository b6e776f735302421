"""What is printed to a reader who has gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SHOW = "import sys; from autograder.cli.output import show; show('x' * 99, file=sys.{}); print('on', file=sys.{})"


@pytest.fixture
def closed():
    """A pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize(("gone", "open_"), [("stdout", "stderr"), ("stderr", "stdout")])
def test_a_reader_who_has_gone_ends_nothing(closed, gone, open_):
    streams = {gone: closed, open_: subprocess.PIPE}
    done = subprocess.run(
        [sys.executable, "-c", SHOW.format(gone, open_)], cwd=ROOT, text=True, check=False, **streams
    )
    assert (done.returncode, getattr(done, open_)) == (0, "on\n")


def test_a_class_is_graded_to_the_end_without_a_reader(closed, tmp_path, homework):
    for student in ("ada", "bo"):
        (tmp_path / "hw1" / student).mkdir(parents=True)
        (tmp_path / "hw1" / student / "hw.py").write_text("def double(x):\n    return 2 * x\n")
    command = [sys.executable, str(ROOT / "grade.py"), "hw1", "--assignment", str(homework)]
    done = subprocess.run(command, cwd=tmp_path, stdout=closed, stderr=closed, check=False)
    assert done.returncode == 0
    assert (tmp_path / "results/hw1/class.html").is_file()
