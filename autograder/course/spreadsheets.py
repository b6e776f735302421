"""The gradebook as CSV: for people, for Canvas and for Moodle.

What students can choose, their names above all, is made harmless for spreadsheets: a cell that a program would take
for a formula begins with an apostrophe.

References
----------
OWASP, "CSV Injection", for the characters that begin a formula.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from autograder.course.gradebook import Final, Gradebook
from autograder.course.overrides import Override
from autograder.course.records import replacing
from autograder.model.attempt import Student

GRADEBOOK, CANVAS, MOODLE = "gradebook.csv", "canvas.csv", "moodle.csv"
# Also behind blanks; the wide ones work in East Asian editions.
_FORMULA = re.compile(r"[\s\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")  # noqa: RUF001
# Without brackets, quotes and bars nothing can be called, so an id that begins with a sign may stay as it is:
# another would belong to nobody when it is imported.
_PLAIN_ID = re.compile(r"[\w.@+-]*")
_MOODLE_MOST = 100  # beyond, Moodle refuses the whole file unless the site allows it


def write(book: Gradebook, folder: Path, *, with_bom: bool = False) -> tuple[str, ...]:
    """Write ``gradebook.csv``, and ``canvas.csv`` and ``moodle.csv`` where the ids for them are known.

    An import file of an earlier run for which there are no ids any more is removed: its scores are old.

    Parameters
    ----------
    book : Gradebook
    folder : Path
    with_bom : bool
        Begin ``gradebook.csv`` with a byte order mark, which Excel needs to read UTF-8.

    Returns
    -------
    tuple of str
        Who is left out of an import, and what else to know before importing, in sentences.

    Raises
    ------
    UsageError
        If the folder cannot be written to.
    MachineFault
        If the disk is full or broken.
    """
    _write(folder / GRADEBOOK, gradebook_rows(book), "utf-8-sig" if with_bom else "utf-8")
    notes: list[str] = []
    for name, (rows, found) in ((CANVAS, canvas_rows(book)), (MOODLE, moodle_rows(book))):
        if rows and not book.is_partial:  # a part of the points is no grade
            _write(folder / name, rows)
            notes += [f"{name}: {note}" for note in found]
        else:
            (folder / name).unlink(missing_ok=True)
    return tuple(notes)


def gradebook_rows(book: Gradebook) -> list[list[str]]:
    """The table for people: a header, and one row for each student."""
    has_email = any(_id(row.student, ("email",)) for row in book.finals)
    head = [
        "student",
        "name",
        *(["email"] if has_email else []),
        "status",
        "attempt",
        "attempts",
        "submitted",
    ]
    head += ["machine_score", "by_hand", "late_deduction", "final_score", "max_score"]
    head += [f"part:{i}" for i in book.parts] + [f"check:{i}" for i in book.checks]
    head += ["set_by_hand", "late", "notes"]
    rows = [head]
    for row in book.finals:
        attempt = row.record.attempt if row.record else None
        cells = [harmless(row.student.id), harmless(row.student.name)]
        cells += [harmless(_id(row.student, ("email",)))] if has_email else []
        cells += [row.status, str(attempt.number) if attempt else "", str(row.attempts)]
        cells += [attempt.submitted.isoformat() if attempt and attempt.submitted else ""]
        cells += [_points(row.machine), _points(row.by_hand), _points(row.late.points)]
        cells += [_points(row.final), _points(row.max_score)]
        parts, checks = {p.id: p.score for p in row.parts}, {c.id: c.score for c in row.checks}
        cells += [_points(parts.get(i)) for i in book.parts] + [_points(checks.get(i)) for i in book.checks]
        cells += [
            harmless("; ".join(_by_hand(row))),
            harmless(row.late.sentence),
            harmless(" ".join(row.notes)),
        ]
        rows.append(cells)
    return rows


def canvas_rows(book: Gradebook) -> tuple[list[list[str]], list[str]]:
    """What Canvas imports, and what to know of it; no rows if no student has an id there.

    The column is the assignment's title, with the number that the export has behind it if the roster is one.
    The row of points is on the rubric's scale, and Canvas takes it over.  Who has no score is left out, because an
    empty cell would clear a score that is there.
    """
    scored, without_id, without_score = [], [], []
    for row in book.finals:
        ids = _canvas_ids(row.student)
        if not any(ids):
            without_id.append(row.student.id)
        elif row.final is None:
            without_score.append(row.student.id)
        else:
            name = _id(row.student, ("student",)) or row.student.name
            section = harmless(_id(row.student, ("section",)))
            scored.append([harmless(name), *map(_harmless_id, ids), section, _points(row.final)])
    if len(without_id) == len(book.finals):
        return [], []
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", _canvas_title(book)]
    points = ["    Points Possible", "", "", "", "", _points(book.max_score)]
    return [head, points, *scored], _left_out(without_id, "an id", without_score)


def moodle_rows(book: Gradebook) -> tuple[list[list[str]], list[str]]:
    """What Moodle imports, and what to know of it; no rows if no student has an id there.

    If the roster is Moodle's grading worksheet, it is that with scores, which needs no mapping of columns.  Else map
    one of the first columns to the user.  One user whom Moodle does not find aborts the whole import, so all
    students in the file have the id that most of the class has; the others are left out.
    """
    if sheet := _worksheet_columns(book):
        return _worksheet_rows(book, sheet)
    ids = {
        name: {row.student.id: _id(row.student, keys) for row in book.finals}
        for name, keys in _MOODLE.items()
    }
    key = max(ids, key=lambda name: sum(map(bool, ids[name].values())))
    if not any(ids[key].values()):
        return [], []
    columns = [key, *(name for name in ids if name != key and any(ids[name].values()))]
    rows = [[*columns, book.title, f"{book.title} feedback"]]
    without_id, without_score = [], []
    for row in book.finals:
        if not ids[key][row.student.id]:
            without_id.append(row.student.id)
        elif row.final is None:
            without_score.append(row.student.id)
        else:
            own = [_harmless_id(ids[name][row.student.id]) for name in columns]
            rows.append([*own, _points(row.final), _feedback(row)])
    notes = _left_out(without_id, f"the column '{key}', which finds the users", without_score)
    if any(row.final is not None and row.final > _MOODLE_MOST for row in book.finals):
        notes.append(f"Moodle refuses scores above {_MOODLE_MOST} unless the site allows them.")
    return rows, notes


def _worksheet_columns(book: Gradebook) -> list[str]:
    """The headers of Moodle's grading worksheet; none if the roster is another table, or has them translated."""
    every = [row.student.columns for row in book.finals if row.student.columns.keys() >= _WORKSHEET]
    return [name for name in every[0] if name not in _ADDED] if every else []


def _worksheet_rows(book: Gradebook, columns: Sequence[str]) -> tuple[list[list[str]], list[str]]:
    rows, without_id, without_score, maxima = [list(columns)], [], [], set()
    for row in book.finals:
        own = dict(row.student.columns)
        if not own.get("Identifier"):
            without_id.append(row.student.id)
        elif row.final is None:
            without_score.append(row.student.id)
        else:
            maxima.add(own.get("Maximum Grade", ""))
            # "Last modified (grade)" must stay as it is, or Moodle takes it for a grade changed meanwhile.
            cells = {name: _harmless_id(own.get(name, "")) for name in columns}
            cells |= {"Grade": _points(row.final)}
            cells |= {"Feedback comments": _feedback(row)} if "Feedback comments" in columns else {}
            rows.append(list(cells.values()))
    notes = _left_out(without_id, "a line of the worksheet", without_score)
    for other in sorted(maxima - {"", _points(book.max_score), f"{book.max_score:.2f}"}):
        notes.append(
            f"the maximum there is {other}, here {_points(book.max_score)}; scores are not converted."
        )
    return rows, notes


def harmless(text: str) -> str:
    """A cell in one line that no spreadsheet takes for a formula."""
    line = "".join(" " if unicodedata.category(c) in _NOT_IN_A_LINE else c for c in text)
    return f"'{line}" if _FORMULA.match(line) or _FORMULA.match(text) else line


_NOT_IN_A_LINE = ("Cc", "Cs", "Zl", "Zp")  # control characters, halves of characters, ends of lines
_WORKSHEET = {"Identifier", "Grade", "Last modified (grade)"}
_ADDED = {"id", "login", "email", "github", "canvas_id", "moodle_id"}  # by `autograder.course.roster`
_MOODLE = {
    "username": ("username", "moodleusername"),
    "email": ("email", "emailaddress"),
    "idnumber": ("idnumber", "moodleidnumber"),
}


def _harmless_id(text: str) -> str:
    return text if _PLAIN_ID.fullmatch(text) else harmless(text)


def _id(student: Student, keys: Sequence[str]) -> str:
    """The first roster column of these names that is not empty; case, blanks and underscores do not matter."""
    columns = {"".join(filter(str.isalnum, k.casefold())): v.strip() for k, v in student.columns.items()}
    return next((columns[key] for key in keys if columns.get(key)), "")


def _canvas_ids(student: Student) -> tuple[str, str, str]:
    """Canvas's number, SIS user and SIS login."""
    sis, login = _id(student, ("sisuserid",)), _id(student, ("sisloginid",))
    # A column "ID" alone could be anybody's; in Canvas's export it stands beside these.
    is_export = sis or login or "Section" in student.columns
    own = student.columns.get("ID", "").strip() if is_export else ""
    return _id(student, ("canvasid",)) or own, sis, login


def _canvas_title(book: Gradebook) -> str:
    pattern = re.compile(re.escape(book.title) + r" \(\d+\)")
    names = (name for row in book.finals for name in row.student.columns)
    return next((name for name in names if pattern.fullmatch(name)), book.title)


def _by_hand(row: Final) -> Iterable[str]:
    machine: Mapping[str, float | None] = {c.id: c.machine for c in row.checks} | {"score": row.machine}
    for entry in row.overrides:
        before = machine.get(entry.check)
        change = f"{'' if before is None else f'{_points(before)} → '}{entry.points:g}"
        yield f"{entry.check}: {change} ({_signed(entry)})"


def _signed(entry: Override) -> str:
    return f"{entry.who}, {entry.when.isoformat()}: {entry.comment}"


def _feedback(row: Final) -> str:
    """For the student; the comments of overrides are not, they may speak of others."""
    said = [] if row.machine is None else [f"Checks: {_points(row.machine)} of {_points(row.max_score)}."]
    if row.overrides and row.by_hand:
        said.append(f"Changed by hand: {'+' if row.by_hand > 0 else '−'}{_points(abs(row.by_hand))}.")
    return harmless(" ".join([*said, row.late.sentence]).strip())


def _left_out(without_id: Sequence[str], what: str, without_score: Sequence[str]) -> list[str]:
    notes = []
    if without_id:
        notes.append(f"left out, without {what}: {', '.join(without_id)}.")
    if without_score:
        notes.append(f"left out, without a score: {', '.join(without_score)}.")
    return notes


def _points(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _write(path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8") -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    with replacing(path) as new:
        new.write_bytes(text.getvalue().encode(encoding, "replace"))
