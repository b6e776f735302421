"""Measures the numbers that decide marks: tolerances against errors, thresholds against what trainings reach.

`autograder.proving.gaps` has the first, `autograder.proving.chances` the second; here the work is handed out to
processes and put together.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.checking.run import collect
from autograder.errors import UsageError
from autograder.model.assignment import Assignment
from autograder.model.mistake import Mistake
from autograder.proving.chances import (
    MOST_CHANCE,
    SHUFFLED,
    STILL,
    Chance,
    StartRuns,
    Weak,
    measure_start,
    measure_weak,
    together,
)
from autograder.proving.gaps import Gap, measure_check, measure_style

_SLICE = 25  # seeds of a start that are run in one go, so that the processes end together


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    seeds: int = 20
    """Of each check, for every correct solution and every mistake."""
    training_seeds: int = 400
    """Of each start of a check that depends on chance, with the reference."""
    checks: Sequence[str] = ()
    """Ids; all if empty."""
    jobs: int = 1
    """Processes at the same time."""

    @property
    def weak_seeds(self) -> int:
        """Of a check that trains by the rubric's settings, for each kind of weak work."""
        return max(self.training_seeds // 4, 1)

    @property
    def slow_seeds(self) -> int:
        """Of a check that depends on chance, for each correct style."""
        return max(self.seeds // 4, 1)


@dataclass
class Calibration:
    """What was measured."""

    assignment: Assignment
    plan: Plan
    gaps: list[Gap] = field(default_factory=list)
    """In the rubric's order."""
    chances: list[Chance] = field(default_factory=list)

    @property
    def chance(self) -> float:
        """Limit on the chance that a correct solution misses full marks in anything that depends on chance."""
        return together(self.chances)

    def problems(self) -> list[str]:
        """What must be, and is not."""
        said = [problem for gap in self.gaps for problem in gap.problems()]
        said += [problem for chance in self.chances for problem in chance.problems()]
        if (
            self.chances
            and not self.chance < MOST_CHANCE
            and not any(c.bound >= MOST_CHANCE for c in self.chances)
        ):
            said.append(
                f"All checks that depend on chance together cost correct work marks with a chance below "
                f"{self.chance:.1g}; wanted is {MOST_CHANCE:g}. More seeds may show it."
            )
        return said

    def plain(self) -> dict[str, Any]:
        """All of it as data for JSON."""
        return {
            "assignment": {
                "id": self.assignment.id,
                "version": self.assignment.version,
                "digest": self.assignment.digest,
            },
            "plan": dataclasses.asdict(self.plan),
            "checks": [
                {
                    **dataclasses.asdict(gap),
                    "tolerances": {
                        name: dataclasses.asdict(self.assignment.rubric.tolerances[name])
                        for name in sorted(gap.tolerances)
                    },
                }
                for gap in self.gaps
            ],
            "trainings": [
                {
                    "check": chance.check,
                    "seeds": chance.seeds,
                    "missed": [start.missed for start in chance.starts],
                    "chance_below": chance.bound,
                    "spreads": [
                        {
                            **dataclasses.asdict(spread),
                            "mean_distance": spread.mean_distance,
                            "worst_distance": spread.worst_distance,
                        }
                        for spread in chance.spreads()
                    ],
                    "values": [
                        [[record["task"], record["value"]] for record in start.trainings]
                        for start in chance.starts
                    ],
                    "weak": [dataclasses.asdict(weak) for weak in chance.weak],
                }
                for chance in self.chances
            ],
            "chance_below": self.chance,
            "problems": self.problems(),
        }


def calibrate(
    assignment: Assignment, plan: Plan, tick: Callable[[str], None] = lambda done: None
) -> Calibration:
    """Measure an assignment.

    Parameters
    ----------
    assignment : Assignment
    plan : Plan
    tick : callable
        Told what has been measured, one after the other.

    Raises
    ------
    UsageError
        If the plan names a check that there is not.
    GraderFault
        If a style cannot be loaded, or a check itself fails.
    """
    checks = _checks(assignment.root)
    unknown = [name for name in plan.checks if name not in checks]
    if unknown:
        raise UsageError(f"there is no check '{unknown[0]}'; {assignment.rubric.checks[0].id} is one.")
    chosen = [check_id for check_id in checks if not plan.checks or check_id in plan.checks]
    mistakes = _catalogue(assignment.mistakes)
    styles = sorted(p for p in assignment.correct.iterdir() if p.is_dir()) if assignment.correct else []
    by_chance = {}
    for check_id in chosen:
        starts = measure_start(assignment, checks[check_id], check_id, 1, [0]).starts
        if starts:
            by_chance[check_id] = starts
    found = Calibration(assignment, plan)
    with _pool(plan.jobs) as submit:
        # What takes longest first.
        zoo = [
            (style.name, submit(_style, assignment, style, plan, chosen, list(by_chance))) for style in styles
        ]
        runs = [
            (check_id, number, submit(_start, assignment, check_id, number, seeds))
            for check_id, starts in by_chance.items()
            for number in range(1, starts + 1)
            for seeds in _slices(plan.training_seeds)
        ]
        weak = [
            (check_id, submit(_weak, assignment, check_id, learner, seeds))
            for check_id in by_chance
            for learner, seeds in _learners(checks[check_id], check_id, mistakes, plan)
        ]
        gaps = {c: submit(_gap, assignment, c, plan.seeds) for c in chosen if c not in by_chance}
        measured = {c: Gap(c) for c in by_chance}
        for check_id, gap in gaps.items():
            measured[check_id] = gap()
            tick(check_id)
        for name, styled in zoo:
            for check_id, gap in styled().items():
                measured[check_id].join(gap)
            tick(name)
        chances = {
            c: Chance(c, plan.training_seeds, [StartRuns() for _ in range(n)]) for c, n in by_chance.items()
        }
        for check_id, number, run in runs:
            chances[check_id].starts[number - 1].join(run())
            tick(f"{check_id}, start {number}")
        for check_id, tried in weak:
            one = tried()
            if one is not None:
                chances[check_id].weak.append(one)
            tick(f"{check_id}, weak work")
    found.gaps = [measured[check_id] for check_id in chosen]
    found.chances = list(chances.values())
    return found


def _slices(count: int) -> Iterator[list[int]]:
    for first in range(0, count, _SLICE):
        yield list(range(first, min(first + _SLICE, count)))


def _learners(
    check: Callable[..., None], check_id: str, mistakes: Sequence[Mistake], plan: Plan
) -> Iterator[tuple[Mistake | str, list[int]]]:
    """The weak work that a check is tried on, each with its seeds."""
    is_task = "record_training" in inspect.signature(check).parameters
    seeds = list(range(plan.weak_seeds if is_task else plan.seeds))
    for mistake in mistakes:
        if check_id in mistake.loses:
            yield mistake, seeds
    if is_task:
        yield STILL, seeds
        yield SHUFFLED, seeds


# -- in the processes


@cache
def _checks(folder: Path) -> Mapping[str, Callable[..., None]]:
    return collect(load(folder))


@cache
def _catalogue(folder: Path | None) -> tuple[Mistake, ...]:
    return read_mistakes(folder) if folder else ()


def _gap(assignment: Assignment, check_id: str, seeds: int) -> Gap:
    check = _checks(assignment.root)[check_id]
    return measure_check(assignment, check, check_id, _catalogue(assignment.mistakes), range(seeds))


def _style(
    assignment: Assignment, style: Path, plan: Plan, chosen: Sequence[str], by_chance: Sequence[str]
) -> dict[str, Gap]:
    seeds = {c: range(plan.slow_seeds if c in by_chance else plan.seeds) for c in chosen}
    return measure_style(assignment, _checks(assignment.root), style, seeds)


def _start(assignment: Assignment, check_id: str, number: int, seeds: Sequence[int]) -> StartRuns:
    return measure_start(assignment, _checks(assignment.root)[check_id], check_id, number, seeds)


def _weak(assignment: Assignment, check_id: str, learner: Mistake | str, seeds: Sequence[int]) -> Weak | None:
    return measure_weak(assignment, _checks(assignment.root)[check_id], check_id, learner, seeds)


@contextmanager
def _pool(jobs: int) -> Iterator[Callable[..., Callable[[], Any]]]:
    """Hands work out to processes; with one job it is done here, when it is asked for."""
    if jobs == 1:
        yield partial
        return
    executor = ProcessPoolExecutor(jobs)

    def submit(work: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
        future: Future[Any] = executor.submit(work, *arguments)
        return future.result

    try:
        yield submit
    finally:
        executor.shutdown(cancel_futures=True)
