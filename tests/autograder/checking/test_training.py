"""What depends on chance may start again, and only where the first start has not decided."""

import pytest

from autograder.checking.lost_points import LostPoints
from autograder.checking.training import credit, one_start, until_decided
from autograder.model.result import ERROR, PARTIAL


@pytest.mark.parametrize(
    ("value", "full", "zero", "share"),
    [(0.9, 0.85, 0.55, 1.0), (0.7, 0.85, 0.55, 0.5), (0.5, 0.85, 0.55, 0.0), (0.3, 0.1, 0.5, 0.5)],
)
def test_credit_rises_from_zero_to_full(value, full, zero, share):
    assert credit(value, full, zero) == share


def test_nan_earns_nothing():
    assert credit(float("nan"), 0.85, 0.55) == 0.0


class Judge:
    """Loses what it is told to, start by start."""

    def __init__(self, *fractions, status=PARTIAL):
        self.fractions, self.status, self.called = fractions, status, []

    def __call__(self, start):
        self.called.append(start)
        fraction = self.fractions[start - 1]
        if fraction < 1:
            raise LostPoints("chance", f"start {start}", status=self.status, fraction=fraction)


def test_one_start_is_enough_where_it_decides():
    judge = Judge(1.0, 0.0)
    until_decided(judge)
    assert judge.called == [1]


def test_a_second_start_can_earn_what_the_first_did_not():
    judge = Judge(0.2, 1.0)
    until_decided(judge)
    assert judge.called == [1, 2]


@pytest.mark.parametrize("fractions", [(0.4, 0.2), (0.2, 0.4)])
def test_the_better_start_counts(fractions):
    with pytest.raises(LostPoints) as caught:
        until_decided(Judge(*fractions))
    assert caught.value.fraction == 0.4


def test_what_is_no_matter_of_chance_is_not_tried_again():
    judge = Judge(0.0, 1.0, status=ERROR)
    with pytest.raises(LostPoints):
        until_decided(judge)
    assert judge.called == [1]


@pytest.mark.parametrize("fractions", [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_one_start_alone_is_never_milder(fractions, number):
    judge = Judge(*fractions)
    with one_start(number) as watch:
        try:
            until_decided(judge)
        except LostPoints:
            return
    assert judge.called == [min(number, 2)]
    assert watch.starts == 2
    until_decided(Judge(*fractions))


def test_all_starts_count_again_afterwards():
    with pytest.raises(LostPoints), one_start(1):
        until_decided(Judge(0.0, 1.0))
    until_decided(Judge(0.0, 1.0))
