"""A submission whose functions are called in this process: no line, no limits, and the same answers.

It keeps to what workers do (`autograder.worker.execute`), copies included, so that a check cannot tell it from a
worker.  Nothing but NumPy is needed: the checks that students are given run with it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograder.host.callbacks import answer
from autograder.wire import frames, messages
from autograder.wire.messages import Step
from autograder.wire.values import Callback
from autograder.worker.execute import CallbackFailed, Executor, opaque

_FIRST_STANDING = 1 << 20  # as in `autograder.host.session`


class DirectSession:
    """Code that is called directly, as something that can be asked like `autograder.host.session.Session`.

    Parameters
    ----------
    namespace : dict
        The names that it defines.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._executor = _Here(namespace)
        self.loaded: dict[str, Any] = {"failed": []}

    def ask(
        self,
        steps: Sequence[Step],
        timeout_s: float,
        callbacks: Sequence[Callable[..., Any]] = (),
        doing: str = "It",
    ) -> list[dict[str, Any]]:
        """Run steps, for as long as they take; their outcomes."""
        if callbacks:
            self._executor.callbacks = dict(enumerate(callbacks))
        done = self._executor.run(_copied({"steps": list(steps)})["steps"])
        return _copied({"done": done})["done"]  # type: ignore[no-any-return]

    def callback(self, number: int) -> Callable[..., Any]:
        """The function that a callback of the present request stands for."""
        return self._executor.known()[number]

    def register(self, function: Callable[..., Any]) -> int:
        """Let the code call a function of the grader's from now on; returns the number for `Callback`."""
        number = _FIRST_STANDING + len(self._executor.standing)
        self._executor.standing[number] = function
        return number

    def bind(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Let names mean functions of the grader's."""
        bound = {name: Callback(self.register(function)) for name, function in functions.items()}
        self._executor.run([messages.unbind(), messages.bind(bound)])

    def renew(self) -> None:
        """Nothing: what is called here is trusted."""

    def unbind(self) -> None:
        """Give all names their own meaning back."""
        self._executor.standing.clear()
        self._executor.run([messages.unbind()])


class _Here(Executor):
    """Asks the grader without a line between."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(namespace)
        self.callbacks: dict[int, Callable[..., Any]] = {}
        self.standing: dict[int, Callable[..., Any]] = {}

    def known(self) -> ChainMap[int, Callable[..., Any]]:
        """The functions that may be called back."""
        return ChainMap(self.callbacks, self.standing)

    def ask_grader(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a function of the grader's."""
        asked = _copied({"asks": number, "args": list(args), "kwargs": kwargs}, self.by_name)
        reply = _copied(answer(asked, self.known()))
        if "refused" in reply:
            raise CallbackFailed(reply["refused"])
        return reply


def _copied(message: dict[str, Any], stand_in: Callable[[Any], Any] = opaque) -> dict[str, Any]:
    """A message as it arrives at the other end."""
    raw = memoryview(b"".join(frames.encode(message, stand_in)))
    at = 0

    def receive(size: int) -> bytes:
        nonlocal at
        at += size
        return bytes(raw[at - size : at])

    return frames.read(receive)  # type: ignore[no-any-return]
