"""Cuts a Python module in percent format into the cells of a notebook.

A line that begins with ``# %%`` begins a cell.  ``# %% [markdown]`` is followed by text in comments and
``# %% module only`` by code that the notebook does not need, such as an import of what earlier cells define.
What precedes the first such line, the module's docstring, belongs to the module only, too.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise

from autograder.errors import GraderFault

_MARKER = "# %%"


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook."""

    kind: str
    """``markdown`` or ``code``."""
    text: str
    """Without blank lines at either end."""


def cells(source: str, name: str) -> list[Cell]:
    """Cells of a module, in order; code is cut further, so that every definition has a cell of its own.

    Parameters
    ----------
    source : str
        The module's text.
    name : str
        Names the module in messages.

    Raises
    ------
    GraderFault
        If a cell marker is unknown or a text cell holds code.
    """
    found: list[Cell] = []
    lines = source.split("\n")
    starts = [i for i, line in enumerate(lines) if line.startswith(_MARKER)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        kind = lines[start].removeprefix(_MARKER).strip()
        where = f"{name}, line {start + 1}"
        if kind == "[markdown]":
            found.append(Cell("markdown", _markdown(lines[start + 1 : end], where)))
        elif kind == "":
            found += [Cell("code", part) for part in _split("\n".join(lines[start + 1 : end]))]
        elif kind != "module only":
            raise GraderFault(
                f"{where}: a cell is marked '[markdown]', 'module only' or not at all, not '{kind}'."
            )
    return [cell for cell in found if cell.text]


def _markdown(lines: list[str], where: str) -> str:
    if any(line.strip() and not line.startswith("#") for line in lines):
        raise GraderFault(f"{where}: a markdown cell holds a line that is not a comment.")
    return "\n".join(line.removeprefix("#").removeprefix(" ").rstrip() for line in lines).strip("\n")


def _split(code: str) -> list[str]:
    """Cut before every top-level definition; what follows a definition stays with it."""
    lines = code.split("\n")
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    starts = [first_line(node, lines) for node in ast.parse(code).body if isinstance(node, definitions)]
    cuts = [0, *starts, len(lines)]
    return ["\n".join(lines[a:b]).strip("\n") for a, b in pairwise(cuts)]


def first_line(node: ast.stmt, lines: list[str]) -> int:
    """Index of a statement's first line, its decorators and the comments right above it included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    while (
        first > 0 and lines[first - 1].lstrip().startswith("#") and not lines[first - 1].startswith(_MARKER)
    ):
        first -= 1
    return first
