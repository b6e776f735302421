"""A check's view has what its reader may see, and nothing else."""

import dataclasses

import pytest

from autograder.model.result import STATUSES
from autograder.pages.checks import CheckView, check_view
from autograder.pages.verdicts import VERDICTS, verdict
from tests.autograder.pages.made_reports import lost, report

OPEN = {"id", "title", "part", "score", "max_score", "verdict", "is_hidden", "message"}


def check(**changes):
    made = next(c for c in report()["checks"] if c["id"] == "double")
    return {**made, **changes}


@pytest.mark.parametrize("visibility", ["hidden", "after_due_date", "after_published"])
def test_a_student_sees_no_more_of_a_hidden_check_than_the_verdict(visibility):
    view = check_view(check(visibility=visibility), for_student=True)
    assert view.is_hidden and view.message == VERDICTS["partial"].reason
    empty = {f.name: f.default for f in dataclasses.fields(CheckView) if f.name not in OPEN}
    assert {name: getattr(view, name) for name in empty} == empty


def test_an_instructor_sees_all_of_a_hidden_check():
    hidden = check_view(check(visibility="hidden"), for_student=False)
    assert hidden == dataclasses.replace(check_view(check(), for_student=True), is_hidden=True)
    assert hidden.compared and hidden.hint and hidden.snippet and hidden.follow_through and hidden.modified


def test_a_table_of_gradients_has_a_row_for_each_array():
    rows = check_view(check(), for_student=True).compared
    assert [row.is_right for row in rows] == [False, True]
    assert (rows[0].place, rows[0].expected, rows[0].got, rows[0].error) == ("[1]", "1.75", "3.25", "1.5")


def test_shapes_and_what_has_no_numbers():
    details = {"what": "dX", "shape": [3], "expected_shape": [3, 2]}
    (row,) = check_view(check(details=details), for_student=True).compared
    assert (row.what, row.expected, row.got, row.error) == ("dX", "shape (3, 2)", "shape (3,)", "")
    assert check_view(check(details={}), for_student=True).compared == ()
    (row,) = check_view(
        check(details={"compared": [{"what": "W", "is_right": False}]}), for_student=True
    ).compared
    assert (row.what, row.expected, row.got) == ("W", "", "")


def test_every_status_has_a_word_a_sign_and_a_sentence_for_hidden_checks():
    assert set(VERDICTS) == set(STATUSES)
    assert all(v.word and v.sign for v in VERDICTS.values())
    assert [s for s, v in VERDICTS.items() if not v.reason] == ["passed"]
    assert verdict("new_one").word == "new one"


def test_full_points_have_nothing_to_explain():
    assert not check_view(check(score=2), for_student=True).has_lost
    assert lost().fraction < 1 and check_view(check(), for_student=True).has_lost
