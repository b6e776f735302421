"""The table on the terminal."""

import re

import pytest

from autograder.errors import MachineFault
from autograder.model.result import STATUSES, CheckResult
from autograder.model.submission import Submission
from autograder.reporting.to_text import render


def test_points_statuses_and_the_first_thing_to_mend_are_shown(graded, wrong):
    text = render(graded(add_values=wrong))
    assert text.splitlines()[0] == "A small homework: ada (hw.py)"
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line.strip()}
    assert rows["double"][-4:] == ["ok", "2", "/", "2"]
    assert rows["add.values"][-4:] == ["failed", "0", "/", "1"]
    assert rows["Score"] == ["Score", "2.5", "/", "3.5"]
    assert "add is wrong." in text
    assert "Expected at [1]: 1; got: 2." in text


def test_colours_change_nothing_but_verdicts(graded, wrong):
    report = graded(add_values=wrong)
    plain, coloured = render(report), render(report, in_colour=True)
    assert "\x1b" not in plain
    assert "\x1b[32mok\x1b[0m" in coloured
    assert "\x1b[31mfailed\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_nothing_hidden_is_shown_of_a_hidden_check(graded, wrong):
    assert "Expected" not in render(graded(add_hidden=wrong))


@pytest.mark.parametrize("width", [20, 60, 80, 100, 500])
@pytest.mark.parametrize("status", STATUSES[2:])
def test_no_line_is_wider_than_the_terminal(graded, width, status):
    long = CheckResult(status, "why", "A long sentence about what is wrong here. " * 5, 0.0)
    text = render(graded(double=long, load_failure="It did not load. " * 20), width)
    assert max(map(len, text.splitlines())) <= max(60, min(width, 120))


def test_what_students_wrote_holds_no_control_characters(graded):
    nasty = "\x1b[2J\x1b]0;t\x07\r\x9b\u202e\u200b\x00"
    submission = Submission(nasty, "module", nasty, {}, notes=(nasty,))
    failed = [{"line": 1, "type": nasty, "message": nasty, "code": nasty}]
    lost = CheckResult("error", "exception", nasty, 0.0, {"got": nasty, "expected": nasty, "at": []})
    text = render(graded(double=lost, submission=submission, loaded={"failed": failed}, load_failure=nasty))
    assert all(line.isprintable() for line in text.split("\n"))


def test_a_report_without_a_score_is_two_lines(not_graded):
    assert render(not_graded(MachineFault("the disk is full"))).splitlines() == [
        "A small homework: ada",
        "Not graded (infrastructure error): the disk is full",
    ]


def test_an_untouched_template_is_named(graded):
    report = graded(submission=Submission("ada", "module", "hw.py", {}, is_template=True))
    assert "Nothing has been written yet: no function differs from the template." in render(report)


@pytest.mark.parametrize(
    ("count", "first", "last"),
    [
        (1, "1 statement failed; graded is what the others define:", "  line 1: NameError: no"),
        (3, "3 statements failed; graded is what the others define:", "  line 3: NameError: no"),
        (
            20,
            "20 statements failed; graded is what the others define:",
            "  and 12 more; report.json lists them all.",
        ),
    ],
)
def test_statements_that_failed_are_shown(graded, count, first, last):
    failed = [{"line": i + 1, "type": "NameError", "message": "no"} for i in range(count)]
    lines = render(graded(loaded={"failed": failed})).splitlines()
    assert last in lines[lines.index(first) :]


def test_cells_that_failed_are_shown(graded):
    failed = [{"cell": 4, "type": "NameError", "message": "no", "code": "x"}]
    report = graded(
        submission=Submission("ada", "notebook", "hw.ipynb", {}), loaded={"cells": 5, "failed": failed}
    )
    assert "1 cell failed; graded is what the others define:\n  cell 4: NameError: no" in render(report)


def test_a_failure_without_any_field_is_shown_all_the_same(graded):
    assert "  line ?:" in render(graded(loaded={"failed": [{}]}))


def test_pieces_that_stood_in_are_named(graded):
    note = {
        "own_chain": "failed",
        "with_reference": "passed",
        "replaced": ["add"],
        "counted": "with_reference",
    }
    assert "1 check that builds on your add passed with the reference in its place." in render(
        graded(double=CheckResult("passed", "", "", 1.0, follow_through=note))
    )


def test_written_questions_are_counted(graded):
    assert "Not in this score: 1 written questions, marked by people." in render(graded())


def test_a_bonus_is_shown_beside_what_can_be_reached(with_bonus):
    text = render(with_bonus())
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "The second part (bonus) 1.5 / 1.5" in rows
    assert rows[-1] == "Score (2 + 1.5 bonus) 3.5 / 2"


def test_a_bonus_for_which_nothing_was_handed_in_takes_one_sentence(with_bonus):
    missing = CheckResult("not_implemented", "no_file", "work.npz was not handed in.", 0.0)
    text = render(with_bonus(add_values=missing, add_hidden=missing))
    assert text.count("work.npz was not handed in.") == 1
    assert text.count("no file") == 2 and "not written" not in text
    assert text.splitlines()[-1].split() == ["Score", "2", "/", "2"]


def test_what_failed_when_it_was_defined_does_not_run(graded):
    text = render(
        graded(double=CheckResult("error", "does_not_run", "double could not be read (line 3).", 0.0))
    )
    assert "does not run" in text and "double could not be read (line 3)." in text
