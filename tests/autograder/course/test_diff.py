"""A comparison says whose score moved, by how much and why, and what nobody can explain comes first."""

import argparse
import json
from datetime import UTC, datetime, timedelta

import pytest

from autograder.cli import diff as command
from autograder.course.database import build
from autograder.course.diff import compare, render, to_plain
from autograder.course.gradebook import make
from autograder.errors import ExitCode, GraderFault, UsageError
from tests.autograder.course import class_run
from tests.autograder.course.class_run import Handed, Person, assignment, not_graded, report

DUE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WRONG = {"double": 0.0}
SAME = "The same work."
UNREPEATED = "Nothing else differs: these checks do not repeat their verdict."


def run(folder, people, *, of=None, overrides="", with_gradebook=True, **how):
    of = of or assignment()
    class_run.write(folder, people, of=of, **how)
    if overrides:
        (folder / "overrides.toml").write_text(overrides)
    if with_gradebook:
        build(make(folder, of), folder)
    return folder


def override(points, check="double", student="ada"):
    return (
        f'[[overrides]]\nstudent = "{student}"\ncheck = "{check}"\npoints = {points}\n'
        'comment = "as agreed"\nwho = "M. I."\nwhen = 2026-11-21\n'
    )


@pytest.fixture
def moves(tmp_path):
    """What moves between two class runs, each made by keywords of `run`."""

    def between(old, new, old_how=None, new_how=None):
        sides = (tmp_path / "old", old, old_how or {}), (tmp_path / "new", new, new_how or {})
        return compare(*(run(folder, people, **how) for folder, people, how in sides))

    return between


def test_nothing_moves_when_nothing_changes(moves):
    people = [Person("ada", [report()]), Person("bob", [not_graded("bob")]), Person("cleo", [])]
    found = moves(people, people)
    assert (found.moves, found.unmoved, found.notes) == ((), 3, ())
    assert render(found) == "Nothing moved: 3 of 3 the same."


NEWER = assignment(version="2")
EDITED = assignment({"double": 2, "add.values": 1, "add.hidden": 1})


@pytest.mark.parametrize(
    ("old", "new", "by", "is_same_work", "reasons"),
    [
        (report(), report(found=WRONG), -2, True, [SAME, UNREPEATED]),
        (report(found=WRONG), report(), 2, True, [SAME, UNREPEATED]),
        (report(), report(found=WRONG, seed=8), -2, True, [SAME, "Other random inputs, seed 7 → 8."]),
        (
            report(),
            report(found=WRONG, of=NEWER),
            -2,
            True,
            [SAME, "The assignment has changed, version 1 → 2."],
        ),
        (
            report(),
            report(of=EDITED),
            0.5,
            True,
            [
                SAME,
                "The assignment has changed, though it is still version 1.",
                "The maximum was 3.5 and is 4.",
            ],
        ),
        (
            report(),
            report(found=WRONG) | {"environment": report()["environment"] | {"numpy": "9.9"}},
            -2,
            True,
            [SAME, f"Another numpy: {report()['environment']['numpy']} → 9.9."],
        ),
        (
            report(found=WRONG),
            report(code="x = 2"),
            2,
            False,
            ["Other work: the submission's files have changed."],
        ),
        (
            report(),
            not_graded(error=GraderFault("A check is broken.")),
            -3.5,
            False,
            ["Not graded now: A check is broken."],
        ),
        (
            report(),
            not_graded() | {"submission": report()["submission"]},
            -3.5,
            True,
            [SAME, "Not graded now: It is empty."],
        ),
        (
            not_graded(),
            report(),
            3.5,
            False,
            ["Not graded before: It is empty."],
        ),
        (
            report(found={"add.values": 0.5, "add.hidden": 1.0}),
            report(found={"add.values": 1.0, "add.hidden": 0.0}),
            0,
            True,
            [SAME, UNREPEATED],
        ),
    ],
)
@pytest.mark.parametrize("is_class", [True, False], ids=["class", "report"])
def test_a_move_has_its_reasons(moves, tmp_path, is_class, old, new, by, is_same_work, reasons):
    if is_class:
        found = moves([Person("ada", [old], "Ada")], [Person("ada", [new], "Ada")])
    else:
        for name, content in (("old", old), ("new", new)):
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        found = compare(tmp_path / "old.json", tmp_path / "new.json")
    (move,) = found.moves
    assert (move.student, move.by, move.is_same_work, list(move.reasons)) == (
        "ada",
        by,
        is_same_work,
        reasons,
    )
    assert move.is_unjust == (is_same_work and by < 0)
    assert all(reason in render(found) for reason in reasons)


def test_a_move_names_the_checks(moves):
    old = report(found={"double": 0.5, "add.values": 0.0})
    new = report(found={"double": "timeout", "add.values": "timeout"})
    (move,) = moves([Person("ada", [old])], [Person("ada", [new])]).moves
    assert [(c.id, c.old, c.new, c.old_status, c.new_status, c.message) for c in move.checks] == [
        ("double", 1.0, 0.0, "partial", "timeout", "It timeout."),
        ("add.values", 0.0, 0.0, "failed", "timeout", "It timeout."),
    ]


def test_a_check_that_only_one_report_has_is_named(moves):
    (move,) = moves(
        [Person("ada", [report()])], [Person("ada", [report(of=assignment({"double": 2}))])]
    ).moves
    assert [(c.id, c.old, c.new, c.new_status) for c in move.checks] == [
        ("add.values", 1, None, "not there"),
        ("add.hidden", 0.5, None, "not there"),
    ]


def test_another_status_without_another_score_does_not_move(moves):
    old, new = (report(found={"double": status}) for status in ("failed", "timeout"))
    assert moves([Person("ada", [old])], [Person("ada", [new])]).moves == ()


def late(hours, per_day=10):
    of = assignment(late={"policy": "per_day", "due": DUE, "per_day": per_day})
    return [Person("ada", [Handed(report(of=of), DUE + timedelta(hours=hours))])], {"of": of}


@pytest.mark.parametrize(
    ("old", "new", "by", "reasons"),
    [
        (late(-1), late(1), -0.35, [SAME, "The deduction for being late was 0 and is 0.35."]),
        (late(1), late(1, 20), -0.35, [SAME, "The deduction for being late was 0.35 and is 0.7."]),
        (
            ([Person("ada", [report()])], {}),
            ([Person("ada", [report()])], {"overrides": override(1)}),
            -1,
            [SAME, "Set by hand: double to 1, by M. I.: as agreed"],
        ),
        (
            ([Person("ada", [report()])], {"overrides": override(1)}),
            ([Person("ada", [report()])], {"overrides": override(0.5)}),
            -0.5,
            [SAME, "Set by hand: double to 0.5, which was 1, by M. I.: as agreed"],
        ),
        (
            ([Person("ada", [report()])], {"overrides": override(1, "score")}),
            ([Person("ada", [report()])], {}),
            2.5,
            [SAME, "No longer set by hand: score, which was 1."],
        ),
        (
            ([Person("ada", [report()])], {}),
            ([Person("ada", [report(), report(found=WRONG, code="x = 2")])], {}),
            -2,
            ["Attempt 2 counts, it was attempt 1.", "Other work: the submission's files have changed."],
        ),
        (
            ([Person("ada", [])], {}),
            ([Person("ada", [])], {"overrides": override(1, "score")}),
            1,
            ["Set by hand: score to 1, by M. I.: as agreed"],
        ),
        (([Person("ada", [])], {}), ([Person("ada", [report()])], {}), 3.5, []),
        (([], {}), ([Person("ada", [report()])], {}), 3.5, []),
        (([Person("ada", [report()])], {}), ([], {}), -3.5, []),
        (
            ([Person("ada", [report()])], {}),
            ([Person("ada", [Handed(None)])], {}),
            -3.5,
            ["Not graded now: This attempt was not graded."],
        ),
    ],
)
def test_final_scores_are_compared(moves, old, new, by, reasons):
    (move,) = moves(old[0], new[0], old[1], new[1]).moves
    assert (move.by, list(move.reasons)) == (by, reasons)


def test_identical_work_that_lost_points_comes_first(moves):
    old = [Person(i, [report(i)]) for i in ("gone", "little", "much", "other", "same")]
    old += [Person("up", [report("up", WRONG)]), Person("absent", [])]
    new = [
        Person("little", [report("little", {"add.hidden": 0.0})]),
        Person("much", [report("much", WRONG)]),
        Person("other", [report("other", {"double": 0.0, "add.values": 0.0}, code="x = 2")]),
        Person("same", [report("same")]),
        Person("up", [report("up")]),
        Person("absent", []),
        Person("new", [report("new")]),
    ]
    found = moves(old, new)
    assert [(m.student, m.by, m.is_unjust) for m in found.moves] == [
        ("much", -2, True),
        ("little", -0.5, True),
        ("gone", -3.5, False),
        ("other", -3, False),
        ("up", 2, False),
        ("new", 3.5, False),
    ]
    assert found.unmoved == 2
    text = render(found)
    assert text.startswith(
        "6 of 8 moved: 3 down, 1 up, 1 with a score now, 1 without one now.\n\nIdentical work that lost points:\n"
    )
    assert (
        text.index("  much: 3.5 → 1.5 (−2)")
        < text.index("Others:")
        < text.index("  gone: 3.5 → none (−3.5), graded")
    )


@pytest.mark.parametrize("which", ["old", "new", "both"])
def test_without_a_gradebook_the_graders_scores_are_compared_on_both_sides(moves, which):
    people = [Person("ada", [report()]), Person("bob", [report("bob", WRONG)], counted=1), Person("cleo", [])]
    how = {"overrides": override(0)}
    none = {**how, "with_gradebook": False}
    found = moves(people, people, none if which != "new" else how, none if which != "old" else how)
    assert found.moves == ()
    assert found.notes[-1] == "The grader's scores are compared, without late deductions and overrides."
    assert len(found.notes) == (3 if which == "both" else 2)
    assert render(found).startswith("note: ")


@pytest.mark.parametrize(
    "people",
    [
        [Person("ada", [report(found=WRONG)])],
        [Person("ada", [report()]), Person("bob", [report("bob")])],
        [Person("ada", [])],
    ],
)
def test_a_gradebook_that_is_older_than_the_reports_is_not_believed(tmp_path, people):
    old = run(tmp_path / "old", [Person("ada", [report()])])
    new = run(tmp_path / "new", [Person("ada", [report()])])
    run(new, people, with_gradebook=False)
    found = compare(old, new)
    assert "gradebook.db is older than the reports there." in found.notes[0]
    assert len(found.moves) == 1


def test_a_report_is_a_file_or_the_folder_of_one_under_any_name(tmp_path):
    for student in ("ada", "ada-again"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "report.json").write_text(json.dumps(report(student)))
    found = compare(tmp_path / "ada", tmp_path / "ada-again" / "report.json")
    assert (found.moves, found.unmoved) == ((), 1)


def test_names_and_messages_cannot_move_the_cursor(moves):
    name = 'Ada\n\x1b[2J\u2028🧑‍💻 "A"'
    text = render(moves([Person("ada", [report()], name)], [Person("ada", [report(found=WRONG)], name)]))
    assert not set(text) & set("\x1b\u2028\r")
    assert '  ada (Ada  [2J 🧑‍💻 "A"): 3.5 → 1.5 (−2)' in text.splitlines()


def test_a_comparison_is_plain_data(moves):
    found = moves([Person("ada", [report()])], [Person("ada", [report(found=WRONG)])])
    plain = json.loads(json.dumps(to_plain(found), allow_nan=False))
    (move,) = plain["moves"]
    assert (move["student"], move["old"], move["new"], move["by"], move["is_unjust"]) == (
        "ada",
        3.5,
        1.5,
        -2,
        True,
    )
    assert move["checks"][0]["id"] == "double"
    assert plain["unmoved"] == 0


def call(*paths, as_json=False):
    return command.run(argparse.Namespace(old=str(paths[0]), new=str(paths[1]), json=as_json))


@pytest.mark.parametrize("as_json", [False, True])
def test_the_exit_status_tells_whether_something_moved(tmp_path, capsys, as_json):
    old, new = (
        run(tmp_path / name, [Person("ada", [report(found=found)])])
        for name, found in (("a", {}), ("b", WRONG))
    )
    assert call(old, old, as_json=as_json) == 0
    capsys.readouterr()
    assert call(old, new, as_json=as_json) == 1
    out = capsys.readouterr().out
    assert json.loads(out)["moves"] if as_json else "ada: 3.5 → 1.5 (−2)" in out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({}, "does not exist."),
        ({"new/readme.txt": ""}, "holds neither class.json nor report.json."),
        ({"new/report.json": "{"}, "is not valid JSON"),
        ({"new/report.json": "{}"}, "is no report of version 1."),
        ({"new/report.json": json.dumps(report() | {"score": None})}, "is no report: 'score' is missing"),
        ({"new": "not JSON"}, "is not valid JSON"),
        ({"new/class.json": '{"students": []}'}, "compare two of the same kind."),
    ],
)
def test_bad_input_is_wrong_usage(tmp_path, content, sentence):
    old = tmp_path / "old.json"
    old.write_text(json.dumps(report()))
    for name, text in content.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as caught:
        call(old, tmp_path / "new")
    assert sentence in str(caught.value)
    assert caught.value.exit_code == ExitCode.USAGE
