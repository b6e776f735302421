"""Runs the steps of the grader's requests with a submission's functions, and keeps the objects made on the way."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from autograder.wire import frames
from autograder.wire.values import Callback, Handle, Opaque, RandomGenerator, StandIn

MAX_MESSAGE = 2000
_MOST_ITEMS = 10_000
_FIRST_OWN_HANDLE = 1 << 52  # counted down from here: the grader counts its own up from 1


class MissingName(Exception):
    """The submission does not define the wanted name."""


class CallbackFailed(Exception):
    """The grader's end of a callback refused the student's arguments."""


class Executor:
    """A submission's names, and the objects kept for the grader.

    Parameters
    ----------
    namespace : dict
        Where the submission's names live.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.kept: dict[int, Any] = {}
        self.bound: dict[str, Any] = {}
        self.kept_for_grader = 0

    def ask_grader(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Have the grader run a function of its own; it may ask us for more before it answers."""
        raise NotImplementedError

    def by_name(self, value: Any) -> Any:
        """What stands for an object in a request to the grader."""
        if isinstance(value, _Callback):
            return Callback(value.number)
        if isinstance(value, _StandIn):
            return value.to_wire()
        if isinstance(value, np.random.Generator):
            # What is drawn over there depends on it: equal generators go on giving equal results.
            return RandomGenerator(int(value.integers(1 << 63)))
        self.kept_for_grader -= 1
        self.kept[self.kept_for_grader + _FIRST_OWN_HANDLE] = value
        return Handle(self.kept_for_grader + _FIRST_OWN_HANDLE)

    def run(self, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Run steps in order, up to the first that fails; their outcomes (`autograder.wire.messages`)."""
        outcomes = []
        for step in steps:
            outcome = self.guard(partial(self._step, step))
            outcomes.append(outcome)
            if "error" in outcome:
                break
        return outcomes

    def guard(self, action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Run an action of the student's; what it raises, `SystemExit` included, becomes a description."""
        try:
            outcome = action()
            frames.encode(outcome, opaque)  # what cannot be sent is this step's failure, not the line's
            return outcome
        except BaseException as error:
            return {"error": describe(error)}

    def _step(self, step: dict[str, Any]) -> dict[str, Any]:
        return getattr(self, "_do_" + step["op"])(step)  # type: ignore[no-any-return]

    def _do_call(self, step: dict[str, Any]) -> dict[str, Any]:
        function = self._function(step)
        args = [self.local(a) for a in step["args"]]
        kwargs = {k: self.local(v) for k, v in step["kwargs"].items()}
        before = [_content(a) for a in args]
        result = function(*args, **kwargs)
        outcome = self._keep(step, result)
        modified = [i for i, old in enumerate(before) if old != _content(args[i])]
        return {**outcome, "modified": modified} if modified else outcome

    def _do_put(self, step: dict[str, Any]) -> dict[str, Any]:
        return self._keep(step, self.local(step["value"]))

    def _do_fetch(self, step: dict[str, Any]) -> dict[str, Any]:
        return {"value": self.local(step["on"])}

    def _do_get(self, step: dict[str, Any]) -> dict[str, Any]:
        return {"value": getattr(self.local(step["on"]), step["name"])}

    def _do_update(self, step: dict[str, Any]) -> dict[str, Any]:
        mapping = getattr(self.local(step["on"]), step["name"])
        for key, value in step["entries"].items():
            mapping[key] = self.local(value)
        return {"value": None}

    def _do_bind(self, step: dict[str, Any]) -> dict[str, Any]:
        for name, value in step["names"].items():
            self.bound.setdefault(name, self.namespace.get(name, MissingName))
            self.namespace[name] = self.local(value)
        return {"value": None}

    def _do_unbind(self, step: dict[str, Any]) -> dict[str, Any]:
        for name, own in self.bound.items():
            if own is MissingName:
                self.namespace.pop(name, None)
            else:
                self.namespace[name] = own
        self.bound.clear()
        return {"value": None}

    def _do_drop(self, step: dict[str, Any]) -> dict[str, Any]:
        for handle in step["handles"]:
            self.kept.pop(handle.number, None)
        return {"value": None}

    def _function(self, step: dict[str, Any]) -> Any:
        if step["on"] is not None:
            return getattr(self.local(step["on"]), step["name"])
        try:
            return self.namespace[step["name"]]
        except KeyError:
            raise MissingName(step["name"]) from None

    def _keep(self, step: dict[str, Any], result: Any) -> dict[str, Any]:
        if step["save_as"] is None:
            return {"value": _drawn_out(result)}
        self.kept[step["save_as"].number] = result
        return {"value": Opaque(type(result).__name__)}

    def local(self, value: Any) -> Any:
        """Put real objects where a value names handles, callbacks and generators."""
        if isinstance(value, Handle):
            return self.kept[value.number]
        if isinstance(value, Callback):
            return _Callback(self, value.number)
        if isinstance(value, StandIn):
            return _StandIn(self, value)
        if isinstance(value, RandomGenerator):
            return np.random.default_rng(value.seed)
        if isinstance(value, list):
            return [self.local(v) for v in value]
        if isinstance(value, tuple):
            return tuple(self.local(v) for v in value)
        if isinstance(value, dict):
            return {k: self.local(v) for k, v in value.items()}
        return value


def _content(argument: Any) -> Any:
    """What must be the same after a call; of an array its bytes, so that NaN equals itself."""
    if isinstance(argument, np.ndarray):
        return argument.tobytes()
    if isinstance(argument, list):
        return [_content(item) for item in argument]
    return argument if isinstance(argument, (bool, int, float, str)) else None


def _drawn_out(result: Any) -> Any:
    """The items of a generator, which could not be sent; an endless one stays what it is."""
    if not isinstance(result, Iterator):
        return result
    items = list(islice(result, _MOST_ITEMS + 1))
    return items if len(items) <= _MOST_ITEMS else result


class _Callback:
    """A function of the grader's; what it changes in dictionaries and stand-ins is changed here as well."""

    def __init__(self, executor: Executor, number: int) -> None:
        self.executor, self.number = executor, number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        reply = self.executor.ask_grader(self.number, args, kwargs)
        for arg, after in zip(args, reply.get("after", ()), strict=False):
            if isinstance(arg, dict) and isinstance(after, dict):
                arg.update(after)
            elif isinstance(arg, _StandIn) and isinstance(after, dict):
                arg.take_over(after)
        return self.executor.local(reply["value"])


class _StandIn:
    """An object of the grader's: its methods run there, its attributes are copies that are kept alike."""

    def __init__(self, executor: Executor, value: StandIn) -> None:
        self.__dict__.update(value.attributes)
        methods = {name: _Callback(executor, number) for name, number in value.methods.items()}
        self.__dict__["_of_grader"] = (value.number, tuple(value.attributes), methods)

    def __getattr__(self, name: str) -> Any:
        methods = self.__dict__["_of_grader"][2]
        if name not in methods:
            raise AttributeError(name)
        return partial(methods[name], self)

    def to_wire(self) -> StandIn:
        number, attributes, _ = self.__dict__["_of_grader"]
        return StandIn(number, {key: self.__dict__[key] for key in attributes}, {})

    def take_over(self, attributes: dict[str, Any]) -> None:
        for key, value in attributes.items():
            if isinstance(value, dict) and isinstance(self.__dict__.get(key), dict):
                self.__dict__[key].update(value)  # whoever holds the dictionary sees the change
            else:
                self.__dict__[key] = value


def describe(error: BaseException) -> dict[str, Any]:
    """Say what was raised and where in the student's own code, as plain data.

    Returns
    -------
    dict
        ``type``, ``bases`` (names of all base classes), ``message``, and ``line``, ``function``, ``code`` of
        the innermost frame that belongs to the submission (absent when there is none).
    """
    try:
        message = str(error)[:MAX_MESSAGE]
    except BaseException:
        message = "(no readable message)"
    found: dict[str, Any] = {
        "type": type(error).__name__[:100],
        "bases": [base.__name__[:100] for base in type(error).__mro__[:20]],
        "message": message,
    }
    if isinstance(error, SyntaxError):
        return {
            **found,
            "message": str(error.msg)[:MAX_MESSAGE],
            "line": error.lineno if isinstance(error.lineno, int) else 0,
            "code": str(error.text or "").strip()[:200],
        }
    own = [f for f in traceback.extract_tb(error.__traceback__) if _is_students(f.filename)]
    if own:
        found |= {
            "line": own[-1].lineno or 0,
            "function": own[-1].name[:100],
            "code": (own[-1].line or "")[:200],
        }
    return found


def _is_students(filename: str) -> bool:
    # IPython compiles a notebook's cells under names in a folder of its own ("ipykernel_<pid>").
    try:
        folder = os.getcwd()
    except OSError:  # the submission has removed it
        return False
    return filename.startswith(folder + os.sep) or "ipykernel_" in filename or "ipython-input" in filename


def opaque(value: Any) -> Opaque:
    """What stands for something that is not plain data in an answer."""
    return Opaque(type(value).__name__)
