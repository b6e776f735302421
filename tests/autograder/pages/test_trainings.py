"""A training is shown by its best start, beside the reference's, as far as its check may be seen."""

import pytest

from autograder.pages.trainings import training_views
from tests.autograder.pages.made_reports import MAP, PASSED, REFERENCE, report, training

OPEN = {"task.open"}


def only(made, reference=REFERENCE):
    (view,) = training_views(made, reference, OPEN)
    return view


def with_records(*records):
    made = report()
    made["training"] = [{"check": "task.open", **record} for record in records]
    return made


def test_only_checks_that_may_be_seen():
    made = report()
    assert {record["check"] for record in made["training"]} > OPEN
    assert [view.check for view in training_views(made, REFERENCE, OPEN)] == ["task.open"]
    assert training_views(made, REFERENCE, set()) == ()


def test_of_several_starts_the_best_counts():
    records = [training(share=s, value=v) for s, v in ((0.2, 0.6), (0.8, 0.9), (0.8, 0.91), (0.0, 0.1))]
    view = only(with_records(*records))
    assert (view.own.value, view.share, view.starts) == ("0.9", 0.8, 4)


def test_a_curve_ends_where_the_training_falls_apart():
    assert only(with_records(training(loss_curve=[3.0, 2.0, "nan", 1.0]))).own.curve == (3.0, 2.0)
    assert only(with_records(training(loss_curve=[]))).own.curve == ()


def test_without_map_or_reference():
    record = training()
    del record["map"], record["target"], record["share"]
    view = only(with_records(record), {})
    assert (view.own.map, view.reference, view.agreement, view.target, view.share) == (
        None,
        None,
        None,
        "",
        0,
    )


@pytest.mark.parametrize(
    ("classes", "wanted"),
    [(MAP["classes"], 1.0), (["0011", "0011", "0122", "0000"], 0.75), (["00", "11"], None)],
)
def test_agreement_is_the_share_of_equal_places(classes, wanted):
    view = only(with_records(training(map={**MAP, "classes": classes})))
    assert view.agreement == wanted


def test_what_was_made_with_pieces_of_the_reference_says_so():
    aided = training(share=1.0, value=0.99, with_reference=True)
    view = only(with_records(aided))
    assert (view.own.value, view.replaced, view.counted) == ("0.99", ("It is wrong.",), "")


def test_the_students_own_network_is_shown_and_what_counts_is_said():
    records = [training(share=0.0, value=0.4), *[training(share=1.0, value=0.99, with_reference=True)] * 2]
    view = only(with_records(*records))
    assert (view.own.value, view.share, view.starts, view.counted) == ("0.4", 0.0, 1, "0.99")
    alone = only(with_records(records[0]))
    assert (alone.replaced, alone.counted) == ((), "")


def test_a_check_that_trained_nothing_has_no_view():
    assert training_views(report(task_open=PASSED), REFERENCE, OPEN) == ()
