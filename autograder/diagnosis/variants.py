"""Makes modules of the reference in which some functions are not as they should be."""

from __future__ import annotations

import ast
import itertools
import textwrap
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from autograder.errors import GraderFault
from autograder.model.mistake import Change

_numbers = itertools.count(1)


class Variants:
    """The reference, statement by statement, so that a variant costs no more than its own function.

    Parameters
    ----------
    path : Path
        The reference.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._filename = f"<{path.name} as a submission>"
        self._source = path.read_text("utf-8")
        self._lines = self._source.splitlines(keepends=True)
        self._body = ast.parse(self._source).body
        self._codes: list[CodeType] | None = None

    def namespace(self, changes: Iterable[Change] = ()) -> dict[str, Any]:
        """The names that the reference defines, after these changes.

        Raises
        ------
        GraderFault
            If a change does not fit the reference.
        """
        if self._codes is None:
            self._codes = [self._compiled([node]) for node in self._body]
        segments = self.segments(changes)
        changed = {name: compile(text, self._filename, "exec") for name, text in segments.items()}
        module = ModuleType(f"_variant_{next(_numbers)}")
        module.__file__ = str(self._path)
        for node, code in zip(self._body, self._codes, strict=True):
            exec(changed.get(getattr(node, "name", ""), code), module.__dict__)
        return module.__dict__

    def source(self, changes: Iterable[Change]) -> str:
        """The reference's text after these changes.

        Raises
        ------
        GraderFault
            If a change does not fit the reference.
        """
        lines = list(self._lines)
        segments = self.segments(changes)
        for node in reversed(self._body):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in segments:
                lines[node.lineno - 1 : node.end_lineno] = [segments[node.name].rstrip("\n") + "\n"]
        return "".join(lines)

    def segments(self, changes: Iterable[Change]) -> Mapping[str, str]:
        """The new text of each function and class that is not as before."""
        segments: dict[str, str] = {}
        for change in changes:
            name = change.component
            before = segments.get(name, self._text((name,)))
            if change.old is None:
                segments[name] = change.new
                continue
            # Within a class the text is looked for in the method, as that stands after earlier changes.
            inner = _method(before, change.function.partition(".")[2])
            count = inner.count(change.old)
            if count != 1:
                raise GraderFault(
                    f"the text of a mistake occurs {count} times in {change.function}: {change.old[:80]!r}."
                )
            patched = inner.replace(change.old, change.new)
            if patched == inner:
                raise GraderFault(f"a mistake in {change.function} changes nothing: {change.old[:80]!r}.")
            segments[name] = before.replace(inner, patched, 1)
        return segments

    def _text(self, names: tuple[str, ...]) -> str:
        for node in self._body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == names[0]:
                return "".join(self._lines[node.lineno - 1 : node.end_lineno])
        raise GraderFault(f"the reference has no '{names[0]}', which a mistake is in.")

    def _compiled(self, body: list[ast.stmt]) -> CodeType:
        return compile(ast.Module(body=body, type_ignores=[]), self._filename, "exec")


def _method(text: str, name: str) -> str:
    """The text of a method in the text of its class; all of it without a name."""
    if not name:
        return text
    [holder] = ast.parse(textwrap.dedent(text)).body
    lines = text.splitlines(keepends=True)
    for node in getattr(holder, "body", []):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return "".join(lines[node.lineno - 1 : node.end_lineno])
    raise GraderFault(f"the reference has no method '{name}', which a mistake is in.")


@cache
def of(path: Path) -> Variants:
    """The variants of a reference, which is read once per process."""
    return Variants(path)
