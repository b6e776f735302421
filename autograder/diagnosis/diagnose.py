"""Says which known mistake explains the wrong answers of a submission, where exactly one does."""

from __future__ import annotations

import hashlib
import inspect
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from autograder.assignment.mistakes import read_mistakes
from autograder.checking import follow_through
from autograder.checking.fixtures import Fixtures, module_from, reference_module
from autograder.checking.follow_through import subject
from autograder.checking.in_process import InProcessSession
from autograder.checking.student import Asked
from autograder.diagnosis import evidence, signatures, variants
from autograder.diagnosis.evidence import APART, Answer, Path
from autograder.diagnosis.recall import Recall
from autograder.diagnosis.script import Script, record
from autograder.errors import GraderFault
from autograder.host.ending import WorkerEnded
from autograder.model.assignment import Assignment
from autograder.model.diagnosis import CERTAIN, LIKELY, OBSERVATION, Diagnosis
from autograder.model.mistake import Change, Mistake
from autograder.model.result import FAILED, MALFORMED, PARTIAL, CheckResult
from autograder.wire.messages import Step
from autograder.wire.values import Handle, RandomGenerator

_CASES = 2
"""Times that a check's inputs are drawn: once to choose a mistake, once more to confirm it."""
_MOST_CASES = 4
_ENOUGH = 3
"""Numbers, at least, that would have shown another formula."""
_AND = " + "
_MOST_PAIR_STEPS = 3000  # a step takes about 0.1 ms
Check = Callable[..., None]
_Hypothesis = tuple[Any, Sequence[Change]]
_Output = tuple[str, Path]


@dataclass(frozen=True)
class _Round:
    """A script with the right answers to it and the student's."""

    script: Script
    right: list[Answer]
    student: list[Answer]

    @cached_property
    def places(self) -> list[frozenset[Path]]:
        """Where the two can be compared."""
        return evidence.comparable(self.student, self.right)

    @cached_property
    def wrong(self) -> list[int]:
        """Steps whose answer is wrong at one of these places, or an exception."""
        pairs = zip(self.student, self.right, self.places, strict=True)
        return [i for i, (s, r, places) in enumerate(pairs) if evidence.apart(s, r, places) > 1]

    def at(self, step: int) -> list[tuple[_Output, frozenset[Path]]]:
        """The outputs of a step, each by its function and its place in what that returns."""
        doing = self.script.steps()[step][0].doing
        return [((doing, path), frozenset((path,))) for path in self.places[step]]

    def outputs(self) -> set[_Output]:
        """The outputs in which the student's answer is wrong; an exception is in all of them."""
        return {
            output
            for step in self.wrong
            for output, place in self.at(step)
            if evidence.apart(self.student[step], self.right[step], place) > 1
        }

    @cached_property
    def modified(self) -> list[int]:
        """Steps that changed other arguments than the right ones change."""
        pairs = enumerate(zip(self.student, self.right, strict=True))
        return [i for i, (s, r) in pairs if not s.error and s.modified != r.modified]

    @cached_property
    def odd(self) -> list[int]:
        """Steps whose answer has other places than the right one."""
        pairs = zip(self.student, self.right, strict=True)
        return [i for i, (s, r) in enumerate(pairs) if not s.error and s.paths != r.paths]


class Diagnostician:
    """Knows an assignment's checks and its catalogue of mistakes.

    Parameters
    ----------
    assignment : Assignment
    checks : mapping of str to callable
        The checks' functions by id.
    seed : int
        Of the grading; the inputs here are others.
    mistakes : sequence of Mistake, optional
        Another catalogue than the assignment's.
    """

    def __init__(
        self,
        assignment: Assignment,
        checks: Mapping[str, Check],
        seed: int,
        mistakes: Sequence[Mistake] | None = None,
    ) -> None:
        self._assignment, self._checks, self._seed = assignment, checks, seed
        self._given = mistakes
        self._variants = variants.of(assignment.reference)
        self._recall = Recall(self._variants)
        self._scripts: dict[tuple[Check, str, int], tuple[Script, list[Answer]]] = {}
        self._joined: dict[tuple[tuple[tuple[str, Check], ...], int], tuple[Script, list[Answer]]] = {}
        self._lost: dict[tuple[tuple[Change, ...], str], str] = {}

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The catalogue."""
        if self._given is not None:
            return tuple(self._given)
        return read_mistakes(self._assignment.mistakes) if self._assignment.mistakes else ()

    @cached_property
    def probes(self) -> dict[str, list[Check]]:
        """The probes of each function or class."""
        found: dict[str, list[Check]] = {}
        if self._assignment.probes:
            for item in vars(module_from(self._assignment.probes)).values():
                if hasattr(item, "probe_of"):
                    found.setdefault(item.probe_of, []).append(item)
        return found

    def without(self, catalogue: Sequence[Mistake]) -> Diagnostician:
        """The same with another catalogue; what checks ask is known already."""
        other = Diagnostician(self._assignment, self._checks, self._seed, catalogue)
        other._recall, other._scripts, other._joined = self._recall, self._scripts, self._joined
        other._lost = self._lost
        return other

    def diagnose(self, results: Mapping[str, CheckResult], session: Asked) -> dict[str, Diagnosis]:
        """The diagnosis of each check that lost points and has one.

        Parameters
        ----------
        results : mapping of str to CheckResult
            Of the grading, by check id.
        session : Asked
            Has the submission loaded.
        """
        lost = {i for i, found in results.items() if found.fraction < 1}
        found: dict[str, Diagnosis] = {}
        fitting: dict[str, set[str]] = {}
        groups: dict[str, list[str]] = {}
        for check_id in results:  # in the rubric's order
            if results[check_id].has_wrong_answers:
                groups.setdefault(subject(check_id), []).append(check_id)
        for name, ids in groups.items():
            broken = {subject(i) for i in lost} & self._assignment.rubric.follow_through.below(name)
            broken |= {piece for i in ids for piece in (results[i].follow_through or {}).get("replaced", ())}
            with suppress(WorkerEnded), np.errstate(all="ignore"):  # answers may be infinite
                found |= self._of_subject(name, ids, lost, broken, session, fitting)
        told = self._conventions(found, groups, fitting)
        fits = {check_id: self._fitting(told[check_id], results[check_id], check_id) for check_id in told}
        return {check_id: diagnosis for check_id, diagnosis in fits.items() if diagnosis}

    def _conventions(
        self, found: dict[str, Diagnosis], groups: Mapping[str, list[str]], fitting: Mapping[str, set[str]]
    ) -> dict[str, Diagnosis]:
        """Say of several functions that one other definition runs through them, or do not mention it at all.

        Parameters
        ----------
        found : dict
            The diagnosis of each check.
        groups : mapping of str to list of str
            The lost checks of each function.
        fitting : mapping of str to set of str
            The mistakes that give each function's answers, exceptions included.
        """
        known = {m.id: m for m in self.mistakes}
        wide = {i: m for i, m in known.items() if len(m.components) > 1}
        throughout = {i for i, m in wide.items() if all(i in fitting.get(name, ()) for name in _functions(m))}
        for check_id, told in list(found.items()):
            names = [i for i in (told.mistake, *told.same_numbers) if i not in wide]
            if told.mistake in wide:
                del found[check_id]
                if names:
                    found[check_id] = _named([known[i] for i in names], self._level)
            else:
                found[check_id] = replace(told, same_numbers=tuple(names[1:]))
        for mistake_id in sorted(throughout):
            own = [i for name in _functions(wide[mistake_id]) for i in groups[name]]
            found |= dict.fromkeys(own, _named([wide[mistake_id]], self._level))
        return found

    def _fitting(self, told: Diagnosis, result: CheckResult, check_id: str) -> Diagnosis | None:
        """What of a diagnosis explains this check: a mistake is told where the reference with it loses the same way.

        A mistake that gives all numbers of a function need not be why one of its checks is lost: that may be for an
        exception, for values that are missing, or for a crowd of draws.
        """
        if told.confidence == OBSERVATION:
            return told
        known = {m.id: m for m in self.mistakes}
        if told.confidence == CERTAIN:
            fit = [known[i] for i in (told.mistake, *told.same_numbers)]
            fit = [mistake for mistake in fit if self._loses((mistake,), result, check_id)]
            return _named(fit, self._level) if fit else None
        both = [known[i] for i in told.mistake.split(_AND)]
        alone = [mistake for mistake in both if self._loses((mistake,), result, check_id)]
        if told.hint and len(alone) == 1:  # each has outputs of its own, and this check is about those of one
            return replace(_named(alone, self._level), confidence=LIKELY)
        return told if alone or self._loses(both, result, check_id) else None

    def _loses(self, mistakes: Sequence[Mistake], result: CheckResult, check_id: str) -> bool:
        """Whether the reference with these mistakes loses a check in the same way."""
        is_declared = any(check_id in mistake.loses for mistake in mistakes)
        if not self._is_cheap(check_id) or (is_declared and result.status != MALFORMED):
            return is_declared
        key = tuple(change for mistake in mistakes for change in mistake.changes), check_id
        if key not in self._lost:
            session = InProcessSession(self._variants.namespace(key[0]))
            fixtures = Fixtures(self._assignment, session, self._seed)
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._lost[key] = fixtures.run(self._checks[check_id], check_id).status
        ways = {PARTIAL: FAILED}
        return ways.get(self._lost[key], self._lost[key]) == ways.get(result.status, result.status)

    def _questions(self, name: str, ids: Sequence[str]) -> list[tuple[str, Check]]:
        """What is asked about some checks of a function or class, each with the check that it is asked for."""
        asked = [(check_id, self._checks[check_id]) for check_id in ids if self._is_cheap(check_id)]
        return asked + [(ids[0], probe) for probe in self.probes.get(name, ())]

    def _is_cheap(self, check_id: str) -> bool:
        """Whether it asks the submission's functions, and can do so again without training networks for long."""
        wanted = inspect.signature(self._checks[check_id]).parameters
        asks = "student" in wanted and "record_training" not in wanted
        return asks and check_id not in self._assignment.rubric.undiagnosed

    def _of_subject(
        self,
        name: str,
        ids: list[str],
        lost: set[str],
        broken: set[str],
        session: Asked,
        fitting: dict[str, set[str]],
    ) -> dict[str, Diagnosis]:
        """The diagnosis of the checks of one function or class; `fitting` gets the mistakes that give its answers."""
        asked = self._questions(name, ids)
        if not asked:
            return {}
        rounds = [self._round(asked, 0, session, broken)]
        candidates = [m for m in self.mistakes if _may_explain(m, name, lost)]
        matching = self._matching([(m, m.changes) for m in candidates], rounds)
        if not matching and name in self._assignment.rubric.pairs:
            steps = len(rounds[0].script.steps())
            matching = self._matching(self._pairs(candidates, ids, steps), rounds)
        # Chosen on the first inputs: it has to hold on others, on more of them where each says little.
        for case in range(1, _MOST_CASES):
            if case < _CASES or (matching and not _is_told(rounds)):
                rounds.append(self._round(asked, case, session, broken))
                matching = self._matching(matching, rounds[-1:])
        fitting[name] = {m.id for m, _ in matching if isinstance(m, Mistake)}
        if matching and _is_told(rounds):
            return dict.fromkeys(ids, _named([m for m, _ in matching], self._level))
        if not rounds[0].wrong:
            return {}
        if name in self._assignment.rubric.pairs:
            parts = self._by_output(candidates, rounds)
            if len(parts) > 1 and _is_told(rounds):
                return dict.fromkeys(ids, _named([tuple(parts)], self._level, are_apart=True))
        with self._surroundings(session, broken):
            again = evidence.read(rounds[0].script.play(session))
        drifting = [i for i in ids if i in _not_repeatable(again, rounds[0])]
        said = dict.fromkeys(drifting, _observation(signatures.NOT_REPEATABLE, self._level))
        return said | self._observed([i for i in ids if i not in drifting], rounds)

    @property
    def _level(self) -> str:
        return self._assignment.rubric.hints

    # -- hypotheses

    def _matching(self, hypotheses: Sequence[_Hypothesis], rounds: Sequence[_Round]) -> list[_Hypothesis]:
        """Those that give the student's answers in every step of every round."""
        found = []
        for mistake, changes in hypotheses:
            try:
                if all(self._agrees(changes, item) for item in rounds):
                    found.append((mistake, changes))
            except (GraderFault, SyntaxError):  # two changes that do not go together
                continue
        return found

    def _agrees(self, changes: Sequence[Change], item: _Round) -> bool:
        """Whether a hypothesis gives all the student's answers, and other ones than the reference."""
        differs = False
        for at, mine in enumerate(self._recall.answers(changes, item.script)):
            student, places = item.student[at], item.places[at]
            if at in item.odd and mine.paths == student.paths:
                places, differs = student.paths, True
            if evidence.apart(student, mine, places) > 1:
                return False
            # Whoever computes with a wrong formula may also change an argument, which that mistake does not.
            if mine.modified not in (frozenset(), student.modified):
                return False
            differs = differs or evidence.apart(mine, item.right[at], places) > APART
            differs = differs or mine.modified != item.right[at].modified
        return differs

    def _by_output(self, candidates: Sequence[Mistake], rounds: Sequence[_Round]) -> list[Mistake]:
        """Mistakes in different outputs that together explain every wrong one; none if they do not.

        A mistake explains an output only if it changes no output that the student has right.
        """
        wrong = frozenset(output for item in rounds for output in item.outputs())
        if len(wrong) < 2:
            return []
        explained: dict[frozenset[_Output], list[Mistake]] = {}
        for mistake in candidates:
            changed = self._explains(mistake.changes, rounds, wrong)
            if changed and changed < wrong:
                explained.setdefault(changed, []).append(mistake)
        covered = [output for outputs in explained for output in outputs]
        is_exact = len(covered) == len(set(covered)) and set(covered) == wrong
        is_unique = all(len(group) == 1 for group in explained.values())
        return [group[0] for group in explained.values()] if is_exact and is_unique else []

    def _explains(
        self, changes: Sequence[Change], rounds: Sequence[_Round], wrong: frozenset[_Output]
    ) -> frozenset[_Output]:
        """The outputs that a hypothesis changes, if it gives the student's numbers in all of them; else none."""
        changed: set[_Output] = set()
        for item in rounds:
            for at, mine in enumerate(self._recall.answers(changes, item.script)):
                for output, place in item.at(at):
                    if output in changed or evidence.apart(mine, item.right[at], place) > 1:
                        if output not in wrong or evidence.apart(item.student[at], mine, place) > 1:
                            return frozenset()
                        changed.add(output)
        return frozenset(changed)

    def _pairs(self, candidates: Sequence[Mistake], ids: Sequence[str], steps: int) -> list[_Hypothesis]:
        """Two mistakes at once that together lose all these checks; as many as can be tried in short time."""
        pairs = [
            (one, other)
            for one, other in itertools.combinations(candidates, 2)
            if {*one.loses, *other.loses} >= set(ids) and one.changes[0].new != other.changes[0].new
        ]
        most = _MOST_PAIR_STEPS // max(steps, 1)
        return [(pair, (*pair[0].changes, *pair[1].changes)) for pair in pairs[:most]]

    # -- relations

    def _observed(self, ids: Sequence[str], rounds: Sequence[_Round]) -> dict[str, Diagnosis]:
        """What can be said of each check's outputs without a known mistake."""
        cases: dict[tuple[str, str, Path], list[signatures.Case]] = {}
        for item in rounds:
            order: dict[Any, int] = {}
            for at, (exchange, step) in enumerate(item.script.steps()):
                on = step.get("on")
                before = order.get(on, 0)
                if step["op"] == "call" and on is not None:
                    order[on] = before + 1
                if item.student[at].error:
                    cases.setdefault((exchange.check_id, "", ()), [])
                    continue
                for path in item.places[at]:
                    key = (exchange.check_id, exchange.doing, path)
                    pair = (_floats(answer.numbers[path]) for answer in (item.student[at], item.right[at]))
                    cases.setdefault(key, []).append(signatures.Case(step, before, *pair))
        found: dict[str, Diagnosis] = {}
        for check_id in ids:
            own = [group for key, group in cases.items() if key[0] == check_id]
            told = {signatures.recognise(group) for group in own if any(not c.is_right for c in group)}
            raised = (check_id, "", ()) in cases
            if len(told) == 1 and not raised and (signature := told.pop()) is not None:
                found[check_id] = _observation(signature, self._level)
        return found

    # -- answers

    def _round(
        self, asked: Sequence[tuple[str, Check]], case: int, session: Asked, broken: set[str]
    ) -> _Round:
        """What the student answers to the script of some checks, beside what is right."""
        key = tuple(asked), case
        if key not in self._joined:
            parts = [self._script(check_id, check, case) for check_id, check in asked]
            script = Script(tuple(e for part, _ in parts for e in part.exchanges))
            self._joined[key] = script, [answer for _, answers in parts for answer in answers]
        script, right = self._joined[key]
        with self._surroundings(session, broken):
            return _Round(script, right, evidence.read(script.play(session)))

    def _script(self, check_id: str, check: Check, case: int) -> tuple[Script, list[Answer]]:
        key = (check, check_id, case)  # a probe is asked on behalf of one check or another
        if key not in self._scripts:
            told = f"diagnosis {self._seed} {case}"
            seed = int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")
            namespace = self._variants.namespace()
            script = record(self._assignment, check, check_id, namespace, seed)
            with np.errstate(all="ignore"):
                self._scripts[key] = script, evidence.read(script.play(InProcessSession(namespace)))
        return self._scripts[key]

    @contextmanager
    def _surroundings(self, session: Asked, broken: set[str]) -> Iterator[None]:
        """The reference stands in for pieces that are known to be wrong, and NumPy does not warn."""
        reference = reference_module(self._assignment.reference)
        pieces = {piece: getattr(reference, piece) for piece in sorted(broken)}
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with follow_through.replaced(session, pieces) if pieces else nullcontext():
                yield


def _not_repeatable(again: Sequence[Answer], item: _Round) -> set[str]:
    """The checks for which the same calls did not give the same numbers, where they have to.

    A function that takes a generator, and is called without, may draw from one of its own.
    """
    steps = [step for _, step in item.script.steps()]
    random = {step["name"] for step in steps if step["op"] == "call" and _has_generator(step, item.script)}
    free: set[Any] = set()
    found: set[str] = set()
    for (exchange, step), one, other in zip(item.script.steps(), again, item.student, strict=True):
        if step["op"] == "call" and step["name"] in random and not _has_generator(step, item.script):
            free |= {id(step), *(h for h in _given(step) if isinstance(h, Handle))}
        if id(step) in free or step.get("on") in free:
            continue
        if evidence.apart(one, other, one.paths) > 1:
            found.add(exchange.check_id)
    return found


def _given(step: Step) -> list[Any]:
    return [*step.get("args", ()), *step.get("kwargs", {}).values()]


def _has_generator(step: Step, script: Script) -> bool:
    """Whether a call is given random numbers: a generator, or a kept one."""
    kept = {
        s["save_as"]
        for _, s in script.steps()
        if s["op"] == "put" and isinstance(s["value"], RandomGenerator)
    }
    return any(
        isinstance(value, RandomGenerator) or (isinstance(value, Handle) and value in kept)
        for value in _given(step)
    )


def _floats(numbers: np.ndarray) -> np.ndarray:
    return numbers if numbers.dtype.kind == "f" else numbers.astype(np.float64)


def _is_told(rounds: Sequence[_Round]) -> bool:
    """Whether there are enough numbers among the wrong ones to tell formulas apart."""
    told = 0
    for item in rounds:
        for at in {*item.wrong, *item.odd, *item.modified}:
            if not item.student[at].error:
                is_comparable = at in item.wrong and item.places[at]
                places = item.places[at] if is_comparable else item.student[at].paths
                told += sum(_entropy(item.student[at].numbers[path]) for path in places)
    return told >= _ENOUGH


def _entropy(numbers: np.ndarray) -> int:
    """How many numbers there are that a wrong formula would hardly give by chance.

    A single yes or no is none: of two wrong tests one half say the same.
    """
    values = numbers.astype(np.float64).ravel()
    values = values[np.isfinite(values)]
    different = np.unique(values[:100])
    if len(different) > 1:
        return int(values.size)
    return int(len(different) == 1 and different[0] not in (0.0, 1.0))


def _functions(mistake: Mistake) -> set[str]:
    """Those of a mistake's functions that have checks which it must lose."""
    return {subject(i) for i in mistake.loses} & set(mistake.components)


def _may_explain(mistake: Mistake, name: str, lost: set[str]) -> bool:
    """Whether the checks of one function that a mistake must lose are lost.

    What it loses in the functions that build on it may be judged with the reference in its place, and count.
    """
    own = {check_id for check_id in mistake.loses if subject(check_id) == name}
    return own <= lost and (bool(own) or name in mistake.components)


def _named(
    matching: Sequence[Mistake | tuple[Mistake, ...]], level: str, *, are_apart: bool = False
) -> Diagnosis:
    """A mistake of the catalogue, or several that compute the same; or two at once.

    Two in one formula are told to the instructor only: the words for each describe the other part as right.
    """
    first = matching[0]
    if isinstance(first, tuple):
        texts = [mistake.hint(level) for mistake in first]
        return Diagnosis(
            mistake=_AND.join(mistake.id for mistake in first),
            confidence=LIKELY,
            theme=" + ".join(dict.fromkeys(mistake.theme for mistake in first)),
            summary="Several mistakes: " + " ".join(mistake.summary for mistake in first),
            hint=("More than one thing: " + " ".join(texts)) if are_apart and all(texts) else "",
        )
    others = tuple(mistake.id for mistake in matching[1:] if isinstance(mistake, Mistake))
    return Diagnosis(
        mistake=first.id,
        confidence=CERTAIN,
        theme=first.theme,
        summary=first.summary,
        hint=first.hint(level),
        same_numbers=others,
    )


def _observation(signature: signatures.Signature, level: str) -> Diagnosis:
    as_mistake = Mistake(
        id=f"numbers.{signature.id}",
        changes=(),
        loses=(),
        theme=signature.id,
        summary=signature.pointer,
        nudge=signature.nudge,
        pointer=signature.pointer,
        explanation=f"{signature.pointer} {signature.explanation}".strip(),
    )
    return Diagnosis(as_mistake.id, OBSERVATION, as_mistake.theme, as_mistake.summary, as_mistake.hint(level))
