"""How often correct work misses full marks where a check depends on chance, and how often weak work gets them.

Such a check has several independent starts (`autograder.checking.training.until_decided`), and each is measured
alone, with the same seeds.  Where k of n starts missed, the chance of a miss is below the upper limit of Clopper and
Pearson; with k = 0 that is the rule of three, about 3 / n.  Nothing is assumed about how losses and accuracies are
distributed: the distance of the worst one from its threshold, in standard deviations, is told beside it and decides
nothing.  All starts have to miss before marks are lost, so the chance of that is below the product of the limits.

The same holds for all checks together: where one of them is lost, the first start of some check has missed, and the
second start of some check.  These are independent, and how often each happens is counted.

References
----------
Clopper, Pearson (1934), The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial, Biometrika.
Hanley, Lippman-Hand (1983), If Nothing Goes Wrong, Is Everything All Right?, JAMA (the rule of three).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.checking.direct import DirectSession
from autograder.checking.fixtures import Fixtures
from autograder.checking.in_process import InProcessSession
from autograder.checking.training import one_start
from autograder.diagnosis import variants
from autograder.model.assignment import Assignment
from autograder.model.mistake import Mistake
from autograder.proving.gaps import quiet

MOST_CHANCE = 1e-4
"""Of a correct solution, to miss full marks in anything that depends on chance."""
CONFIDENCE = 0.95
MOST_WEAK = 0.05
"""Share of seeds with which weak work may get full marks."""
STILL, SHUFFLED = "learning rate 0", "labels shuffled"


@dataclass
class StartRuns:
    """One start of a check, alone, over many seeds."""

    starts: int = 0
    """How many the check has; 0 if it does not depend on chance."""
    missed: list[int] = field(default_factory=list)
    """Seeds with which it did not earn full marks."""
    trainings: list[Mapping[str, Any]] = field(default_factory=list)
    """What the trainings of all seeds reached, as the report has them, without curves."""

    def join(self, other: StartRuns) -> None:
        """Take in the runs of other seeds."""
        self.starts = max(self.starts, other.starts)
        self.missed += other.missed
        self.trainings += other.trainings


@dataclass(frozen=True)
class Spread:
    """What one start of a training reached, over many seeds."""

    task: str
    start: int
    metric: str
    threshold: float
    """What earns full marks in this start."""
    is_rising: bool
    """Whether more is better."""
    mean: float
    sd: float
    worst: float

    @property
    def mean_distance(self) -> float:
        """Of the mean from the threshold, in standard deviations; negative if it misses."""
        return self._inside(self.mean)

    @property
    def worst_distance(self) -> float:
        """Of the worst run, likewise."""
        return self._inside(self.worst)

    def _inside(self, value: float) -> float:
        inside = value - self.threshold if self.is_rising else self.threshold - value
        return inside / self.sd if self.sd else math.copysign(math.inf, inside)


@dataclass(frozen=True)
class Weak:
    """Work that has learned too little, or nothing."""

    name: str
    seeds: int
    passed: int
    """With how many of the seeds it got full marks."""
    mean: float
    """Share of the marks that it got on average."""


@dataclass
class Chance:
    """One check that depends on chance."""

    check: str
    seeds: int
    starts: list[StartRuns]
    weak: list[Weak] = field(default_factory=list)

    @property
    def bound(self) -> float:
        """Limit on the chance that a correct solution misses full marks."""
        return math.prod(
            upper_limit(len(start.missed), self.seeds, _share(self.starts)) for start in self.starts
        )

    def spreads(self) -> Iterator[Spread]:
        """What the trainings reached, by task and start."""
        for number, start in enumerate(self.starts, 1):
            tasks: dict[str, list[Mapping[str, Any]]] = {}
            for record in start.trainings:
                tasks.setdefault(str(record["task"]), []).append(record)
            for task, records in tasks.items():
                values = [float(record["value"]) for record in records]
                threshold, zero = float(records[0]["threshold"]), float(records[0]["zero"])
                yield Spread(
                    task,
                    number,
                    str(records[0]["metric"]),
                    threshold,
                    threshold > zero,
                    statistics.fmean(values),
                    statistics.stdev(values) if len(values) > 1 else 0.0,
                    min(values) if threshold > zero else max(values),
                )

    def problems(self) -> Iterator[str]:
        """What must be, and is not."""
        if not self.bound < MOST_CHANCE:
            missed = ", ".join(str(len(start.missed)) for start in self.starts)
            yield (
                f"{self.check}: correct work misses full marks with a chance below {self.bound:.1g}; wanted is "
                f"{MOST_CHANCE:g} ({missed} of {self.seeds} starts missed; {_enough(len(self.starts))} without a "
                "miss would do)."
            )
        for weak in self.weak:
            if not weak.passed <= MOST_WEAK * weak.seeds:
                yield f"{self.check}: {weak.name} gets full marks with {weak.passed} of {weak.seeds} seeds."


def together(chances: Iterable[Chance]) -> float:
    """Limit on the chance that a correct solution misses full marks in any of these checks."""
    groups: dict[int, list[Chance]] = {}
    for chance in chances:
        groups.setdefault(len(chance.starts), []).append(chance)
    confidence = 1 - (1 - CONFIDENCE) / max(sum(groups), 1)
    total = 0.0
    for starts, group in groups.items():
        product = 1.0
        for number in range(starts):
            missed = {seed for chance in group for seed in chance.starts[number].missed}
            product *= upper_limit(len(missed), min(chance.seeds for chance in group), confidence)
        total += product
    return min(total, 1.0)


def upper_limit(misses: int, runs: int, confidence: float) -> float:
    """Clopper and Pearson's: with a larger chance, so few misses would have had less than 1 - `confidence`.

    Examples
    --------
    >>> round(upper_limit(0, 300, 0.95), 4)
    0.0099
    """
    if misses >= runs:
        return 1.0
    low, high = misses / runs, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        at_most = sum(math.comb(runs, k) * middle**k * (1 - middle) ** (runs - k) for k in range(misses + 1))
        low, high = (middle, high) if at_most > 1 - confidence else (low, middle)
    return high


def measure_start(
    assignment: Assignment, check: Callable[..., None], check_id: str, number: int, seeds: Sequence[int]
) -> StartRuns:
    """Run one start of a check with the reference, in this process.

    There is no time limit: a machine that is busy or halted says nothing about correct work.
    """
    runs, source = StartRuns(), variants.of(assignment.reference)
    for seed in seeds:
        fixtures = Fixtures(assignment, DirectSession(source.namespace()), seed)
        with quiet(), one_start(number) as watch:
            result = fixtures.run(check, check_id)
        runs.starts = max(runs.starts, watch.starts)
        if result.fraction < 1:
            runs.missed.append(seed)
        runs.trainings += [
            {k: v for k, v in record.items() if k != "loss_curve"} for record in result.training
        ]
    return runs


def measure_weak(
    assignment: Assignment,
    check: Callable[..., None],
    check_id: str,
    learner: Mistake | str,
    seeds: Sequence[int],
) -> Weak | None:
    """Run a check as it is graded on weak work: a mistake, `STILL` or `SHUFFLED`.

    Returns
    -------
    Weak or None
        None if the check asks for no learning rate, or there are no labels to shuffle.
    """
    source, shares = variants.of(assignment.reference), []
    for seed in seeds:
        namespace = source.namespace(learner.changes if isinstance(learner, Mistake) else ())
        kind = _SPOILT.get(learner, Fixtures) if isinstance(learner, str) else Fixtures
        fixtures = kind(assignment, InProcessSession(namespace), seed)
        with quiet():
            shares.append(fixtures.run(check, check_id).fraction)
        if isinstance(fixtures, _Spoilt) and not fixtures.is_spoilt and shares[-1] == 1:
            return None
    name = learner if isinstance(learner, str) else learner.id
    return Weak(name, len(seeds), sum(share == 1 for share in shares), statistics.fmean(shares))


class _Spoilt(Fixtures):
    """Fixtures with which nothing can be learned."""

    is_spoilt = False
    """Whether the check has asked for what is spoilt."""


class _Still(_Spoilt):
    """With a learning rate, ``lr`` in the rubric, of 0."""

    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """``settings["task"]``, with a learning rate of 0."""
        return {task: _Rated(table, self._note) for task, table in super().settings().items()}

    def _note(self) -> None:
        self.is_spoilt = True


class _Rated(dict[str, Any]):
    """A table of the rubric in which ``lr`` is 0, and which tells when that is read."""

    def __init__(self, content: Mapping[str, Any], note: Callable[[], None]) -> None:
        super().__init__(content)
        self._note = note

    def __getitem__(self, name: str) -> Any:
        if name != "lr":
            return super().__getitem__(name)
        self._note()
        return 0.0


class _Shuffled(_Spoilt):
    """With training labels, the arrays ``y_train``, that belong to other examples."""

    def data(self, name: str) -> dict[str, np.ndarray]:
        """``data("name")``, with its labels shuffled."""
        arrays = dict(super().data(name))
        if "y_train" in arrays:
            self.is_spoilt = True
            arrays["y_train"] = np.random.default_rng(self.seed).permutation(arrays["y_train"])
        return arrays


_SPOILT: Mapping[str, type[_Spoilt]] = {STILL: _Still, SHUFFLED: _Shuffled}


def _share(starts: Sequence[object]) -> float:
    """Confidence of each start's limit, so that all of them together have `CONFIDENCE`."""
    return 1 - (1 - CONFIDENCE) / max(len(starts), 1)


def _enough(starts: int) -> int:
    """Seeds without a miss that show `MOST_CHANCE`."""
    confidence = 1 - (1 - CONFIDENCE) / starts
    return math.ceil(math.log(1 - confidence) / math.log1p(-(MOST_CHANCE ** (1 / starts))))
