"""Writes steps of the wire as Python that a student can paste and run, with both outputs as comments."""

from __future__ import annotations

import inspect
import keyword
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograder.diagnosis.evidence import Path
from autograder.diagnosis.faults import Compared, at
from autograder.model.counterexample import Counterexample
from autograder.wire.messages import Step
from autograder.wire.values import Handle, Opaque, RandomGenerator

_MOST_LINES, _MOST_CHARACTERS = 40, 3000
_MOST_NUMBERS = 300
_LONGEST_OUTPUT, _LONGEST_MESSAGE = 600, 200
_DECIMALS = 6
_LARGEST = 1e9  # NumPy rounds by multiplying with a power of ten
_PLAIN_DTYPES = (np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_))
_ENOUGH_DRAWS = 400
_STATISTICS: dict[str, Callable[[Any], Any]] = {"mean": np.mean, "std": np.std}
_OF_MANY = "# A statistic of many draws: with another rng it is nearly the same."
_FAR = 12
"""Standard errors: so far apart are two statistics that are shown."""


class Unwritable(Exception):
    """It would be too long, has no form as Python, or shows no difference."""


def render(
    module: str,
    steps: Sequence[Step],
    path: Path,
    answers: Compared,
    *,
    names: Mapping[int, str],
    namespace: Mapping[str, Any],
    is_random: bool = False,
) -> Counterexample:
    """The snippet that makes these steps and prints a part of the last one's answer.

    Parameters
    ----------
    module : str
        What the student's file is called; empty for a notebook, whose cells have defined all of it.
    steps : sequence of Step
    path : tuple
        The part of the answer; all of it if empty.
    answers : Compared
        To the last step, or the first exceptions.
    names : mapping of int to str
        What checks call their objects, by the numbers of the handles.
    namespace : mapping
        The reference's, for the names of arguments.
    is_random : bool
        Whether other draws would be right as well: what is shown is then a statistic of many, or the shape, since one
        draw beside another says nothing.

    Raises
    ------
    Unwritable
        If it would be longer than a student wants to read, or both outputs look alike.
    """
    writer = _Writer(steps, names, namespace)
    expression = writer.write() + "".join(f"[{_text(key)}]" for key in path)
    line, student, expected = _outputs(expression, path, answers, is_random)
    calls = sorted({step["name"] for step in steps if step["op"] == "call" and step["on"] is None})
    lines = ["import numpy as np", *([f"from {module} import {', '.join(calls)}"] if module else [])]
    lines += ["", *writer.lines, line]
    is_statistic = line.startswith(tuple(f"print(np.round(np.{name}(" for name in _STATISTICS))
    lines += [*([_OF_MANY] if is_random and is_statistic else []), *_comments(student, expected)]
    snippet = "\n".join(lines) + "\n"
    if student == expected or snippet.count("\n") > _MOST_LINES or len(snippet) > _MOST_CHARACTERS:
        raise Unwritable
    return Counterexample(snippet, writer.function, student, expected)


class _Writer:
    """Writes the statements up to the last step, and the last step as an expression."""

    def __init__(self, steps: Sequence[Step], names: Mapping[int, str], namespace: Mapping[str, Any]) -> None:
        self._steps, self._given, self._namespace = steps, names, namespace
        self._uses = [number for step in steps for number in mentioned(step)]
        self._names: dict[int, str] = {}  # or the text itself, for what is used once
        self._classes: dict[int, str] = {}
        self.lines: list[str] = []
        self.function = ""

    def write(self) -> str:
        """All lines but the last; the last step's expression."""
        for step in self._steps[:-1]:
            self._statement(step)
        last = self._steps[-1]
        return self._expression(last, self._parameters(last))

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

    def _expression(self, step: Step, parameters: Sequence[str] = ()) -> str:
        if step["op"] not in ("call", "get", "fetch"):
            raise Unwritable
        owner = "" if step["on"] is None else self._names[step["on"].number]
        if step["op"] == "fetch":
            return owner
        name = f"{owner}.{step['name']}" if owner else step["name"]
        if step["op"] == "get":
            return name
        given = [
            self._argument(value, wanted) for value, wanted in zip(step["args"], parameters, strict=False)
        ]
        given += [_text(value, self._names) for value in step["args"][len(given) :]]
        given += [f"{key}={_text(value, self._names)}" for key, value in step["kwargs"].items()]
        kind = self._classes.get(step["on"].number, "") if owner else ""
        self.function = f"{kind}.{step['name']}" if kind else step["name"]
        return f"{name}({', '.join(given)})"

    def _argument(self, value: Any, name: str) -> str:
        """An array stands in a line of its own, under the name that the function has for it."""
        text = _text(value, self._names)
        taken = {"np", *self._names.values(), *(step.get("name") for step in self._steps)}
        if "np.array(" not in text or name in taken:
            return text
        self.lines.append(f"{name} = {text}")
        return name

    def _parameters(self, step: Step) -> list[str]:
        """What the function of a call names its arguments."""
        if step["op"] != "call":
            return []
        function = self._namespace.get(step["name"])
        if step["on"] is not None:
            kind = self._namespace.get(self._classes.get(step["on"].number, ""))
            function = getattr(kind, step["name"], None)
        if not callable(function):
            return []
        found = list(inspect.signature(function).parameters)
        return found if step["on"] is None else found[1:]

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


# -- what goes in


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
        inner = ", ".join(_text(v, names) for v in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return "[" + ", ".join(_text(v, names) for v in value) + "]"
    raise Unwritable


def _array(array: np.ndarray) -> str:
    if array.size > _MOST_NUMBERS or array.dtype.kind not in "biuf":
        raise Unwritable
    dtype = "" if array.dtype in _PLAIN_DTYPES else f", dtype=np.{array.dtype.name}"
    if array.size == 0:
        return f"np.zeros({array.shape}{dtype})"
    return f"np.array({_nested(array.tolist())}{dtype})"


def _nested(value: Any) -> str:
    return f"[{', '.join(map(_nested, value))}]" if isinstance(value, list) else _number(value)


def _number(value: Any) -> str:
    text = repr(value)
    return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}.get(text, text)


# -- what comes out


def _outputs(expression: str, path: Path, answers: Compared, is_random: bool) -> tuple[str, str, str]:
    """The line that prints an expression, and what it prints with the student's code and with right code."""
    outcomes = (answers.student, answers.right)
    parts = [at(outcome["value"], path) for outcome in outcomes if "error" not in outcome]
    wrapper, show = _form(parts)
    if is_random and show in (_printed, _rounded):
        wrapper, show = _form_of_draws(parts)
    texts = [
        _raised(outcome["error"]) if "error" in outcome else show(at(outcome["value"], path))
        for outcome in outcomes
    ]
    return f"print({wrapper.format(expression)})", texts[0], texts[1]


def _form(parts: Sequence[Any]) -> tuple[str, Callable[[Any], str]]:
    """How to print two answers, or one where the other is an exception."""
    if len(parts) == 2:
        mine, wanted = parts
        if isinstance(mine, dict) and isinstance(wanted, dict) and mine.keys() != wanted.keys():
            return "list({})", lambda value: _printed(list(value))
        if isinstance(mine, (list, tuple)) and isinstance(wanted, tuple) and len(mine) != len(wanted):
            return "len({})", lambda value: str(len(value))
    if any(isinstance(part, Opaque) for part in parts):  # an object, of which nothing else is known
        return "type({}).__name__", _type_name
    if all(map(_can_be_rounded, parts)):
        rounded = [_rounded(part) for part in parts]
        # Where the numbers are short, or differ in later decimals only, they are printed as they are.
        if rounded != [_printed(part) for part in parts] and len(set(rounded)) == len(rounded):
            return f"np.round({{}}, {_DECIMALS})", _rounded
    return "{}", _printed


def _form_of_draws(parts: Sequence[Any]) -> tuple[str, Callable[[Any], str]]:
    """How to print answers that are drawn, so that no draw looks like the only right one."""
    if all(isinstance(part, (list, tuple)) for part in parts):
        if len({len(part) for part in parts}) > 1:
            return "len({})", lambda value: str(len(value))
        if all(isinstance(item, np.ndarray) for part in parts for item in part):
            return "[np.shape(part) for part in {}]", lambda value: _cut(str([v.shape for v in value]))
        return "[type(part).__name__ for part in {}]", lambda value: _cut(str([_type_name(v) for v in value]))
    if not all(isinstance(part, np.ndarray) and part.dtype.kind in "biuf" for part in parts):
        return "type({}).__name__", _type_name
    if len(parts) == 1 or parts[0].shape != parts[1].shape:
        return "np.shape({})", lambda value: str(value.shape)
    mine, right = (np.asarray(part, np.float64) for part in parts)
    spread, n = float(np.std(right)), max(right.size, 1)
    for name, error in (("mean", spread / np.sqrt(n)), ("std", spread / np.sqrt(2 * n))):
        statistic = _STATISTICS[name]
        # Written so that NaN fails, and an answer that is not drawn at all.
        if n >= _ENOUGH_DRAWS and error > 0 and abs(statistic(mine) - statistic(right)) > _FAR * error:
            decimals = math.floor(-math.log10(4 * error))
            return f"np.round(np.{name}({{}}), {decimals})", partial(_statistic, name, decimals)
    raise Unwritable


def _statistic(name: str, decimals: int, value: Any) -> str:
    return str(np.round(_STATISTICS[name](value), decimals))


def _can_be_rounded(value: Any) -> bool:
    if isinstance(value, (np.ndarray, np.generic)):
        is_wide = value.dtype.kind in "iu" or value.dtype in (np.dtype(np.float32), np.dtype(np.float64))
    else:
        is_wide = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_wide or (isinstance(value, int) and abs(value) >= _LARGEST):
        return False
    finite = np.asarray(value)[np.isfinite(value)]
    return bool((np.abs(finite) < _LARGEST).all())


def _rounded(value: Any) -> str:
    return _cut(str(np.round(value, _DECIMALS)))


def _printed(value: Any) -> str:
    """What ``print`` shows; a student's text is cut, and cannot leave its comment."""
    if isinstance(value, (np.ndarray, np.generic, bool, int, float)):
        return _cut(str(value))
    return _cut(ascii(_scalars(value)))


def _type_name(value: Any) -> str:
    return _plain(value.type_name if isinstance(value, Opaque) else type(_scalars(value)).__name__)


def _scalars(value: Any) -> Any:
    """An answer with NumPy's numbers as such: they come as arrays without axes."""
    if isinstance(value, np.ndarray):
        return value[()]
    if isinstance(value, Opaque):
        return f"<{value.type_name}>"
    if isinstance(value, Mapping):
        return {key: _scalars(item) for key, item in value.items()}
    return type(value)(map(_scalars, value)) if isinstance(value, (list, tuple)) else value


def _raised(error: Mapping[str, Any]) -> str:
    kind, message = (_plain(str(error.get(key, ""))) for key in ("type", "message"))
    return f"raises {kind}: {message}" if message else f"raises {kind}"


def _plain(text: str) -> str:
    return _cut(ascii(text[:_LONGEST_OUTPUT])[1:-1], _LONGEST_MESSAGE)


def _cut(text: str, most: int = _LONGEST_OUTPUT) -> str:
    return text if len(text) <= most else f"{text[:most]} ..."


def _comments(student: str, expected: str) -> list[str]:
    if "\n" in student + expected:
        blocks = (("yours", student), ("expected", expected))
        return [f"# {line}".rstrip() for name, text in blocks for line in (f"{name}:", *text.split("\n"))]
    return [f"# yours:    {student}", f"# expected: {expected}"]
