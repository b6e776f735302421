"""Points are added up exactly, in any order, and a result that contradicts itself is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import GraderFault
from autograder.model import result
from autograder.model.result import CheckResult
from autograder.model.rubric import Part, Rubric, RubricCheck
from autograder.scoring.points import add_up


def rubric(*points, parts=("one", "two"), bonus=()):
    checks = tuple(
        RubricCheck(f"c{i}", parts[i % len(parts)], "", p, "visible", 1.0) for i, p in enumerate(points)
    )
    return Rubric(tuple(Part(p, p.title(), p in bonus) for p in parts), checks, (), {}, limits=None)


def found(fraction):
    status = result.PASSED if fraction == 1 else result.PARTIAL if fraction else result.FAILED
    return CheckResult(status, "", "", fraction)


fractions = st.one_of(st.just(0.0), st.just(1.0), st.floats(0.001, 0.999))
hundredths = st.integers(0, 2000).map(lambda n: n / 100)
lines = st.lists(st.tuples(hundredths, fractions), min_size=1, max_size=30)


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_results_does_not_matter(lines, random):
    results = [(f"c{i}", found(f)) for i, (_, f) in enumerate(lines)]
    sheet = rubric(*(p for p, _ in lines))
    ordered = add_up(sheet, dict(results))
    random.shuffle(results)
    assert add_up(sheet, dict(results)) == ordered


@given(lines)
def test_parts_and_checks_add_up_to_the_whole(lines):
    score = add_up(rubric(*(p for p, _ in lines)), {f"c{i}": found(f) for i, (_, f) in enumerate(lines)})
    for kind in ("score", "max_score"):
        assert cents(getattr(score, kind)) == sum(cents(getattr(p, kind)) for p in score.parts)
    assert cents(score.score) == sum(cents(c.score) for c in score.checks)
    assert cents(score.max_score) == sum(cents(p) for p, _ in lines)
    assert all(0 <= c.score <= c.check.points for c in score.checks)


def cents(points):
    whole = round(points * 100)
    assert whole / 100 == points
    return whole


@given(st.lists(hundredths, min_size=1, max_size=30))
def test_all_passed_is_exactly_full_marks_and_all_failed_exactly_none(points):
    sheet = rubric(*points)
    full = add_up(sheet, {c.id: found(1.0) for c in sheet.checks})
    none = add_up(sheet, {c.id: found(0.0) for c in sheet.checks})
    assert (full.score, none.score) == (full.max_score, 0.0)
    assert full.max_score == none.max_score


def test_a_hundred_tenths_are_ten():
    score = add_up(rubric(*[0.1] * 100), {f"c{i}": found(1.0) for i in range(100)})
    assert (score.score, score.max_score) == (10.0, 10.0)


def test_only_what_was_selected_counts():
    score = add_up(rubric(1, 2, 4), {"c0": found(1.0), "c2": found(0.0)})
    assert (score.score, score.max_score) == (1.0, 5.0)
    assert [(p.id, p.score, p.max_score) for p in score.parts] == [("one", 1.0, 5.0)]
    assert [c.check.id for c in score.checks] == ["c0", "c2"]


def test_a_share_of_the_points_is_rounded_to_hundredths():
    assert add_up(rubric(1), {"c0": found(1 / 3)}).score == 0.33


def test_a_result_without_a_line_in_the_rubric_is_the_graders_fault():
    with pytest.raises(GraderFault, match="a result for 'c9'"):
        add_up(rubric(1), {"c9": found(1.0)})


@pytest.mark.parametrize(
    ("status", "fraction"),
    [
        ("passed", 0.0),
        ("passed", 0.5),
        ("passed", float("nan")),
        ("passed", 2.0),
        ("partial", 0.0),
        ("partial", 1.0),
        ("partial", float("nan")),
        ("partial", -0.5),
        *((s, f) for s in result.STATUSES[2:] for f in (0.5, 1.0, -1.0, float("nan"))),
        ("skipped", 0.0),
        ("", 1.0),
    ],
)
def test_a_result_that_contradicts_itself_is_the_graders_fault(status, fraction):
    with pytest.raises(GraderFault, match="the check 'c0' says"):
        add_up(rubric(1), {"c0": CheckResult(status, "", "", fraction)})


@given(lines)
def test_a_bonus_is_part_of_the_score_and_not_of_what_can_be_reached(lines):
    sheet = rubric(*(p for p, _ in lines), bonus=("two",))
    score = add_up(sheet, {f"c{i}": found(f) for i, (_, f) in enumerate(lines)})
    plain = add_up(rubric(*(p for p, _ in lines)), {f"c{i}": found(f) for i, (_, f) in enumerate(lines)})
    assert score.score == plain.score
    assert cents(score.max_score) + cents(score.max_bonus) == cents(plain.max_score)
    assert score.max_score == sheet.max_score
    assert cents(score.bonus) == sum(cents(p.score) for p in score.parts if p.is_bonus)
    assert [p.is_bonus for p in score.parts] == [False, True][: len(score.parts)]


def test_a_bonus_alone_has_no_points_that_can_be_reached():
    sheet = rubric(2.0, 1.5, bonus=("two",))
    score = add_up(sheet, {"c1": found(1.0)})
    assert (score.score, score.max_score, score.bonus, score.max_bonus) == (1.5, 0, 1.5, 1.5)
