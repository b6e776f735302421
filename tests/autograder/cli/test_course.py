"""grade.py for a class: what an instructor sees, what is written, and the exit status."""

import csv
import io
import json
import sys

import pytest

from autograder.cli import course as command
from autograder.cli.main import grade_main
from autograder.course import run as course_run
from autograder.course.run import Outcome, keep, not_graded
from autograder.errors import GraderFault, InvalidSubmission, MachineFault
from autograder.model.attempt import Attempt, Student
from tests.autograder.course.class_run import report, reports

FAULTS = {
    "# unreadable": InvalidSubmission("It is empty."),
    "# grader": GraderFault("A check is broken."),
    "# machine": MachineFault("The disk is full."),
}


@pytest.fixture
def submissions(tmp_path, monkeypatch):
    """Makes a folder of submissions in the folder that the command runs in: ``submissions(ada="source")``."""
    monkeypatch.chdir(tmp_path)

    def made(**sources):
        for name, text in sources.items():
            (tmp_path / "hw1" / name).mkdir(parents=True, exist_ok=True)
            (tmp_path / "hw1" / name / "hw.py").write_text(text)
        return tmp_path / "hw1"

    return made


@pytest.fixture
def grade(homework, capsys):
    """Runs the command: its exit status, standard output and standard error."""

    def run(*arguments):
        status = grade_main([*map(str, arguments), "--assignment", str(homework)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def scripted(monkeypatch):
    """Nothing is run: a submission is what its first line says, and full marks otherwise."""
    asked = []

    def graded(attempts, job, assignment, output, jobs):
        for index, attempt in enumerate(attempts):
            asked.append((attempt.student.id, jobs))
            first = (attempt.path / "hw.py").read_text().splitlines()[0]
            if first == "# stopped":
                raise KeyboardInterrupt
            found = {"double": 0.5} if first == "# half" else {}
            made = (
                not_graded(attempt, job, assignment, FAULTS[first])
                if first in FAULTS
                else report(attempt.student.id, found, of=assignment)
            )
            keep(made, attempt, output)
            yield index, made

    monkeypatch.setattr(course_run, "_in_processes", graded)
    return asked


def gradebook(folder):
    with (folder / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_a_class_from_its_folder_to_the_gradebook_here_and_on_a_cluster(
    submissions, grade, tmp_path, solved, template
):
    submissions(ada=solved, bob=template, eve="def broken(:\n")
    status, out, err = grade("hw1", "--jobs", 2)
    assert status == 0
    assert out.splitlines()[:3] == [
        "3 students, 3 submissions (folders).",
        "  graded: 3",
        "Scores from 0 to 3.5, median 0.",
    ]
    assert "3 of 3, 0 not graded, " in err
    assert "Gradebook: results/hw1/gradebook.csv" in err
    assert {name: row["final_score"] for name, row in gradebook(tmp_path / "results/hw1").items()} == {
        "ada": "3.5",
        "bob": "0",
        "eve": "0",
    }
    assert "3 of 3, 0 not graded, 3 from before\n" in grade("hw1", "--jobs", 2)[2]
    assert grade("hw1", "--scheduler", "local:2", "--output", "there", "--quiet") == (0, "", "")
    assert reports(tmp_path / "there") == reports(tmp_path / "results/hw1")


@pytest.mark.parametrize(
    ("first_lines", "expected"),
    [
        (["# fine", "# unreadable"], 0),
        (["# fine", "# grader"], 3),
        (["# machine", "# fine"], 4),
        (["# machine", "# grader"], 3),
    ],
)
def test_the_exit_status_is_that_of_the_worst_fault(submissions, grade, scripted, first_lines, expected):
    submissions(**{f"s{i}": line for i, line in enumerate(first_lines)})
    status, out, _ = grade("hw1")
    assert status == expected
    for i, line in enumerate(first_lines):
        if line in FAULTS:
            assert f"  s{i}: {FAULTS[line]}" in out


def test_what_has_a_fault_is_graded_again_by_the_same_command(submissions, grade, scripted):
    submissions(ada="# unreadable", bob="# machine")
    assert grade("hw1")[0] == 4
    submissions(bob="# fine")
    assert grade("hw1")[0] == 0
    assert [name for name, _ in scripted].count("bob") == 2


def test_a_run_that_is_stopped_says_what_is_kept(submissions, grade, scripted, tmp_path):
    submissions(ada="# fine", bob="# stopped", eve="# fine")
    status, out, err = grade("hw1")
    assert (status, out) == (130, "")
    assert "1 of 3 are graded and kept; the same command goes on from there." in err
    assert set(reports(tmp_path / "results/hw1")) == {"students/ada/attempt-1/report.json"}


def test_some_students_are_graded_and_the_gradebook_keeps_the_others(submissions, grade, scripted, tmp_path):
    submissions(ada="# half", bob="# half", eve="# half")
    grade("hw1")
    submissions(ada="# fine", bob="# fine", eve="# fine")
    status, out, _ = grade("hw1", "--students", "ada", "eve", "--force")
    assert (status, out.splitlines()[0]) == (0, "2 students, 2 of 3 submissions (folders).")
    rows = gradebook(tmp_path / "results/hw1")
    assert {name: row["final_score"] for name, row in rows.items()} == {
        "ada": "3.5",
        "bob": "2.5",
        "eve": "3.5",
    }
    assert [name for name, _ in scripted] == ["ada", "bob", "eve", "ada", "eve"]


def test_the_fault_of_a_student_who_is_not_asked_for_is_no_status(submissions, grade, scripted):
    submissions(ada="# fine", bob="# machine")
    assert grade("hw1")[0] == 4
    assert grade("hw1", "--students", "ada")[0] == 0


@pytest.mark.parametrize("option", ["--only", "--only-checks"])
def test_a_part_of_the_checks_has_a_folder_of_its_own(submissions, grade, scripted, tmp_path, option):
    submissions(ada="# half", bob="# half")
    grade("hw1")
    before = {path: path.read_bytes() for path in (tmp_path / "results/hw1").rglob("*.*") if path.is_file()}
    status, _, err = grade("hw1", option, "add")
    assert status == 0
    assert "Gradebook: results/hw1/selected/gradebook.csv" in err
    assert {path: path.read_bytes() for path in before} == before
    assert (tmp_path / "results/hw1/selected/students/ada/attempt-1/report.json").exists()


def test_who_handed_in_nothing_and_what_is_nobodys_is_listed(submissions, grade, scripted, tmp_path):
    (submissions(ada="# fine", bob="# fine") / "notes.txt").write_text("x")
    (tmp_path / "roster.csv").write_text("id,name\nada,Ada\nbob,Bob\nkim,Kim\n")
    _, out, _ = grade("hw1", "--roster", "roster.csv")
    assert "Nothing from 1: kim." in out
    assert "Not assigned to a student:" in out
    assert "notes.txt" in out
    assert gradebook(tmp_path / "results/hw1")["kim"]["status"] == "absent"


@pytest.mark.parametrize(("options", "jobs"), [([], None), (["--jobs", 1], 1), (["--jobs", 9], 3)])
def test_no_more_at_the_same_time_than_there_are(submissions, grade, scripted, monkeypatch, options, jobs):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    submissions(ada="# fine", bob="# fine", eve="# fine")
    grade("hw1", *options)
    assert {count for _, count in scripted} == {jobs or 2}


def test_json_is_the_class_file(submissions, grade, scripted, tmp_path):
    submissions(ada="# fine")
    status, out, _ = grade("hw1", "--class", "--json")
    assert (status, json.loads(out)["students"][0]["id"]) == (0, "ada")
    assert out == (tmp_path / "results/hw1/class.json").read_text()


# -- what can be given wrongly


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["hw1", "--students", "adda"],
            "--students adda: nobody with this id has handed in anything; is ada",
        ),
        (["hw1", "--students", "kim"], "--students kim: nobody with this id has handed in anything."),
        (["hw1", "--only", "dobule"], "--only dobule names no part, function or check"),
        (["hw1", "--system", "moodel"], "There is no system 'moodel'; choose one of folders, canvas"),
        (["hw1", "--output", "hw1"], "the reports would lie among the submissions; choose another --output."),
        (["hw1", "--entry", "hw.py"], "--entry is not for a class, which hw1 is taken for; --single says"),
        (
            ["hw1", "--min-score", "1"],
            "--min-score is not for a class, which hw1 is taken for; --single says",
        ),
        (
            ["hw1/ada", "--roster", "x"],
            "--roster is not for one submission, which hw1/ada is taken for; --class",
        ),
        (["hw1/ada", "--students", "ada"], "--students is not for one submission"),
        (["hw1/ada", "--attempts", "all"], "--attempts is not for one submission"),
        (["hw1/ada", "--scheduler", "local:2"], "--scheduler is not for one submission"),
        (["hw1", "--class", "--single"], "not allowed with argument"),
        (["hw1", "--jobs", "0"], "'0' is no whole number from 1 on"),
        (["hw1", "--scheduler", "local"], "--scheduler local: say how many workers"),
        (["either"], "either could be one submission or a class: say --single or --class."),
        (["nothing", "--class"], "nothing holds no submissions; give the folder or zip that holds them."),
        (["odd", "--class"], "no submission was found in odd: notes.txt"),
        (["hw1", "--roster", "nowhere.csv"], "nowhere.csv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_argument_is_one_sentence(submissions, grade, scripted, tmp_path, arguments, words):
    submissions(ada="# fine", bob="# fine")
    for name in ("either/x/hw.py", "either/y/hw.py", "either/hw.py", "odd/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("def double(x): return x\n")
    (tmp_path / "nothing").mkdir()
    status, out, err = grade(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and err.count("\n") == 1
    assert words in err
    assert not scripted


@pytest.mark.parametrize(("option", "count"), [("--class", 2), ("--single", 1)])
def test_what_could_be_either_is_what_is_said(submissions, grade, tmp_path, solved, option, count):
    submissions()
    for name in ("either/x/hw.py", "either/y/hw.py", "either/hw.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(solved)
    assert grade("either", option, "--only", "double")[0] == 0
    assert len(list((tmp_path / "results").rglob("report.json"))) == count


def test_a_cluster_needs_a_package_which_is_named(submissions, grade, scripted, monkeypatch):
    submissions(ada="# fine", bob="# fine")
    for name in [n for n in sys.modules if n == "autograder.course.cluster" or n.startswith("distributed")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("autograder.course.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, _, err = grade("hw1", "--scheduler", "local:2")
    assert status == 2
    assert err.startswith("error: --scheduler needs the package 'distributed'; run: ")


# -- progress


class Screen(io.StringIO):
    """Standard error that says it is a terminal, or that it is none."""

    def __init__(self, is_terminal):
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self):
        return self._is_terminal


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is told to go on: ``clock(3)``."""
    now = [100.0]
    monkeypatch.setattr(command.time, "monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def outcome(score=1.0, was_there=False, missing=()):
    isolation = {"level": "limited", "missing": list(missing)}
    return Outcome(Attempt(Student("ada"), None), None, "graded", score, "", 0.0, was_there, isolation)


def progress(monkeypatch, clock, steps, *, is_terminal=False, is_quiet=False):
    """What is shown for outcomes that come after so many seconds each."""
    screen = Screen(is_terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    with command.Progress(len(steps), is_quiet=is_quiet) as shown:
        for seconds, what in steps:
            clock(seconds)
            shown.done(what)
    return screen.getvalue()


def test_a_log_has_a_line_now_and_then_and_one_at_the_end(monkeypatch, clock):
    steps = [(0, outcome(was_there=True))] * 2 + [(2, outcome()), (2, outcome(None)), (2, outcome())]
    steps += [(1, outcome())] * 2
    assert progress(monkeypatch, clock, steps).splitlines() == [
        "5 of 7, 1 not graded, 2 from before, 0.5 per second, 4 s left",
        "7 of 7, 1 not graded, 2 from before, 0.62 per second",
    ]


@pytest.mark.parametrize(
    ("seconds", "left"), [(80, "80 s left"), (150, "2 min left"), (4000, "1 h 7 min left")]
)
def test_the_time_left_is_told_in_fitting_units(monkeypatch, clock, seconds, left):
    steps = [(seconds, outcome()), (0, outcome())]
    assert left in progress(monkeypatch, clock, steps)


def test_a_terminal_has_a_bar_with_the_same_figures(monkeypatch, clock):
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    shown = progress(monkeypatch, clock, [(2, outcome()), (2, outcome(None))], is_terminal=True)
    assert "2/2" in shown
    assert "1 not graded, 0.5 per second, 0 s left" in shown


def test_what_is_open_is_said_once_also_quietly(monkeypatch, clock):
    steps = [(0, outcome(missing=["read files"])), (0, outcome(missing=["read files"])), (0, outcome())]
    assert progress(monkeypatch, clock, steps, is_quiet=True).splitlines() == [
        "warning: isolation is 'limited'; a submission can read files."
    ]
