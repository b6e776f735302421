"""grade.py from the outside, as an instructor runs it: exit status, one sentence for each error, report."""

import ast
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
GRADE = ROOT / "grade.py"
SCHEMA = json.loads((ROOT / "autograder/reporting/schema.json").read_text("utf-8"))


@pytest.fixture
def grade(homework, tmp_path):
    """Runs the command in a folder of its own: ``grade("ada", "--json")``."""

    def run(*arguments, python=(), cwd=tmp_path, assignment=homework, **environment):
        return subprocess.run(
            [sys.executable, *python, GRADE, *arguments, "--assignment", assignment],
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture
def ada(tmp_path, solved):
    """A submission with one mistake: 1.5 of 3.5 points."""
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "hw.py").write_text(solved.replace("2 * x", "3 * x"))
    return folder


def report_in(folder):
    report = json.loads((folder / "report.json").read_text("utf-8"))
    Draft202012Validator(SCHEMA).validate(report)
    return report


def assert_one_sentence(done, status, *words):
    """Nothing on standard output, one line on standard error that says what is wrong and what to do."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("warning: isolation")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]


# --- what works -----------------------------------------------------------------------------------------


def test_a_submission_is_graded_into_a_table_and_a_report(grade, ada, tmp_path):
    done = grade("ada")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "A small homework: ada (hw.py)"
    assert done.stdout.splitlines()[-1].split() == ["Score", "1.5", "/", "3.5"]
    assert "double is wrong in 6 of 6 entries" in done.stdout
    assert done.stderr.splitlines()[-1] == "Report: results/ada/report.json"
    report = report_in(tmp_path / "results/ada")
    assert (report["status"], report["score"], report["max_score"]) == ("graded", 1.5, 3.5)
    assert [c["status"] for c in report["checks"]] == ["failed", "passed", "passed"]


def test_what_a_killed_grader_left_is_removed_at_the_next_start(grade, ada, tmp_path):
    left = tmp_path / "temporary" / "grade-left"
    left.mkdir(parents=True)
    (left / ".in-use").touch()
    os.utime(left, (1, 1))
    assert grade("ada", TMPDIR=str(left.parent)).returncode == 0
    assert os.listdir(left.parent) == []


def test_two_runs_differ_in_timing_only(grade, ada, tmp_path):
    reports = []
    for name in "ab":
        assert grade("ada", "--output", name).returncode == 0
        reports.append(report_in(tmp_path / name))
    for report in reports:
        assert report.pop("timing")["wall_s"] > 0
    assert reports[0] == reports[1]


def test_grading_the_folder_one_is_in_gives_the_same_again(grade, ada):
    reports = []
    for _ in range(2):
        assert grade(".", cwd=ada).returncode == 0
        reports.append(report_in(ada / "results/ada"))
        reports[-1].pop("timing")
    assert reports[0] == reports[1]


@pytest.mark.parametrize("form", ["hw.py", "hw.ipynb", "ada.zip"])
def test_a_file_of_any_form_has_the_same_score(grade, ada, tmp_path, notebook, form):
    source = (ada / "hw.py").read_text()
    if form == "hw.ipynb":
        (tmp_path / form).write_bytes(notebook("import nowhere", source))
    elif form == "hw.py":
        (tmp_path / form).write_text(source)
    else:
        with zipfile.ZipFile(tmp_path / form, "w") as file:
            file.writestr("ada/hw.py", source)
    assert grade(form, "--output", "out", "--quiet").stdout == "1.5 / 3.5\n"
    report = report_in(tmp_path / "out")
    assert [c["status"] for c in report["checks"]] == ["failed", "passed", "passed"]
    if form == "hw.ipynb":
        assert report["notebook"]["failed"][0]["type"] == "ModuleNotFoundError"


def test_the_reference_earns_everything_and_the_template_nothing(grade, homework):
    assert grade(homework / "reference", "--quiet").stdout == "3.5 / 3.5\n"
    done = grade(homework / "template")
    assert done.returncode == 0
    assert "Nothing has been written yet" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["Score", "0", "/", "3.5"]


def test_json_on_standard_output_is_the_report(grade, ada, tmp_path):
    done = grade("ada", "--json", "--output", "out")
    assert json.loads(done.stdout) == report_in(tmp_path / "out")


def test_the_real_homework_is_graded_in_part(grade, tmp_path):
    done = grade(ROOT / "reference/mlp.py", "--only", "part1", "--output", "out", "--quiet", assignment=ROOT)
    report = report_in(tmp_path / "out" / "selected")
    assert (done.returncode, report["score"]) == (0, report["max_score"])
    assert {c["part"] for c in report["checks"]} == {"part1"}


@pytest.mark.parametrize(("wanted", "ids"), [("second", 2), ("add", 2), ("add.hidden", 1)])
def test_only_a_part_a_function_or_a_check(grade, ada, tmp_path, wanted, ids):
    assert grade("ada", "--only", wanted, "--output", "out").returncode == 0
    assert len(report_in(tmp_path / "out" / "selected")["checks"]) == ids


def test_a_part_does_not_replace_the_report_of_all(grade, ada, tmp_path):
    grade("ada", "--output", "out")
    whole = report_in(tmp_path / "out")
    grade("ada", "--only", "double", "--output", "out")
    assert report_in(tmp_path / "out") == whole


def test_pages_beside_a_new_report_are_made_anew(grade, ada, tmp_path):
    grade("ada", "--html", "--output", "out")
    before = (tmp_path / "out" / "feedback.html").read_text("utf-8")
    (ada / "hw.py").write_text("")
    grade("ada", "--output", "out")
    assert (tmp_path / "out" / "feedback.html").read_text("utf-8") != before


@pytest.mark.parametrize(("least", "status"), [("1.5", 0), ("1.51", 1)])
def test_a_score_below_the_minimum_is_status_one(grade, ada, least, status):
    done = grade("ada", "--min-score", least, "--quiet")
    assert (done.returncode, done.stdout) == (status, "1.5 / 3.5\n")
    assert ("The score is below" in done.stderr) == (status == 1)


def test_another_seed_is_in_the_report(grade, ada, tmp_path):
    grade("ada", "--seed", "3", "--output", "out")
    assert report_in(tmp_path / "out")["seed"] == 3


def test_a_module_that_ends_the_process_is_graded_with_zero(grade, tmp_path):
    (tmp_path / "hw.py").write_text("import os\nos._exit(0)")
    done = grade("hw.py", "--output", "out")
    assert done.returncode == 0
    report = report_in(tmp_path / "out")
    assert {c["status"] for c in report["checks"]} == {"crashed"}
    assert report["message"] == "Importing the module ended the process (exit status 0)."


def test_what_a_submission_prints_does_not_reach_the_terminal(grade, ada):
    loud = "print('SECRET'); import sys; print('SECRET', file=sys.stderr)\n"
    source = loud + "def double(x):\n    raise ValueError('SECRET')"
    (ada / "hw.py").write_text(source)
    done = grade("ada", "--quiet")
    assert "SECRET" not in done.stdout + done.stderr


def test_help_names_every_option(grade):
    done = grade("--help")
    assert done.returncode == 0
    for option in ("--output", "--only", "--entry", "--min-score", "--seed", "--quiet", "--json"):
        assert option in done.stdout


def test_a_terminal_that_knows_few_characters_is_no_reason_to_fail(grade, tmp_path, ada):
    ada.rename(tmp_path / "日本語")
    done = grade("日本語", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


# --- what the user can get wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], ["nowhere does not exist; give the folder or file that was handed in."]),
        (["x" * 300], ["cannot be read (File name too long)"]),
        (["notes.txt"], ["notes.txt cannot be graded; hand in a folder, a .py, a .ipynb or a .zip of one."]),
        (["ada", "--entry", "mine.py"], ["--entry mine.py: there is no such file in ada."]),
        (["ada", "--only", "dobule"], ["--only dobule names no part, function or check", "is double meant?"]),
        (["ada", "--only", "zzz"], ["--only zzz names no part, function or check; parts are first, second."]),
        (["ada", "--output", "notes.txt"], ["cannot be written to notes.txt", "choose another --output."]),
        (["ada", "--output", "/proc/nowhere"], ["cannot be written to /proc/nowhere"]),
        pytest.param(["ada", "--seed", "-1"], ["--seed"]),
    ],
    ids=lambda v: " ".join(v)[:40],
)
def test_a_wrong_argument_is_one_sentence(grade, ada, tmp_path, arguments, words):
    (tmp_path / "notes.txt").write_text("")
    assert_one_sentence(grade(*arguments), 2, *words)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["ada", "more"],
        ["ada", "--seed", "x"],
        ["ada", "--min-score", "x"],
        ["ada", "--min-score", "nan"],
        ["ada", "--onyl", "first"],
    ],
)
def test_a_command_that_cannot_be_parsed_names_the_usage(grade, arguments):
    done = grade(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith("grade.py --help tells more.\n")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "work holds neither hw.py nor hw.ipynb; hand in one of them."),
        (
            {"hw.ipynb": b"<!DOCTYPE html>"},
            "The notebook is a saved web page of Jupyter; use File > Download > Notebook",
        ),
        ({"hw.ipynb": b'{"cells": [1]}'}, "The notebook's format is damaged"),
    ],
    ids=repr,
)
def test_a_submission_that_cannot_be_read_gets_a_report_with_one_sentence(grade, tmp_path, files, sentence):
    (tmp_path / "work").mkdir()
    for name, content in files.items():
        (tmp_path / "work" / name).write_bytes(content)
    done = grade("work", "--quiet")
    assert done.returncode == 2
    assert done.stdout.startswith(sentence)
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    report = report_in(tmp_path / "results/work")
    assert (report["status"], report["score"]) == ("invalid_submission", None)
    assert report["message"] + "\n" == done.stdout


def test_a_folder_that_cannot_be_graded_is_reported_under_its_name(grade, tmp_path):
    (tmp_path / "ada/inner").mkdir(parents=True)
    assert grade(".", cwd=tmp_path / "ada").returncode == 2
    assert report_in(tmp_path / "ada/results/ada")["submission"]["id"] == "ada"
    assert grade("..", cwd=tmp_path / "ada/inner").returncode == 2
    assert report_in(tmp_path / "ada/inner/results/ada")["submission"]["id"] == "ada"


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            "rubric.toml",
            "points = 2",
            "point = 2",
            ["rubric.toml: part 'first': check 'double': 'points' is missing."],
        ),
        ("rubric.toml", "visibility", "visiblity", ["'visiblity' is not known. Is 'visibility' meant?"]),
        ("rubric.toml", "points = 2", "points 2", ["rubric.toml is not valid TOML"]),
        ("assignment.toml", 'checks = "checks"', 'checks = "cheks"', ["checks = 'cheks' does not exist."]),
    ],
)
def test_a_slip_in_the_assignment_is_one_sentence(grade, ada, edit, name, old, new, words):
    edit(name, old, new)
    assert_one_sentence(grade("ada"), 3, *words)


def test_an_assignment_that_is_not_there_is_one_sentence(grade, ada, tmp_path):
    assert_one_sentence(grade("ada", assignment=tmp_path / "none"), 3, "assignment.toml does not exist")


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (
            "checks/test_small.py",
            "x = rng.normal(size=(3, 2))",
            "1 / 0",
            "the check 'double' itself failed: ZeroDivisionError",
        ),
        (
            "checks/test_small.py",
            '"double")\ndef',
            '"dobule")\ndef',
            "the check 'dobule' has no line in the rubric",
        ),
        (
            "checks/test_small.py",
            "import assert_close",
            "import assert_colse",
            "test_small.py cannot be imported",
        ),
        ("reference/hw.py", "return 2 * x", "1 / 0", "the check 'double' itself failed: ZeroDivisionError"),
        ("reference/hw.py", '"""Solved."""', "1 / 0", "ZeroDivisionError"),
        ("reference/hw.py", '"""Solved."""', "import no_such_package", "no_such_package"),
    ],
)
def test_a_broken_check_or_reference_gives_no_score(grade, ada, tmp_path, edit, name, old, new, sentence):
    edit(name, old, new)
    done = grade("ada", "--quiet")
    assert done.returncode == 3, done.stderr
    assert sentence in done.stdout
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    report = report_in(tmp_path / "results/ada")
    assert (report["status"], report["score"]) == ("grader_error", None)


# --- the machine ----------------------------------------------------------------------------------------


def without(package, folder):
    """A folder for PYTHONPATH in which a package cannot be imported."""
    (folder / "blocked").mkdir(exist_ok=True)
    (folder / "blocked" / "sitecustomize.py").write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] == {package!r}:\n"
        f"            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    return str(folder / "blocked")


@pytest.mark.parametrize("package", ["numpy", "pytest", pytest.param("pytest_jsonreport")])
def test_a_missing_package_is_one_sentence(grade, ada, tmp_path, package):
    done = grade("ada", PYTHONPATH=without(package, tmp_path))
    assert_one_sentence(
        done, 2, f"the package '{package}' is not installed", "-m pip install -r requirements.txt"
    )


@pytest.mark.parametrize("package", ["nbclient", "nbformat", "jupyter_client"])
def test_a_package_that_only_notebooks_need_is_missed_by_notebooks_only(
    grade, ada, tmp_path, notebook, package
):
    blocked = without(package, tmp_path)
    assert grade("ada", PYTHONPATH=blocked).returncode == 0
    (tmp_path / "hw.ipynb").write_bytes(notebook("x = 1"))
    assert_one_sentence(grade("hw.ipynb", PYTHONPATH=blocked), 2, f"the package '{package}' is not installed")


def test_a_python_without_packages_is_one_sentence(grade, ada):
    assert_one_sentence(grade("ada", python=["-S"]), 2, "is not installed")


def test_python_older_than_needed_is_refused_before_anything_it_cannot_read():
    source = GRADE.read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    kinds = [type(node).__name__ for node in tree.body]
    assert kinds.index("If") < next(
        i
        for i, node in enumerate(tree.body)
        if isinstance(node, ast.ImportFrom) and node.module.startswith("autograder")
    )
    guard = tree.body[kinds.index("If")]
    assert ast.unparse(guard.test) == "sys.version_info < (3, 11)"
    assert not any(isinstance(node, (ast.JoinedStr, ast.NamedExpr)) for node in ast.walk(tree))


def test_a_python_that_is_too_old_gets_one_sentence_and_status_two(ada, tmp_path):
    code = f"import runpy, sys; sys.version_info = (3, 8, 1); runpy.run_path({str(GRADE)!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30
    )
    assert_one_sentence(done, 2, "Python 3.11 or newer is needed and this is 3.8")
