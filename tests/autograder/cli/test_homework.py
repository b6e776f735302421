"""The assignment that is meant when none is named."""

from pathlib import Path

import pytest

from autograder.cli import homework
from autograder.host.isolation import readable_paths

ROOT = Path(__file__).parents[3]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An engine that lies in an environment of its own, called from an empty folder."""
    monkeypatch.setattr(homework, "__file__", str(tmp_path / "lib/site-packages/autograder/cli/homework.py"))
    (tmp_path / "course/week3").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "course/week3")
    return tmp_path


def test_a_copy_of_the_project_means_its_own(tmp_path, monkeypatch):
    (tmp_path / "assignment.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert homework.default() == str(ROOT)


def test_installed_the_nearest_folder_above_counts(installed):
    (installed / "course/assignment.toml").touch()
    assert homework.default() == str(installed / "course")
    (installed / "course/week3/assignment.toml").touch()
    assert homework.default() == str(installed / "course/week3")


def test_without_one_it_is_what_was_installed_along(installed):
    place = homework.default()
    assert Path(place).parts[-3:] == ("share", "autograder", "homework")
    read, _ = readable_paths([])
    assert not any(place.startswith(path.rstrip("/") + "/") or place == path for path in read)
