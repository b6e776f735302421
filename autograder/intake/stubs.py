"""Tells whether a file still is the template: no function or class in it has been written."""

from __future__ import annotations

import ast
import re

_BEGINS_DEFINITION = re.compile(r"^(def|class) ", re.MULTILINE)
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)


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
    if "NotImplementedError" not in source and _BEGINS_DEFINITION.search(source):
        return False  # no stub is left; the usual case, told without reading the code
    written, given = _definitions(source), _definitions(template)
    if written is None or given is None:
        return source.split() == template.split()
    return all(given.get(name) == code or _is_stub(code) for name, code in written.items())


def _definitions(source: str) -> dict[str, str] | None:
    """Top-level functions and classes, without docstrings and positions."""
    try:
        body = ast.parse(_MAGIC.sub("pass", source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = {}
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            _drop_docstrings(node)
            found[node.name] = ast.unparse(node)
    return found


def _drop_docstrings(node: ast.AST) -> None:
    for child in ast.walk(node):
        if (
            isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and ast.get_docstring(child) is not None
        ):
            child.body = child.body[1:] or [ast.Pass()]


def _is_stub(code: str) -> bool:
    """Whether every function in it does nothing but say that it is not written yet."""
    tree = ast.parse(code)
    functions = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return bool(functions) and all(
        len(f.body) == 1
        and isinstance(f.body[0], ast.Raise)
        and "NotImplementedError" in ast.unparse(f.body[0])
        for f in functions
    )
