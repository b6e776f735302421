"""The engine and an assignment as one small project."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.errors import GraderFault, UsageError
from autograder.platforms import bundle

ROOT = Path(__file__).parents[3]


@pytest.fixture
def contents(homework):
    return bundle.contents(load(homework))


def test_it_has_the_engine_and_what_the_assignment_names_and_no_more(homework, contents):
    (homework / "notes.txt").write_text("not for students")
    names = set(bundle.contents(load(homework)))
    assert names == set(contents)
    assert {
        "grade.py",
        "requirements.txt",
        "autograder/__main__.py",
        "assignment.toml",
        "rubric.toml",
    } <= names
    assert {"reference/hw.py", "checks/test_small.py", "template/hw.py", "data/numbers.txt"} <= names
    assert "autograder/platforms/files/gradescope/setup.sh" in names
    assert "autograder/pages/templates/feedback.html" in names
    assert not [n for n in names if "__pycache__" in n or n.startswith(("tests/", ".git"))]


def test_reports_have_the_same_digest_there(tmp_path):
    bundle.to_folder(bundle.contents(load(ROOT)), tmp_path / "there")
    here, there = load(ROOT), load(tmp_path / "there")
    assert here.digest == there.digest and here.rubric == there.rubric


def test_the_same_content_gives_the_same_zip(contents):
    assert bundle.to_zip(contents) == bundle.to_zip(dict(reversed(contents.items())))


def test_scripts_may_be_run(contents):
    with zipfile.ZipFile(io.BytesIO(bundle.to_zip(contents))) as archive:
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    assert modes["grade.py"] == 0o755 and modes["rubric.toml"] == 0o644


def test_it_grades(homework, contents, tmp_path, solved):
    folder = tmp_path / "there"
    bundle.to_folder(contents, folder)
    (tmp_path / "hw.py").write_text(solved)
    done = subprocess.run(
        [sys.executable, folder / "grade.py", tmp_path / "hw.py", "--quiet", "--output", tmp_path / "out"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "3.5 / 3.5\n"), done.stderr


def test_a_part_that_lies_elsewhere_is_refused(homework, edit):
    (homework.parent / "elsewhere").mkdir()
    edit("assignment.toml", 'data = "data"', 'data = "../elsewhere"')
    with pytest.raises(GraderFault, match="elsewhere lies outside"):
        bundle.contents(load(homework))


def test_a_part_that_is_called_as_the_engine_is_refused(homework, edit):
    (homework / "autograder").mkdir()
    (homework / "autograder/__init__.py").touch()
    edit("assignment.toml", 'data = "data"', 'data = "autograder"')
    with pytest.raises(GraderFault, match=r"names autograder/__init__\.py"):
        bundle.contents(load(homework))


def test_a_late_hook_and_files_beside_the_reference_come_along(homework, edit):
    (homework / "late.py").write_text("def hook(*a): return 0, ''")
    (homework / "reference/more.npz").write_bytes(b"x")
    edit("assignment.toml", 'name = "hw"', 'name = "hw"\nfiles = ["more.npz"]')
    with (homework / "rubric.toml").open("a") as file:
        file.write('[late]\npolicy = "hook"\nhook = "late.py:hook"\ndue = 2026-11-20T23:59:00\n')
    assert {"late.py", "reference/more.npz"} <= set(bundle.contents(load(homework)))


def test_an_engine_without_its_list_of_packages_says_what_to_do(homework, monkeypatch, tmp_path):
    (tmp_path / "site-packages/autograder").mkdir(parents=True)
    monkeypatch.setattr(bundle, "ENGINE", tmp_path / "site-packages/autograder")
    with pytest.raises(UsageError, match="checkout"):
        bundle.contents(load(homework))


def test_a_folder_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there/x").touch()
    with pytest.raises(UsageError, match="exists already"):
        bundle.to_folder({"a": b""}, tmp_path / "there")
