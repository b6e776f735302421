"""A roster: the table that says who is in the class, from whatever system it was exported."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.course.names import distinct, fold, shown
from autograder.errors import UsageError
from autograder.model.attempt import Student

_MAX_BYTES = 16 << 20
# Headers are compared in lower case, by letters and digits alone and without accents.
_HEADERS = {
    "id": (
        "id",
        "studentid",
        "studentnumber",
        "studentno",
        "sid",
        "sisuserid",
        "sisid",
        "idnumber",
        "orgdefinedid",
        "universityid",
        "rosteridentifier",
        "identifier",
        "matriculationnumber",
        "matrikelnummer",
        "matrikelnr",
        "idnummer",
        "numerodidentification",
    ),
    "login": (
        "sisloginid",
        "loginid",
        "login",
        "username",
        "user",
        "userid",
        "netid",
        "benutzername",
        "anmeldename",
        "nomdutilisateur",
    ),
    "email": (
        "email",
        "emailaddress",
        "mail",
        "studentemail",
        "emailadresse",
        "adressedecourriel",
        "adressemail",
    ),
    "github": ("github", "githubusername", "githubuser", "githublogin", "githubname", "githubhandle"),
    "canvas_id": ("canvasid", "canvasuserid"),
    "moodle_id": ("moodleid",),
    "name": ("name", "fullname", "student", "studentname", "displayname", "vollstandigername", "nomcomplet"),
    "first": ("firstname", "first", "givenname", "vorname", "prenom"),
    "last": ("lastname", "last", "surname", "familyname", "nachname", "nomdefamille"),
    "role": ("role",),
}
_IDS = ("id", "login", "email", "github", "canvas_id", "moodle_id")
_STAFF = {
    "instructor",
    "ta",
    "teaching assistant",
    "teacher",
    "grader",
    "reader",
    "observer",
    "designer",
    "admin",
}
_PARTICIPANT = re.compile(r"\D*?(\d+)")


@dataclass(frozen=True)
class Roster:
    """The members of a class."""

    students: tuple[Student, ...]
    """Their ``columns`` are those of the file by their headers, and ``id`` as it is written there, ``login``,
    ``email``, ``github``, ``canvas_id`` and ``moodle_id`` where they are known."""

    def match(self, hints: Iterable[tuple[str, str]]) -> Student | None:
        """The student whom a download's identifiers mean.

        Parameters
        ----------
        hints : iterable of (str, str)
            A kind (one of the columns' names, or ``any``) and what the download has; earlier ones count
            more.

        Returns
        -------
        Student or None
            None if nobody or several students are meant.
        """
        for kind, value in hints:
            for name in (*_IDS, "mailbox") if kind == "any" else (kind,):
                meant = self._by_kind[name].get(fold(value.strip()), [])
                if len(meant) == 1:
                    return meant[0]
        return None

    def named(self, name: str) -> list[Student]:
        """The students of a name, in any order of its parts' two usual ones."""
        return self._by_name.get(_squash(name), []) if _squash(name) else []

    @cached_property
    def _by_kind(self) -> Mapping[str, Mapping[str, list[Student]]]:
        index: dict[str, dict[str, list[Student]]] = defaultdict(lambda: defaultdict(list))
        for student in self.students:
            values = {kind: student.columns.get(kind, "") for kind in _IDS}
            # Folders are called by the part before the @ as often as by the whole address.
            values["mailbox"] = values["email"].partition("@")[0]
            for kind, value in values.items():
                if value:
                    index[kind][fold(value)].append(student)
        return index

    @cached_property
    def _by_name(self) -> Mapping[str, list[Student]]:
        index: dict[str, list[Student]] = defaultdict(list)
        for student in self.students:
            for spelling in {_squash(s) for s in _spellings(student.name)} - {""}:
                index[spelling].append(student)
        return index


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Parameters
    ----------
    path : Path
        A CSV with a line of headers: a table of one's own, or an export of Canvas (gradebook), Moodle
        (grades or grading worksheet), Gradescope or GitHub Classroom.  Separated by commas, semicolons or
        tabs; UTF-8, UTF-16 or Windows-1252.

    Raises
    ------
    UsageError
        If it cannot be read, lists nobody, or does not give each student one id.
    """
    shown_file = shown(path.name)
    headers, rows = _table(path, shown_file)
    columns = [_plain(h) for h in headers]
    roles = _roles(columns, headers, shown_file)
    members = [(line, row) for line, row in rows if not _is_no_student(row, columns, roles)]
    if not members:
        raise UsageError(
            f"{shown_file} lists no students; give a CSV with a line of headers and one per student."
        )
    lines: dict[str, int] = {}
    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    for line, row in members:
        name, known = _read(row, headers, columns, roles)
        own = next((known[kind] for kind in _IDS if known.get(kind)), "")
        if not own:
            raise UsageError(f"{shown_file}: line {line} ({shown(name) or 'no name'}) has no id; add one.")
        if fold(own) in lines:
            raise UsageError(
                f"{shown_file}: lines {lines[fold(own)]} and {line} have the same id ({shown(own)}); "
                "give each student one line."
            )
        lines[fold(own)] = line
        found[own] = (shown(name, 200), {**known, "id": own})
    ids = distinct({own: own for own in found})
    return Roster(tuple(Student(ids[own], name, columns) for own, (name, columns) in found.items()))


def _table(path: Path, shown_file: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Headers, and the other rows with their lines."""
    try:
        if not path.is_file():  # reading a pipe or a device might never end
            raise UsageError(f"{shown(str(path), 200)} is no file; give a roster's CSV.")
        with path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{shown(str(path), 200)} cannot be read ({error.strerror}); give a roster's CSV."
        ) from error
    if len(raw) > _MAX_BYTES:
        raise UsageError(f"{shown_file} is too large for a roster; give a CSV with one line per student.")
    text = _decode(raw)
    if raw.startswith(b"PK\x03\x04") or "\0" in text:
        raise UsageError(f"{shown_file} is no CSV; save the table as CSV.")
    said = re.match(r"sep=(.)\r?\n", text)  # Excel's way to say it
    skipped = 0
    if said:
        text, skipped = text[said.end() :], 1
    rows: list[tuple[int, list[str]]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=said[1] if said else _delimiter(text))
        for row in reader:
            if any(map(str.strip, row)):
                rows.append((reader.line_num + skipped, [cell.strip() for cell in row]))
    except (csv.Error, ValueError, TypeError) as error:
        raise UsageError(
            f"{shown_file} cannot be read as CSV ({error}); save the table as CSV again."
        ) from error
    if not rows:
        raise UsageError(
            f"{shown_file} is empty; give a CSV with a line of headers and one line per student."
        )
    return rows[0][1], rows[1:]


def _decode(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """What separates the headers: the one that yields most that are known, then most at all."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    known = {header for headers in _HEADERS.values() for header in headers}

    def worth(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter), [])
        return len(known & {_plain(cell) for cell in cells}), len(cells)

    return max((",", ";", "\t"), key=worth)


def _plain(header: str) -> str:
    decomposed = unicodedata.normalize("NFKD", header.casefold())
    return "".join(c for c in decomposed if c.isalnum())


def _roles(columns: list[str], headers: list[str], shown_file: str) -> dict[str, list[int]]:
    """Which columns, by their place, hold what, the most usual header first."""
    is_canvas = _is_canvas(columns)
    roles: dict[str, list[int]] = {}
    for role, usual in _HEADERS.items():
        wanted = [header for header in usual if header in columns]
        if is_canvas and role == "id":
            wanted = [header for header in wanted if header != "id"]
        elif is_canvas and role == "canvas_id":
            wanted = ["id"]
        elif _is_worksheet(columns) and role == "id":
            wanted = [header for header in wanted if header != "identifier"]
        elif _is_worksheet(columns) and role == "moodle_id":
            wanted = ["identifier"]
        for header in wanted:
            if role in _IDS and columns.count(header) > 1:
                raise UsageError(
                    f"{shown_file} has several columns '{shown(headers[columns.index(header)])}'; leave one of them."
                )
        roles[role] = [columns.index(header) for header in wanted]
    if not any(roles[role] for role in _IDS):
        there = ", ".join(f"'{shown(h, 30)}'" for h in headers[:8])
        raise UsageError(
            f"{shown_file} has no column with ids (its first line is {there}); call one 'id', 'email' or 'github'."
        )
    return roles


def _is_canvas(columns: Sequence[str]) -> bool:
    """Whether it is a gradebook of Canvas, where ``ID`` is Canvas's own number."""
    begins = columns[:1] == ["student"] or columns[:2] == ["lastname", "firstname"]
    return begins and "id" in columns[1:3] and "section" in columns


def _is_worksheet(columns: Sequence[str]) -> bool:
    """Whether it is Moodle's grading worksheet, where ``Identifier`` is the number of a participation."""
    return "identifier" in columns and "maximumgrade" in columns


def _is_no_student(row: list[str], columns: list[str], roles: Mapping[str, list[int]]) -> bool:
    first = row[0].casefold()
    if _is_canvas(columns):
        is_blank = not any(row[i] for i in (*roles["canvas_id"], *roles["name"]) if i < len(row))
        # The third is the one that Canvas makes for teachers to try things out.
        return first.startswith("points possible") or is_blank or first == "student, test"
    return any(row[i].casefold() in _STAFF for i in roles["role"] if i < len(row))


def _read(
    row: list[str], headers: list[str], columns: list[str], roles: Mapping[str, list[int]]
) -> tuple[str, dict[str, str]]:
    """Name and columns of a student."""
    cells = row + [""] * (len(headers) - len(row))
    known = {role: next((cells[i] for i in roles[role] if cells[i]), "") for role in roles}
    if _is_worksheet(columns) and (number := _PARTICIPANT.fullmatch(known["moodle_id"])):
        known["moodle_id"] = number[1]
    name = known["name"] or " ".join(filter(None, (known["first"], known["last"])))
    # As they are written, also without a value: a system finds its columns again by its own headers.
    written: dict[str, str] = {}
    for header, cell in zip(headers, cells, strict=False):
        if header:
            written.setdefault(header, cell)
    return name, {**written, **{kind: known[kind] for kind in _IDS if known[kind]}}


def _spellings(name: str) -> list[str]:
    """A name with its last part last and first: systems differ."""
    if "," in name:
        last, _, first = name.partition(",")
        return [name, f"{first} {last}"]
    first, _, last = name.rpartition(" ")
    return [name, f"{last} {first}"]


def _squash(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())
