"""The gradebook as a database, ``gradebook.db``, for questions that a table does not answer.

It is made anew from the reports each time and put in place whole: write nothing into it.  Open it with
``sqlite3 gradebook.db``, DB Browser for SQLite, or `pandas.read_sql`.

============== ==================================================================================================
table          one row for each
============== ==================================================================================================
students       member of the class: ``id, name, columns`` (the roster's, as JSON)
attempts       attempt: ``student, attempt, path, submitted, is_late, report, status, message, score, max_score,``
               ``kind, submission_digest, assignment_version, assignment_digest, seed, grader, wall_s, is_counted``
parts          part of an attempt: ``student, attempt, part, title, score, max_score``
checks         check of an attempt: ``student, attempt, check_id, part, title, status, reason, visibility, score,``
               ``max_score, message, mistake, confidence, theme, duration_s``
overrides      decision by hand: ``student, check_id, points, comment, who, set_at``
finals         member of the class: ``student, attempt, status, machine_score, by_hand, late_deduction, late,``
               ``final_score, max_score, notes``
============== ==================================================================================================

=================== =============================================================================================
view                answers
=================== =============================================================================================
commonest_mistakes  which recognised mistakes how many students made, and what they cost
hardest_checks      which checks few students passed
students_by_mistake who made which mistake, to write to them together
set_by_hand         what the machine gave and what a person made of it
without_score       who has no final score, and why
counted_checks      the checks of the attempts that count, with names; the other views rest on it
=================== =============================================================================================

The ten commonest mistakes::

    SELECT mistake, students, points_lost FROM commonest_mistakes LIMIT 10;

Everybody who made one of them::

    SELECT student, name FROM students_by_mistake
    WHERE mistake = (SELECT mistake FROM commonest_mistakes LIMIT 1);

Checks that fewer than half of the class passed::

    SELECT check_id, passed, students FROM hardest_checks WHERE passed < 0.5 * students;

What a second attempt brought::

    SELECT b.student, a.score AS first, b.score AS second
    FROM attempts AS a JOIN attempts AS b ON b.student = a.student AND b.attempt = a.attempt + 1
    WHERE b.score > a.score ORDER BY b.score - a.score DESC;

Mean of each part, over the attempts that count::

    SELECT p.title, AVG(p.score) AS mean, p.max_score
    FROM parts AS p JOIN finals AS f USING (student, attempt) GROUP BY p.part;

Checks on which the grader spends most time::

    SELECT check_id, SUM(duration_s) AS seconds FROM checks GROUP BY check_id ORDER BY seconds DESC LIMIT 5;
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from autograder.course.gradebook import Final, Gradebook
from autograder.course.records import Record, replacing
from autograder.errors import MachineFault, UsageError

FILE = "gradebook.db"
VERSION = 1
"""Of the tables; kept as ``PRAGMA user_version``."""

_TABLES = f"""
PRAGMA user_version = {VERSION};
PRAGMA foreign_keys = ON;
PRAGMA journal_mode = OFF;  -- nobody sees the file before it is complete

CREATE TABLE students (id TEXT PRIMARY KEY, name TEXT NOT NULL, columns TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE attempts (
    student TEXT NOT NULL REFERENCES students, attempt INTEGER NOT NULL, path TEXT NOT NULL,
    submitted TEXT, is_late INTEGER, report TEXT, status TEXT NOT NULL, message TEXT NOT NULL,
    score REAL, max_score REAL, kind TEXT, submission_digest TEXT,
    assignment_version TEXT, assignment_digest TEXT, seed TEXT, grader TEXT, wall_s REAL, is_counted INTEGER NOT NULL,
    PRIMARY KEY (student, attempt)) WITHOUT ROWID;

CREATE TABLE parts (
    student TEXT NOT NULL, attempt INTEGER NOT NULL, part TEXT NOT NULL, title TEXT NOT NULL,
    score REAL NOT NULL, max_score REAL NOT NULL,
    PRIMARY KEY (student, attempt, part), FOREIGN KEY (student, attempt) REFERENCES attempts) WITHOUT ROWID;

CREATE TABLE checks (
    student TEXT NOT NULL, attempt INTEGER NOT NULL, check_id TEXT NOT NULL, part TEXT NOT NULL, title TEXT NOT NULL,
    status TEXT NOT NULL, reason TEXT NOT NULL, visibility TEXT, score REAL NOT NULL, max_score REAL NOT NULL,
    message TEXT NOT NULL, mistake TEXT, confidence TEXT, theme TEXT, duration_s REAL,
    PRIMARY KEY (student, attempt, check_id), FOREIGN KEY (student, attempt) REFERENCES attempts) WITHOUT ROWID;

CREATE TABLE overrides (
    student TEXT NOT NULL REFERENCES students, check_id TEXT NOT NULL, points REAL NOT NULL,
    comment TEXT NOT NULL, who TEXT NOT NULL, set_at TEXT NOT NULL, PRIMARY KEY (student, check_id)) WITHOUT ROWID;

CREATE TABLE finals (
    student TEXT PRIMARY KEY REFERENCES students, attempt INTEGER, status TEXT NOT NULL, machine_score REAL,
    by_hand REAL NOT NULL, late_deduction REAL NOT NULL, late TEXT NOT NULL, final_score REAL,
    max_score REAL NOT NULL, notes TEXT NOT NULL) WITHOUT ROWID;

CREATE VIEW counted_checks AS
    SELECT s.name, c.* FROM checks AS c JOIN finals AS f USING (student, attempt) JOIN students AS s ON s.id = student;

CREATE VIEW commonest_mistakes AS
    SELECT mistake, theme, confidence, COUNT(DISTINCT student) AS students, COUNT(*) AS times,
        ROUND(SUM(max_score - score), 2) AS points_lost
    FROM counted_checks WHERE mistake IS NOT NULL GROUP BY mistake, theme, confidence
    ORDER BY students DESC, points_lost DESC, mistake;

CREATE VIEW hardest_checks AS
    SELECT check_id, part, title, COUNT(*) AS students, SUM(status = 'passed') AS passed,
        SUM(status = 'not_implemented') AS not_written, ROUND(AVG(score / max_score), 4) AS mean_share,
        ROUND(SUM(max_score - score), 2) AS points_lost
    FROM counted_checks GROUP BY check_id ORDER BY mean_share, check_id;

CREATE VIEW students_by_mistake AS
    SELECT mistake, confidence, student, name, GROUP_CONCAT(check_id, ', ') AS checks
    FROM counted_checks WHERE mistake IS NOT NULL GROUP BY mistake, confidence, student
    ORDER BY mistake, student;

CREATE VIEW set_by_hand AS
    SELECT o.student, s.name, o.check_id,
        CASE o.check_id WHEN 'score' THEN f.machine_score ELSE c.score END AS machine,
        o.points, o.who, o.set_at, o.comment
    FROM overrides AS o JOIN students AS s ON s.id = o.student JOIN finals AS f ON f.student = o.student
    LEFT JOIN checks AS c ON c.student = o.student AND c.attempt = f.attempt AND c.check_id = o.check_id
    ORDER BY o.student, o.check_id;

CREATE VIEW without_score AS
    SELECT f.student, s.name, f.attempt, f.status, f.notes
    FROM finals AS f JOIN students AS s ON s.id = f.student WHERE f.final_score IS NULL ORDER BY f.student;
"""


_OF_PARTS = ("title", "score", "max_score")
_OF_CHECKS = ("part", "title", "status", "reason", "score", "max_score", "message")


def build(book: Gradebook, folder: Path) -> Path:
    """Write ``gradebook.db`` into a folder, in place of an earlier one.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        If the folder cannot be written to.
    MachineFault
        If the disk is full or broken.
    """
    path = folder / FILE
    with replacing(path) as new:
        try:
            with closing(sqlite3.connect(new, isolation_level=None)) as database:
                database.executescript(_TABLES)
                database.execute("BEGIN")
                for table, row in _rows(book):
                    marks = ", ".join(f":{name}" for name in row)
                    database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)
                database.execute("COMMIT")
        except sqlite3.OperationalError as error:  # a constraint that fails is the engine's fault
            raise MachineFault(f"{FILE} could not be written: {error}.") from error
    return path


def read_finals(folder: Path) -> dict[str, dict[str, Any]] | None:
    """What ``gradebook.db`` says of each student, with all overrides; None if there is none.

    Returns
    -------
    dict or None
        By student, the columns of ``finals`` and ``overrides``: a dict from check to the columns of that table.

    Raises
    ------
    UsageError
        If the file is no gradebook, or one of another version.
    """
    path = (folder / FILE).resolve()
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            if database.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                raise UsageError(
                    f"{path} was written by another version of the grader; make the gradebook again."
                )
            finals = {
                row["student"]: {**dict(row), "overrides": {}}
                for row in database.execute("SELECT * FROM finals")
            }
            for row in database.execute("SELECT * FROM overrides"):
                finals[row["student"]]["overrides"][row["check_id"]] = dict(row)
    except (sqlite3.Error, KeyError) as error:
        raise UsageError(f"{path} is no gradebook ({error}).") from error
    return finals


def _rows(book: Gradebook) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row and its table; what others refer to comes first."""
    finals = {row.student.id: row for row in book.finals}
    for member in book.run.members:
        student, final = member.student, finals[member.student.id]
        columns = json.dumps(dict(student.columns), ensure_ascii=False, sort_keys=True)
        yield "students", {"id": student.id, "name": student.name, "columns": columns}
        for record in member.records:
            yield from _attempt(record, is_counted=record is final.record)
        for entry in final.overrides:
            yield (
                "overrides",
                {
                    "student": student.id,
                    "check_id": entry.check,
                    "points": entry.points,
                    "comment": entry.comment,
                    "who": entry.who,
                    "set_at": entry.when.isoformat(),
                },
            )
        yield "finals", _final(final)


def _attempt(record: Record, is_counted: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    attempt, report = record.attempt, record.report
    key = {"student": attempt.student.id, "attempt": attempt.number}
    said: Mapping[str, Any] = report or {"status": "not_graded", "message": record.problem}
    assignment, submission = said.get("assignment", {}), said.get("submission", {})
    timing = said.get("timing", {})
    yield (
        "attempts",
        {
            **key,
            "path": str(attempt.path),
            "submitted": attempt.submitted.isoformat() if attempt.submitted else None,
            "is_late": attempt.is_late,
            "report": record.file or None,
            "status": said["status"],
            "message": said["message"],
            "score": said.get("score"),
            "max_score": said.get("max_score"),
            "kind": submission.get("kind"),
            "submission_digest": submission.get("digest"),
            "assignment_version": assignment.get("version"),
            "assignment_digest": assignment.get("digest"),
            "seed": str(said["seed"]) if "seed" in said else None,  # may have more than 64 bits
            "grader": said.get("environment", {}).get("grader"),
            "wall_s": timing.get("wall_s"),
            "is_counted": is_counted,
        },
    )
    for part in said.get("parts", ()):
        yield "parts", {**key, "part": part["id"], **{name: part[name] for name in _OF_PARTS}}
    durations = timing.get("checks", {})
    for check in said.get("checks", ()):
        found = check.get("diagnosis") or {}
        yield (
            "checks",
            {
                **key,
                "check_id": check["id"],
                **{name: check[name] for name in _OF_CHECKS},
                "visibility": check.get("visibility"),
                "mistake": found.get("mistake"),
                "confidence": found.get("confidence"),
                "theme": found.get("theme"),
                "duration_s": durations.get(check["id"]),
            },
        )


def _final(row: Final) -> dict[str, Any]:
    return {
        "student": row.student.id,
        "attempt": row.record.attempt.number if row.record else None,
        "status": row.status,
        "machine_score": row.machine,
        "by_hand": row.by_hand,
        "late_deduction": row.late.points,
        "late": row.late.sentence,
        "final_score": row.final,
        "max_score": row.max_score,
        "notes": " ".join(row.notes),
    }
