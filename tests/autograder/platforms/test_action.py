"""The action for GitHub: its files are valid, and its step does on a machine like a runner what it should.

The commands are those that stand in ``action.yml``, run as a runner runs them.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from autograder.cli.main import main
from autograder.platforms.bundle import FILES

PLACES = FILES / "github"
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


def yaml(path):
    return YAML(typ="safe").load(path)


@pytest.fixture
def action(homework, tmp_path):
    """The folder of the action for the small homework."""
    folder = tmp_path / "action"
    assert main(["--assignment", str(homework), "package", "github", str(folder)]) == 0
    return folder


@pytest.fixture
def step(action, tmp_path):
    """``step(repository, **inputs)`` runs the step that grades: what it prints, its outputs, summary and status."""
    described = yaml(action / "action.yml")
    (found,) = [s for s in described["runs"]["steps"] if s.get("id") == "grade"]

    def run(repository: Path, **inputs):
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        files = {name: tmp_path / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
        for path in files.values():
            path.write_text("before\n" if path.name == "GITHUB_STEP_SUMMARY" else "", "utf-8")
        defaults = {name: told["default"] for name, told in described["inputs"].items()}
        given = {
            name: INPUT.sub(lambda m: (defaults | inputs)[m[1]], text) for name, text in found["env"].items()
        }
        places = {
            "GITHUB_ACTION_PATH": action,
            "GITHUB_WORKSPACE": repository,
            "RUNNER_TEMP": temporary,
            **files,
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]],
            cwd=repository,
            env=os.environ | given | {k: str(v) for k, v in places.items()} | {"PYTHON": sys.executable},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert list(temporary.iterdir()) == [], "the report would be there for later steps"
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text("utf-8").splitlines())
        return done, outputs, files["GITHUB_STEP_SUMMARY"].read_text("utf-8")

    return run


@pytest.fixture
def repository(tmp_path):
    """Makes a student's repository: ``repository("src/hw.py", source)``."""

    def make(name="", source=""):
        folder = tmp_path / "repository"
        (folder / ".github" / "workflows").mkdir(parents=True)
        shutil.copy(PLACES / "grade.yml", folder / ".github" / "workflows")
        if name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(source, "utf-8")
        return folder

    return make


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", "grade.yml"),
        ("vendor.github-workflows", "classroom.yml"),
    ],
)
def test_the_files_keep_to_github_s_published_schemas(schema, name):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, PLACES / name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_handed_on_is_what_a_step_gives():
    action, classroom = (yaml(PLACES / name) for name in ("action.yml", "classroom.yml"))
    for name, output in action["outputs"].items():
        assert output["value"] == f"${{{{ steps.grade.outputs.{name} }}}}"
    (job,) = classroom["jobs"].values()
    *_, grader, reporter = job["steps"]
    runners = reporter["with"]["runners"]
    assert grader["id"] == runners
    assert reporter["env"] == {f"{runners.upper()}_RESULTS": f"${{{{ steps.{runners}.outputs.result }}}}"}
    # The reporter's documentation: GitHub Classroom asks for these names.
    assert (classroom["name"], list(classroom["jobs"])) == ("Autograding Tests", ["run-autograding-tests"])


def test_no_input_becomes_part_of_a_command():
    for step in yaml(PLACES / "action.yml")["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_scripts_are_bash():
    for path in PLACES.glob("*.sh"):
        assert subprocess.run(["bash", "-n", path], check=False).returncode == 0


def test_a_submission_is_graded_and_told(step, repository, solved):
    source = solved.replace("return 2 * x", 'raise ValueError("::error::x")')
    done, outputs, summary = step(repository("src/hw.py", source))
    assert done.returncode == 0, done.stderr
    assert (outputs["score"], outputs["max-score"]) == ("1.5", "3.5")
    (mark,) = done.stdout.splitlines()
    assert mark.startswith("::error file=src/hw.py,line=6,title=double%3A 0 of 2 points::twice the input: ")
    assert done.stderr == ""
    assert summary.startswith("before\n## A small homework: 1.5 of 3.5 points\n")
    result = json.loads(base64.b64decode(outputs["result"]))
    assert sum(test["score"] for test in result["tests"]) == 1.5


def test_below_a_minimum_the_step_fails(step, repository, template):
    done, outputs, summary = step(repository("hw.py", template), **{"min-score": "1"})
    assert done.returncode == 1
    assert outputs["score"] == "0" and "Nothing has been written yet" in summary


def test_without_a_file_there_is_no_score_and_the_step_fails(step, repository):
    done, outputs, summary = step(repository())
    assert done.returncode == 2
    assert outputs["score"] == "" and json.loads(base64.b64decode(outputs["result"]))["max_score"] == 0
    assert done.stdout.startswith("::error title=No score::Your work has no score: ")
    assert "no score" in summary


def test_what_a_fault_of_the_grader_says_is_not_for_the_log(step, action, repository, solved):
    checks = action / "checks" / "test_small.py"
    checks.write_text(checks.read_text("utf-8").replace("2, 3", "SECRET"), "utf-8")
    done, _, summary = step(repository("hw.py", solved))
    assert done.returncode == 3
    assert "SECRET" not in done.stdout + done.stderr + summary
    assert "the grader itself failed" in summary


def test_without_a_report_nothing_that_is_printed_is_a_command(step, repository):
    done, outputs, _ = step(repository(), submission="::error::x")
    assert done.returncode == 2
    first, *said, last = done.stdout.splitlines()
    assert re.fullmatch(r"::stop-commands::[0-9a-f]{32}", first)
    assert last == f"::{first.removeprefix('::stop-commands::')}::"
    assert "does not exist" in "".join(said)
    assert outputs == {}
