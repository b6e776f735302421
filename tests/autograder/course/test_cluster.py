"""A class that is graded on a Dask cluster has the same reports, whatever becomes of the workers."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import typing

import dask
import pytest
from distributed import Client, LocalCluster

from autograder.assignment.load import load
from autograder.course import cluster, node
from autograder.course.grading_process import Ended
from autograder.course.run import Job, grade_class
from autograder.errors import GraderFault, MachineFault, UsageError
from autograder.reporting import build
from tests.autograder.course.class_run import reports

RAISES = {
    "# ends": Ended("ended"),
    "# no process": MachineFault("no process could be started for the grading."),
    "# breaks": KeyError("odd"),
    "# changed": GraderFault("the assignment's files were changed after the run began; start it again."),
}


def local(**how):
    """A cluster of Dask's own making, as somebody else would have started it."""
    return LocalCluster(
        threads_per_worker=1, dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=50, **how
    )


@pytest.fixture(scope="module")
def workers():
    """Two workers, each a process with a nanny."""
    with local(n_workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def threads():
    """Two workers that are threads of this process, whose modules a test may change."""
    with local(n_workers=2, processes=False, protocol="inproc") as running:
        yield running


@pytest.fixture
def run(homework, tmp_path):
    """Grades a class with the small homework; on a cluster if an address is given."""

    def graded(found, address=None, output="out", jobs=2, selected=None, **how):
        ids = selected or tuple(check.id for check in load(homework).rubric.checks)
        told = how.setdefault("say", []).append
        way = cluster.on(address, told) if address else None
        job = Job(homework, 1, ids, "process")
        return grade_class(
            found, job, tmp_path / output, jobs=jobs, way=way, done=how.get("done", lambda outcome: None)
        )

    return graded


def test_the_reports_are_those_of_this_machine(workers, hand_in, run, tmp_path, solved, template, notebook):
    found = hand_in(
        ada=solved,
        bob=[template, solved.replace("2 * x", "3 * x")],
        eve="import os\nos._exit(0)\n",
        ken="\0",
    )
    (tmp_path / "submissions/ada/1/hw.py").unlink()
    (tmp_path / "submissions/ada/1/hw.ipynb").write_bytes(notebook(solved))
    here = run(found, output="here")
    there = run(found, workers.scheduler_address, output="there")
    assert [(o.status, o.score, o.report) for o in there] == [(o.status, o.score, o.report) for o in here]
    assert as_text(tmp_path / "there") == as_text(tmp_path / "here")


def test_a_worker_that_is_killed_costs_a_second_try_only(workers, hand_in, run, tmp_path, solved, template):
    slow = "import time\ntime.sleep(0.7)\n"
    found = hand_in(**{f"s{i}": slow + (solved if i % 2 else template) + f"# {i}\n" for i in range(6)})
    run(found, output="here", selected=("double",))
    killed = []

    def kill_one(outcome):
        if not killed:
            killed.append(next(iter(workers.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    run(found, workers.scheduler_address, output="there", selected=("double",), done=kill_one)
    assert killed
    assert as_text(tmp_path / "there") == as_text(tmp_path / "here")
    assert {r["status"] for r in reports(tmp_path / "there").values()} == {"graded"}


def test_a_submission_that_loses_worker_after_worker_is_given_up(hand_in, run, solved):
    found = hand_in(ada="import time\ntime.sleep(30)\n" + solved)
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), local(n_workers=1) as running:
        threading.Thread(target=kill_when_busy, args=(running,), daemon=True).start()
        (outcome,) = run(found, running.scheduler_address)
    assert outcome.status == "infrastructure_error"
    assert outcome.message == "the cluster lost 1 workers that graded this submission; grade it again."


def kill_when_busy(running):
    with Client(running.scheduler_address, set_as_default=False) as client:
        while not any(client.processing().values()):
            time.sleep(0.05)
    os.kill(running.workers[0].pid, signal.SIGKILL)


@pytest.fixture
def scripted(monkeypatch, homework):
    """Grading processes that do what a submission's first line says, and the most of them at the same time."""
    assignment = load(homework)

    class Process:
        is_alive = True
        started: typing.ClassVar[list] = []
        most = at_work = 0

        def __init__(self, parcel, isolation_mode):
            self.started.append(self)

        def grade(self, submission, seed, selected, limit_s):
            first = submission.files["hw.py"].decode().splitlines()[0]
            if first in RAISES:
                raise RAISES[first]
            Process.at_work += 1
            Process.most = max(Process.most, Process.at_work)
            time.sleep(0.05)
            Process.at_work -= 1
            report = build.not_graded(assignment, submission.id, UsageError(first), seed=seed)
            return report | ({"environment": {"numpy": "1.0"}} if first == "# elsewhere" else {})

        def close(self):
            self.is_alive = False

    monkeypatch.setattr(node, "GradingProcess", Process)
    yield Process
    for process in Process.started:  # the workers keep them, and are those of the next test, too
        process.is_alive = False


def test_a_submission_that_ends_its_process_twice_is_given_up(threads, scripted, hand_in, run):
    outcomes = run(hand_in(ada="# good\n", bob="# ends\n", eve="# good\n"), threads.scheduler_address)
    assert [o.status for o in outcomes] == [
        "invalid_submission",
        "infrastructure_error",
        "invalid_submission",
    ]
    assert outcomes[1].message == "the process that graded this submission ended, 2 times; grade it again."


@pytest.mark.parametrize(
    ("first", "status", "words"),
    [
        ("# no process", "infrastructure_error", "no process could be"),
        ("# breaks", "grader_error", "KeyError: 'odd'"),
    ],
)
def test_a_fault_there_costs_one_submission(threads, scripted, hand_in, run, first, status, words):
    outcomes = run(hand_in(ada="# good\n", bob=first + "\n", eve="# good\n"), threads.scheduler_address)
    assert [o.status for o in outcomes] == ["invalid_submission", status, "invalid_submission"]
    assert words in outcomes[1].message


def test_what_is_wrong_for_all_of_them_ends_the_run(threads, scripted, hand_in, run):
    with pytest.raises(GraderFault, match="were changed after the run began"):
        run(hand_in(ada="# changed\n", bob="# good\n"), threads.scheduler_address)


def test_processes_are_kept_and_those_that_have_ended_replaced(threads, scripted, hand_in, run):
    run(hand_in(**{f"s{i}": f"# {i}\n" for i in range(6)}), threads.scheduler_address, jobs=1)
    assert len(scripted.started) <= 2  # one worker's or both's
    for process in scripted.started:
        process.is_alive = False
    before = len(scripted.started)
    run(hand_in(more="# again\n"), threads.scheduler_address)
    assert len(scripted.started) == before + 1


@pytest.mark.parametrize(("jobs", "most"), [(1, 1), (5, 2)])
def test_no_more_are_under_way_than_jobs_and_threads(threads, scripted, hand_in, run, jobs, most):
    run(hand_in(**{f"s{i}": f"# {i}\n" for i in range(8)}), threads.scheduler_address, jobs=jobs)
    assert scripted.most <= most


def test_another_environment_is_told_once(threads, scripted, hand_in, run):
    said = []
    found = hand_in(ada="# elsewhere\n", bob="# elsewhere\n", eve="# here\n")
    run(found, threads.scheduler_address, say=said)
    here = build.environment()["numpy"]
    assert said == [
        f"warning: the cluster grades with numpy 1.0; here it is {here}. Each report says its own."
    ]


def test_another_version_of_the_grader_is_refused(threads):
    with Client(threads.scheduler_address) as client:
        future = client.submit(node.grade, "0.0.1 (abc)", b"", b"", pure=False)
        with pytest.raises(UsageError, match=r"has autograder \d.* and this machine 0.0.1 \(abc\); install"):
            future.result()


def test_large_submissions_are_sent_without_a_word(threads, scripted, hand_in, run, tmp_path):
    found = hand_in(ada="# good\n")
    (tmp_path / "submissions/ada/1/data.bin").write_bytes(os.urandom(12 << 20))
    assert run(found, threads.scheduler_address)[0].message == "# good"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("local", "as in local:4"),
        ("local:0", "as in local:4"),
        ("local:many", "as in local:4"),
        ("nonsense", "no Dask scheduler answers there (missing port number in address 'nonsense')"),
        ("http://127.0.0.1:8786", "no Dask scheduler answers there (unknown address scheme 'http'"),
        ("nowhere.json", "there is no such file; a scheduler writes it when it starts."),
        ("tcp://127.0.0.1:1", "no Dask scheduler answers there (Timed out"),
    ],
)
def test_a_wrong_address_is_one_sentence(hand_in, run, solved, monkeypatch, address, words):
    monkeypatch.setattr(cluster, "_CONNECT_S", 0.5)
    with pytest.raises(UsageError) as refused:
        run(hand_in(ada=solved), address)
    assert str(refused.value).startswith(f"--scheduler {address}: ")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_scheduler_that_goes_is_the_machines_fault(hand_in, run, tmp_path, solved):
    """It has no worker yet, which is said."""
    file = tmp_path / "scheduler.json"
    command = "from distributed.cli.dask_scheduler import main; main()"
    options = ["--port", "0", "--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", str(file)]
    said = []

    class EndsIt(list):
        def append(self, text):
            said.append(text)
            scheduler.kill()

    with subprocess.Popen([sys.executable, "-c", command, *options], stderr=subprocess.DEVNULL) as scheduler:
        try:
            while not file.exists() or not file.read_text().endswith("}"):
                time.sleep(0.05)
            with pytest.raises(MachineFault, match=r"scheduler.json is gone\. What is graded is kept"):
                run(hand_in(ada=solved), str(file), say=EndsIt())
        finally:
            scheduler.kill()
    assert said == ["No worker of the cluster is there yet; waiting for one."]


def as_text(folder):
    """The reports as they are written, key by key."""
    return {name: json.dumps(report) for name, report in reports(folder).items()}
