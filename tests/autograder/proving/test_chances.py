"""Limits on the chance that correct work misses full marks."""

import math
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.checking import LostPoints, as_number
from autograder.checking.training import until_decided
from autograder.proving.chances import (
    SHUFFLED,
    STILL,
    Chance,
    StartRuns,
    Weak,
    measure_start,
    measure_weak,
    together,
    upper_limit,
)

ASSIGNMENT = load(Path(__file__).parents[3])


@pytest.mark.parametrize(
    ("misses", "runs", "limit"),
    [(0, 100, 1 - 0.05 ** (1 / 100)), (1, 100, 0.0466), (5, 100, 0.1023), (100, 100, 1.0), (0, 1, 0.95)],
)
def test_the_limit_is_clopper_and_pearsons(misses, runs, limit):
    assert upper_limit(misses, runs, 0.95) == pytest.approx(limit, abs=5e-5)


def starts(*missed):
    return [StartRuns(len(missed), list(seeds)) for seeds in missed]


def test_two_starts_without_a_miss_in_400_seeds_are_enough():
    chance = Chance("task", 400, starts([], []))
    assert chance.bound == pytest.approx((1 - 0.025 ** (1 / 400)) ** 2)
    assert list(chance.problems()) == []


def test_too_few_seeds_or_starts_show_too_little():
    [said] = Chance("task", 100, starts([], [])).problems()
    assert said == (
        "task: correct work misses full marks with a chance below 0.001; wanted is 0.0001 (0, 0 of 100 starts missed; "
        "368 without a miss would do)."
    )
    assert list(Chance("task", 400, starts([])).problems())
    assert list(Chance("task", 400, starts([7, 8, 9], [])).problems())


def test_together_a_seed_counts_once():
    alone = together([Chance("a", 400, starts([3], []))])
    assert together([Chance("a", 400, starts([3], [])), Chance("b", 400, starts([3], []))]) == alone
    assert together([Chance("a", 400, starts([3], [])), Chance("b", 400, starts([4], []))]) > alone
    assert together([]) == 0


def test_together_is_at_least_what_each_check_alone_would_be():
    chances = [Chance("a", 400, starts([], [])), Chance("b", 400, starts([1], []))]
    assert together(chances) == max(chance.bound for chance in chances)
    mixed = [*chances, Chance("c", 400, starts([]))]
    assert together(mixed) > together(chances) + upper_limit(0, 400, 0.95)


def test_weak_work_must_not_pass_often():
    chance = Chance("task", 400, starts([], []), [Weak("weak", 100, 6, 0.5), Weak("rarely", 100, 5, 0.1)])
    assert list(chance.problems()) == ["task: weak gets full marks with 6 of 100 seeds."]


def check_by_chance(student, rng, settings, record_training, data):
    data("digits")

    def judge(start):
        value = as_number(student.sigmoid(rng.normal(size=1)), "It")
        record_training(task="toy", metric="m", value=value, threshold=0.5, zero=0.0, loss_curve=[1.0])
        if value < 0.5 or settings["xor"]["lr"] == 0:
            raise LostPoints("chance", "below", fraction=0.5, status="partial")

    until_decided(judge)


def test_each_start_is_measured_alone():
    runs = measure_start(ASSIGNMENT, check_by_chance, "sigmoid.values", 2, range(40))
    assert runs.starts == 2
    assert 5 < len(runs.missed) < 35
    assert len(runs.trainings) == 40
    chance = Chance("sigmoid.values", 40, [runs])
    [spread] = chance.spreads()
    assert (spread.task, spread.start, spread.threshold) == ("toy", 1, 0.5)
    assert spread.worst < 0.5
    assert spread.worst_distance < 0
    assert math.isfinite(spread.mean_distance)


def test_a_check_without_chance_has_no_starts():
    assert measure_start(ASSIGNMENT, lambda student: None, "relu", 1, [0]).starts == 0


def test_weak_work_is_graded_as_any_other():
    wrong = next(m for m in read_mistakes(ASSIGNMENT.mistakes) if m.id == "sigmoid__sign")
    tried = [
        measure_weak(ASSIGNMENT, check_by_chance, "sigmoid.values", learner, range(8))
        for learner in (wrong, STILL)
    ]
    assert [weak.name for weak in tried] == [wrong.id, STILL]
    assert tried[0].seeds == 8
    assert (tried[1].passed, tried[1].mean) == (0, 0.5)


def test_labels_are_shuffled_where_there_are_some():
    seen = []

    def check(data):
        seen.append(data("digits")["y_train"])

    assert measure_weak(ASSIGNMENT, check, "relu", SHUFFLED, range(2)).passed == 2
    assert sorted(seen[0]) == sorted(seen[1])
    assert (seen[0] != seen[1]).any()
    assert measure_weak(ASSIGNMENT, lambda student: None, "relu", SHUFFLED, range(2)) is None


def test_a_learning_rate_is_taken_away_where_one_is_asked_for():
    seen = []

    def check(settings):
        seen.append([settings["spirals"]["lr"], settings["spirals"]["epochs"], settings["digits"]["lr"]])

    assert measure_weak(ASSIGNMENT, check, "relu", STILL, range(1)).passed == 1
    assert seen == [[0.0, 30.0, 0.0]]
    assert (
        measure_weak(ASSIGNMENT, lambda settings: settings["spirals"]["epochs"], "relu", STILL, range(1))
        is None
    )
