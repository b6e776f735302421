"""Judges pieces that are made of others again, with the reference in place of what the student has broken of these.

A composite is checked in the student's own chain first.  If it loses points there, and pieces that it builds on
have lost points in their own checks, their names in the submission are bound to the reference's pieces and the
composite is checked again.  So is any function that the student has made of other functions of the homework.  The
reference itself never enters the worker: functions are called back here, and objects stand in for the student's with
their methods running here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from autograder.checking.student import Asked
from autograder.host.callbacks import Changed
from autograder.host.ending import WorkerEnded
from autograder.model.result import (
    CRASHED,
    ERROR,
    LISTS,
    MALFORMED,
    MEMORY,
    PARTIAL,
    PASSED,
    TIMEOUT,
    CheckResult,
)
from autograder.model.rubric import Rubric
from autograder.wire import messages
from autograder.wire.values import Callback, Handle, Opaque, RandomGenerator, StandIn

_CALL_S = 60.0
_ENDED = (TIMEOUT, CRASHED, MEMORY)
_NESTED_HANDLES = 1 << 40  # apart from those that checks count up from 1


def subject(check_id: str) -> str:
    """The function or class that a check is about."""
    return check_id.partition(".")[0]


def mark(
    rubric: Rubric,
    results: Mapping[str, CheckResult],
    run: Callable[[set[str]], Mapping[str, CheckResult]],
    again: Callable[[set[str]], Mapping[str, CheckResult]],
    session: Asked,
    reference: ModuleType,
    uses_of: Callable[[], Mapping[str, set[str]]] = dict,
) -> dict[str, CheckResult]:
    """Results in which each composite is judged by its better chance, its own chain or the reference's.

    Parameters
    ----------
    results : mapping of str to CheckResult
        From the student's own chain, by check id.
    run : callable
        Runs the checks with these ids against the session, for the first time.
    again : callable
        Runs them once more.
    session : Asked
        Has the submission loaded.
    reference : module
        The solution.
    uses_of : callable
        Asked only if something is lost. Returns, for functions and classes of the submission, the others that its
        author has made them of, where the homework did not ask for that.

    Returns
    -------
    dict of str to CheckResult
        With the keys of `results`.
    """
    rule = rubric.follow_through
    if not rule.builds_on or all(found.fraction == 1 for found in results.values()):
        return dict(results)  # the rubric asks for none, or nothing is lost
    uses = uses_of()

    # A piece comes before what is made of it, and what the homework makes of pieces is none: otherwise a function could
    # ask the reference for its own answer by a network around it, or two for each other's.
    order = {name: at for at, name in enumerate(dict.fromkeys(subject(c.id) for c in rubric.checks))}

    def below(name: str) -> set[str]:
        if name in rule.builds_on:
            return rule.below(name)
        return {
            used for used in uses.get(name, ()) if order[used] < order[name] and used not in rule.builds_on
        }

    known = dict(results)
    # With a selection, what a lost composite is made of has not been judged yet.
    made_of = {piece for i, found in results.items() if found.fraction < 1 for piece in below(subject(i))}
    unknown = {c.id for c in rubric.checks if subject(c.id) in made_of} - known.keys()
    if unknown:
        known |= run(unknown)
    own_ideas = sorted(uses.keys() - rule.builds_on.keys(), key=lambda name: (len(below(name)), name))
    for name in [*own_ideas, *rule.order()]:
        lost = {i for i, found in known.items() if subject(i) == name and found.fraction < 1}
        if not lost:
            continue
        broken = {subject(i) for i, found in known.items() if _is_broken(found)} & below(name)
        never_return = {subject(i) for i, found in known.items() if found.status in _ENDED}
        own_chain = {i: known[i] for i in lost}
        for wanted in rule.replacements(name, broken):
            if (broken - wanted) & never_return:
                continue
            pieces = {piece: getattr(reference, piece) for piece in wanted if hasattr(reference, piece)}
            found = _with_reference(session, pieces, partial(again, lost))
            told = sorted(wanted if wanted < broken else broken)
            for check_id in lost & found.keys():
                known[check_id] = _better(own_chain[check_id], found[check_id], told, rule.credit)
            lost = {i for i in lost & found.keys() if found[i].status in (ERROR, MALFORMED)}
            if not lost:
                break
    return {check_id: known[check_id] for check_id in results}


def _is_broken(found: CheckResult) -> bool:
    """Whether others may fail because of what this check is about.

    A list in place of an array costs nothing where its numbers are judged, and breaks what computes with it.
    """
    return found.fraction < 1 or bool(found.details.get(LISTS))


def _with_reference(
    session: Asked, pieces: Mapping[str, Any], run: Callable[[], Mapping[str, CheckResult]]
) -> Mapping[str, CheckResult]:
    try:
        with replaced(session, pieces):
            return run()
    except WorkerEnded:
        return {}


@contextmanager
def replaced(session: Asked, pieces: Mapping[str, Any]) -> Iterator[None]:
    """Let names of a submission mean pieces of the reference's for a while.

    Raises
    ------
    WorkerEnded
        If the worker ends on it.
    """
    desk = _Desk(session)
    try:
        session.bind({name: desk.piece(piece) for name, piece in pieces.items()})
        yield
    finally:
        try:
            session.unbind()
        except WorkerEnded:
            pass  # the next worker starts with the student's own names


def _better(own: CheckResult, other: CheckResult, replaced: list[str], credit: float) -> CheckResult:
    """The result that counts, with both noted in it."""
    earned = round(other.fraction * credit, 4)
    counts = earned > own.fraction
    note = {
        "own_chain": own.status,
        "with_reference": other.status,
        "replaced": replaced,
        "counted": "with_reference" if counts else "own_chain",
        "own_message": own.message,
        "credit": credit,
    }
    duration_s = own.duration_s + other.duration_s
    if not counts:
        # Where both are wrong, the first may only show what is wrong below: told is what is left with that repaired.
        is_other_told = other.fraction == own.fraction and (
            other.status not in _ENDED or own.status in _ENDED
        )
        told = other if is_other_told else own
        return replace(told, training=own.training, follow_through=note, duration_s=duration_s)
    status = PASSED if earned == 1 else PARTIAL
    message = (
        "" if status == PASSED else f"Right with the reference's {', '.join(replaced)}, wrong with yours."
    )
    return replace(
        other,
        status=status,
        reason="" if status == PASSED else "follow_through",
        fraction=earned,
        message=message,
        follow_through=note,
        training=(*own.training, *({**record, "with_reference": True} for record in other.training)),
        duration_s=duration_s,
    )


class _Desk:
    """Where the reference's pieces work for the student's code: knows its objects, makes and takes stand-ins."""

    def __init__(self, session: Asked) -> None:
        self._session = session
        self._objects: dict[int, Any] = {}
        self._next_handle = _NESTED_HANDLES

    def piece(self, piece: Any) -> Callable[..., Any]:
        """A function or class of the reference as something that the worker can call back."""

        def called(*args: Any, **kwargs: Any) -> Changed:
            given = [self._local(a) for a in args]
            result = piece(*given, **{k: self._local(v) for k, v in kwargs.items()})
            if inspect.isclass(piece):
                result = self._stand_in(result)
            return Changed(result, [_contents(a) for a in given])

        return called

    def _stand_in(self, thing: Any) -> StandIn:
        def method(bound_name: str) -> Callable[..., Any]:
            def called(*args: Any, **kwargs: Any) -> Changed:
                given = [self._local(a) for a in args]
                own = {k: self._local(v) for k, v in kwargs.items()}
                return Changed(
                    getattr(given[0], bound_name)(*given[1:], **own), [_contents(a) for a in given]
                )

            return called

        public = [n for n, _ in inspect.getmembers(type(thing), callable) if not n.startswith("_")]
        number = self._session.register(lambda: None)
        self._objects[number] = thing
        return StandIn(number, _contents(thing) or {}, {n: self._session.register(method(n)) for n in public})

    def _local(self, value: Any) -> Any:
        """What a value from the worker means here."""
        if isinstance(value, StandIn):
            if value.number not in self._objects:
                raise ValueError("an object that was not given")
            thing = self._objects[value.number]
            for key, content in value.attributes.items():
                if isinstance(getattr(thing, key, None), dict) and isinstance(content, dict):
                    setattr(thing, key, content)
            return thing
        if isinstance(value, Handle):
            return _StudentsObject(self, value)
        if isinstance(value, Callback):
            return self._session.callback(value.number)
        if isinstance(value, RandomGenerator):
            return np.random.default_rng(value.seed)
        if isinstance(value, (list, tuple)):
            return type(value)(self._local(v) for v in value)
        return value

    def ask(self, steps: list[messages.Step]) -> list[Any]:
        """Run steps in the worker while it waits for us."""
        outcomes = self._session.ask(steps, _CALL_S)
        for outcome in outcomes:
            if "error" in outcome:
                raise ValueError("the student's own code raised an exception")
        if len(outcomes) != len(steps):
            raise ValueError("the student's own code did not answer")
        return [outcome["value"] for outcome in outcomes]

    def new_handle(self) -> Handle:
        """A number for an object of the worker's."""
        self._next_handle += 1
        return Handle(self._next_handle)


class _StudentsObject:
    """An object in the worker as the reference's code sees it: methods run there, dictionaries are kept alike."""

    def __init__(self, desk: _Desk, handle: Handle) -> None:
        self.__dict__["_desk"], self.__dict__["_handle"] = desk, handle
        self.__dict__["_dictionaries"] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # NumPy would take the worker's word for where an array lies in memory
            raise AttributeError(name)
        if name in self._dictionaries:
            return self._dictionaries[name]
        value = self._desk.ask([messages.get(self._handle, name)])[0]
        if isinstance(value, Opaque):
            return lambda *args: self._call(name, args)
        if isinstance(value, dict):
            self._dictionaries[name] = value
        return value

    def _call(self, name: str, args: Iterable[Any]) -> Any:
        sent, kept = [], []
        steps = [messages.update(self._handle, key, held) for key, held in self._dictionaries.items()]
        for arg in args:
            if isinstance(arg, dict):
                kept.append((self._desk.new_handle(), arg))
                steps.append(messages.put(arg, kept[-1][0]))
            sent.append(kept[-1][0] if isinstance(arg, dict) else arg)
        steps.append(messages.call(name, tuple(sent), on=self._handle))
        at = len(steps) - 1
        steps += [messages.get(self._handle, key) for key in self._dictionaries]
        steps += [messages.fetch(handle) for handle, _ in kept]
        steps.append(messages.drop([handle for handle, _ in kept]))
        answers = self._desk.ask(steps)
        held = [*self._dictionaries.values(), *(arg for _, arg in kept)]
        for mine, theirs in zip(held, answers[at + 1 : -1], strict=True):
            if isinstance(theirs, dict):
                mine.update(theirs)
        return answers[at]


def _contents(value: Any) -> dict[str, Any] | None:
    """What of an argument or object the worker has to know: a dictionary, or the plain attributes."""
    if isinstance(value, dict):
        return value
    if isinstance(value, _StudentsObject) or not hasattr(value, "__dict__") or callable(value):
        return None
    plain = (bool, int, float, str, dict, list, tuple, np.ndarray, type(None))
    return {k: v for k, v in vars(value).items() if not k.startswith("_") and isinstance(v, plain)}
