"""A submission that is asked for explanations only: in the time and for answers of a size that this is worth."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.checking.student import Asked
from autograder.host import ending
from autograder.host.ending import WorkerEnded
from autograder.wire.messages import Step

_MOST_NUMBERS = 100_000
"""Of one answer; the reference's have a few hundred.  What is kept of an answer costs several times its size."""
_MOST_LARGE = 3
"""Larger answers before nothing more is asked."""
_MOST_S = 30.0


class ModestSession:
    """Passes questions on until they have cost enough; a larger answer counts as an exception.

    Parameters
    ----------
    session : Asked
        Has the submission loaded.
    """

    def __init__(self, session: Asked) -> None:
        self._session, self._began, self._large = session, time.monotonic(), 0

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
        """Run steps; their outcomes.

        Raises
        ------
        WorkerEnded
            If the worker ended on it, or enough was asked.
        """
        if self._large >= _MOST_LARGE or time.monotonic() - self._began > _MOST_S:
            raise WorkerEnded(ending.broke_protocol("answers that take too long or too much", doing))
        outcomes = self._session.ask(steps, timeout_s, callbacks, doing)
        return [self._bounded(outcome) for outcome in outcomes]

    def _bounded(self, outcome: dict[str, Any]) -> dict[str, Any]:
        if "error" in outcome or _numbers(outcome.get("value")) <= _MOST_NUMBERS:
            return outcome
        self._large += 1
        return {"error": {"type": "TooLarge", "bases": [], "message": ""}}

    def callback(self, number: int) -> Callable[..., Any]:
        """The function that a callback of the present request stands for."""
        return self._session.callback(number)

    def register(self, function: Callable[..., Any]) -> int:
        """Let the submission call a function of the grader's."""
        return self._session.register(function)

    def bind(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Let names of the submission mean functions of the grader's."""
        self._session.bind(functions)

    def renew(self) -> None:
        """The same of the session behind it."""
        self._session.renew()

    def unbind(self) -> None:
        """Give all names their own meaning back."""
        self._session.unbind()


def _numbers(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, Mapping):
        return sum(map(_numbers, value.values()), len(value))
    if isinstance(value, (list, tuple)):
        return sum(map(_numbers, value), len(value))
    return 1
