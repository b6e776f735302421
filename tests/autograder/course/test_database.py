"""The database holds every attempt and check, answers the usual questions, and is replaced whole."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from autograder.course import database
from autograder.course.database import build, read_finals
from autograder.course.gradebook import make
from autograder.errors import MachineFault, UsageError
from tests.autograder.course import class_run
from tests.autograder.course.class_run import Handed, Person, assignment, not_graded, report

DUE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATE = assignment(late={"policy": "per_day", "due": DUE, "per_day": 10})
OVERRIDES = """
[[overrides]]
student = "ada"
check = "double"
points = 1.5
comment = "it's \\"right\\"; DROP TABLE students"
who = "M. I."
when = 2026-11-21

[[overrides]]
student = "cleo"
check = "score"
points = 1
comment = "ill"
who = "M. I."
when = 2026-11-21T10:00:00
"""
QUERIES = re.findall(r"^    (SELECT[^;]+;)", database.__doc__, re.MULTILINE)


def people():
    wrong = {"double": 0.0, "add.values": 0.5}
    mistakes = {"double": "halves", "add.values": "halves"}
    ada = [
        Handed(report(found={"double": "timeout"}, of=LATE), DUE),
        Handed(report(found=wrong, mistakes=mistakes, of=LATE), DUE + timedelta(hours=1), True),
    ]
    return [
        Person("ada", ada, "Ada 🧑‍💻\n'); DROP TABLE students; --", {"email": "ada@example.edu"}),
        Person("bob", [report("bob", wrong, mistakes={"double": "halves"}, of=LATE, seed=10**30)], "Bob"),
        Person("cleo", [], "Cleo"),
        Person("dan", [report("dan", {"double": "not_implemented"}, of=LATE), not_graded("dan", of=LATE)]),
        Person("eve", [Handed(None)]),
    ]


@pytest.fixture
def folder(tmp_path):
    """A class run with its database."""
    class_run.write(tmp_path, people(), of=LATE)
    (tmp_path / "overrides.toml").write_text(OVERRIDES)
    build(make(tmp_path, LATE), tmp_path)
    return tmp_path


@pytest.fixture
def ask(folder):
    """Runs a query on it."""
    with closing(sqlite3.connect(folder / "gradebook.db")) as opened:
        yield lambda query: opened.execute(query).fetchall()


def test_every_student_attempt_and_check_is_there(ask):
    assert ask("SELECT id, columns FROM students") == [
        ("ada", '{"email": "ada@example.edu"}'),
        *((i, "{}") for i in ("bob", "cleo", "dan", "eve")),
    ]
    assert ask("SELECT name FROM students WHERE id = 'ada'") == [(people()[0].name,)]
    assert ask("SELECT student, attempt, status, score, is_late, is_counted, seed FROM attempts") == [
        ("ada", 1, "graded", 1.5, None, 0, "7"),
        ("ada", 2, "graded", 1.0, 1, 1, "7"),
        ("bob", 1, "graded", 1.0, None, 1, str(10**30)),
        ("dan", 1, "graded", 1.5, None, 0, "7"),
        ("dan", 2, "invalid_submission", None, None, 1, "7"),
        ("eve", 1, "not_graded", None, None, 1, None),
    ]
    assert ask("SELECT COUNT(*) FROM checks") == [(12,)]
    assert ask("SELECT COUNT(*) FROM parts") == [(8,)]


def test_a_check_has_all_that_was_found(ask):
    columns = "status, reason, visibility, score, max_score, message, mistake, confidence, theme, duration_s"
    where = "student = 'ada' AND check_id = 'double' ORDER BY attempt"
    assert ask(f"SELECT {columns} FROM checks WHERE {where}") == [
        ("timeout", "why", "visible", 0, 2, "It timeout.", None, None, None, 0.5),
        ("failed", "wrong_values", "visible", 0, 2, "It is wrong.", "halves", "certain", "sign", 0.5),
    ]


def test_an_attempt_says_what_its_score_depends_on(ask):
    columns = (
        "path, report, kind, submission_digest, assignment_version, assignment_digest, wall_s, submitted"
    )
    found = report(of=LATE)
    assert ask(f"SELECT {columns} FROM attempts WHERE student = 'ada' AND attempt = 1") == [
        (
            "submissions/ada",
            "students/ada/attempt-1/report.json",
            "module",
            found["submission"]["digest"],
            "1",
            LATE.digest,
            1.5,
            "2026-11-20T12:00:00+00:00",
        )
    ]


def test_finals_are_those_of_the_gradebook(ask):
    assert ask(
        "SELECT student, attempt, status, machine_score, by_hand, late_deduction, final_score FROM finals"
    ) == [
        ("ada", 2, "graded", 1.0, 1.5, 0.35, 2.15),
        ("bob", 1, "graded", 1.0, 0, 0, 1.0),
        ("cleo", None, "absent", None, 1, 0, 1),
        ("dan", 2, "invalid_submission", None, 0, 0, None),
        ("eve", 1, "not_graded", None, 0, 0, None),
    ]


@pytest.mark.parametrize(
    ("view", "rows"),
    [
        ("commonest_mistakes", [("halves", "sign", "certain", 2, 3, 4.5)]),
        (
            "hardest_checks",
            [
                ("double", "first", "what double does", 2, 0, 0, 0.0, 4.0),
                ("add.values", "second", "what add.values does", 2, 0, 0, 0.5, 1.0),
                ("add.hidden", "second", "what add.hidden does", 2, 2, 0, 1.0, 0.0),
            ],
        ),
        (
            "students_by_mistake",
            [
                ("halves", "certain", "ada", people()[0].name, "add.values, double"),
                ("halves", "certain", "bob", "Bob", "double"),
            ],
        ),
        (
            "set_by_hand",
            [
                (
                    "ada",
                    people()[0].name,
                    "double",
                    0.0,
                    1.5,
                    "M. I.",
                    "2026-11-21",
                    'it\'s "right"; DROP TABLE students',
                ),
                ("cleo", "Cleo", "score", None, 1.0, "M. I.", "2026-11-21T10:00:00", "ill"),
            ],
        ),
        (
            "without_score",
            [
                ("dan", "", 2, "invalid_submission", "It is empty."),
                ("eve", "", 1, "not_graded", "This attempt was not graded."),
            ],
        ),
    ],
)
def test_views_answer_the_usual_questions(ask, view, rows):
    assert ask(f"SELECT * FROM {view}") == rows


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.partition("FROM ")[2].split()[0])
def test_the_queries_of_the_documentation_run(ask, query):
    assert ask(query) is not None


def test_the_documentation_has_queries_and_names_all_tables_and_columns(ask):
    assert len(QUERIES) == 6
    assert [bool(ask(query)) for query in QUERIES] == [True, True, True, False, True, True]
    for kind, name in ask("SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view')"):
        assert f"\n{name} " in database.__doc__
        for column in ask(f"SELECT name FROM pragma_table_info('{name}')") if kind == "table" else ():
            assert re.search(rf"\b{column[0]}\b", database.__doc__), column


def test_it_is_made_anew_and_nothing_is_left_beside_it(folder):
    class_run.write(folder, [Person("ada", [report(of=LATE)]), Person("cleo", [])], of=LATE)
    build(make(folder, LATE), folder)
    found = read_finals(folder)
    assert sorted(found) == ["ada", "cleo"]
    assert {p.name for p in folder.iterdir()} == {"class.json", "gradebook.db", "overrides.toml", "students"}


def test_the_earlier_one_stays_if_it_cannot_be_made(folder, monkeypatch):
    before = (folder / "gradebook.db").read_bytes()
    book = make(folder, LATE)
    monkeypatch.setattr(database, "_TABLES", "CREATE TABLE students (id TEXT);")
    with pytest.raises(MachineFault, match=r"gradebook\.db could not be written"):
        build(book, folder)
    assert (folder / "gradebook.db").read_bytes() == before


def test_finals_are_read_back(folder):
    found = read_finals(folder)
    assert found["ada"]["final_score"] == 2.15
    assert found["ada"]["overrides"]["double"]["points"] == 1.5
    assert found["bob"]["overrides"] == {}
    assert read_finals(folder / "students") is None


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as one", b""])
def test_another_file_is_no_gradebook(tmp_path, content):
    (tmp_path / "gradebook.db").write_bytes(content * 100)
    with pytest.raises(UsageError, match="gradebook"):
        read_finals(tmp_path)


def test_an_empty_class_has_a_database_too(tmp_path):
    class_run.write(tmp_path, [])
    build(make(tmp_path, assignment()), tmp_path)
    assert read_finals(tmp_path) == {}
