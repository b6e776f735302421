"""Packages in the folders that their systems make, with this Python in place of the one that setup installs.

`.ci/try-packages` does the same with the homework, in a new environment.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from jsonschema import Draft202012Validator

from autograder.cli.main import main
from autograder.platforms.bundle import FILES

SCHEMAS = {
    name: Draft202012Validator(json.loads((FILES / f"{name}.schema.json").read_text("utf-8")))
    for name in ("gradescope", "prairielearn")
}
METADATA = {
    "id": 123456,
    "created_at": "2026-11-21T14:22:32.365935-07:00",
    "assignment": {"due_date": "2026-11-20T23:00:00.000000-07:00", "total_points": "3.5"},
    "users": [{"email": "ada@example.com", "id": 1, "name": "Ada"}],
    "previous_submissions": [],
}
THIEF = """
import os

def stolen():
    here = {}
    exec(open(%(reference)r).read(), here)
    return here

def double(x):
    return stolen()["double"](x)

def add(x, y):
    return stolen()["add"](x, y)

for place in (%(results)r, "results.json"):
    try:
        open(place, "w").write('{"score": 100}')
    except OSError:
        pass
"""


class System:
    """A package where its system unpacks it."""

    def __init__(self, root, source, submission, command, environment):
        self.root, self.source, self.submission = root, source, submission
        self.command, self.environment = command, {**os.environ, **environment}
        self.schema = SCHEMAS["gradescope" if root.name == "autograder" else "prairielearn"]
        self.results = root / "results" / "results.json"

    def grade(self, files, *expected_statuses):
        """Hand in these files; the results."""
        shutil.rmtree(self.submission, ignore_errors=True)
        self.submission.mkdir()
        for name, content in files.items():
            (self.submission / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        done = subprocess.run(
            self.command, cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=100
        )
        assert done.returncode in (expected_statuses or (0,)), done.stdout + done.stderr
        found = json.loads(self.results.read_text("utf-8"))
        self.schema.validate(found)
        assert os.listdir(self.results.parent) == ["results.json"]
        return found


@pytest.fixture
def gradescope(homework, tmp_path):
    def make(*options):
        root = tmp_path / "autograder"
        package = tmp_path / "autograder.zip"
        arguments = ["--assignment", str(homework), "package", "gradescope", str(package), *options]
        assert main(arguments) == 0
        with zipfile.ZipFile(package) as archive:
            archive.extractall(root / "source")
        python = root / "source/.venv/bin/python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        shutil.copyfile(root / "source/run_autograder", root / "run_autograder")
        (root / "run_autograder").chmod(0o755)
        (root / "submission_metadata.json").write_text(json.dumps(METADATA))
        environment = {"AUTOGRADER_ROOT": str(root)}
        return System(root, root / "source", root / "submission", [root / "run_autograder"], environment)

    return make


@pytest.fixture
def prairielearn(homework, tmp_path):
    root = tmp_path / "grade"
    assert main(["--assignment", str(homework), "package", "prairielearn", str(tmp_path / "course")]) == 0
    shutil.copytree(tmp_path / "course/serverFilesCourse", root / "serverFilesCourse")
    source = root / "serverFilesCourse/small-grader"
    environment = {"GRADE_ROOT": str(root), "PYTHON": sys.executable}
    return System(root, source, root / "student", [source / "run.sh"], environment)


def test_gradescope_has_its_results_for_every_kind_of_submission(gradescope, solved, template, notebook):
    system = gradescope()
    found = system.grade({"hw.py": solved})
    assert found["score"] == 3.5 and len(found["tests"]) == 3
    assert found["extra_data"]["isolation"]["level"] in ("sealed", "limited", "process only")
    assert system.grade({"hw.py": solved.replace("2 * x", "3 * x")})["score"] == 1.5
    assert system.grade({"hw.ipynb": notebook(solved, "1 +")})["score"] == 3.5
    assert system.grade({"hw.py": template})["score"] == 0
    found = system.grade({"hw.py": solved + "\ndef broken(:\n"})
    assert found["score"] == 3.5 and "SyntaxError" in found["output"]
    found = system.grade({"essay.txt": "sorry"})
    assert found["score"] == 0 and "hw.py" in found["output"]


def test_prairielearn_has_its_results_for_every_kind_of_submission(prairielearn, solved):
    system = prairielearn
    assert system.grade({"hw.py": solved})["score"] == 1
    assert system.grade({"hw.py": solved.replace("2 * x", "3 * x")})["score"] == pytest.approx(
        1.5 / 3.5, abs=1e-6
    )
    assert not system.grade({"hw.py": "def double(:\n"})["gradable"]
    found = system.grade({"essay.txt": "sorry"})
    assert not found["gradable"] and "hw.py" in found["format_errors"][0]


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")
def test_solution_and_results_are_out_of_reach(gradescope):
    system = gradescope("--isolation", "require")
    facts = {"reference": str(system.source / "reference/hw.py"), "results": str(system.results)}
    found = system.grade({"hw.py": THIEF % facts})
    assert found["score"] == 0 and "PermissionError" in found["tests"][0]["output"]
    script = system.root / "run_autograder"  # control: the same gets what it is after where nothing holds it
    script.write_text(script.read_text().replace("--isolation require", "--isolation process"))
    assert system.grade({"hw.py": THIEF % facts})["score"] == 3.5


def test_lateness_is_the_metadatas_and_not_the_clocks(homework, gradescope, solved):
    with (homework / "rubric.toml").open("a") as file:
        file.write('[late]\npolicy = "per_day"\nper_day = 20\ndue = 2026-11-20T23:00:00-07:00\n')
    system = gradescope()
    found = system.grade({"hw.py": solved})
    assert found["score"] == 2.8 and "20 % of 3.5 points" in found["output"]
    (system.root / "submission_metadata.json").write_text("{")
    found = system.grade({"hw.py": solved})
    assert found["score"] == 3.5 and "not known" in found["output"]


# A killed command kills `timeout` as well, which older versions of it tell by the status that shells use.
@pytest.mark.parametrize(("last_words", "statuses"), [("exec sleep 60", (124,)), ("kill -9 $$", (-9, 137))])
def test_a_grader_that_is_stopped_or_killed_leaves_a_result_without_points(
    gradescope, solved, last_words, statuses
):
    system = gradescope()
    (system.source / ".venv/bin/python").write_text(f"#!/bin/sh\n{last_words}\n")
    script = system.root / "run_autograder"
    script.write_text(script.read_text().replace("timeout_s=600", "timeout_s=11"))
    found = system.grade({"hw.py": solved}, *statuses)
    assert "no score yet" in found["output"] and not {"score", "tests"} & set(found)


def test_a_check_that_fails_itself_costs_nobody_points(homework, gradescope, solved):
    check = homework / "checks/test_small.py"
    check.write_text(check.read_text().replace('tolerance(), "double"', "1 / 0"))
    found = gradescope().grade({"hw.py": solved}, 3)
    assert "not your fault" in found["output"] and not {"score", "tests"} & set(found)
