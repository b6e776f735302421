"""What students read of a check, as text and as HTML."""

import pytest

from autograder.pages.checks import check_view
from autograder.pages.student import student_view
from autograder.platforms import feedback
from tests.autograder.pages.made_reports import PASSED, lost, report
from tests.autograder.platforms.planted import SECRET, planted

FORMS = pytest.mark.parametrize("form", [feedback.check_text, feedback.check_html])


def view_of(check_id, made, *, for_student=True):
    (check,) = [c for c in made["checks"] if c["id"] == check_id]
    return check_view(check, for_student=for_student)


@FORMS
def test_a_lost_check_has_message_numbers_hint_and_example(form):
    said = form(view_of("add", report("odd words", double=PASSED)))
    assert said.count("odd words") >= 4
    for part in ("1.75", "3.25", "Hint:", "print(1)  # odd words", "in place of your odd words"):
        assert part in said


@FORMS
def test_of_several_arrays_the_right_ones_are_told_from_the_wrong(form):
    assert form(view_of("add", report())).count("right") == 1


@FORMS
def test_a_check_that_is_right_says_nothing(form):
    assert form(view_of("double", report(double=PASSED))).strip() == ""


@FORMS
def test_a_hidden_check_has_a_sentence_that_fits_every_check(form):
    said = form(view_of("task.secret", planted()))
    assert "Part of what is asked is right." in said and "not shown" in said and SECRET not in said
    assert SECRET in form(view_of("task.secret", planted(), for_student=False))


def test_a_judgement_in_the_own_chain_is_not_said_to_be_the_references():
    made = report(double=lost())
    made["checks"][0]["follow_through"]["counted"] = "own_chain"
    assert feedback.replaced(view_of("double", made)) == ""


def test_above_the_checks_stands_what_failed_and_what_was_noticed():
    view = student_view(report("odd"), {})
    assert feedback.head_text(view).splitlines() == ["odd", "odd", "line 3: odd: odd"]
    page = feedback.head_html(view, "", "Late & sorry.")
    assert (
        "<p>Late &amp; sorry.</p>" in page and "<strong>odd</strong>" in page and "written question" in page
    )
