"""Tells which functions of a submission its other functions use, from its text; runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from autograder.intake import notebook, parsing
from autograder.model.submission import Submission


def uses_of(submission: Submission, names: Iterable[str]) -> dict[str, set[str]]:
    """For each of these names the others of them that its definition mentions, directly or through helpers.

    Parameters
    ----------
    submission : Submission
    names : iterable of str
        Functions and classes of the homework.

    Returns
    -------
    dict of str to set of str
        Only names that use others.  Code that does not parse uses nothing: a module as a whole, a notebook cell by
        cell.
    """
    wanted = set(names)
    mentioned = _mentioned(submission)
    found = {name: _reached(name, mentioned) & wanted for name in sorted(wanted)}
    return {name: others for name, others in found.items() if others}


def _mentioned(submission: Submission) -> dict[str, set[str]]:
    """For each name that is defined at the top the names in its definitions."""
    found: dict[str, set[str]] = {}
    for source in _sources(submission):
        for defined, node in _definitions(source):
            found.setdefault(defined, set()).update(_global_names(node))
    return found


def _global_names(node: ast.stmt) -> set[str]:
    """The names that a definition takes from outside: none that is an argument or assigned in it."""
    loaded, own = set[str](), set[str]()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            (loaded if isinstance(part.ctx, ast.Load) else own).add(part.id)
        elif isinstance(part, ast.arg):
            own.add(part.arg)
    return loaded - own


def _sources(submission: Submission) -> list[str]:
    raw = submission.files[submission.entry]
    if submission.kind == "notebook":
        return notebook.code_cells(raw) or []
    return [parsing.text(raw)]


def _definitions(source: str) -> Iterator[tuple[str, ast.stmt]]:
    """Functions, classes and assigned names at the top of a source, with the statements that define them."""
    for node in parsing.statements(source) or ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            yield from ((target.id, node) for target in node.targets if isinstance(target, ast.Name))


def _reached(name: str, mentioned: Mapping[str, set[str]]) -> set[str]:
    """All names that one leads to, itself not included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = mentioned.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found - {name}
