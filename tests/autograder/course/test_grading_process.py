"""A process that grades for another one: it keeps to its time, and leaves nothing when it ends or is ended."""

import dataclasses
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.course import grading_process
from autograder.course.grading_process import Ended, GradingProcess
from autograder.course.parcel import pack
from autograder.errors import GraderFault
from autograder.model.submission import Submission
from autograder.pipeline import grade

ROOT = Path(__file__).parents[3]


@pytest.fixture
def parcel(homework):
    """The small assignment, packed."""
    return pack(homework, load(homework).digest)


@pytest.fixture
def process(parcel, tmp_path, monkeypatch):
    """A running process whose temporary files are in a folder of the test."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    running = GradingProcess(parcel, "process")
    yield running
    running.close()


@pytest.fixture
def ask(homework, process):
    """Has a module graded: ``ask("def double...", limit_s=1)``."""
    selected = {check.id for check in load(homework).rubric.checks}

    def asked(source, limit_s=60.0, of=process):
        return of.grade(submission(source), 1, selected, limit_s)

    return asked


def submission(source):
    return Submission("ada", "module", "hw.py", {"hw.py": source.encode()})


def test_its_reports_are_those_of_this_process(ask, homework, tmp_path, solved):
    assignment = load(homework)
    wrong = solved.replace("2 * x", "3 * x")
    path = tmp_path / "ada" / "hw.py"
    path.parent.mkdir()
    for source in (solved, wrong, solved):
        path.write_text(source)
        ids = {check.id for check in assignment.rubric.checks}
        here = grade(path, assignment, entry=None, seed=1, selected=ids, isolation_mode="process")
        there = ask(source)
        assert there.pop("timing")["wall_s"] > 0
        del here["timing"]
        assert there == here


def test_what_takes_too_long_is_left(ask, process, tmp_path, solved):
    ask(solved)
    began = time.monotonic()
    with pytest.raises(Ended, match="took too long"):
        ask("import time\ntime.sleep(60)\n" + solved, limit_s=0.5)
    process.close()
    assert time.monotonic() - began < 10
    assert not process.is_alive
    assert not list((tmp_path / "temporary").rglob("assignment.toml"))


def test_one_that_does_not_even_read_is_left(process, solved, monkeypatch):
    monkeypatch.setattr(grading_process, "_PATIENCE_S", 0.5)
    os.kill(process._process.pid, signal.SIGSTOP)
    files = {"hw.py": solved.encode(), "notes.txt": b"x" * (8 << 20)}  # more than a socket holds
    began = time.monotonic()
    with pytest.raises(Ended, match="took too long"):
        process.grade(Submission("ada", "module", "hw.py", files), 1, {"double"}, 0.5)
    assert time.monotonic() - began < 10


def test_one_that_is_killed_has_ended(ask, process, solved):
    ask(solved)
    os.kill(process._process.pid, signal.SIGKILL)
    with pytest.raises(Ended, match="ended"):
        ask(solved)


def test_another_assignment_than_was_packed_is_refused(parcel, ask, solved):
    running = GradingProcess(dataclasses.replace(parcel, digest="another"), "process")
    try:
        with pytest.raises(GraderFault, match="were changed after the run began"):
            ask(solved, of=running)
    finally:
        running.close()


def test_what_nobody_expected_is_a_fault_of_the_grader(assignment, solved):
    class Broken:
        def grade_submission(self, *submission, **how):
            return {}["odd"]

    Broken.assignment = assignment
    report = grading_process._grade(Broken(), submission(solved), 1, set())
    assert report["status"] == "grader_error"
    assert "KeyError" in report["message"]


SCRIPT = """
import pickle, sys
from pathlib import Path
from autograder.course.grading_process import GradingProcess
from autograder.model.submission import Submission

parcel = pickle.loads(Path(sys.argv[1]).read_bytes())
process = GradingProcess(parcel, "process")
print(process._process.pid, flush=True)
source = sys.argv[2].encode()
process.grade(Submission("ada", "module", "hw.py", {"hw.py": source}), 1, set(sys.argv[3:]), 60.0)
"""


def test_it_ends_with_the_one_who_started_it_also_in_the_middle(parcel, tmp_path, solved):
    (tmp_path / "parcel").write_bytes(pickle.dumps(parcel))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    began = temporary / "began"
    slow = f"import time\nopen({str(began)!r}, 'w')\ntime.sleep(60)\n" + solved
    starter = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, tmp_path / "parcel", slow, "double"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
    )
    with starter:
        pid = int(starter.stdout.readline())
        wait_for(began.exists)
        starter.kill()
    wait_for(lambda: not is_running(pid))
    assert not list(temporary.rglob("assignment.toml"))


def wait_for(condition, patience_s=20.0):
    until = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
