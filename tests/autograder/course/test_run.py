"""A class is graded whatever its submissions do, and a run that was killed goes on where it was."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.course import run as course_run
from autograder.course.run import Job, counted, grade_class, write_class
from tests.autograder.course.class_run import reports

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(homework, tmp_path):
    """Grades a class with the small homework; what came of it, by student."""
    output = tmp_path / "out"

    def graded(found, seed=1, **how):
        ids = tuple(check.id for check in load(homework).rubric.checks)
        job = Job(homework, seed, how.pop("selected", ids))
        outcomes = grade_class(found, job, output, jobs=2, **how)
        write_class(found, outcomes, load(homework), output, "latest")
        return {f"{o.attempt.student.id}-{o.attempt.number}": o for o in outcomes}

    graded.output = output
    return graded


def test_each_submission_costs_only_itself(hand_in, run, solved, template):
    found = hand_in(
        ada=solved,
        bob=template,
        eve="import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n" + solved,
        ken="import os\nos._exit(0)\n",
        leo="x = " + "9" * 200,
        max="def broken(:\n",
    )
    outcomes = run(found)
    assert [o.status for o in outcomes.values()] == ["graded"] * 6
    assert outcomes["ada-1"].score == max(o.score for o in outcomes.values())
    assert outcomes["bob-1"].score == 0
    assert set(reports(run.output)) == {
        f"students/{name}/attempt-1/report.json" for name in ("ada", "bob", "eve", "ken", "leo", "max")
    }


def test_processes_are_renewed(hand_in, run, solved, template, monkeypatch):
    monkeypatch.setattr(course_run, "_TASKS", 1)
    outcomes = run(hand_in(ada=solved, bob=template, eve=solved, kim=template, leo=solved))
    assert {name: o.score for name, o in outcomes.items()} == {
        "ada-1": 3.5,
        "bob-1": 0,
        "eve-1": 3.5,
        "kim-1": 0,
        "leo-1": 3.5,
    }


def test_what_holds_is_not_graded_again(hand_in, run, solved, template, edit):
    found = hand_in(ada=solved, bob=template)
    assert not any(o.was_there for o in run(found).values())
    assert all(o.was_there for o in run(found).values())
    assert not any(o.was_there for o in run(found, force=True).values())
    assert not any(o.was_there for o in run(found, seed=2).values())
    (found.attempts[0].path / "hw.py").write_text(solved + "\n# a comment\n")
    outcomes = run(found, seed=2)
    assert (outcomes["ada-1"].was_there, outcomes["bob-1"].was_there) == (False, True)
    edit("rubric.toml", "points = ", "points = 1")
    assert not any(o.was_there for o in run(found, seed=2).values())


def test_a_damaged_report_is_made_again(hand_in, run, solved):
    found = hand_in(ada=solved)
    run(found)
    path = run.output / "students/ada/attempt-1/report.json"
    for damage in ("", "{", "[]", '{"status": "graded"}', '{"status": "infrastructure_error"}'):
        path.write_text(damage)
        assert not run(found)["ada-1"].was_there
        assert json.loads(path.read_text())["status"] == "graded"


def test_a_report_of_other_checks_does_not_hold(hand_in, run, homework, solved):
    found = hand_in(ada=solved)
    first, second, _ = (check.id for check in load(homework).rubric.checks)
    for selected, was_there in [
        ((first,), False),
        ((first,), True),
        ((second,), False),
        ((first, second), False),
    ]:
        assert run(found, selected=selected)["ada-1"].was_there == was_there
    assert not run(found)["ada-1"].was_there


def test_students_who_are_not_asked_for_keep_what_they_have(hand_in, run, solved, template):
    found = hand_in(ada=template, bob=template, eve=template)
    run(replace(found, attempts=found.attempts[:2]))
    before = reports(run.output)
    for attempt in found.attempts:
        (attempt.path / "hw.py").write_text(solved)
    asked = []
    outcomes = run(found, only={"ada"}, done=asked.append)
    assert [o.attempt.student.id for o in asked] == ["ada"]
    told = [(o.score, o.status) for o in outcomes.values()]
    assert told == [(3.5, "graded"), (0, "graded"), (None, "not_graded")]
    after = reports(run.output)
    assert {k for k in after if after[k] != before.get(k)} == {"students/ada/attempt-1/report.json"}
    told = json.loads((run.output / "class.json").read_text())["students"]
    assert [s["attempts"][0]["report"] is not None for s in told] == [True, True, False]


def test_what_nobody_expected_costs_one_submission(hand_in, homework, tmp_path, monkeypatch, solved):
    class Broken:
        assignment = load(homework)

        def grade(self, *path, **how):
            return {}["odd"]

    job = Job(homework, 1, tuple(check.id for check in Broken.assignment.rubric.checks))
    monkeypatch.setattr(course_run, "_grader", Broken(), raising=False)
    monkeypatch.setattr(course_run, "_job", job, raising=False)
    told = course_run._grade(hand_in(ada=solved).attempts[0], tmp_path / "out")
    assert told["status"] == "grader_error"
    assert "KeyError: 'odd' (test_run.py, line " in told["message"]
    assert set(reports(tmp_path / "out")) == {"students/ada/attempt-1/report.json"}


def test_the_class_file_says_who_handed_in_what(hand_in, run, solved, template):
    run(hand_in(ada=[template, solved], bob=[solved, template]))
    told = json.loads((run.output / "class.json").read_text())
    assert [(s["id"], s["counted"], len(s["attempts"])) for s in told["students"]] == [
        ("ada", 2, 2),
        ("bob", 2, 2),
    ]


@pytest.mark.parametrize(
    ("scores", "rule", "number"),
    [
        ([50, 40], "latest", 2),
        ([50, 40], "best", 1),
        ([40, 40], "best", 2),
        ([50, None], "latest", 1),
        ([None, None], "best", 2),
        ([], "latest", None),
    ],
)
def test_the_attempt_that_counts(scores, rule, number):
    attempts = [{"number": i, "score": score} for i, score in enumerate(scores, 1)]
    assert counted(attempts, rule) == number


SCRIPT = """
import sys
from pathlib import Path
from autograder.assignment.load import load
from autograder.course import run as course_run
from autograder.course.run import Job, grade_class, write_class
from autograder.model.attempt import Attempt, Class, Student

if __name__ == "__main__":
    homework, submissions, output = map(Path, sys.argv[1:])
    found = Class(tuple(Attempt(Student(p.name), p / "1") for p in sorted(submissions.iterdir())), "folders")
    job = Job(homework, 1, tuple(c.id for c in load(homework).rubric.checks))
    outcomes = grade_class(found, job, output, jobs=2)
    write_class(found, outcomes, load(homework), output, "latest")
"""


def test_a_run_killed_at_random_moments_ends_with_the_same_reports(
    hand_in, run, homework, tmp_path, solved, template
):
    sources = {f"s{i:02}": (solved if i % 2 else template) + f"\n# {i}\n" for i in range(12)}
    found = hand_in(**sources)
    run(found)
    whole = reports(run.output)
    script, output = tmp_path / "script.py", tmp_path / "killed"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(homework), str(tmp_path / "submissions"), str(output)]
    rng, kills = random.Random(4), 0
    while True:
        process = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True
        )
        try:
            process.wait(rng.uniform(0.5, 2.5) + 0.3 * kills)
            break
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
    assert process.returncode == 0
    assert kills >= 1
    assert reports(output) == whole
    assert not list(output.rglob(".report-*")), "half a report is left"


def test_a_process_that_is_killed_costs_a_second_try_only(hand_in, run, solved):
    """Whoever kills the grading process (the system, when memory is short) does not lose the class."""
    slow = "import time\ntime.sleep(1.5)\n" + solved
    found = hand_in(ada=slow, bob=solved, eve=solved)
    killed = []

    def kill_one(outcome):
        if not killed:
            killed.extend(pid for pid in graders() if pid != os.getpid())
            for pid in killed[:1]:
                os.kill(pid, signal.SIGKILL)

    outcomes = run(found, done=kill_one)
    assert killed
    assert {o.status for o in outcomes.values()} == {"graded"}


def graders():
    """The processes that this one has started to grade."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    if not path.exists():
        pytest.skip("the children of a process are told by Linux")
    time.sleep(0.1)
    return [
        int(pid)
        for pid in path.read_text().split()
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
