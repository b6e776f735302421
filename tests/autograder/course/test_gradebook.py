"""Every student has one row, whose numbers add up; what is written does no harm where it is opened."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import records
from autograder.course.gradebook import make
from autograder.course.records import replacing
from autograder.course.spreadsheets import canvas_rows, gradebook_rows, harmless, moodle_rows, write
from autograder.errors import GraderFault, MachineFault, UsageError
from tests.autograder.course import class_run
from tests.autograder.course.class_run import Handed, Person, assignment, not_graded, report

DUE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PER_DAY = {"policy": "per_day", "due": DUE, "per_day": 10}
WRONG = {"double": 0.0}


def override(student, check, points, comment="why"):
    return (
        f"[[overrides]]\nstudent = {json.dumps(student)}\ncheck = '{check}'\npoints = {points}\n"
        f"comment = {json.dumps(comment)}\nwho = 'M. I.'\nwhen = {date(2026, 11, 21)}\n"
    )


def book(folder, people, *entries, of=None, **run):
    of = of or assignment()
    class_run.write(folder, people, of=of, **run)
    (folder / "overrides.toml").write_text("".join(entries), "utf-8")
    return make(folder, of)


def row(folder, person, *entries, **run):
    (found,) = book(folder, [person], *entries, **run).finals
    return found


def sums(found):
    """What a row says, in hundredths."""
    return (found.machine, found.by_hand, found.late.points, found.final)


@pytest.mark.parametrize(
    ("found", "entries", "after", "expected"),
    [
        ({}, [], None, (3.5, 0, 0, 3.5)),
        (WRONG, [], None, (1.5, 0, 0, 1.5)),
        (WRONG, [("double", 1.25)], None, (1.5, 1.25, 0, 2.75)),
        ({}, [("double", 0.5), ("add.hidden", 0)], None, (3.5, -2, 0, 1.5)),
        ({}, [], DAY, (3.5, 0, 0.35, 3.15)),
        (WRONG, [("double", 2)], 2 * DAY, (1.5, 2, 0.7, 2.8)),
        ({}, [("late", 0)], 2 * DAY, (3.5, 0, 0, 3.5)),
        (WRONG, [("late", 3)], None, (1.5, 0, 1.5, 0)),
        ({}, [("score", 1)], 2 * DAY, (3.5, -2.5, 0, 1)),
        (WRONG, [("score", 3), ("double", 2)], 2 * DAY, (1.5, 1.5, 0, 3)),
    ],
)
def test_a_row_adds_up(tmp_path, found, entries, after, expected):
    of = assignment(late=PER_DAY)
    handed = Handed(report(found=found, of=of), DUE + after if after else None)
    entries = [override("ada", *entry) for entry in entries]
    made = row(tmp_path, Person("ada", [handed]), *entries, of=of)
    assert sums(made) == expected
    assert (made.status, made.attempts, made.max_score) == ("graded", 1, 3.5)


def test_the_whole_score_by_hand_has_the_last_word_and_says_so(tmp_path):
    of = assignment(late=PER_DAY)
    handed = Handed(report(of=of), DUE + DAY)
    entries = [override("ada", "double", 2), override("ada", "late", 1), override("ada", "score", 3)]
    made = row(tmp_path, Person("ada", [handed]), *entries, of=of)
    assert (made.final, [e.check for e in made.overrides]) == (3, ["score"])
    assert list(made.notes) == [
        "The whole score is set by hand; without effect beside it: double, late.",
        "The whole score is set by hand; what being late costs, 0.35, is not taken off.",
        "The score is set by hand to 3, below the 3.5 that the grader gives.",
    ]


def test_points_by_hand_that_are_less_than_the_graders_are_told(tmp_path):
    people = [Person("ada", [report()]), Person("bob", [report("bob", WRONG)])]
    entries = [override("ada", "double", 0.5), override("bob", "double", 0.5)]
    made = book(tmp_path, people, *entries)
    assert made.remarks() == ["Set by hand below what the grader gives: ada."]
    assert made.finals[0].notes == ("double is set by hand to 0.5, below the 2 that the grader gives.",)


def test_a_late_policy_that_cannot_be_applied_is_told(tmp_path):
    of = assignment(late=PER_DAY)
    people = [
        Person("ada", [Handed(report(of=of), DUE)]),
        Person("bob", [report("bob", of=of)]),
        Person("cy", []),
    ]
    made = book(tmp_path / "a", people, of=of)
    assert made.remarks() == ["It is not known when 1 of 2 were handed in: being late costs them nothing."]
    assert book(tmp_path / "b", people).remarks() == []


def test_a_part_of_the_checks_is_nothing_to_import(tmp_path):
    part = {**report(), "selection": ["double"]}
    made = book(tmp_path, [Person("ada", [part], columns={"ID": "7", "Student": "Ada"})])
    write(made, tmp_path)
    assert (
        made.is_partial and (tmp_path / "gradebook.csv").exists() and not (tmp_path / "canvas.csv").exists()
    )


def test_a_bonus_counts_and_the_maximum_stays(tmp_path):
    of = assignment(late=PER_DAY, bonus=True)
    handed = Handed(report(of=of), DUE + DAY)
    made = book(tmp_path, [Person("ada", [handed])], override("ada", "add.values", 0.5), of=of)
    (found,) = made.finals
    assert sums(found) == (3.5, -0.5, 0.2, 2.8)  # a day costs a tenth of the two points that can be reached
    assert made.max_score == found.max_score == 2
    assert [(p.score, p.max_score, p.is_bonus) for p in found.parts] == [(2, 2, False), (1, 1.5, True)]


def test_a_row_has_both_the_machines_points_and_those_that_count(tmp_path):
    made = row(tmp_path, Person("ada", [report(found=WRONG)]), override("ada", "double", 2))
    assert [(c.id, c.machine, c.score) for c in made.checks] == [
        ("double", 0, 2),
        ("add.values", 1, 1),
        ("add.hidden", 0.5, 0.5),
    ]
    assert [(p.id, p.score, p.max_score) for p in made.parts] == [("first", 2, 2), ("second", 1.5, 1.5)]


def test_the_reports_are_never_changed(tmp_path):
    person = Person("ada", [report(found=WRONG)])
    class_run.write(tmp_path, [person])
    before = {p: p.read_bytes() for p in tmp_path.rglob("*.json")}
    (tmp_path / "overrides.toml").write_text(override("ada", "double", 2))
    write(make(tmp_path, assignment()), tmp_path)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*.json")} == before


def test_overrides_survive_a_regrade_and_count_once(tmp_path):
    person = Person("ada", [report(found=WRONG)])
    assert row(tmp_path, person, override("ada", "double", 2)).final == 3.5
    class_run.write(tmp_path, [Person("ada", [report()])])
    (again,) = make(tmp_path, assignment()).finals
    assert sums(again) == (3.5, 0, 0, 3.5)


@pytest.mark.parametrize(
    ("mode", "counted", "attempts", "expected"),
    [
        ("latest", None, [({}, 0), (WRONG, 0)], (2, 1.5)),
        ("latest", 1, [({}, 0), (WRONG, 0)], (1, 3.5)),
        ("latest", 9, [({}, 0), (WRONG, 0)], (2, 1.5)),
        ("all", None, [({}, 0), (WRONG, 0)], (2, 1.5)),
        ("best", None, [({}, 0), (WRONG, 0)], (1, 3.5)),
        ("best", 2, [({}, 0), (WRONG, 0)], (1, 3.5)),
        ("best", None, [(WRONG, 0), (WRONG, 0)], (1, 1.5)),
        # Better work, but so late that the first attempt is worth more.
        ("best", None, [(WRONG, 0), ({}, 9)], (1, 1.5)),
        ("best", None, [(WRONG, 0), ({}, 2)], (2, 2.8)),
        ("latest", None, [({}, 0), (WRONG, 2)], (2, 0.8)),
    ],
)
def test_the_attempt_that_counts(tmp_path, mode, counted, attempts, expected):
    of = assignment(late=PER_DAY)
    handed = [Handed(report(found=found, of=of), DUE + days * DAY) for found, days in attempts]
    made = row(tmp_path, Person("ada", handed, counted=counted), of=of, mode=mode)
    assert (made.record.attempt.number, made.final) == expected
    assert made.attempts == 2


@pytest.mark.parametrize(
    ("attempts", "status", "note"),
    [
        ([], "absent", ""),
        ([not_graded()], "invalid_submission", "It is empty."),
        ([not_graded(error=GraderFault("A check is broken."))], "grader_error", "A check is broken."),
        ([not_graded(error=MachineFault("The disk is full."))], "infrastructure_error", "The disk is full."),
        ([Handed(None)], "not_graded", "This attempt was not graded."),
        ([report(), Handed(None)], "not_graded", "This attempt was not graded."),
    ],
)
def test_without_a_score_the_final_score_is_empty_until_a_person_sets_it(tmp_path, attempts, status, note):
    person = Person("ada", attempts)
    made = row(tmp_path, person)
    assert (made.status, *sums(made), " ".join(made.notes)) == (status, None, 0, 0, None, note)
    made = row(tmp_path, person, override("ada", "score", 1))
    assert (made.status, *sums(made)) == (status, None, 1, 0, 1)
    made = row(tmp_path, person, override("ada", "double", 1), override("ada", "late", 0))
    assert sums(made) == (None, 0, 0, None)
    assert made.notes[-1] == "Set by hand, but there is no score to change: double, late."


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "{",
        "[]",
        "{}",
        '{"schema_version": "2.0"}',
        json.dumps(report() | {"score": "3"}),
        json.dumps(report() | {"score": float("nan")}),
        json.dumps(report() | {"checks": [{"id": "double"}]}),
        json.dumps(report() | {"checks": report()["checks"] * 2}),
        json.dumps({k: v for k, v in report().items() if k != "seed"}),
        "[" * 100_000,
    ],
)
def test_one_damaged_report_costs_nobody_else_theirs(tmp_path, content):
    class_run.write(tmp_path, [Person("ada", [report()]), Person("bob", [report("bob")])])
    path = tmp_path / "students/bob/attempt-1/report.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    ada, bob = make(tmp_path, assignment()).finals
    assert (ada.final, bob.final, bob.status) == (3.5, None, "not_graded")
    assert "report.json" in bob.notes[0]


def test_what_a_later_minor_version_adds_is_not_looked_at(tmp_path):
    newer = report() | {"schema_version": "1.99", "unheard_of": 1}
    assert row(tmp_path, Person("ada", [newer])).final == 3.5


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "class.json cannot be read"),
        ("{", "class.json is not valid JSON"),
        ("[]", "class.json does not hold a JSON object."),
        ("{}", "class.json is not what a class run writes (KeyError: 'students')."),
        ('{"students": [3]}', "class.json is not what a class run writes"),
        ('{"students": [{"id": "a"}, {"id": "a"}]}', "class.json: the student 'a' stands there twice."),
        (
            '{"students": [{"id": "a", "attempts": [{"number": 1}, {"number": 1}]}]}',
            "two attempts of 'a' have the same number",
        ),
        (
            '{"students": [{"id": "a", "attempts": [{"number": 1, "submitted": "monday"}]}]}',
            "class.json is not what a class run writes (ValueError: Invalid isoformat",
        ),
    ],
)
def test_a_folder_of_something_else_is_refused(tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "class.json").write_text(content)
    with pytest.raises(UsageError) as caught:
        make(tmp_path, assignment())
    assert sentence in str(caught.value)


def test_absent_students_may_be_ids_alone_and_are_not_listed_twice(tmp_path):
    class_run.write(tmp_path, [Person("bob", [report("bob")])])
    content = json.loads((tmp_path / "class.json").read_text())
    (tmp_path / "class.json").write_text(
        json.dumps(content | {"absent": ["cleo", {"id": "bob"}, {"id": "ada"}]})
    )
    assert [(r.student.id, r.status) for r in make(tmp_path, assignment()).finals] == [
        ("ada", "absent"),
        ("bob", "graded"),
        ("cleo", "absent"),
    ]


def test_a_row_tells_what_an_instructor_should_know(tmp_path):
    older = assignment({"double": 2, "old": 1}, version="0")
    made = book(tmp_path, [Person("ada", [report(of=older)])], override("ada", "add.values", 1))
    assert made.finals[0].notes == (
        "It was graded with another state of the assignment than the class; grade it again.",
        "The report has no check 'add.values', which is set by hand.",
    )
    assert list(made.checks) == ["double", "add.values", "add.hidden", "old"]
    part = report() | {"selection": ["double"], "message": "It could not be loaded."}
    assert row(tmp_path, Person("ada", [part])).notes == (
        "Only 1 of the checks were run.",
        "It could not be loaded.",
    )


ids = st.text("abcdefgh0123456789-_@.", min_size=1, max_size=6).filter(lambda t: t.strip("."))
shares = st.sampled_from([0.0, 1.0, 0.5, 0.3333, 0.01, 0.9999])
attempts = st.lists(
    st.one_of(
        st.none(),
        st.just("invalid"),
        st.tuples(st.fixed_dictionaries(dict.fromkeys(class_run.POINTS, shares)), st.integers(-3, 12)),
    ),
    max_size=3,
)
classes = st.dictionaries(ids, attempts, min_size=1, max_size=5)
decisions = st.dictionaries(
    st.tuples(st.integers(0, 4), st.sampled_from([*class_run.POINTS, "score", "late"])),
    st.integers(0, 50),
    max_size=6,
)


@settings(max_examples=60)
@given(classes, decisions, st.sampled_from(["latest", "best", "all"]))
def test_nobody_is_dropped_and_checks_overrides_and_lateness_make_the_final_score(
    tmp_path_factory, people, by_hand, mode
):
    of = assignment(late=PER_DAY | {"most": 60})
    maxima = class_run.POINTS | {"score": 3.5, "late": 3.5}
    entries = {
        (sorted(people)[i], check): min(n / 100, maxima[check])
        for (i, check), n in by_hand.items()
        if i < len(people)
    }

    def handed(student, attempt):
        if attempt is None or attempt == "invalid":
            return Handed(attempt and not_graded(student, of=of))
        found, days = attempt
        return Handed(report(student, found, of=of), DUE + days * DAY)

    made = book(
        tmp_path_factory.mktemp("class"),
        [Person(i, [handed(i, a) for a in found]) for i, found in people.items()],
        *(override(*key, points) for key, points in entries.items()),
        of=of,
        mode=mode,
    )
    assert [r.student.id for r in made.finals] == sorted(people)
    for found in made.finals:
        own = {check: points for (student, check), points in entries.items() if student == found.student.id}
        if "score" in own:
            assert found.final == own["score"]
        elif found.machine is None:
            assert found.final is None
        else:
            total = sum(round(100 * own.get(c.id, c.machine)) for c in found.checks)
            assert round(100 * found.final) == total - round(100 * found.late.points)
            assert 0 <= found.final <= 3.5
            assert sum(round(100 * p.score) for p in found.parts) == total
        if found.machine is not None:
            left = found.machine + found.by_hand - found.late.points
            assert round(100 * left) == round(100 * found.final)
    table = list(csv.DictReader(io.StringIO(_text(gradebook_rows(made)))))
    assert [line["student"].removeprefix("'") for line in table] == sorted(people)
    for line, found in zip(table, made.finals, strict=True):
        assert line["final_score"] == ("" if found.final is None else f"{found.final:g}")


def _text(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def read_csv(path, encoding="utf-8"):
    with open(path, encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_for_people(tmp_path):
    of = assignment(late=PER_DAY)
    people = [
        Person("bob", [Handed(report("bob", WRONG, of=of), DUE + DAY)], "Bob", {"Email": "bob@example.edu"}),
        Person("ada", [], "Ada"),
    ]
    write(book(tmp_path, people, override("bob", "double", 1.5, "see lecture 3"), of=of), tmp_path)
    ada, bob = read_csv(tmp_path / "gradebook.csv")
    assert bob == {
        "student": "bob",
        "name": "Bob",
        "email": "bob@example.edu",
        "status": "graded",
        "attempt": "1",
        "attempts": "1",
        "submitted": "2026-11-21T12:00:00+00:00",
        "machine_score": "1.5",
        "by_hand": "1.5",
        "late_deduction": "0.35",
        "final_score": "2.65",
        "max_score": "3.5",
        "part:first": "1.5",
        "part:second": "1.5",
        "check:double": "1.5",
        "check:add.values": "1",
        "check:add.hidden": "0.5",
        "set_by_hand": "double: 0 → 1.5 (M. I., 2026-11-21: see lecture 3)",
        "late": "Handed in 1 day late: 10 % of 3.5 points, −0.35.",
        "notes": "",
    }
    assert {k: v for k, v in ada.items() if v} == {
        "student": "ada",
        "name": "Ada",
        "status": "absent",
        "attempts": "0",
        "by_hand": "0",
        "late_deduction": "0",
        "max_score": "3.5",
    }


@pytest.mark.parametrize("with_bom", [False, True])
def test_a_byte_order_mark_is_written_when_asked_for(tmp_path, with_bom):
    write(book(tmp_path, [Person("ada", [report()])]), tmp_path, with_bom=with_bom)
    assert (tmp_path / "gradebook.csv").read_bytes().startswith(b"\xef\xbb\xbf") is with_bom


NAMES = [
    '=HYPERLINK("http://example.edu","grade")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\ufeff=1",
    "＝1",  # noqa: RUF001
    "a\nb\r\nc",
    'say "hi", Ada; it\'s',
    "Zoë 🧑‍💻 שלום 李",
    "\0\x1b[31m",
    "\ud800 half",
    "\u2028x",
    "",
]


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_no_name_becomes_a_formula_or_breaks_the_table(tmp_path, name):
    columns = {"SIS Login ID": "x", "Section": name, "email": name or "x"}
    people = [Person("ada", [report()], name, columns), Person("bob", [report("bob")], "Bob", columns)]
    write(book(tmp_path, people, override("ada", "double", 2, "=1+1")), tmp_path)
    for file in ("gradebook.csv", "canvas.csv", "moodle.csv"):
        content = (tmp_path / file).read_bytes()
        lines = content.decode("utf-8").splitlines()
        rows = read_csv(tmp_path / file)
        assert len(lines) == len(rows) + 1
        for line in rows:
            assert None not in line
            for cell in line.values():
                assert not cell.lstrip(" ").startswith(("=", "@", "\t", "\r", "\n", "＝")), cell  # noqa: RUF001
                is_number = cell.removeprefix("-").removeprefix("+").replace(".", "").isdecimal()
                assert is_number or not cell.startswith(("-", "+")), cell
                assert cell.isprintable() or {c for c in cell if not c.isprintable()} <= set(
                    "\u200d\ufeff\u00a0"
                )
    assert read_csv(tmp_path / "gradebook.csv")[1]["name"] == "Bob"


@given(st.text() | st.text("=+-@ \t\r\n\x1f'a1"))
def test_a_harmless_cell_says_the_same(text):
    cell = harmless(text)
    assert cell in (f"'{cell[-len(text) :]}", cell[-len(text) :])
    assert all(new in (old, " ") for old, new in zip(text, cell[-len(text) :], strict=False))
    assert not cell.strip().startswith(("=", "+", "-", "@"))
    assert "\n" not in cell and "\r" not in cell
    assert harmless(cell) == cell


@pytest.mark.parametrize("name", ["Ada", "O'Neil", "de la Cruz, José", "a=b", "Zoë 🧑‍💻", "x-y", " x"])
def test_ordinary_names_stay_as_they_are(name):
    assert harmless(name) == name


EXPORT = {
    "Student": "Lovelace, Ada",
    "ID": "101",
    "SIS User ID": "s-1",
    "SIS Login ID": "ada",
    "Section": "A",
    "A small homework (778)": "1",
}


@pytest.mark.parametrize(
    ("columns", "name", "expected"),
    [
        (EXPORT, "Ada", ["Lovelace, Ada", "101", "s-1", "ada", "A", "3.5"]),
        ({"canvas_id": "101"}, "Ada", ["Ada", "101", "", "", "", "3.5"]),
        ({"SIS Login ID": "-ada@example.edu"}, "Ada", ["Ada", "", "", "-ada@example.edu", "", "3.5"]),
        ({"SIS Login ID": "=cmd|' /C calc'!A1"}, "Ada", ["Ada", "", "", "'=cmd|' /C calc'!A1", "", "3.5"]),
        ({"ID": "101", "Section": "B"}, "Ada", ["Ada", "101", "", "", "B", "3.5"]),
        ({"ID": "101"}, "Ada", None),
        ({"email": "ada@example.edu"}, "Ada", None),
        ({"canvas_id": " "}, "Ada", None),
        ({}, "Ada", None),
    ],
)
def test_the_table_for_canvas(tmp_path, columns, name, expected):
    rows, notes = canvas_rows(book(tmp_path, [Person("ada", [report()], name, columns)]))
    assert notes == []
    if expected is None:
        assert rows == []
        return
    title = "A small homework (778)" if columns is EXPORT else "A small homework"
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title],
        ["    Points Possible", "", "", "", "", "3.5"],
        expected,
    ]


def test_who_has_no_score_is_left_out_of_imports_and_named(tmp_path):
    people = [
        Person("ada", [report()], "Ada", {"canvas_id": "1", "email": "ada@example.edu"}),
        Person("bob", [not_graded("bob")], "Bob", {"canvas_id": "2", "email": "bob@example.edu"}),
        Person("cleo", [], "Cleo", {"canvas_id": "3", "email": "cleo@example.edu"}),
        Person("dan", [report("dan")], "Dan"),
    ]
    notes = write(book(tmp_path, people), tmp_path)
    assert [line["ID"] for line in read_csv(tmp_path / "canvas.csv")] == ["", "1"]
    assert [line["email"] for line in read_csv(tmp_path / "moodle.csv")] == ["ada@example.edu"]
    assert notes == (
        "canvas.csv: left out, without an id: dan.",
        "canvas.csv: left out, without a score: bob, cleo.",
        "moodle.csv: left out, without the column 'email', which finds the users: dan.",
        "moodle.csv: left out, without a score: bob, cleo.",
    )
    assert len(read_csv(tmp_path / "gradebook.csv")) == 4


def test_the_table_for_moodle(tmp_path):
    of = assignment(late=PER_DAY)
    people = [
        Person(
            "ada", [Handed(report(found=WRONG, of=of), DUE + DAY)], "", {"Username": "ada", "idnumber": "+7"}
        ),
        Person("bob", [report("bob", of=of)], "", {"Username": "bob", "Email address": "bob@example.edu"}),
        Person("cleo", [report("cleo", of=of)], "", {"Email address": "cleo@example.edu"}),
    ]
    entries = [override("ada", "double", 1, "copied from bob"), override("bob", "score", 3)]
    rows, notes = moodle_rows(book(tmp_path, people, *entries, of=of))
    assert rows == [
        ["username", "email", "idnumber", "A small homework", "A small homework feedback"],
        [
            "ada",
            "",
            "+7",
            "2.15",
            "Checks: 1.5 of 3.5. Changed by hand: +1. Handed in 1 day late: 10 % of 3.5 points, −0.35.",
        ],
        ["bob", "bob@example.edu", "", "3", "Checks: 3.5 of 3.5. Changed by hand: −0.5."],
    ]
    assert notes == ["left out, without the column 'username', which finds the users: cleo."]


SHEET = {
    "Identifier": "Participant 12",
    "Full name": "=Ada",
    "Email address": "ada@example.edu",
    "Status": "Submitted for grading",
    "Grade": "",
    "Maximum Grade": "3.50",
    "Last modified (grade)": "-",
    "Feedback comments": "",
    "moodle_id": "12",
    "id": "ada@example.edu",
}


def test_moodles_worksheet_comes_back_with_scores(tmp_path):
    people = [
        Person("ada", [report(found=WRONG)], "=Ada", SHEET),
        Person("bob", [], "Bob", SHEET | {"Identifier": "Participant 13"}),
        Person("cleo", [report("cleo")]),
    ]
    rows, notes = moodle_rows(book(tmp_path, people))
    assert rows == [
        list(SHEET)[:-2],
        [
            "Participant 12",
            "'=Ada",
            "ada@example.edu",
            "Submitted for grading",
            "1.5",
            "3.50",
            "-",
            "Checks: 1.5 of 3.5.",
        ],
    ]
    assert notes == ["left out, without a line of the worksheet: cleo.", "left out, without a score: bob."]


def test_another_maximum_in_moodle_is_told(tmp_path):
    other = SHEET | {"Maximum Grade": "100.00"}
    assert moodle_rows(book(tmp_path, [Person("ada", [report()], "", other)]))[1] == [
        "the maximum there is 100.00, here 3.5; scores are not converted."
    ]


def test_moodle_is_told_of_scores_that_it_refuses(tmp_path):
    of = assignment({"double": 60, "add": 60})
    people = [Person("ada", [report(of=of)], "", {"username": "ada"})]
    assert moodle_rows(book(tmp_path, people, of=of))[1] == [
        "Moodle refuses scores above 100 unless the site allows them."
    ]


def test_an_import_file_of_an_earlier_run_does_not_stay(tmp_path):
    with_id, without = ([Person("ada", [report()], "", c)] for c in ({"canvas_id": "1", "email": "a@b"}, {}))
    write(book(tmp_path, with_id), tmp_path)
    assert (tmp_path / "canvas.csv").exists() and (tmp_path / "moodle.csv").exists()
    write(book(tmp_path, without), tmp_path)
    assert not (tmp_path / "canvas.csv").exists() and not (tmp_path / "moodle.csv").exists()


def test_the_same_reports_give_the_same_bytes_in_any_order(tmp_path):
    people = [Person(i, [report(i)], i.title(), {"canvas_id": i, "email": i}) for i in ("b", "a", "c")]
    files = ("gradebook.csv", "canvas.csv", "moodle.csv")
    write(book(tmp_path / "one", people), tmp_path / "one")
    write(book(tmp_path / "two", people[::-1]), tmp_path / "two")
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "gradebook.csv"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError), replacing(path) as new:
        new.write_text("new" * 10_000 + "\ud800", "utf-8")
    assert path.read_text() == "old"
    with replacing(path) as new:
        new.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["gradebook.csv"]


@pytest.mark.parametrize(
    ("number", "fault"), [("ENOSPC", MachineFault), ("EACCES", UsageError), ("EIO", MachineFault)]
)
def test_a_disk_that_fails_is_the_machines_fault(tmp_path, monkeypatch, number, fault):
    import errno

    def fail(*_):
        raise OSError(getattr(errno, number), "no")

    monkeypatch.setattr(records.os, "replace", fail)
    with pytest.raises(fault, match=r"gradebook\.csv"), replacing(tmp_path / "gradebook.csv") as new:
        new.write_text("new")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError), replacing(tmp_path / "no" / "gradebook.csv"):
        pytest.fail("the block must not begin")
