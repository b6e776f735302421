"""The submission as a check sees it: its functions can be called as if they were here."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from autograder.checking.lost_points import LostPoints, Raised
from autograder.host.ending import WorkerEnded
from autograder.host.failure import failure
from autograder.model import result
from autograder.wire import messages
from autograder.wire.messages import Step
from autograder.wire.values import Callback, Handle, Opaque, RandomGenerator, WireError

_numbers = itertools.count(1)


class Asked(Protocol):
    """What answers for a submission: a session of a worker, or of the grader's own code."""

    @property
    def loaded(self) -> dict[str, Any] | None:
        """What could not be loaded (``failed``)."""

    def ask(
        self,
        steps: Sequence[Step],
        timeout_s: float,
        callbacks: Sequence[Callable[..., Any]] = (),
        doing: str = "It",
    ) -> list[dict[str, Any]]:
        """Run steps (`autograder.wire.messages`); their outcomes."""

    def callback(self, number: int) -> Callable[..., Any]:
        """The function that a callback of the present request stands for."""

    def register(self, function: Callable[..., Any]) -> int:
        """Let the submission call a function of the grader's; returns the number for `Callback`."""

    def bind(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Let names of the submission mean functions of the grader's."""

    def unbind(self) -> None:
        """Give all names their own meaning back."""

    def renew(self) -> None:
        """Have the next request answered by somebody who remembers nothing of those before."""


class Remote:
    """An object that stays in the worker: a network, an optimizer, a generator, a shared dictionary."""

    def __init__(self, student: Student, name: str, handle: Handle) -> None:
        self._student, self._name, self.handle = student, name, handle

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("__"):
            raise AttributeError(method)
        return lambda *args, **kwargs: self._student.run(
            f"{self._name}.{method}", method, args, kwargs, on=self.handle
        )

    def get(self, attribute: str) -> Any:
        """Value of an attribute."""
        return self._student.steps([messages.get(self.handle, attribute)], f"{self._name}.{attribute}")[-1]

    def update(self, attribute: str, entries: Mapping[str, Any]) -> None:
        """Set entries of a dictionary attribute, e.g. inject weights."""
        step = messages.update(self.handle, attribute, dict(entries))
        self._student.steps([step], f"{self._name}.{attribute}")

    def value(self) -> Any:
        """The object itself, if it is plain data."""
        return self._student.steps([messages.fetch(self.handle)], self._name)[-1]


class Student:
    """The submission.

    ``student.double(x)`` calls the student's ``double``.  Arrays are copied on the way, so what it does to
    its arguments does not reach the check.  Functions among the arguments are called back here; a
    `RandomGenerator` arrives as a fresh generator.

    Parameters
    ----------
    session : Asked
        Has the submission loaded.
    timeout_s : float
        Wall-clock seconds per call.

    Raises
    ------
    LostPoints
        From every call: if the name is missing or not written yet, if the student's code raises, and if the
        worker ended on it.
    """

    def __init__(self, session: Asked, timeout_s: float) -> None:
        self._session, self._timeout_s = session, timeout_s
        self.modified: dict[str, set[int]] = {}
        """Functions and methods that changed arrays they were given, with the positions of these arguments."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self.run(name, name, args, kwargs)

    def create(self, name: str, *args: Any, **kwargs: Any) -> Remote:
        """Make an object of the student's class, which stays in the worker."""
        handle = Handle(next(_numbers))
        self.run(name, name, args, kwargs, save_as=handle)
        return Remote(self, name, handle)

    def keep(self, value: Any, name: str = "value") -> Remote:
        """Keep a value in the worker, so that several calls see the same object."""
        handle = Handle(next(_numbers))
        self.steps([messages.put(self._outgoing(value, []), handle)], name)
        return Remote(self, name, handle)

    def generator(self, seed: int) -> Remote:
        """A ``numpy.random.Generator`` in the worker that goes on from call to call."""
        return self.keep(RandomGenerator(seed), "rng")

    def run(
        self,
        doing: str,
        name: str,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        on: Handle | None = None,
        save_as: Handle | None = None,
    ) -> Any:
        """Call a function or method; `doing` names it in messages."""
        callbacks: list[Callable[..., Any]] = []
        sent_args = tuple(self._outgoing(a, callbacks) for a in args)
        sent_kwargs = {k: self._outgoing(v, callbacks) for k, v in (kwargs or {}).items()}
        return self.steps(
            [messages.call(name, sent_args, sent_kwargs, on=on, save_as=save_as)], doing, callbacks
        )[-1]

    def steps(
        self, steps: list[Step], doing: str, callbacks: list[Callable[..., Any]] | None = None
    ) -> list[Any]:
        """Run steps in one exchange and return their values."""
        try:
            outcomes = self._session.ask(steps, self._timeout_s, callbacks or [], doing)
        except WorkerEnded as error:
            ended = error.ending
            raise LostPoints(ended.reason, ended.message, status=ended.status) from error
        except WireError as error:
            raise ValueError(f"{doing}: the check sends what cannot be sent ({error})") from error
        for outcome in outcomes:
            if "error" in outcome:
                raise _lost(outcome["error"], doing, self._missing)
            if outcome.get("modified"):
                self.modified.setdefault(doing, set()).update(outcome["modified"])
        if len(outcomes) != len(steps):
            raise LostPoints.malformed(f"{doing} did not answer.")
        return [outcome["value"] for outcome in outcomes]

    def _missing(self, name: str) -> LostPoints:
        """What became of a name that the submission should define."""
        for item in (self._session.loaded or {}).get("failed", []):
            if name in item.get("names", ()):
                place = f"cell {item['cell']}" if "cell" in item else f"line {item.get('line', '?')}"
                said = _one_line(f"{item.get('type', '')}: {item.get('message', '')}")
                message = f"{name} could not be read ({place}: {said})."
                return LostPoints(result.DOES_NOT_RUN, message, status=result.ERROR)
        return LostPoints("missing", f"{name} is not defined.", status=result.NOT_IMPLEMENTED)

    def _outgoing(self, value: Any, callbacks: list[Callable[..., Any]]) -> Any:
        if isinstance(value, Remote):
            return value.handle
        if isinstance(value, (list, tuple)):
            return type(value)(self._outgoing(v, callbacks) for v in value)
        if isinstance(value, dict):
            return {k: self._outgoing(v, callbacks) for k, v in value.items()}
        if callable(value) and not isinstance(value, (Handle, Opaque)):
            callbacks.append(value)
            return Callback(len(callbacks) - 1)
        return value


def _lost(error: Any, doing: str, missing: Callable[[str], LostPoints]) -> LostPoints:
    """Turn the description of an exception in the worker into a finding.

    The description is the student's word: it can choose between findings that all lose the points.
    """
    if not isinstance(error, dict):
        return LostPoints.malformed(f"{doing} did not answer.")
    claimed = error.get("bases")
    bases = claimed if isinstance(claimed, list) else []
    where = failure(error)
    kind, message = where.get("type", ""), _one_line(where.get("message", ""))
    details = {"exception": where}
    if kind == "MissingName":
        return missing(message)
    if "NotImplementedError" in bases:
        task = f" ({message})" if message and message != doing else ""
        return LostPoints("not_written", f"{doing} is not written yet{task}.", status=result.NOT_IMPLEMENTED)
    if "MemoryError" in bases:
        message = f"{doing} needs more memory than allowed ({message})."
        return LostPoints("memory", message, status=result.MEMORY, details=details)
    if "SystemExit" in bases:
        return LostPoints("sys_exit", f"{doing} called sys.exit().", status=result.CRASHED, details=details)
    if kind == "WireError":
        return LostPoints.malformed(f"{doing} returned something else than numbers and arrays ({message}).")
    if kind == "CallbackFailed":
        text = f"{doing} called the function it was given with arguments that do not fit it ({message})."
        return LostPoints("callback", text, status=result.MALFORMED, details=details)
    place = (
        f" (line {where['line']}: {_one_line(where['code'])})"
        if where.get("line") and where.get("code")
        else ""
    )
    raised = Raised(
        "exception", f"{doing} raised {kind}: {message}{place}.", status=result.ERROR, details=details
    )
    raised.bases = tuple(bases)
    return raised


def _one_line(text: str) -> str:
    """The student's text, fit for a terminal and a report."""
    return "".join(c if c.isprintable() else " " for c in text).strip()[:300]
