"""Writes steps of the wire as Python that a student can paste and run, with both outputs as comments."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.diagnosis.evidence import Path
from autograder.model.counterexample import Counterexample
from autograder.wire.messages import Step
from autograder.wire.values import Handle, Opaque, RandomGenerator

_MOST_LINES, _MOST_CHARACTERS = 40, 3000
_MOST_NUMBERS = 300
_LONGEST_TEXT = 600
_DECIMALS = 6
_LARGEST_INTEGER = 1 << 53
_LITERAL_DTYPES = (np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_))
_ANY_DRAWS = "# The numbers are drawn from rng: other draws of the right kind are right as well."
Outcome = Mapping[str, Any]


class Unwritable(Exception):
    """It would be too long, or has no form as Python."""


def render(
    module: str,
    steps: Sequence[Step],
    path: Path,
    outcomes: tuple[Outcome, Outcome],
    names: Mapping[int, str],
    namespace: Mapping[str, Any],
    *,
    is_random: bool = False,
) -> Counterexample:
    """The snippet that makes these steps and prints the last one's answer.

    Parameters
    ----------
    module : str
        What the student's file is called.
    steps : sequence of Step
    path : tuple
        The part of the answer that is printed; all of it if empty.
    outcomes : tuple of mapping
        Of the last step, or of the first that failed: the student's (unvalidated) and the right one.
    names : mapping of int to str
        What checks call the objects, by the numbers of their handles.
    namespace : mapping
        The reference's, for the names of arguments.
    is_random : bool
        Whether other draws would be right as well.

    Raises
    ------
    Unwritable
        If it would be longer than a student wants to read, or both outputs look alike.
    """
    writer = _Writer(steps, names, namespace)
    expression = writer.write() + "".join(f"[{_text(key)}]" for key in path)
    shown, student, expected = _outputs(expression, path, *outcomes)
    calls = sorted({step["name"] for step in steps if step["op"] == "call" and step["on"] is None})
    lines = ["import numpy as np", f"from {module} import {', '.join(calls)}", "", *writer.lines, shown]
    lines += [*([_ANY_DRAWS] if is_random else []), *_comments(student, expected)]
    snippet = "\n".join(lines) + "\n"
    if student == expected or len(lines) > _MOST_LINES or len(snippet) > _MOST_CHARACTERS:
        raise Unwritable
    return Counterexample(snippet, writer.function, student, expected)


class _Writer:
    """Writes the statements up to the last step, and the last step as an expression."""

    def __init__(self, steps: Sequence[Step], names: Mapping[int, str], namespace: Mapping[str, Any]) -> None:
        self._steps, self._given, self._namespace = steps, names, namespace
        self._uses = [handle for step in steps for handle in mentioned(step)]
        self._names: dict[int, str] = {}  # or the text itself, for what is used once
        self._classes: dict[int, str] = {}
        self.lines: list[str] = []
        self.function = ""

    def write(self) -> str:
        """All lines but the last; the last step's expression."""
        for step in self._steps[:-1]:
            self._statement(step)
        return self._expression(self._steps[-1])

    def _statement(self, step: Step) -> None:
        if step["op"] == "put":
            number, text = step["save_as"].number, _text(step["value"], self._names)
            if self._uses.count(number) == 2:  # here and where it is used
                self._names[number] = text
            else:
                self.lines.append(f"{self._new_name(number)} = {text}")
        elif step["op"] == "update":
            for key, value in step["entries"].items():
                target = f"{self._names[step['on'].number]}.{step['name']}[{_text(key)}]"
                self.lines.append(f"{target} = {_text(value, self._names)}")
        elif step.get("save_as") is not None:
            text = self._expression(step)
            self._classes[step["save_as"].number] = step["name"]
            self.lines.append(f"{self._new_name(step['save_as'].number)} = {text}")
        else:
            self.lines.append(self._expression(step))

    def _expression(self, step: Step) -> str:
        if step["op"] not in ("call", "get", "fetch"):
            raise Unwritable
        on = step["on"]
        if step["op"] == "fetch":
            return self._names[on.number]
        if step["op"] == "get":
            return f"{self._names[on.number]}.{step['name']}"
        # Functions alone get names for their arrays: the steps of an optimizer would all have the same.
        names = self._parameters(step["name"]) if len(self._steps) == 1 else []
        given = [self._argument(value, name) for value, name in zip(step["args"], names, strict=False)]
        given += [_text(value, self._names) for value in step["args"][len(names) :]]
        given += [f"{name}={_text(value, self._names)}" for name, value in step["kwargs"].items()]
        owner = f"{self._names[on.number]}." if on is not None else ""
        kind = f"{self._classes[on.number]}." if on is not None and on.number in self._classes else ""
        self.function = f"{kind}{step['name']}"
        return f"{owner}{step['name']}({', '.join(given)})"

    def _argument(self, value: Any, name: str) -> str:
        text = _text(value, self._names)
        if "array(" not in text or name in ("np", *(step["name"] for step in self._steps)):
            return text
        self.lines.append(f"{name} = {text}")
        return name

    def _parameters(self, function: str) -> list[str]:
        try:
            return list(inspect.signature(self._namespace[function]).parameters)
        except (KeyError, TypeError, ValueError):
            return []

    def _new_name(self, number: int) -> str:
        wanted = "".join(c for c in self._given.get(number, "").lower() if c.isascii() and c.isalnum())
        if not wanted.isidentifier() or keyword.iskeyword(wanted) or wanted == "np":
            wanted = "value"
        count = sum(name.rstrip("0123456789") == wanted for name in self._names.values())
        self._names[number] = f"{wanted}{count + 1}" if count or wanted in self._namespace else wanted
        return self._names[number]


def mentioned(value: Any) -> Iterable[int]:
    """The numbers of all handles in a step, or in a part of one."""
    if isinstance(value, Handle):
        yield value.number
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from mentioned(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from mentioned(item)


def _text(value: Any, names: Mapping[int, str] | None = None) -> str:
    """An argument as Python."""
    if isinstance(value, Handle) and names and value.number in names:
        return names[value.number]
    if isinstance(value, RandomGenerator):
        return f"np.random.default_rng({value.seed})"
    if isinstance(value, (np.ndarray, np.generic)):
        return _number(value.item()) if value.ndim == 0 else _array(np.asarray(value))
    if value is None or isinstance(value, (bool, int, float)):
        return _number(value)
    if isinstance(value, str):
        return '"' + ascii(value)[1:-1].replace('"', '\\"') + '"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(k)}: {_text(v, names)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        return (
            "(" + "".join(f"{_text(v, names)}, " for v in value).rstrip(" " if len(value) < 2 else ", ") + ")"
        )
    if isinstance(value, list):
        return "[" + ", ".join(_text(v, names) for v in value) + "]"
    raise Unwritable


def _array(array: np.ndarray) -> str:
    if array.size > _MOST_NUMBERS or array.dtype.kind not in "biuf":
        raise Unwritable
    dtype = "" if array.dtype in _LITERAL_DTYPES else f", dtype=np.{array.dtype.name}"
    if array.size == 0:
        return f"np.zeros({array.shape}{dtype})"
    return f"np.array({_nested(array.tolist())}{dtype})"


def _nested(value: Any) -> str:
    return f"[{', '.join(map(_nested, value))}]" if isinstance(value, list) else _number(value)


def _number(value: Any) -> str:
    text = repr(value)
    return (
        f"{'-' if text[0] == '-' else ''}np.{text.lstrip('-')}" if text.strip("-") in ("nan", "inf") else text
    )


# -- what is printed


def _outputs(expression: str, path: Path, student: Outcome, right: Outcome) -> tuple[str, str, str]:
    """The line that prints an expression, and what it prints with the student's code and with right code."""
    answers = [at(outcome["value"], path) for outcome in (student, right) if "error" not in outcome]
    form, print_one = f"print({expression})", _printed
    if all(map(_is_real, answers)):
        rounded = [_rounded(answer) for answer in answers]
        # Where the numbers are short, or differ in later decimals only, they are printed as they are.
        if rounded != [_printed(answer) for answer in answers] and len(set(rounded)) == len(rounded):
            form, print_one = f"print(np.round({expression}, {_DECIMALS}))", _rounded
    texts = [
        _raised(o["error"]) if "error" in o else print_one(at(o["value"], path)) for o in (student, right)
    ]
    return form, texts[0], texts[1]


def at(value: Any, path: Path) -> Any:
    """The part of an answer at a place that it is known to have."""
    for key in path:
        value = value[key]
    return value


def _is_real(value: Any) -> bool:
    return isinstance(value, float) or (
        isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "f"
    )


def _rounded(value: Any) -> str:
    return _cut(str(np.round(value, _DECIMALS)))


def _printed(value: Any) -> str:
    """What ``print`` shows; a student's text is cut, and cannot leave its comment."""
    if isinstance(value, Opaque):
        return f"an object of type {_plain(value.type_name)}"
    if isinstance(value, (np.ndarray, np.generic, bool, int, float)):
        return _cut(str(value))
    return _cut(ascii(_scalars(value)))


def _scalars(value: Any) -> Any:
    """An answer with NumPy's numbers as such: they come as arrays without axes."""
    if isinstance(value, np.ndarray):
        return value[()]
    if isinstance(value, Mapping):
        return {key: _scalars(item) for key, item in value.items()}
    return type(value)(map(_scalars, value)) if isinstance(value, (list, tuple)) else value


def _raised(error: Any) -> str:
    kind, message = (_plain(str(error.get(key, ""))) for key in ("type", "message"))
    return f"raises {kind}: {message}" if message else f"raises {kind}"


def _plain(text: str) -> str:
    return _cut(ascii(text[:_LONGEST_TEXT])[1:-1], 200)


def _cut(text: str, most: int = _LONGEST_TEXT) -> str:
    return text if len(text) <= most else f"{text[:most]} ..."


def _comments(student: str, expected: str) -> list[str]:
    if "\n" in student + expected:
        blocks = (("yours", student), ("expected", expected))
        return [f"# {line}" for name, text in blocks for line in (f"{name}:", *text.split("\n"))]
    return [f"# yours:    {student}", f"# expected: {expected}"]
