"""How far inside each check's bound correct answers stay, and how far outside wrong ones fall.

Correct are the reference and the assignment's zoo of styles, given their arrays in double and in single precision;
wrong are the known mistakes, in the checks of the functions that they change and in those that they are declared to
lose.  (What a broken piece does to a composite decides nothing: there the reference takes its place.)

The figure of a run is its largest error, as a share of the bound: comparisons do not end the check here, so a mistake
counts with the one that shows it most.  A run that is lost in another way (an exception, a wrong shape, a number that
is not finite, a statement that does not hold) has an infinite figure.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checking.compare import Comparison, watched
from autograder.checking.fixtures import Fixtures
from autograder.checking.follow_through import subject
from autograder.checking.in_process import InProcessSession
from autograder.checking.student import Asked
from autograder.diagnosis import variants
from autograder.errors import GraderFault
from autograder.host.pool import Zygote
from autograder.host.session import Session
from autograder.intake.read import read
from autograder.model.assignment import Assignment
from autograder.model.mistake import Mistake
from autograder.model.rubric import Tolerance
from autograder.wire.messages import Step

Check = Callable[..., None]
DOUBLE, SINGLE = "double", "single"
REFERENCE = "reference"
LEAST_GAP = 10.0
"""Times that correct answers must stay inside a bound, and wrong ones must fall outside."""


@dataclass(frozen=True)
class Extreme:
    """The largest figure of correct runs, or the least of wrong ones."""

    share: float
    """Error / bound."""
    by: str
    """Whose: a style's or a mistake's name."""
    seed: int
    what: str
    """What was compared."""


@dataclass(frozen=True)
class Reading:
    """What came of one run of a check."""

    shares: Mapping[str, tuple[float, str]]
    """Largest share of the bounds for double and for single precision, each with what was compared."""
    tolerances: frozenset[str]
    """Names of those that decided."""
    lost: str
    """Why the check is lost in another way than by numbers; empty if it is not."""

    @property
    def figure(self) -> tuple[float, str]:
        """Share of the comparison that is farthest out, and what was compared."""
        return (math.inf, self.lost) if self.lost else max(self.shares.values(), default=(0.0, ""))


@dataclass
class Gap:
    """Correct and wrong runs of one check."""

    check: str
    tolerances: set[str] = field(default_factory=set)
    """Names of those that decide it; none if it is decided by statements alone."""
    correct: dict[str, Extreme] = field(default_factory=dict)
    """The worst, by the precision whose bound it was held to."""
    given_single: Extreme | None = None
    """The worst answer in single precision of correct code that was given its arrays in it."""
    works_in_single: bool = False
    """Whether the reference can do that; code that was asked for in double precision need not."""
    wrong: dict[str, Extreme] = field(default_factory=dict)
    """The least, by the precision of the arrays."""
    near: list[Extreme] = field(default_factory=list)
    """Every mistake that stays under the wanted gap, with its least figure."""
    counted: int = 0
    """Mistakes that lose the check by numbers."""
    kept: list[str] = field(default_factory=list)
    """Mistakes that should lose it and did not with some seed."""
    refused: list[str] = field(default_factory=list)
    """Correct solutions that lose it in another way than by numbers."""

    def note_correct(self, by: str, seed: int, reading: Reading) -> None:
        """Take in a run of a correct solution."""
        self.tolerances |= reading.tolerances
        for precision, (share, what) in reading.shares.items():
            self._worse(precision, Extreme(share, by, seed, what))
        if reading.lost:
            self.refused.append(f"{self.check}: the correct {by} loses it (seed {seed}): {reading.lost}")

    def note_given_single(self, by: str, seed: int, reading: Reading) -> None:
        """Take in a run of correct code with arrays in single precision.

        What it loses does not count, and what it answers in double precision neither: a double among the operands
        is enough for that.
        """
        share, what = reading.shares.get(SINGLE, (0.0, ""))
        if not reading.lost and (self.given_single is None or share > self.given_single.share):
            self.given_single = Extreme(share, f"{by} in single", seed, what)

    def note_wrong(self, precision: str, mistake: Mistake, runs: Iterable[tuple[int, Reading]]) -> None:
        """Take in all runs of a mistake with arrays of one precision."""
        is_declared = self.check in mistake.loses
        name = mistake.id if precision == DOUBLE else f"{mistake.id} in single"
        figures = [Extreme(share, name, seed, what) for seed, run in runs for share, what in [run.figure]]
        # Undeclared, it may depend on the inputs whether there is anything to see.
        seen = [figure for figure in figures if is_declared or figure.share > 1]
        least = min(seen, key=lambda figure: figure.share, default=None)
        if least is None or math.isinf(least.share):
            return
        if least.share <= 1 and not self.tolerances:
            self.kept.append(f"{name} (seed {least.seed})")
            return
        self.counted += precision == DOUBLE
        if precision not in self.wrong or least.share < self.wrong[precision].share:
            self.wrong[precision] = least
        if least.share < LEAST_GAP:
            self.near.append(least)

    def join(self, style: Gap) -> None:
        """Take in what a correct style did."""
        self.tolerances |= style.tolerances
        self.refused += style.refused
        for precision, extreme in style.correct.items():
            self._worse(precision, extreme)
        if style.given_single is not None and self.works_in_single:
            self._worse(SINGLE, style.given_single)

    def problems(self) -> Iterator[str]:
        """What must be, and is not."""
        yield from self.refused
        for precision, worst in self.correct.items():
            if not worst.share <= 1 / LEAST_GAP:
                yield (
                    f"{self.check}: the correct {worst.by} comes to {worst.share:.2g} of the bound for {precision} "
                    f"precision (seed {worst.seed}: {worst.what}); at most {1 / LEAST_GAP:g} is wanted."
                )
        for least in self.near:
            yield (
                f"{self.check}: the wrong {least.by} comes to {least.share:.2g} of the bound (seed {least.seed}: "
                f"{least.what}); at least {LEAST_GAP:g} is wanted."
            )
        for name in self.kept:
            yield f"{self.check}: the wrong {name} keeps its points."

    def _worse(self, precision: str, extreme: Extreme) -> None:
        if precision not in self.correct or extreme.share > self.correct[precision].share:
            self.correct[precision] = extreme


def measure_check(
    assignment: Assignment, check: Check, check_id: str, mistakes: Iterable[Mistake], seeds: Sequence[int]
) -> Gap:
    """The reference's runs of a check, and those of the mistakes that are its own."""
    source, gap = variants.of(assignment.reference), Gap(check_id)

    def runs(mistake: Mistake | None, precision: str) -> Iterator[tuple[int, Reading]]:
        for seed in seeds:  # in a module of its own each: a class may remember what came before
            session: Asked = InProcessSession(source.namespace(mistake.changes if mistake else ()))
            session = session if precision == DOUBLE else GivenSingle(session)
            yield seed, run(assignment, session, check, check_id, seed)

    for seed, reading in runs(None, DOUBLE):
        gap.note_correct(REFERENCE, seed, reading)
    if gap.tolerances:
        singles = list(runs(None, SINGLE))
        gap.works_in_single = all(reading.figure[0] <= 1 for _, reading in singles)
        for seed, reading in singles:
            gap.note_given_single(REFERENCE, seed, reading)
        gap.join(gap)
    for mistake in mistakes:
        is_declared = check_id in mistake.loses
        if is_declared or subject(check_id) in mistake.components:
            gap.note_wrong(DOUBLE, mistake, runs(mistake, DOUBLE))
            if is_declared and gap.works_in_single:
                gap.note_wrong(SINGLE, mistake, runs(mistake, SINGLE))
    return gap


def measure_style(
    assignment: Assignment, checks: Mapping[str, Check], style: Path, seeds: Mapping[str, Sequence[int]]
) -> dict[str, Gap]:
    """The runs of a correct submission in a worker, with the seeds of each check.

    Raises
    ------
    GraderFault
        If it cannot be loaded.
    """
    submission = read(style, assignment)
    limits = assignment.rubric.limits
    many = 1 + 2 * max(map(len, seeds.values()), default=1)  # they are meant for one run of each check
    limits = dataclasses.replace(limits, total_s=limits.total_s * many, cpu_s=limits.cpu_s * many)
    gaps = {check_id: Gap(check_id) for check_id in seeds}
    with (
        Zygote("notebook" if submission.kind == "notebook" else "") as zygote,
        Session(zygote, submission, limits, assignment.name, {}, assignment.seed) as session,
    ):
        session.load()
        if session.load_ending is not None:
            raise GraderFault(f"the style {style.name} cannot be loaded: {session.load_ending.message}")
        for check_id, gap in gaps.items():
            check = checks[check_id]
            for seed in seeds[check_id]:
                gap.note_correct(style.name, seed, run(assignment, session, check, check_id, seed))
                if gap.tolerances:
                    reading = run(assignment, GivenSingle(session), check, check_id, seed)
                    gap.note_given_single(style.name, seed, reading)
    return gaps


def run(assignment: Assignment, session: Asked, check: Check, check_id: str, seed: int) -> Reading:
    """Run a check to its end, whatever the numbers are, and read off how they compare with their bounds."""
    seen: list[Comparison] = []
    with watched(seen.append), quiet():
        result = _Unbounded(assignment, session, seed).run(check, check_id)
    names = {tolerance: name for name, tolerance in assignment.rubric.tolerances.items()}
    shares: dict[str, tuple[float, str]] = {}
    used: set[str] = set()
    for comparison in seen:
        if isinstance(comparison.tolerance, _Boundless):  # the others are exact: labels, masks, indices
            real = comparison.tolerance.real
            used.add(names[real])
            bound = real.bound(comparison.scale, comparison.is_single)
            share = comparison.error / bound if bound else math.inf
            precision = SINGLE if comparison.is_single else DOUBLE
            if math.isfinite(share):
                shares[precision] = max(shares.get(precision, (0.0, "")), (share, comparison.what))
    lost = "" if result.fraction == 1 else result.message or result.status
    return Reading(shares, frozenset(used), lost)


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings about what wrong variants compute."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class _Boundless(Tolerance):
    """Accepts every finite number; knows the tolerance whose place it takes."""

    @property
    def real(self) -> Tolerance:
        """The rubric's."""
        return Tolerance(self.rtol, self.atol, self.rtol_single, self.atol_single)

    def bound(self, scale: float, is_single: bool) -> float:
        """No difference is too large."""
        return math.inf


class _Unbounded(Fixtures):
    """Fixtures with which numbers do not end a check."""

    def tolerance(self, name: str = "default") -> Tolerance:
        """``tolerance("name")`` from the rubric, without its bound."""
        return _Boundless(**dataclasses.asdict(super().tolerance(name)))


class GivenSingle:
    """A session that is given its arrays in single precision.

    Parameters
    ----------
    session : Asked
        Answers.
    """

    def __init__(self, session: Asked) -> None:
        self._session = session
        self._put: dict[int, Any] = {}

    @property
    def loaded(self) -> dict[str, Any] | None:
        """What could not be loaded."""
        return self._session.loaded

    def ask(
        self,
        steps: Sequence[Step],
        timeout_s: float,
        callbacks: Sequence[Callable[..., Any]] = (),
        doing: str = "It",
    ) -> list[dict[str, Any]]:
        """Run steps; their outcomes."""
        self._put.update({step["save_as"].number: step["value"] for step in steps if step["op"] == "put"})
        outcomes = self._session.ask([_single(step) for step in steps], timeout_s, callbacks, doing)
        # What was only kept, and not changed, comes back as it was sent: the rounding is ours.
        return [
            {**outcome, "value": _unrounded(outcome["value"], self._put.get(step["on"].number))}
            if step["op"] == "fetch" and "value" in outcome
            else outcome
            for step, outcome in zip(steps, outcomes, strict=False)
        ]

    def callback(self, number: int) -> Callable[..., Any]:
        """The function that a callback of the present request stands for."""
        return self._session.callback(number)

    def register(self, function: Callable[..., Any]) -> int:
        """Let the code call a function of the grader's from now on; returns the number for `Callback`."""
        return self._session.register(function)

    def bind(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Let names mean functions of the grader's."""
        self._session.bind(functions)

    def renew(self) -> None:
        """The same of the session behind it."""
        self._session.renew()

    def unbind(self) -> None:
        """Give all names their own meaning back."""
        self._session.unbind()


def _single(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        return value.astype(np.float32)
    if isinstance(value, dict):
        return {key: _single(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_single(item) for item in value)
    return value


def _unrounded(value: Any, sent: Any) -> Any:
    if isinstance(value, dict) and isinstance(sent, dict):
        return {key: _unrounded(item, sent.get(key)) for key, item in value.items()}
    if isinstance(value, np.ndarray) and isinstance(sent, np.ndarray):
        return sent if np.array_equal(value, _single(sent)) else value
    return value
