"""The reference's part in a check, written down where the reference is and read out where it is not.

A check calls the reference with its own random inputs, in the same order for everyone.  So its answers can be
recorded with the names of what was called, and given again one after the other.  Where a check calls it with what
the submission answered, the calls differ, which is noticed: such a check cannot be decided without the reference.
"""

from __future__ import annotations

import copy
import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

_DIGITS = 9
"""Digits of arguments that are held against each other, of the largest in an array: other processors round the last
ones otherwise."""


class Undecided(Exception):
    """The check asks the reference what was not recorded."""


class Recorder:
    """The reference as a check's fixture; notes what it is asked and what it answers.

    Parameters
    ----------
    reference : module
    """

    def __init__(self, reference: ModuleType) -> None:
        self._reference = reference
        self._objects: list[Any] = []
        self._calls: list[dict[str, Any]] = []
        self._described: dict[str, list[str]] = {}

    def content(self) -> dict[str, Any]:
        """All that was noted, as plain data."""
        return {"calls": self._calls, "described": self._described}

    def __getattr__(self, name: str) -> Any:
        return self._wrapped(name, getattr(self._reference, name))

    def _wrapped(self, path: str, thing: Callable[..., Any]) -> Any:
        """A function or class; what a check can learn of it by looking is noted, too."""
        self._described[path] = list(inspect.signature(thing).parameters)
        methods: dict[str, Any] = {}
        if inspect.isclass(thing):
            for name, method in inspect.getmembers(thing, inspect.isfunction):
                self._described[f"{path}.{name}"] = list(inspect.signature(method).parameters)
                methods[name] = _described(f"{path}.{name}", self._described[f"{path}.{name}"], method)
        called = _described(path, self._described[path], lambda *a, **k: self._call(path, thing, a, k))
        for name, method in methods.items():
            setattr(called, name, method)
        return called

    def _call(
        self, path: str, thing: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        given = digest([path, list(args), dict(kwargs)])
        inner_args = [self._inner(a) for a in args]
        inner_kwargs = {key: self._inner(value) for key, value in kwargs.items()}
        before = [_contents(a) for a in inner_args]
        objects = [_contents(o) for o in self._objects]
        result = thing(*inner_args, **inner_kwargs)
        call: dict[str, Any] = {
            "given": given,
            "arguments": _changes(before, [_contents(a) for a in inner_args]),
            "objects": _changes(objects, [_contents(o) for o in self._objects]),
        }
        self._calls.append(call)
        if _is_object(result):
            self._objects.append(result)
            call["made"] = copy.deepcopy(_contents(result))
            return _Recorded(self, len(self._objects) - 1)
        call["result"] = copy.deepcopy(result)
        return result

    def _inner(self, value: Any) -> Any:
        return self._objects[value.number] if isinstance(value, _Recorded) else value


class _Recorded:
    """An object of the reference's; its methods are noted."""

    def __init__(self, recorder: Recorder, number: int) -> None:
        self.__dict__["recorder"], self.__dict__["number"] = recorder, number

    def __getattr__(self, name: str) -> Any:
        thing = self.recorder._objects[self.number]
        value = getattr(thing, name)
        if not inspect.ismethod(value):
            return value
        path = f"{self.number}.{name}"
        return lambda *args, **kwargs: self.recorder._call(path, value, args, kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.recorder._objects[self.number], name, value)


class Replay:
    """The reference as a check's fixture, where only what was recorded is known.

    Parameters
    ----------
    content : mapping
        From `Recorder.content`.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._calls, self._described = list(content["calls"]), content["described"]
        self._at = 0
        self._objects: list[_Replayed] = []

    def __getattr__(self, name: str) -> Any:
        if name not in self._described:
            raise Undecided(name)
        called = _described(name, self._described[name], lambda *a, **k: self._call(name, a, k))
        for path, arguments in self._described.items():
            if path.startswith(f"{name}."):
                setattr(called, path.removeprefix(f"{name}."), _described(path, arguments, called))
        return called

    def _call(self, path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if self._at >= len(self._calls):
            raise Undecided(path)
        call = self._calls[self._at]
        if call["given"] != digest([path, list(args), dict(kwargs)]):
            raise Undecided(path)
        self._at += 1
        for number, contents in call["arguments"]:
            _take_over(args[number], contents)
        for number, contents in call["objects"]:
            _take_over(self._objects[number], contents)
        if "made" in call:
            self._objects.append(_Replayed(self, len(self._objects), copy.deepcopy(call["made"])))
            return self._objects[-1]
        return copy.deepcopy(call["result"])


class _Replayed:
    """An object of the reference's, of which the attributes are known and what its methods answered."""

    def __init__(self, replay: Replay, number: int, attributes: dict[str, Any]) -> None:
        self.__dict__.update(attributes)
        self.__dict__["_replay"], self.__dict__["number"] = replay, number

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self._replay._call(f"{self.number}.{name}", args, kwargs)


def _described(path: str, arguments: Sequence[str], called: Callable[..., Any]) -> Callable[..., Any]:
    """A function that shows the name and the arguments of the reference's."""

    def shown(*args: Any, **kwargs: Any) -> Any:
        return called(*args, **kwargs)

    shown.__name__, shown.__qualname__ = path.rpartition(".")[2], path
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [inspect.Parameter(name, kind) for name in arguments if name.isidentifier()]
    shown.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    return shown


def _is_object(value: Any) -> bool:
    plain = (bool, int, float, str, list, tuple, dict, np.ndarray, np.generic, type(None))
    return not isinstance(value, plain)


def _contents(value: Any) -> Any:
    """What of an argument or object a call can change: a dictionary, an array, or the plain attributes."""
    if isinstance(value, (dict, np.ndarray)):
        return copy.deepcopy(value)
    if isinstance(value, np.random.Generator) or not hasattr(value, "__dict__") or callable(value):
        return None
    return copy.deepcopy({k: v for k, v in vars(value).items() if _is_plain(v)})


def _is_plain(value: Any) -> bool:
    return not _is_object(value)


def _changes(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int, Any]]:
    """What is other than before, by number; of dictionaries the entries only."""
    found: list[tuple[int, Any]] = []
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        if isinstance(new, dict):
            entries = {k: v for k, v in new.items() if k not in old or not _is_same(old[k], v)}
            if entries:
                found.append((number, entries))
        elif isinstance(new, np.ndarray) and not _is_same(old, new):
            found.append((number, new))
    return found


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return bool(np.array_equal(one, other))


def _take_over(thing: Any, contents: Any) -> None:
    if isinstance(thing, dict):
        thing.update(copy.deepcopy(contents))
    elif isinstance(thing, np.ndarray):
        thing[...] = contents
    else:
        for name, value in contents.items():
            held = thing.__dict__.get(name)
            if isinstance(held, dict) and isinstance(value, dict):
                held.clear()  # whoever holds the dictionary sees the change
                held.update(copy.deepcopy(value))
            else:
                setattr(thing, name, copy.deepcopy(value))


def digest(value: Any) -> str:
    """A short name of a value: equal for equal ones, up to the last digits of numbers."""
    return hashlib.sha256(_text(value).encode()).hexdigest()[:16]


def _text(value: Any) -> str:
    if isinstance(value, (_Recorded, _Replayed)):
        return f"object {value.number}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key!s}:{_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, np.random.Generator):
        return "generator"
    if isinstance(value, (bool, str, type(None))) or callable(value):
        return "callable" if callable(value) else repr(value)
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return type(value).__name__
    numbers = array.astype(np.float64).ravel()
    finite = np.abs(numbers[np.isfinite(numbers)])
    largest = float(finite.max()) if finite.size else 0.0
    unit = 10.0 ** np.floor(np.log10(largest)) if largest else 1.0
    rounded = np.round(numbers / unit, _DIGITS) + 0.0  # no -0.0
    return f"{array.shape}{unit:g}" + ",".join(map(repr, rounded.tolist()))
