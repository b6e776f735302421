"""Student code as text and as a syntax tree, for those who read it and do not run it: bounded, never a surprise."""

from __future__ import annotations

import ast
import re

from autograder.worker.module import decode

MOST_CHARACTERS = 300_000
"""Of code that is parsed here, four times the solved homework: a tree takes up to six hundred times its text."""
# Blanks only, not `\\s`: over many empty lines that would take the square of their number.
_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def text(raw: bytes) -> str:
    """The text of a Python file, whatever is in it."""
    try:
        return decode(raw)[0]
    except ValueError:  # among them all that is wrong with encodings
        return raw.decode("utf-8", "replace")


def statements(source: str) -> list[ast.stmt] | None:
    """The statements at the top, with their line numbers; None for code that does not parse, or is too long.

    Parameters
    ----------
    source : str
        Python code; of a notebook, with its magics, which are no Python.
    """
    if len(source) > MOST_CHARACTERS:
        return None
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def definitions(source: str) -> dict[str, ast.stmt] | None:
    """The last definition of each function and class at the top; None as for `statements`."""
    body = statements(source)
    return None if body is None else {node.name: node for node in body if isinstance(node, _DEFINITIONS)}


def dumped(node: ast.AST) -> str:
    """A tree as text, in which equal trees are equal; one that cannot be written is equal to no other."""
    try:
        return ast.dump(node)
    except (
        ValueError,
        RecursionError,
        MemoryError,
    ):  # numbers of thousands of digits, sums of thousands of terms
        return f"unwritable {id(node)}"
