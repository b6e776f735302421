"""What a check asks of a submission, written down with the reference as the submission, to be asked of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.checking.fixtures import Fixtures
from autograder.checking.in_process import InProcessSession
from autograder.checking.student import Asked
from autograder.host.ending import WorkerEnded
from autograder.model.assignment import Assignment
from autograder.wire import messages
from autograder.wire.messages import Step
from autograder.wire.values import Handle

_PATIENCE_S = 2.0  # the reference needs milliseconds


@dataclass(frozen=True)
class Exchange:
    """One request of a check."""

    check_id: str
    doing: str
    steps: tuple[Step, ...]
    callbacks: tuple[Callable[..., Any], ...] = ()


@dataclass(frozen=True)
class Script:
    """The requests of some checks, in order."""

    exchanges: tuple[Exchange, ...]

    def play(self, session: Asked) -> list[dict[str, Any]]:
        """Ask all of it; one outcome per step (`autograder.wire.messages`), ``{"error": ...}`` where there is none."""
        outcomes = list(self.answers(session))
        _ask(session, [messages.drop(self.handles())])
        return outcomes

    def answers(self, session: Asked) -> Iterator[dict[str, Any]]:
        """The same outcomes one after the other: whoever has seen enough need not ask for the rest."""
        for steps, callbacks in self._requests:
            yield from _ask(session, steps, callbacks)

    @cached_property
    def _requests(self) -> list[tuple[list[Step], tuple[Callable[..., Any], ...]]]:
        """The exchanges, each together with those before it that only prepare it.

        No more than one that answers numbers travels at a time, as in the check: in a longer one an array that was
        fetched could be changed by a later step before it is sent.
        """
        requests: list[tuple[list[Step], tuple[Callable[..., Any], ...]]] = []
        may_go_on = False
        for exchange in self.exchanges:
            if may_go_on and not exchange.callbacks:
                requests[-1][0].extend(exchange.steps)
            else:
                requests.append((list(exchange.steps), exchange.callbacks))
            may_go_on = not exchange.callbacks and all(map(_only_prepares, exchange.steps))
        return requests

    def steps(self) -> list[tuple[Exchange, Step]]:
        """Each step with the exchange that it belongs to, in the order of `play`'s outcomes."""
        return [(exchange, step) for exchange in self.exchanges for step in exchange.steps]

    def handles(self) -> list[Handle]:
        """The objects that are kept while it is played."""
        return [s["save_as"] for _, s in self.steps() if s.get("save_as") is not None]


def _only_prepares(step: Step) -> bool:
    """Whether a step answers no numbers."""
    return step["op"] in ("put", "update", "drop") or (step["op"] == "call" and step["save_as"] is not None)


def _ask(
    session: Asked, steps: Sequence[Step], callbacks: Sequence[Callable[..., Any]] = ()
) -> list[dict[str, Any]]:
    """Ask for all steps, going on after those that fail."""
    outcomes: list[dict[str, Any]] = []
    while len(outcomes) < len(steps):
        try:
            found = session.ask(list(steps[len(outcomes) :]), _PATIENCE_S, callbacks, "diagnosis")
        except WorkerEnded:
            found = []
        # The worker ended, and with it what it had kept, or it answers what was not asked: nothing further is.
        if not found or len(found) > len(steps) - len(outcomes):
            return outcomes + [{"error": {"type": "WorkerEnded"}}] * (len(steps) - len(outcomes))
        outcomes += found
    return outcomes


def record(
    assignment: Assignment, check: Callable[..., None], check_id: str, namespace: dict[str, Any], seed: int
) -> Script:
    """Write down what a check, or a probe, asks of a submission with this namespace.

    Parameters
    ----------
    assignment : Assignment
    check : callable
    check_id : str
        The check's; a probe is asked on behalf of one.
    namespace : dict
        The reference's.
    seed : int
        Of the inputs: another than that of the grading, where nothing of the latter may be told.
    """
    recorder = _Recorder(InProcessSession(namespace), check_id)
    Fixtures(assignment, recorder, seed).run(check, check_id, getattr(check, "__name__", ""))
    return Script(tuple(recorder.exchanges))


@dataclass
class _Recorder:
    """A session that notes what it is asked."""

    session: InProcessSession
    check_id: str
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def loaded(self) -> dict[str, Any] | None:
        return self.session.loaded

    def ask(
        self,
        steps: Sequence[Step],
        timeout_s: float,
        callbacks: Sequence[Callable[..., Any]] = (),
        doing: str = "It",
    ) -> list[dict[str, Any]]:
        self.exchanges.append(Exchange(self.check_id, doing, tuple(steps), tuple(callbacks)))
        return self.session.ask(steps, timeout_s, callbacks, doing)

    def callback(self, number: int) -> Callable[..., Any]:
        return self.session.callback(number)

    def register(self, function: Callable[..., Any]) -> int:
        return self.session.register(function)

    def bind(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.session.bind(functions)

    def renew(self) -> None:
        """The same of the session behind it."""
        self.session.renew()

    def unbind(self) -> None:
        self.session.unbind()
