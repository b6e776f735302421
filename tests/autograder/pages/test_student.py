"""A student's page has nothing in it that is hidden from the student, not even in its source."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course.overrides import Override
from autograder.errors import GraderFault, InvalidSubmission, MachineFault
from autograder.model.late import Deduction
from autograder.model.result import CheckResult
from autograder.pages.render import Renderer
from autograder.pages.student import Adjusted, student_view
from tests.autograder.pages.made_reports import PASSED, REFERENCE, assignment, lost, report, without_score

SECRET = "zqxsecretzqx"
RENDERER = Renderer()
KNOWN = {"id", "title", "part", "score", "max_score", "status", "visibility"}


def planted(number):
    """A hidden check with a mark in all that can be read, and its numbers all the same odd one."""

    def mark(value):
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, (int, float)):
            return number
        if isinstance(value, dict):
            return {k: mark(v) for k, v in value.items()}
        return [mark(v) for v in value] if isinstance(value, list) else SECRET + str(value)

    made = report(double=PASSED, add=PASSED, task_open=PASSED, task_secret=lost(SECRET))
    for check in made["checks"]:
        if check["visibility"] == "hidden":
            check |= {name: mark(value) for name, value in check.items() if name not in KNOWN}
    made["training"] = [
        {**record, "value": number, "loss_curve": [number, number / 2], "metric": SECRET}
        for record in made["training"]
    ]
    made["message"], made["module"], made["submission"]["notes"] = "", {"failed": []}, []
    return made


@settings(max_examples=20)
@given(st.floats(1000, 9e6).map(lambda x: round(x, 5)))
def test_nothing_of_a_hidden_check_is_in_the_page(number):
    made = planted(number)
    assert SECRET in json.dumps(made) and [r["check"] for r in made["training"]] == ["task.secret"]
    page = RENDERER.student(student_view(made, REFERENCE)).text()
    assert SECRET not in page and f"{number:.6g}" not in page and f"{number:.3g}" not in page
    assert "0.988" not in page and "moons" not in page  # the reference's training of that check
    assert "task.secret" in page and "partly right" in page and "1<span" in page


def test_the_same_marks_are_in_the_page_of_a_visible_check():
    made = planted(12345.678)
    for check in made["checks"]:
        check["visibility"] = "visible"
    page = RENDERER.student(student_view(made, REFERENCE)).text()
    assert page.count(SECRET) > 5 and "12345.7" in page


def test_diagnosis_is_told_by_its_hint_only(student_page):
    made = report()
    for check in made["checks"]:
        check["diagnosis"] |= {
            "mistake": "M-ID",
            "summary": "M-SUMMARY",
            "theme": "M-THEME",
            "hint": "M-HINT",
        }
    page = student_page(made)
    assert "M-HINT" in page
    assert not [text for text in ("M-ID", "M-SUMMARY", "M-THEME") if text in page]


def test_two_gradings_have_the_same_page(student_page):
    one, other = report(), report()
    other["timing"] = {
        "wall_s": 99.0,
        "load_s": 9.0,
        "submission_cpu_s": 9.0,
        "grader_cpu_s": 9.0,
        "checks": {},
    }
    other["isolation"]["missing"] = ["leave the room"]
    assert student_page(one) == student_page(other)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (InvalidSubmission("The folder is empty."), "Your work has no score: The folder is empty."),
        (GraderFault(f"the check said {SECRET}."), "the grader itself failed, which is not your fault."),
        (MachineFault(f"the disk {SECRET} is full."), "machine failed, which is not your fault."),
    ],
)
def test_without_a_score_one_sentence_says_why(student_page, error, says):
    page = student_page(without_score(error)).replace("&#39;", "'")
    assert says in page and SECRET not in page
    assert page.count('<p class="notice') == 1 and "<table" not in page


def test_parts_lost_checks_and_what_else_there_is(student_page):
    view = student_view(report("why", add=PASSED), REFERENCE)
    assert [(p.title, p.score, p.max_score, len(p.checks)) for p in view.parts] == [
        ("Part 1: One", 3, 4, 2),
        ("Part 2: Two", 2, 4, 2),
    ]
    assert [c.id for c in view.lost] == ["double", "task.open", "task.secret"]
    assert (view.failures[0].place, view.manual, view.name) == ("line 3", ("why",), "ada")
    assert student_view(report(notebook=True), REFERENCE).failures[0].place == "cell 2"
    made = report()
    made["module"]["failed"] *= 50
    many = student_view(made, REFERENCE)
    assert len(many.failures) + many.more_failures == 50 and many.more_failures > 0
    assert student_view(report(), REFERENCE, name="Ada L.").name == "Ada L."


def test_full_points_are_said_in_a_sentence(student_page):
    names = ("double", "add", "task_open", "task_secret")
    page = student_page(report(**dict.fromkeys(names, PASSED)))
    assert "Every check is right." in page and "Where points were lost" not in page


def test_the_final_score_is_shown_with_what_has_changed_it(student_page):
    late = Deduction(1.5, "Two days late.")
    page = student_page(report(), adjusted=Adjusted(4.0, 0.5, late, 3.0))
    assert "Two days late." in page and "Changed by hand" in page and "−1.5" in page and "+0.5" in page
    same = student_page(report(), adjusted=Adjusted(4.0, 0.0, Deduction(), 4.0))
    assert "Changed by hand" not in same and "Final score" not in same


def test_parts_and_what_was_lost_are_those_after_what_is_set_by_hand(student_page):
    made = report()
    lost = next(c for c in made["checks"] if c["id"] == "double")
    entry = Override("ada", "double", lost["max_score"], "why", "who", date(2026, 11, 20))
    before = student_view(made, REFERENCE)
    view = student_view(made, REFERENCE, adjusted=Adjusted(4.0, 2.0, Deduction(), 6.0, (entry,)))
    assert "double" in [c.id for c in before.lost] and "double" not in [c.id for c in view.lost]
    assert view.parts[0].score == before.parts[0].score + lost["max_score"] - lost["score"]


def test_a_score_by_hand_is_shown_where_the_grader_has_none(student_page, instructor_page):
    made = without_score(InvalidSubmission("The folder is empty."))
    entry = Override("ada", "score", 20.0, "handed in on paper", "M. I.", date(2026, 11, 20))
    adjusted = Adjusted(None, 20.0, Deduction(), 20.0, (entry,))
    page = student_page(made, adjusted=adjusted)
    assert "The whole score: Set by hand to 20 points." in page and "Your work has no score" not in page
    assert "The grader gave no score: The folder is empty." in page
    assert "handed in on paper" in instructor_page(made, adjusted=adjusted)


def test_what_is_set_by_hand_stands_at_its_check_and_the_reason_is_for_instructors(
    student_page, instructor_page
):
    day = date(2026, 11, 20)
    entries = (
        Override("ada", "double", 1.5, "the LECTURE's sign", "M. Instructor", day),
        Override("ada", "late", 1.0, "was ILL", "M. Instructor", day),
    )
    adjusted = Adjusted(4.0, 0.5, Deduction(1.0, "Late."), 3.5, entries)
    page = student_page(report(), adjusted=adjusted)
    check = page[page.index('id="check-double"') :]
    assert "Set by hand to 1.5 points; the grader gave" in check[: check.index("</li>")]
    assert "What being late costs: Set by hand to 1 point." in page
    assert not any(word in page for word in ("LECTURE", "ILL", "M. Instructor"))
    other = instructor_page(report(), adjusted=adjusted)
    check = other[other.index('id="check-double"') :]
    assert "by M. Instructor, 2026-11-20: the LECTURE&#39;s sign" in check[: check.index("</li>")]
    assert "was ILL" in other


def test_a_bonus_is_shown_beside_what_can_be_reached(student_page):
    made = report(of=assignment(bonus=True), double=PASSED, add=PASSED, task_open=PASSED, task_secret=PASSED)
    view = student_view(made, REFERENCE)
    assert (view.score, view.max_score, view.bonus) == (8, 4, 4)
    page = student_page(made)
    assert "Part 2: Two</a> (bonus)" in page
    assert "4 + 4: the bonus is part of the score, and not of the 4 points that can be reached." in page


def test_nobody_loses_a_bonus_by_handing_nothing_in(student_page):
    missing = CheckResult("not_implemented", "no_file", "work.npz was not handed in.", 0.0)
    found = {"double": PASSED, "add": PASSED, "task_open": missing, "task_secret": missing}
    view = student_view(report(of=assignment(bonus=True), **found), REFERENCE)
    assert view.lost == () and view.bonus == 0
    assert student_view(report(**found), REFERENCE).lost
    page = student_page(report(of=assignment(bonus=True), **found))
    assert "Every check is right" not in page
    assert page.count("no file") == 2 and "work.npz was not handed in." in page


def test_what_is_not_written_takes_one_line_whatever_stands_in_below_it(student_page):
    note = {
        "own_chain": "not_implemented",
        "with_reference": "not_implemented",
        "replaced": ["double"],
        "counted": "own_chain",
        "own_message": "add is not written yet.",
        "credit": 1.0,
    }
    unwritten = CheckResult(
        "not_implemented", "not_written", "add is not written yet.", 0.0, follow_through=note
    )
    page = student_page(report(double=PASSED, add=unwritten, task_open=PASSED, task_secret=PASSED))
    assert "Judged again with the reference's pieces below it: not written." in page
    assert "Replaced:" not in page


def test_what_failed_when_it_was_defined_does_not_run(student_page):
    found = CheckResult("error", "does_not_run", "add could not be read (line 3: SyntaxError: no).", 0.0)
    page = student_page(report(double=PASSED, add=found, task_open=PASSED, task_secret=found))
    assert page.count("does not run") >= 2 and "not written" not in page
    assert (
        page.count("line 3: SyntaxError: no") == 1 and "The statement or cell that defines it failed." in page
    )
