"""Finds a small input on which a submission's answer is wrong, for the student to run.

A check is asked once more, with other random inputs than those of the grading.  The first answer that is wrong, and
for which the check takes points, is asked for again with simpler and simpler arguments.
"""

from __future__ import annotations

import hashlib
import inspect
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.checking.fixtures import Fixtures
from autograder.checking.in_process import InProcessSession
from autograder.checking.student import Asked
from autograder.diagnosis import evidence, simpler, snippet, variants
from autograder.diagnosis.evidence import APART, Path
from autograder.diagnosis.script import Exchange, Script, record
from autograder.diagnosis.simpler import Steps
from autograder.host.connection import WorkerEnded
from autograder.model.assignment import Assignment
from autograder.model.counterexample import Counterexample
from autograder.wire import messages
from autograder.wire.messages import Step
from autograder.wire.values import Callback, RandomGenerator

_MOST_CALLS = 60
"""Calls into the submission, at most, while its input is made simpler; an object's methods count each."""
_MOST_OBJECT_CALLS = 200
_PATIENCE_S = 4.0
_MOST_QUESTIONS = 8
"""Wrong answers, at most, of which the check is asked whether it takes points for them."""
_ENOUGH_DRAWS = 8
_NOTHING_TO_SHOW = {"WorkerEnded", "MissingName", "WireError"}
Check = Callable[..., None]
Outcome = Mapping[str, Any]


def find(
    assignment: Assignment, check: Check, check_id: str, session: Asked, seed: int
) -> Counterexample | None:
    """The smallest input found on which the submission's answer is wrong.

    Parameters
    ----------
    assignment : Assignment
    check : callable
        The check's function; it has lost points.
    check_id : str
    session : Asked
        Has the submission loaded.
    seed : int
        Of the grading; the inputs here are others.

    Returns
    -------
    Counterexample or None
        None for a check that students may not see the numbers of, or that trains for long; where the answers are right
        on the other inputs, are not repeatable, or can be called right only of many draws; where a function is handed
        over, or the snippet would be too long.
    """
    wanted = inspect.signature(check).parameters
    is_shown = assignment.rubric.check(check_id).visibility == "visible"
    is_slow = check_id in assignment.rubric.undiagnosed or {"record_training", "settings"} & set(wanted)
    if not is_shown or is_slow:
        return None
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _Search(assignment, check, check_id, session, seed).run()
        except (WorkerEnded, _GivenUp, snippet.Unwritable):
            return None


class _GivenUp(Exception):
    """There is nothing that can be shown."""


@dataclass(frozen=True)
class _Asked:
    """Steps with the student's answer to the last of them, and the right one; or the first exception."""

    steps: Steps
    path: Path
    student: Outcome
    right: Outcome

    @property
    def fault(self) -> str:
        """What is wrong with the answer at the path; empty if nothing is."""
        return _fault(self.student, self.right, self.path)


class _Search:
    """One check of one submission."""

    def __init__(
        self, assignment: Assignment, check: Check, check_id: str, session: Asked, seed: int
    ) -> None:
        self._assignment, self._check, self._check_id, self._session = assignment, check, check_id, session
        told = f"counterexample {seed}"
        self._seed = int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")
        self._namespace = variants.of(assignment.reference).namespace()

    def run(self) -> Counterexample:
        """Find the wrong answer, make its input simpler, and write it down.

        Raises
        ------
        _GivenUp, Unwritable, WorkerEnded
            If there is nothing to show.
        """
        script = record(self._assignment, self._check, self._check_id, self._namespace, self._seed)
        found, is_random = self._isolated(script, *self._first_wrong(script))
        found = self._simplified(found)
        [again] = self._ask(self._session, [found.steps])
        if _fault(again, found.student, found.path) or _fault(found.student, again, found.path):
            raise _GivenUp  # the student's code does not give the same twice
        names = {
            step["save_as"].number: exchange.doing
            for exchange, step in script.steps()
            if step.get("save_as") is not None
        }
        outcomes = (again, found.right)
        return snippet.render(
            self._assignment.name,
            found.steps,
            found.path,
            outcomes,
            names,
            self._namespace,
            is_random=is_random,
        )

    # -- the wrong answer

    def _first_wrong(self, script: Script) -> tuple[int, Path, str]:
        """The first step with an answer that costs points, and where in it; and what is wrong."""
        right = script.play(InProcessSession(self._namespace))
        places = [(at, i) for at, exchange in enumerate(script.exchanges) for i in range(len(exchange.steps))]
        answers, questions = script.answers(self._session), 0
        try:
            for number, (place, student) in enumerate(zip(places, answers, strict=False)):
                self._refuse(student)
                for path in _wrong_places(student, right[number]):
                    fault = _fault(student, right[number], path)
                    questions += 1
                    if "error" in student or self._loses(place, path, student, right[number]):
                        return number, path, fault
                    if questions >= _MOST_QUESTIONS:
                        raise _GivenUp
        finally:
            self._session.ask([messages.drop(script.handles())], _PATIENCE_S)
        raise _GivenUp

    def _refuse(self, outcome: Outcome) -> None:
        """Give up on what is not there, or cannot be read."""
        error = outcome.get("error")
        if error is not None and (
            error.get("type") in _NOTHING_TO_SHOW or "NotImplementedError" in (error.get("bases") or ())
        ):
            raise _GivenUp

    def _loses(self, place: tuple[int, int], path: Path, student: Outcome, right: Outcome) -> bool:
        """Whether the check takes points for this part of the student's answer, everything else being right.

        Answers differ from the reference's also where several are right: in other outputs than the one that a check is
        about, in what is drawn at random, in how far probabilities are clipped.
        """
        value = _with_part(right["value"], path, snippet.at(student["value"], path))
        session = _Spliced(self._namespace, place, value)
        name = getattr(self._check, "__name__", "")
        return (
            Fixtures(self._assignment, session, self._seed).run(self._check, self._check_id, name).fraction
            < 1
        )

    def _isolated(self, script: Script, number: int, path: Path, fault: str) -> tuple[_Asked, bool]:
        """The steps that the wrong answer needs, and whether it depends on draws."""
        before = [step for _, step in script.steps()][: number + 1]
        for steps in (_needed(before), _all_on_objects(before)):
            if any(isinstance(leaf, Callback) for leaf, _ in simpler.leaves(steps)):
                raise _GivenUp
            [found] = self._both([steps], path)
            if found is not None and found.fault == fault:
                is_random = self._is_random(found)
                if is_random and fault == "values" and not _has_same_draws(found):
                    raise _GivenUp  # nobody can tell from a few draws that they are wrong
                return found, is_random
        raise _GivenUp

    def _is_random(self, found: _Asked) -> bool:
        """Whether the right answer is another one with other seeds."""
        parts = [leaf for leaf, _ in simpler.leaves(found.steps)]
        others = [RandomGenerator(p.seed + 1) if isinstance(p, RandomGenerator) else p for p in parts]
        if not any(isinstance(p, RandomGenerator) for p in parts):
            return False
        [other] = self._ask(InProcessSession(self._namespace), [simpler.with_leaves(found.steps, others)])
        return bool(_fault(other, found.right, found.path))

    # -- a smaller one

    def _simplified(self, found: _Asked) -> _Asked:
        """The same fault with simpler arguments."""
        began, fault = time.monotonic(), found.fault
        calls = _calls(found.steps)
        left = (_MOST_CALLS if len(found.steps) == 1 else _MOST_OBJECT_CALLS) // max(calls, 1) - 2
        rounds = simpler.proposals(found.steps, found.path, _gap(found))
        taken: Steps | None = None
        while True:
            try:
                batch = rounds.send(taken)[:left]
            except StopIteration:
                return found
            if time.monotonic() - began > _PATIENCE_S:
                raise _GivenUp
            left -= len(batch)
            good = (
                one for one in self._both(batch, found.path, found) if one is not None and one.fault == fault
            )
            best = next(good, None)
            found, taken = (best, best.steps) if best is not None else (found, None)

    def _both(self, batch: list[Steps], path: Path, like: _Asked | None = None) -> list[_Asked | None]:
        """What the reference and the student answer to each; None where the reference does not answer as before."""
        if not batch:
            return []
        right = self._ask(InProcessSession(self._namespace), batch)
        asked = [i for i, answer in enumerate(right) if _is_sound(answer, like)]
        answers = iter(self._ask(self._session, [batch[i] for i in asked]))
        return [
            _Asked(steps, path, next(answers), right[i]) if i in asked else None
            for i, steps in enumerate(batch)
        ]

    def _ask(self, session: Asked, batch: Sequence[Steps]) -> list[Outcome]:
        """The answers to the last steps, or the first exceptions; everything in one exchange."""
        if not batch:
            return []
        steps = tuple(step for one in batch for step in one)
        outcomes = Script((Exchange(self._check_id, "", steps),)).play(session)
        if len(outcomes) != len(steps):
            raise _GivenUp
        found, left = [], iter(outcomes)
        for one in batch:
            own = [next(left) for _ in one]
            found.append(next((o for o in own if "error" in o), own[-1]))
            self._refuse(found[-1])
        return found


class _Spliced(InProcessSession):
    """The reference, with one answer of the student's in place of its own."""

    def __init__(self, namespace: dict[str, Any], place: tuple[int, int], value: Any) -> None:
        super().__init__(namespace)
        self._place, self._value, self._number = place, value, 0

    def ask(
        self,
        steps: Sequence[Step],
        timeout_s: float,
        callbacks: Sequence[Callable[..., Any]] = (),
        doing: str = "It",
    ) -> list[dict[str, Any]]:
        """Run steps; their outcomes, or what takes the place of one."""
        outcomes = super().ask(steps, timeout_s, callbacks, doing)
        if any(step["op"] != "perturb" for step in steps):  # as in recorded scripts
            if self._number == self._place[0]:
                outcomes[self._place[1]] = {"value": self._value}
            self._number += 1
        return outcomes


# -- answers


def _fault(student: Outcome, right: Outcome, path: Path) -> str:
    """What is wrong with a part of an answer; empty if nothing is."""
    [mine], [wanted] = evidence.read([dict(student)]), evidence.read([dict(right)])
    if mine.error or wanted.error:
        return "" if mine.error == wanted.error else f"raises {mine.error}"
    if path not in wanted.numbers:  # all of it, and it is none of the parts
        return "parts" if mine.paths != wanted.paths else ""
    if path not in mine.numbers:
        return "kind"
    one, other = mine.numbers[path], wanted.numbers[path]
    if not evidence.distance(one, other) > APART:
        return ""
    if one.shape != other.shape and not one.size == other.size == 1:
        return "shape"
    return "values" if np.isfinite(one).all() or not np.isfinite(other).all() else "not finite"


def _wrong_places(student: Outcome, right: Outcome) -> list[Path]:
    """Where an answer is wrong: in which of its parts, or else as a whole."""
    [mine], [wanted] = evidence.read([dict(student)]), evidence.read([dict(right)])
    if mine.error:
        return [()]
    parts = [p for p in wanted.numbers if p in mine.numbers and _fault(student, right, p)]
    return [*parts, ()] if mine.paths != wanted.paths and () not in parts else parts


def _with_part(value: Any, path: Path, part: Any) -> Any:
    """A value in which one part is another one."""
    if not path:
        return part
    key, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, key: _with_part(value[key], rest, part)}
    return type(value)(_with_part(v, rest, part) if i == key else v for i, v in enumerate(value))


def _is_sound(answer: Outcome, like: _Asked | None) -> bool:
    """Whether the reference answers, with finite numbers where it had such before."""
    if "error" in answer:
        return False
    [now] = evidence.read([dict(answer)])
    before = evidence.read([dict(like.right)])[0].numbers if like is not None else {}
    return (
        all(
            np.isfinite(numbers).all() or (path in before and not np.isfinite(before[path]).all())
            for path, numbers in now.numbers.items()
        )
        or like is None
    )


def _gap(found: _Asked) -> np.ndarray | None:
    """How far each number is off; None where they cannot be compared one by one."""
    if found.fault not in ("values", "not finite"):
        return None
    [mine], [wanted] = evidence.read([dict(found.student)]), evidence.read([dict(found.right)])
    one, other = mine.numbers[found.path], wanted.numbers[found.path]
    if one.shape != other.shape:
        return None
    return np.nan_to_num(np.abs(one.astype(np.float64) - other), nan=np.inf)


def _has_same_draws(found: _Asked) -> bool:
    """Whether wrong random numbers are the right ones, scaled and shifted: then the draws were the same."""
    [mine], [wanted] = evidence.read([dict(found.student)]), evidence.read([dict(found.right)])
    if found.path not in mine.numbers or found.path not in wanted.numbers:
        return False
    one, other = (a.numbers[found.path].astype(np.float64).ravel() for a in (mine, wanted))
    if len(np.unique(other)) < 2:
        return True
    return one.size >= _ENOUGH_DRAWS and abs(float(np.corrcoef(one, other)[0, 1])) > 1 - 1e-9


# -- steps


def _calls(steps: Sequence[Step]) -> int:
    return sum(step["op"] == "call" for step in steps)


def _needed(before: Sequence[Step]) -> Steps:
    """The last step, with those before it that make or change the objects that it works on."""
    *earlier, last = before
    objects, kept = set(snippet.mentioned(last)), [last]
    for step in reversed(earlier):
        own = set(snippet.mentioned(step))
        if step["op"] not in ("get", "fetch") and own & objects:
            objects |= own
            kept.append(step)
    return tuple(reversed(kept))


def _all_on_objects(before: Sequence[Step]) -> Steps:
    """The last step, with all before it that make or change an object: objects of one class can share something."""
    *earlier, last = before
    return (*(s for s in earlier if s["op"] not in ("get", "fetch") and any(snippet.mentioned(s))), last)
