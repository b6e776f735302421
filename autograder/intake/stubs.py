"""Tells which functions and classes of the template have been written in a file, if any."""

from __future__ import annotations

import ast
import re

from autograder.intake.parsing import definitions, dumped

_DEFINED = re.compile(r"^(?:async )?(?:def|class) +(\w+)", re.MULTILINE)


def is_untouched(source: str, template: str) -> bool:
    """Whether each function and class of a source is the template's, or a stub.

    Docstrings, comments and all code outside of functions and classes are not looked at: handing out an
    improved text, or trying something in a scratch cell, is no work.

    Parameters
    ----------
    source, template : str
        Python code; of a notebook, its code cells.

    Returns
    -------
    bool
        False for code that does not parse: somebody has worked on it.
    """
    written = definitions(source)
    if written is None:
        return source.split() == template.split()
    given: dict[str, ast.stmt] | None = None
    for name, node in written.items():
        if _is_stub(node):
            continue
        given = given if given is not None else definitions(template) or {}
        if name not in given or _code(node) != _code(given[name]):
            return False
    return True


def written(source: str, template: str) -> list[str]:
    """The template's functions and classes that hold a source's own code, in its order.

    Parameters
    ----------
    source, template : str
        Python code; of a notebook, its code cells.

    Returns
    -------
    list of str
        Of code that does not parse, all that it defines: which of them are stubs cannot be told.
    """
    handed_out = set(_DEFINED.findall(template))
    named = [name for name in dict.fromkeys(_DEFINED.findall(source)) if name in handed_out]
    found = definitions(source) if named else None
    if found is None:
        return named
    given = definitions(template) or {}
    return [
        name
        for name, node in found.items()
        if name in given and not _is_stub(node) and _code(node) != _code(given[name])
    ]


def _code(node: ast.stmt) -> str:
    """A definition without docstrings, layout and positions."""
    _drop_docstrings(node)
    return dumped(node)


def _drop_docstrings(node: ast.AST) -> None:
    for child in ast.walk(node):
        if (
            isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and ast.get_docstring(child) is not None
        ):
            child.body = child.body[1:] or [ast.Pass()]


def _is_stub(node: ast.stmt) -> bool:
    """Whether every function in it does nothing but say that it is not written yet."""
    functions = [n for n in ast.walk(node) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return bool(functions) and all(_says_nothing_else(f) for f in functions)


def _says_nothing_else(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotImplementedError" in dumped(body[0])
