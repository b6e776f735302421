"""The passages of a submission's code that matter: functions and classes that lost points, with their lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from autograder.intake import parsing
from autograder.intake.notebook import code_cells
from autograder.model.submission import Submission

MAX_LINES, MAX_CHARACTERS = 3000, 150_000
"""Of all code; a page stays light."""
_NEWLINE = re.compile(r"\r\n|\r|\n")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Line:
    """One line of code."""

    number: int
    text: str
    is_marked: bool
    """Something was raised here."""


@dataclass(frozen=True)
class Passage:
    """A definition, or all code of a file or cell."""

    name: str
    cell: int
    """Among a notebook's code cells that hold code, from 1 on; 0 in a module."""
    lines: tuple[Line, ...]

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        first, last = self.lines[0].number, self.lines[-1].number
        lines = f"line {first}" if first == last else f"lines {first}–{last}"
        return f"cell {self.cell}, {lines}" if self.cell else lines


def sources(submission: Submission) -> Iterator[str]:
    """The code of the file that counts, up to a limit: one text, or one for each cell of a notebook."""
    raw, left = submission.files[submission.entry], MAX_CHARACTERS
    is_notebook = submission.kind == "notebook"
    for text in code_cells(raw) or [] if is_notebook else [parsing.text(raw)]:
        yield text[:left]
        left -= len(text[:left])


def definitions(submission: Submission, names: Collection[str], raised: Collection[str]) -> list[Passage]:
    """The last definition of each of these names, in the order of the names, without docstrings.

    The docstrings are the handout's, and longer than the code.

    Parameters
    ----------
    names : collection of str
        Functions and classes; one that is not found has no passage.
    raised : collection of str
        Lines of code that raised, without their indentation.
    """
    found: dict[str, Passage] = {}
    for cell, source in enumerate(sources(submission), 1):
        lines = _split(source)
        for node in _definitions(source):
            if node.name in names:
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                numbered = _lines(lines[first - 1 : node.end_lineno], first, raised)
                told = _docstring_lines(node)
                kept = tuple(line for line in numbered if line.number not in told)
                found[node.name] = Passage(node.name, cell if submission.kind == "notebook" else 0, kept)
    return [found[name] for name in names if name in found and found[name].lines]


def whole(submission: Submission, raised: Collection[str]) -> list[Passage]:
    """All code, cell by cell, up to `MAX_LINES` lines."""
    passages, left = [], MAX_LINES
    for cell, source in enumerate(sources(submission), 1):
        lines = _lines(_split(source)[:left], 1, raised)
        left -= len(lines)
        if lines:
            is_notebook = submission.kind == "notebook"
            name = f"cell {cell}" if is_notebook else submission.entry
            passages.append(Passage(name, cell if is_notebook else 0, lines))
    return passages


def _definitions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The top-level definitions; none if the source does not parse."""
    body = parsing.statements(source) or ()
    yield from (node for node in body if isinstance(node, _DEFINITIONS))


def _docstring_lines(definition: ast.AST) -> set[int]:
    """Numbers of the lines that hold nothing but a docstring."""
    found: set[int] = set()
    for node in ast.walk(definition):
        if not isinstance(node, _DEFINITIONS) or ast.get_docstring(node, clean=False) is None:
            continue
        first, last = node.body[0].lineno, node.body[0].end_lineno or node.body[0].lineno
        if len(node.body) > 1 and node.lineno < first and last < node.body[1].lineno:
            found.update(range(first, last + 1))
    return found


def _split(source: str) -> list[str]:
    """Lines as Python counts them: `str.splitlines` knows more ends than it."""
    lines = _NEWLINE.split(source)
    return lines if lines[-1] else lines[:-1]


def _lines(texts: list[str], first: int, raised: Collection[str]) -> tuple[Line, ...]:
    return tuple(
        Line(number, text, bool(text.strip()) and text.strip()[:200] in raised)
        for number, text in enumerate(texts, first)
    )
