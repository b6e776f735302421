"""What another system is given."""

import json
import shutil
import subprocess
import zipfile

import pytest

from autograder.cli.main import main
from autograder.platforms.bundle import FILES


def package(homework, *arguments):
    return main(["--assignment", str(homework), "package", *map(str, arguments)])


@pytest.fixture
def gradescope(homework, tmp_path):
    def make(*arguments):
        path = tmp_path / "autograder.zip"
        assert package(homework, "gradescope", path, *arguments) == 0
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    return make


def test_gradescopes_two_files_lie_at_the_root(gradescope):
    files = gradescope()
    for name in ("setup.sh", "run_autograder"):
        assert files[name].startswith(b"#!/usr/bin/env bash\n") and b"@" not in files[name].split(b"\n")[0]
    assert b"timeout_s=600\noptions=(--isolation auto)\n" in files["run_autograder"]
    assert "score" not in json.loads(files["unfinished.json"])


def test_options_are_in_the_script(gradescope):
    script = gradescope("--timeout", "1200", "--seed", "5", "--isolation", "require")["run_autograder"]
    assert b"timeout_s=1200\noptions=(--isolation require --seed 5)\n" in script


@pytest.mark.parametrize(
    ("system", "seconds"), [("gradescope", 3000), ("gradescope", 60), ("prairielearn", 900)]
)
def test_a_time_that_the_system_does_not_give_is_refused(homework, tmp_path, capsys, system, seconds):
    assert package(homework, system, tmp_path / "out", "--timeout", seconds) == 2
    assert f"--timeout {seconds}" in capsys.readouterr().err


def test_a_path_that_cannot_be_written_is_refused(homework, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert package(homework, "gradescope", tmp_path / "file" / "a.zip") == 2
    assert "cannot be written" in capsys.readouterr().err


SCRIPTS = [path for path in sorted(FILES.rglob("*")) if path.is_file() and path.read_bytes()[:2] == b"#!"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_bash(script):
    checked = subprocess.run(["bash", "-n", script], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    if shutil.which("shellcheck"):
        assert subprocess.run(["shellcheck", script]).returncode == 0


def test_prairielearn_has_a_question_a_grader_and_an_image(homework, tmp_path):
    out = tmp_path / "course"
    assert package(homework, "prairielearn", out, "--image", "course/grader:1", "--timeout", 300) == 0
    info = json.loads((out / "questions/small/info.json").read_text())
    grading = info["externalGradingOptions"]
    (files,) = grading["serverFilesCourse"]
    entry = out / grading["entrypoint"].removeprefix("/grade/")
    assert (out / "serverFilesCourse" / files).is_dir() and entry.stat().st_mode & 0o111
    assert (grading["image"], grading["timeout"], grading["enabled"]) == ("course/grader:1", 300, True)
    question = (out / "questions/small/question.html").read_text()
    assert 'optional-file-names="hw.py, hw.ipynb"' in question and "@" not in question
    with zipfile.ZipFile(out / "questions/small/clientFilesQuestion/homework.zip") as archive:
        assert archive.namelist() == ["hw.ipynb", "hw.py"]
    assert (out / "images/small-grader/requirements.txt").is_file()


def test_the_question_keeps_its_id(homework, tmp_path):
    ids = []
    for name in ("one", "two"):
        package(homework, "prairielearn", tmp_path / name)
        ids.append(json.loads((tmp_path / name / "questions/small/info.json").read_text())["uuid"])
    assert ids[0] == ids[1]
