"""Scores in nbgrader's own database, where it is installed (`.ci/try-peers` makes such an environment)."""

import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course import gradebook
from autograder.platforms.nbgrader import cell_name, pages, write_scores
from tests.autograder.course.class_run import Handed, Person, assignment, report, write

OVERRIDES = """
[[overrides]]
student = "bob"
check = "add.values"
points = 0.75
comment = "another sign"
who = "M"
when = 2026-11-20

[[overrides]]
student = "cyd"
check = "score"
points = 3
comment = "oral"
who = "M"
when = 2026-11-20
"""
LATE = {"policy": "per_day", "due": datetime(2026, 11, 20, tzinfo=UTC), "per_day": 10.0}


@pytest.fixture
def finals(tmp_path):
    """Ada is late, Bob's points and Cyd's score are set by hand, Dan has no score, Eve has handed in nothing."""
    of = assignment(late=LATE)
    lost = {"add.values": 0.0, "double": 0.5}
    people = [
        Person("ada", [Handed(report("ada", of=of), datetime(2026, 11, 20, 1, tzinfo=UTC))]),
        Person("bob", [Handed(report("bob", lost, of=of))]),
        Person("cyd", [Handed(report("cyd", lost, of=of))]),
        Person("dan", [Handed(None)]),
        Person("eve", []),
    ]
    folder = write(tmp_path / "run", people, of=of)
    (folder / "overrides.toml").write_text(OVERRIDES, "utf-8")
    return gradebook.make(folder, of).finals


@pytest.fixture
def nbgrader(monkeypatch):
    """Its API; making a database calls a program of its environment by name."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return pytest.importorskip("nbgrader.api", reason="nbgrader is not installed")


def scores(database):
    """What nbgrader itself exports."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{database}") as book:
        return {
            s.student.id: (s.score, s.max_score, s.late_submission_penalty, s.needs_manual_grade)
            for s in book.assignment_submissions("hw1")
        }


def test_only_who_has_a_report_has_a_page(finals, tmp_path):
    for student in ("ada", "bob", "cyd"):
        (tmp_path / "course" / "submitted" / student / student).mkdir(parents=True)
    found = list(pages(finals, tmp_path / "run", tmp_path / "course"))
    assert [page.student for page in found] == ["ada", "bob", "cyd"]
    assert found[0].target == tmp_path / "course" / "feedback" / "ada" / "ada" / "hw.html"


def test_the_names_of_cells_are_nbgrader_s():
    assert cell_name("softmax.extremes") == "softmax-extremes"


@pytest.mark.filterwarnings("ignore")  # nbgrader's
def test_scores_are_what_nbgrader_exports(finals, tmp_path, nbgrader):
    database = tmp_path / "gradebook.db"
    for _ in range(2):  # a second time changes nothing
        assert write_scores(finals, "hw1", "hw", database) == 3
        assert scores(database) == {
            "ada": (3.5, 3.5, 0.35, False),
            "bob": (2.25, 3.5, 0.0, False),
            "cyd": (3.0, 3.5, 0.0, False),
        }


@pytest.mark.filterwarnings("ignore")
def test_what_nbgrader_had_before_stays(finals, tmp_path, nbgrader):
    database = tmp_path / "gradebook.db"
    with nbgrader.Gradebook(f"sqlite:///{database}") as book:
        book.add_assignment("hw1")
        book.add_notebook("hw", "hw1")
        book.add_grade_cell("essay", "hw", "hw1", max_score=10, cell_type="markdown")
        book.add_student("ada", first_name="Ada")
        book.add_submission("hw1", "ada")
        book.find_grade("essay", "hw", "hw1", "ada").manual_score = 7
        book.db.commit()
    write_scores(finals, "hw1", "hw", database)
    assert scores(database)["ada"][:2] == (10.5, 13.5)
    with sqlite3.connect(database) as file:
        assert file.execute("SELECT first_name FROM student WHERE id = 'ada'").fetchall() == [("Ada",)]
    file.close()


@pytest.mark.filterwarnings("ignore")
def test_a_bonus_is_in_the_score_and_not_in_the_maximum(tmp_path, nbgrader):
    of = assignment(bonus=True)
    folder = write(tmp_path / "run", [Person("ada", [Handed(report("ada", of=of))])], of=of)
    database = tmp_path / "gradebook.db"
    write_scores(gradebook.make(folder, of).finals, "hw1", "hw", database)
    assert scores(database)["ada"][:2] == (3.5, 2.0)
