"""Finds a small input on which a submission's answer is wrong, for the student to run.

A check is asked once more, with other random inputs than those of the grading.  The first answer that is wrong, and
for which the check takes points, is asked for again with simpler and simpler arguments.
"""

from __future__ import annotations

import hashlib
import inspect
import time
import warnings
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.checking import follow_through
from autograder.checking.fixtures import Fixtures, reference_module
from autograder.checking.in_process import InProcessSession
from autograder.checking.student import Asked
from autograder.diagnosis import simpler, snippet, variants
from autograder.diagnosis.evidence import Path
from autograder.diagnosis.faults import VALUES, Compared, Outcome, at, with_part
from autograder.diagnosis.script import Exchange, Script, record
from autograder.diagnosis.simpler import Steps
from autograder.host.ending import WorkerEnded
from autograder.model.assignment import Assignment
from autograder.model.counterexample import Counterexample
from autograder.wire import messages
from autograder.wire.messages import Step
from autograder.wire.values import Callback, Handle, RandomGenerator

_MOST_CALLS, _MOST_OBJECT_CALLS = 60, 80
"""Calls into the submission, at most: of a function, and of a class with its methods."""
_PATIENCE_S = 4.0
_MOST_QUESTIONS = 8
"""Wrong answers, at most, of which the check is asked whether it takes points for them."""
_SHARE = 0.01
"""Part of the first error that must be left: an error of 1e-12 between two tiny losses shows nothing."""
_NOTHING_TO_SHOW = {"WorkerEnded", "MissingName", "WireError"}
Check = Callable[..., None]


def find(
    assignment: Assignment,
    check: Check,
    check_id: str,
    session: Asked,
    seed: int,
    *,
    is_notebook: bool = False,
    replaced: Collection[str] = (),
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
    is_notebook : bool
        Whether it is shown to somebody who works in a notebook: there is no file to import from.
    replaced : collection of str
        Broken pieces for which the reference stood in when the check was lost.  What is shown is wrong with the
        reference in their place, and just as wrong with the student's own, which is what the student will see.

    Returns
    -------
    Counterexample or None
        None for a check that students may not see the numbers of, that asks no function, or that trains for long;
        where the answers are right on the other inputs, not repeatable, or wrong only as a crowd of draws; where a
        function is handed over; where the snippet would be too long.
    """
    wanted = inspect.signature(check).parameters
    is_shown = assignment.rubric.check(check_id).visibility == "visible"
    is_slow = check_id in assignment.rubric.undiagnosed or {"record_training", "settings"} & set(wanted)
    if not is_shown or is_slow or "student" not in wanted:
        return None
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _Search(assignment, check, check_id, session, seed, is_notebook, replaced).run()
        except (WorkerEnded, _NothingFound, snippet.Unwritable):
            return None


class _NothingFound(Exception):
    """There is nothing that can be shown."""


@dataclass(frozen=True)
class _Case:
    """Steps, the part of the last one's answer that is wrong, and the answers or first exceptions."""

    steps: Steps
    path: Path
    answers: Compared

    @property
    def fault(self) -> str:
        return self.answers.fault(self.path)


class _Search:
    """One check of one submission."""

    def __init__(
        self,
        assignment: Assignment,
        check: Check,
        check_id: str,
        session: Asked,
        seed: int,
        is_notebook: bool,
        replaced: Collection[str],
    ) -> None:
        reference = reference_module(assignment.reference)
        self._pieces = {name: getattr(reference, name) for name in replaced if hasattr(reference, name)}
        self._module = "" if is_notebook else assignment.name
        self._assignment, self._check, self._check_id, self._session = assignment, check, check_id, session
        told = f"counterexample {seed}"
        self._seed = int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")
        self._namespace = variants.of(assignment.reference).namespace()

    def run(self) -> Counterexample:
        """Find the wrong answer, make its input simpler, and write it down.

        Raises
        ------
        _NothingFound, Unwritable, WorkerEnded
            If there is nothing to show.
        """
        script = record(self._assignment, self._check, self._check_id, self._namespace, self._seed)
        with follow_through.replaced(self._session, self._pieces) if self._pieces else nullcontext():
            number, path = self._first_wrong(script)
            found = self._alone([step for _, step in script.steps()][: number + 1], path)
            is_random = self._is_random(found)
            # With all the draws: nobody can tell from a few that they are wrong.
            needs_all = is_random and found.fault == VALUES
            found = self._with_a_short_seed(found) if needs_all else self._simplified(found)
            found = self._with_what_it_changes(found)
        kept = [(step["save_as"], e.doing) for e, step in script.steps() if step.get("save_as") is not None]
        names = {handle.number: doing for handle, doing in kept}
        # Asked once more, and all of it the student's own: other code would not print what is said here.
        first, again = (
            snippet.render(
                self._module,
                found.steps,
                path,
                Compared(student, found.answers.right),
                names=names,
                namespace=self._namespace,
                is_random=is_random,
            )
            for student in (found.answers.student, *self._ask(self._session, [found.steps]))
        )
        if first != again:
            raise _NothingFound
        return first

    # -- the wrong answer

    def _first_wrong(self, script: Script) -> tuple[int, Path]:
        """The first step with an answer that costs points, and the part of it that does."""
        right = script.play(InProcessSession(self._namespace))
        places = [(n, i) for n, exchange in enumerate(script.exchanges) for i in range(len(exchange.steps))]
        found, questions = None, 0
        for number, student in enumerate(script.answers(self._session)):
            self._refuse(student)
            for path in Compared(student, right[number]).wrong_parts() if number < len(right) else ():
                questions += 1
                if "error" in student or self._loses(script, places[number], path, student, right[number]):
                    found = number, path
                    break
            if found or questions >= _MOST_QUESTIONS:
                break
        if script.handles():
            self._session.ask([messages.drop(script.handles())], _PATIENCE_S)
        if found is None:
            raise _NothingFound
        return found

    def _refuse(self, outcome: Outcome) -> None:
        """Give up on what is not there, or cannot be read."""
        error = outcome.get("error")
        if error is not None and (
            error.get("type") in _NOTHING_TO_SHOW or "NotImplementedError" in (error.get("bases") or ())
        ):
            raise _NothingFound

    def _loses(
        self, script: Script, place: tuple[int, int], path: Path, student: Outcome, right: Outcome
    ) -> bool:
        """Whether the check takes points for this part of the student's answer, everything else being right.

        Answers differ from the reference's also where several are right: in other outputs than the one that a check is
        about, in what is drawn at random, in how far probabilities are clipped.
        """
        value = with_part(right["value"], path, at(student["value"], path))
        session = _Spliced(self._namespace, script, place, value)
        fixtures = Fixtures(self._assignment, session, self._seed)
        result = fixtures.run(self._check, self._check_id, getattr(self._check, "__name__", ""))
        return result.fraction < 1

    def _alone(self, before: Sequence[Step], path: Path) -> _Case:
        """The last step's wrong answer, from no more steps than it needs."""
        for steps in (_needed(before), _all_on_objects(before)):
            if any(isinstance(leaf, Callback) for leaf, _ in simpler.leaves(steps)):
                raise _NothingFound
            [found] = self._both([steps], path)
            if found is not None and found.fault:
                return found
        raise _NothingFound

    def _is_random(self, found: _Case) -> bool:
        """Whether the right answer is another one with other seeds."""
        parts = [leaf for leaf, _ in simpler.leaves(found.steps)]
        if not any(isinstance(part, RandomGenerator) for part in parts):
            return False
        others = [RandomGenerator(p.seed + 1) if isinstance(p, RandomGenerator) else p for p in parts]
        [other] = self._ask(InProcessSession(self._namespace), [simpler.with_leaves(found.steps, others)])
        return bool(Compared(other, found.answers.right).fault(found.path))

    # -- a smaller one

    def _with_a_short_seed(self, found: _Case) -> _Case:
        parts = [leaf for leaf, _ in simpler.leaves(found.steps)]
        plain = [RandomGenerator(0) if isinstance(part, RandomGenerator) else part for part in parts]
        [other] = self._both([simpler.with_leaves(found.steps, plain)], found.path)
        return other if other and other.fault == found.fault else found

    def _with_what_it_changes(self, found: _Case) -> _Case:
        """Where nothing is to be returned, the object that the call changes is what is wrong, and is shown."""
        last = found.steps[-1]
        if last["op"] != "call" or found.answers.right.get("value", 0) is not None:
            return found
        kept = {step["save_as"].number: step["value"] for step in found.steps if step["op"] == "put"}
        for handle in last["args"]:
            if isinstance(handle, Handle) and handle.number in kept:
                [case] = self._both([(*found.steps, messages.fetch(handle))], ())
                before = {"value": kept[handle.number]}
                if case and case.fault == found.fault and Compared(before, case.answers.right).fault(()):
                    return case
        return found

    def _simplified(self, found: _Case) -> _Case:
        """The same fault with simpler arguments."""
        began, first, path = time.monotonic(), found, found.path
        calls = sum(step["op"] == "call" for step in found.steps)
        left = (_MOST_CALLS if len(found.steps) == 1 else _MOST_OBJECT_CALLS) // max(calls, 1) - 2
        least = _SHARE * first.answers.largest_gap(path) if first.fault == VALUES else 0.0
        rounds = simpler.proposals(found.steps, path, found.answers.gap(path))
        taken: Steps | None = None
        while True:
            try:
                batch = rounds.send(taken)[:left]
            except StopIteration:
                return found
            if time.monotonic() - began > _PATIENCE_S:
                raise _NothingFound
            left -= len(batch)
            taken = None
            for one in self._both(batch, path, needs_finite=first.answers.is_sound()):
                if one and one.fault == first.fault and one.answers.largest_gap(path) >= least:
                    found, taken = one, one.steps
                    break

    def _both(self, batch: list[Steps], path: Path, *, needs_finite: bool = False) -> list[_Case | None]:
        """What both answer to each; None where the reference raises, or has no finite numbers if it needs them."""
        right = self._ask(InProcessSession(self._namespace), batch)
        is_sound = ["error" not in r and (not needs_finite or Compared(r, r).is_sound()) for r in right]
        student = iter(
            self._ask(self._session, [s for s, sound in zip(batch, is_sound, strict=True) if sound])
        )
        return [
            _Case(steps, path, Compared(next(student), answer)) if sound else None
            for steps, answer, sound in zip(batch, right, is_sound, strict=True)
        ]

    def _ask(self, session: Asked, batch: Sequence[Steps]) -> list[Outcome]:
        """The answers to the last steps, or the first exceptions; everything in one exchange."""
        if not batch:
            return []
        steps = tuple(step for one in batch for step in one)
        outcomes = Script((Exchange(self._check_id, "", steps),)).play(session)
        if len(outcomes) != len(steps):
            raise _NothingFound
        found: list[Outcome] = []
        left = iter(outcomes)
        for one in batch:
            own = [next(left) for _ in one]
            found.append(next((outcome for outcome in own if "error" in outcome), own[-1]))
            self._refuse(found[-1])
        return found


class _Spliced(InProcessSession):
    """The reference, with one answer of the student's in place of its own."""

    def __init__(self, namespace: dict[str, Any], script: Script, place: tuple[int, int], value: Any) -> None:
        super().__init__(namespace)
        (self._exchange, self._step), self._value = place, value
        self._name = script.exchanges[self._exchange].steps[self._step].get("name")
        self._recorded, self._number = len(script.exchanges), 0

    def ask(
        self,
        steps: Sequence[Step],
        timeout_s: float,
        callbacks: Sequence[Callable[..., Any]] = (),
        doing: str = "It",
    ) -> list[dict[str, Any]]:
        """Run steps; their outcomes, or what takes the place of one."""
        outcomes = super().ask(steps, timeout_s, callbacks, doing)
        # A check that goes another way for such an answer may ask for it again.
        is_again = self._number >= self._recorded and steps[-1].get("name") == self._name
        if self._number == self._exchange or is_again:
            outcomes[min(self._step, len(outcomes) - 1)] = {"value": self._value}
        self._number += 1
        return outcomes


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
    """The last step, with all before it that make or change an object: those of one class may share something."""
    *earlier, last = before
    return (*(s for s in earlier if s["op"] not in ("get", "fetch") and any(snippet.mentioned(s))), last)
