"""What being late costs, by policy, time and time zone; nothing is deducted by guessing."""

import time
import tomllib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.assignment.rubric import read_rubric
from autograder.course.late import LateRule
from autograder.errors import GraderFault
from autograder.model.late import POLICIES, Deduction, LatePolicy
from tests.autograder.course.class_run import late

DUE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PER_DAY = {"policy": "per_day", "due": DUE, "per_day": 10}
GRACE = {"policy": "grace", "due": DUE, "grace_hours": 24}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def rule(tmp_path):
    """Makes rules: ``rule(policy="per_day", ...)``."""
    return lambda **table: LateRule(late(**table), tmp_path)


@pytest.mark.parametrize(
    ("table", "after", "score", "points"),
    [
        ({"policy": "none"}, 9 * DAY, 80, 0),
        ({"policy": "none", "due": DUE, "per_day": 10}, 9 * DAY, 80, 0),
        (PER_DAY, -DAY, 80, 0),
        (PER_DAY, timedelta(0), 80, 0),
        (PER_DAY, timedelta(microseconds=1), 80, 10),
        (PER_DAY, DAY, 80, 10),
        (PER_DAY, DAY + timedelta(seconds=1), 80, 20),
        (PER_DAY, 30 * DAY, 80, 80),
        (PER_DAY, HOUR, 4, 4),
        (PER_DAY | {"most": 25}, 30 * DAY, 80, 25),
        (PER_DAY | {"per_day": 0}, 30 * DAY, 80, 0),
        (GRACE, DAY, 80, 0),
        (GRACE, DAY + HOUR, 80, 80),
        (GRACE | {"most": 50}, DAY + HOUR, 80, 50),
        (GRACE | {"per_day": 5}, DAY + HOUR, 80, 5),
        (GRACE | {"per_day": 5}, 2 * DAY + HOUR, 80, 10),
        (GRACE | {"per_day": 5, "most": 7}, 9 * DAY, 80, 7),
    ],
)
def test_the_policy_decides_what_is_lost(rule, table, after, score, points):
    found = rule(**table).deduct(score, 100, DUE + after)
    assert found.points == points
    assert bool(found.sentence) == (table["policy"] != "none" and after > timedelta(0))


def test_the_percentage_is_of_what_the_assignment_is_worth(rule):
    found = rule(**PER_DAY).deduct(30, 40, DUE + 26 * HOUR)
    assert found == Deduction(8.0, "Handed in 1 day 2 h late: 20 % of 40 points, −8.")


@pytest.mark.parametrize(
    ("after", "is_late", "sentence"),
    [
        (None, None, "When it was handed in is not known: nothing is deducted."),
        (
            None,
            True,
            "Late, as the course's system says, but when it was handed in is not known: nothing is deducted.",
        ),
        (None, False, ""),
        (
            2 * DAY,
            False,
            "Handed in 2 days after the due time, but the course's system does not call it late: nothing is deducted.",
        ),
        (
            -DAY,
            True,
            "Late, as the course's system says, but handed in before the rubric's due time: nothing is deducted.",
        ),
        (-DAY, False, ""),
    ],
)
@pytest.mark.parametrize("table", [PER_DAY, GRACE])
def test_nothing_is_deducted_where_it_would_be_a_guess(rule, table, after, is_late, sentence):
    submitted = None if after is None else DUE + after
    assert rule(**table).deduct(80, 100, submitted, is_late) == Deduction(0.0, sentence)


@pytest.mark.parametrize("is_late", [None, True])
def test_what_the_system_calls_late_or_says_nothing_of_is_judged_by_the_time(rule, is_late):
    assert rule(**PER_DAY).deduct(80, 100, DUE + HOUR, is_late).points == 10


@pytest.fixture
def in_new_york(monkeypatch):
    """Local time is New York's, five hours behind in winter."""
    monkeypatch.setenv("TZ", "EST5EDT,M3.2.0,M11.1.0")  # a machine need not have the data of all zones
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize(
    ("due", "submitted", "points"),
    [
        (DUE, datetime(2026, 11, 20, 6, 59), 0),
        (DUE, datetime(2026, 11, 20, 7, 1), 10),
        (datetime(2026, 11, 20, 7, 0), DUE, 0),
        (datetime(2026, 11, 20, 7, 0), DUE + HOUR, 10),
        (datetime(2026, 11, 20, 7, 0), datetime(2026, 11, 20, 7, 0), 0),
        (datetime(2026, 11, 20, 7, 0), datetime(2026, 11, 20, 7, 1), 10),
        (DUE, datetime(2026, 11, 20, 20, 0, tzinfo=timezone(9 * HOUR)), 0),
        (DUE, datetime(2026, 11, 20, 21, 1, tzinfo=timezone(9 * HOUR)), 10),
        # The clocks went back between these two: a day by the calendar has 25 hours, so a second one has begun.
        (datetime(2026, 10, 31, 12, 0), datetime(2026, 11, 1, 12, 0), 20),
    ],
)
def test_times_without_a_zone_are_local(rule, due, submitted, points):
    assert rule(**PER_DAY | {"due": due}).deduct(80, 100, submitted).points == points


@given(st.floats(0, 100), st.integers(0, 200), st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_later_never_costs_less_and_never_more_than_there_is(
    tmp_path_factory, score, hours, per_day, most, grace
):
    table = {"policy": "grace", "due": DUE, "per_day": per_day, "most": most, "grace_hours": grace}
    asked = LateRule(late(**table), tmp_path_factory.getbasetemp())
    score = round(score, 2)
    now, then = (asked.deduct(score, 100, DUE + h * HOUR).points for h in (hours, hours + 1))
    assert 0 <= now <= then <= min(score, most)


HOOK = {"policy": "hook", "due": DUE, "hook": "late.py:rule"}


@pytest.mark.parametrize(
    ("body", "deduction"),
    [
        ("return score - 5, 'Five points.'", Deduction(5.0, "Five points.")),
        ("return score / 3, ''", Deduction(53.33, "")),
        ("return score + 2, 'Early.'", Deduction(-2.0, "Early.")),
        ("return 0, f'{(submitted - due).days} days'", Deduction(80.0, "2 days")),
        ("return (max_score, '') if submitted.tzinfo and due.tzinfo else None", Deduction(-20.0, "")),
    ],
)
def test_a_hook_decides_by_itself(rule, tmp_path, body, deduction):
    (tmp_path / "late.py").write_text(f"def rule(score, max_score, submitted, due):\n    {body}\n")
    assert rule(**HOOK).deduct(80, 100, DUE + 2 * DAY) == deduction


def test_a_hook_that_is_missing_is_told_beforehand(rule):
    with pytest.raises(GraderFault, match="does not exist"):
        rule(**HOOK).prepare()
    rule(**PER_DAY).prepare()


def test_a_hook_may_leave_a_bonus(rule, tmp_path):
    (tmp_path / "late.py").write_text("def rule(score, max_score, submitted, due):\n    return score, ''\n")
    assert rule(**HOOK).deduct(103.5, 100, DUE) == Deduction(0.0, "")


def test_a_hook_is_not_asked_about_a_time_that_nobody_knows(rule):
    assert rule(**HOOK).deduct(80, 100, None).points == 0


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (None, "[late]: hook = 'late.py:rule', but "),
        ("1 / 0", "[late]: late.py raised ZeroDivisionError: division by zero."),
        ("rule = 3", "[late]: hook = 'late.py:rule', but late.py defines no such function."),
        ("def rule(*a): 1 / 0", "the late hook late.py:rule raised ZeroDivisionError: division by zero."),
        ("def rule(): pass", "the late hook late.py:rule raised TypeError: "),
        (
            "def rule(*a): return 5",
            "the late hook late.py:rule returned 5; it must return (score, sentence).",
        ),
        ("def rule(*a): return 5, None", "the late hook late.py:rule returned (5, None); it must return"),
        ("def rule(*a): return -1, ''", "returned the score -1; it must lie from 0 to 100."),
        ("def rule(*a): return 101, ''", "returned the score 101; it must lie from 0 to 100."),
        ("def rule(*a): return float('nan'), ''", "returned the score nan; it must lie from 0 to 100."),
        ("def rule(*a): return True, ''", "returned the score True; it must lie from 0 to 100."),
    ],
)
def test_a_hook_that_fails_is_the_graders_fault(rule, tmp_path, source, sentence):
    if source is not None:
        (tmp_path / "late.py").write_text(source)
    with pytest.raises(GraderFault) as caught:
        rule(**HOOK).deduct(80, 100, DUE)
    assert sentence in str(caught.value)


RUBRIC = """
[[parts]]
id = "one"
title = "One"
[[parts.checks]]
id = "f"
title = "the first"
points = 2
"""


def read(text):
    return read_rubric(tomllib.loads(text + RUBRIC), "rubric.toml").late


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("", LatePolicy()),
        ("[late]\npolicy = 'none'\nhook = 'a.py:f'\nper_day = 5", LatePolicy(per_day=5, hook="a.py:f")),
        (
            "[late]\npolicy = 'per_day'\ndue = 2026-11-20T12:00:00\nper_day = 5",
            LatePolicy("per_day", datetime(2026, 11, 20, 12), 5),
        ),
        (
            "[late]\npolicy = 'grace'\ndue = 2026-11-20T12:00:00Z\ngrace_hours = 1.5\nmost = 50",
            LatePolicy("grace", DUE, 100, 1.5, 50),
        ),
        (
            "[late]\npolicy = 'hook'\ndue = 2026-11-20T12:00:00Z\nhook = 'rules/late.py:of_days'",
            LatePolicy("hook", DUE, hook="rules/late.py:of_days"),
        ),
    ],
)
def test_the_rubric_has_the_policy(text, policy):
    assert read(text) == policy


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ("due = 2026-11-20T12:00:00", "'policy' is missing."),
        ("policy = 'daily'", f"policy = 'daily' is none of {', '.join(POLICIES)}."),
        ("policy = 'per_day'\nper_day = 5", "'due' is missing."),
        ("policy = 'none'\ndue = 2026-11-20", "due must be a date and a time, like 2026-11-20T23:59:00."),
        ("policy = 'none'\ndue = '2026-11-20T12:00:00'", "due must be a date and a time, like"),
        ("policy = 'per_day'\ndue = 2026-11-20T12:00:00", "'per_day' is missing."),
        ("policy = 'grace'\ndue = 2026-11-20T12:00:00", "'grace_hours' is missing."),
        ("policy = 'hook'\ndue = 2026-11-20T12:00:00", "'hook' is missing."),
        (
            "policy = 'per_day'\ndue = 2026-11-20T12:00:00\nper_day = -5",
            "per_day must be a number of at least 0.",
        ),
        (
            "policy = 'per_day'\ndue = 2026-11-20T12:00:00\nper_day = 500",
            "per_day is given in percent, at most 100.",
        ),
        (
            "policy = 'per_day'\ndue = 2026-11-20T12:00:00\nper_day = 5\nmost = 101",
            "most is given in percent, at most 100.",
        ),
        (
            "policy = 'per_day'\ndue = 2026-11-20T12:00:00\nper_day = 5\ngrace_hours = 2",
            "grace_hours means nothing with policy = 'per_day'.",
        ),
        ("policy = 'none'\nper_dya = 5", "'per_dya' is not known. Is 'per_day' meant?"),
        *(
            (
                f"policy = 'hook'\ndue = 2026-11-20T12:00:00\nhook = '{hook}'",
                "hook must be 'file.py:function'",
            )
            for hook in ("late.py", "late:f", "/etc/late.py:f", "../late.py:f", "late.py:f()", "a:b.py:f")
        ),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(entries, sentence):
    with pytest.raises(GraderFault) as caught:
        read(f"[late]\n{entries}\n")
    assert str(caught.value).startswith("rubric.toml: [late]: ")
    assert sentence in str(caught.value)
