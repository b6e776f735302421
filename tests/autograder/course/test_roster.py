"""Who is in the class, from the tables that course systems export."""

import codecs
import os
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.names import fold
from autograder.course.roster import read_roster
from autograder.errors import UsageError

# System: text, and for each student id, name and some columns.
EXPORTS = {
    "own table": (
        "id,name,email,github\nal1,Ada Lovelace,ada@example.edu,ada-l\nen2,Emmy Noether,emmy@example.edu,\n",
        [
            ("al1", "Ada Lovelace", {"id": "al1", "email": "ada@example.edu", "github": "ada-l"}),
            ("en2", "Emmy Noether", {"id": "en2", "email": "emmy@example.edu", "github": ""}),
        ],
    ),
    "canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,A small homework (778),Final Score\n"
        ",,,,,Manual Posting,\n"
        "    Points Possible,,,,,3.5,(read only)\n"
        '"Lovelace, Ada",101,s-1,alovelace,"A and B",,88\n'
        '"Noether, Emmy",102,s-2,enoether,A,N/A,\n'
        '"Student, Test",999,,c0ffee,A,,\n',
        [
            (
                "s-1",
                "Lovelace, Ada",
                {"canvas_id": "101", "login": "alovelace", "A small homework (778)": ""},
            ),
            ("s-2", "Noether, Emmy", {"canvas_id": "102", "SIS User ID": "s-2", "ID": "102", "Section": "A"}),
        ],
    ),
    "canvas without SIS": (
        "Student;ID;Section;HW (1)\n    Points Possible;;;3,5\nLovelace, Ada;101;A;\n",
        [("101", "Lovelace, Ada", {"canvas_id": "101", "id": "101"})],
    ),
    "canvas, names in two columns": (
        "LastName,FirstName,ID,SIS Login ID,Section\nLovelace,Ada,101,ada,A\n",
        [("ada", "Ada Lovelace", {"canvas_id": "101"})],
    ),
    "moodle grades": (
        "First name,Last name,ID number,Institution,Department,Email address,Assignment: HW (Real)\n"
        "Ada,Lovelace,4711,,,ada@example.edu,-\nEmmy,Noether,,,,emmy@example.edu,-\n",
        [
            ("4711", "Ada Lovelace", {"email": "ada@example.edu", "ID number": "4711"}),
            ("emmy@example.edu", "Emmy Noether", {"id": "emmy@example.edu"}),
        ],
    ),
    "moodle grades in German": (
        "Vorname;Nachname;ID-Nummer;E-Mail-Adresse\nÉmilie;du Châtelet;7;emilie@example.edu\n",
        [("7", "Émilie du Châtelet", {"email": "emilie@example.edu"})],
    ),
    "moodle worksheet": (
        'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Feedback comments"\n'
        '"Participant 12345","Ada Lovelace",ada@example.edu,Submitted,,100.00,\n',
        [("ada@example.edu", "Ada Lovelace", {"moodle_id": "12345", "Identifier": "Participant 12345"})],
    ),
    "moodle worksheet, blind": (
        'Identifier,Status,Grade,"Maximum Grade"\n"Participant 12345",Submitted,,100.00\n',
        [("12345", "", {"moodle_id": "12345"})],
    ),
    "gradescope": (
        "First Name,Last Name,SID,Email,Role,Section\nAda,Lovelace,100,ada@example.edu,Student,\n"
        "Emmy,Noether,,emmy@example.edu,Student,\nDavid,Hilbert,,hilbert@example.edu,Instructor,\n",
        [
            ("100", "Ada Lovelace", {"email": "ada@example.edu"}),
            ("emmy@example.edu", "Emmy Noether", {}),
        ],
    ),
    "github": (
        '"identifier","github_username","github_id","name"\n"ada","ada-l","1","Ada Lovelace"\n"emmy","","",""\n',
        [("ada", "Ada Lovelace", {"github": "ada-l", "github_id": "1"}), ("emmy", "", {"id": "emmy"})],
    ),
    "spreadsheet program": ("sep=;\r\nid;name\r\n1;a,b\r\n", [("1", "a,b", {})]),
    "tabs": ("Name\tStudent Number\nAda Lovelace\t7\n", [("7", "Ada Lovelace", {})]),
    "mail addresses alone": (
        "email\nada@example.edu\n",
        [("ada@example.edu", "", {"id": "ada@example.edu"})],
    ),
}


@pytest.fixture
def read(tmp_path):
    def from_text(text, encoding="utf-8"):
        path = tmp_path / "roster.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return read_roster(path)

    return from_text


def refusal(function, *arguments):
    with pytest.raises(UsageError) as caught:
        function(*arguments)
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith(".")
    return sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("system", EXPORTS)
def test_a_roster_of_each_system_is_read(read, system, encoding):
    text, expected = EXPORTS[system]
    students = read(text, encoding).students
    assert [(s.id, s.name) for s in students] == [(i, name) for i, name, _ in expected]
    for student, (_, _, columns) in zip(students, expected, strict=True):
        assert columns.items() <= student.columns.items()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "name,points\nAda,1\n",
            "roster.csv has no column with ids (its first line is 'name', 'points'); "
            "call one 'id', 'email' or 'github'.",
        ),
        ("ID,name,id\n1,Ada,2\n", "roster.csv has several columns 'ID'; leave one of them."),
        (
            "id,name\nada,A\n\nemmy,E\nADA,B\n",
            "roster.csv: lines 2 and 5 have the same id (ADA); give each student one line.",
        ),
        ("id,name\nada,A\n,Emmy Noether\n", "roster.csv: line 3 (Emmy Noether) has no id; add one."),
        ("", "roster.csv is empty; give a CSV with a line of headers and one line per student."),
        ("\n \n,,\n", "roster.csv is empty; give a CSV with a line of headers and one line per student."),
        ("id,name\n", "roster.csv lists no students; give a CSV with a line of headers and one per student."),
        (b"PK\x03\x04\x14\0", "roster.csv is no CSV; save the table as CSV."),
    ],
)
def test_a_roster_that_is_wrong_is_refused_with_one_sentence(read, text, sentence):
    assert refusal(read, text) == sentence


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing.csv", "pipe", ".", "x" * 300):
        assert "give a roster's CSV" in refusal(read_roster, tmp_path / name)
    (tmp_path / "large").write_bytes(b"id\n" + b"x\n" * (9 << 20))
    assert "too large" in refusal(read_roster, tmp_path / "large")


def test_ids_are_fit_for_file_names_and_kept_as_they_are_written(read):
    written = ["../ada", "con", "a/b", "a:b", "x" * 300, "Ünïcode 1", "🧮", "\u202egnirts"]
    students = read("id\n" + "\n".join(written) + "\n").students
    assert [s.columns["id"] for s in students] == written
    assert len({fold(s.id) for s in students}) == len(written)
    for student in students:
        assert not set(student.id) & set('/\\:*?"<>| \u202e') and len(student.id) < 100
        assert student.id.lower() not in ("con", "..", "") and not student.id.startswith((".", "-"))


@pytest.fixture
def roster(read):
    return read(
        "id,name,email,github,canvas_id\n"
        "al1,Ada Lovelace,ada@example.edu,ada-l,101\n"
        'en2,"Noether, Emmy",emmy@example.edu,emmy,102\n'
        "cn3,Carl Neumann,cn@one.edu,,103\n"
        "cn4,Carl Neumann,cn@two.edu,,104\n"
        "101,Évariste Galois,galois@example.edu,,105\n"
    )


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (("id", "AL1"), "al1"),
        (("any", "al1 "), "al1"),
        (("any", "ada"), "al1"),
        (("any", "EMMY@example.edu"), "en2"),
        (("any", "emmy"), "en2"),
        (("any", "101"), "101"),
        (("canvas_id", "101"), "al1"),
        (("any", "cn"), None),
        (("any", ""), None),
        (("name", "al1"), None),
        (("github", "Ada-L"), "al1"),
        (("unheard of", "x"), None),
    ],
)
def test_students_are_found_by_ids(roster, hint, expected):
    found = roster.match([hint])
    assert (found.id if found else None) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace", ["al1"]),
        ("lovelaceada", ["al1"]),
        ("Lovelace, Ada", ["al1"]),
        ("noether_emmy", ["en2"]),
        ("Emmy Noether", ["en2"]),
        ("Carl Neumann", ["cn3", "cn4"]),
        (unicodedata.normalize("NFD", "galoisévariste"), ["101"]),
        ("", []),
        ("!", []),
        ("Ada", []),
    ],
)
def test_students_are_found_by_names_in_either_order(roster, name, expected):
    assert [s.id for s in roster.named(name)] == expected


TABLES = st.lists(
    st.lists(st.text(max_size=5) | st.sampled_from(["id", "name", "1", '"', "Points Possible"]))
)


@given(TABLES | st.binary(), st.sampled_from(",;\t"))
def test_any_file_is_read_or_refused(tmp_path_factory, table, delimiter):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    lines = [] if isinstance(table, bytes) else [delimiter.join(row) for row in table]
    raw = table if isinstance(table, bytes) else "\n".join(["id", *lines]).encode("utf-8", "surrogatepass")
    for start in (b"", codecs.BOM_UTF16_LE):
        path.write_bytes(start + raw)
        with suppress(UsageError):
            ids = [fold(s.id) for s in read_roster(path).students]
            assert len(ids) == len(set(ids)) > 0
