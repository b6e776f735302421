"""Reads the catalogue of known mistakes: tables of small changes (TOML), and files with one function (Python)."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from autograder.assignment.fields import Table, read_toml
from autograder.errors import GraderFault
from autograder.model.mistake import Change, Mistake

_NEEDED = ("theme", "pointer")
"""Without these a recognised mistake would have nothing to say."""
_TEXTS = ("summary", "nudge", "explanation")


def read_mistakes(folder: Path) -> tuple[Mistake, ...]:
    """All mistakes of a folder, file by file.

    Parameters
    ----------
    folder : Path
        Holds ``*.toml`` with ``[[mistake]]`` tables: ``id``, ``function``, ``old`` and ``new`` (or a list
        ``changes`` of such triples), ``loses``, ``theme``, ``summary``, ``nudge``, ``pointer``, ``explanation``;
        and ``*.py``, each one mistake: its docstring is the summary, the other fields are assignments of texts
        (``loses`` a list), and every function in it takes the place of the reference's of that name.  The
        file's name is the id.  ``theme`` and ``pointer`` are needed, the other hints are not.

    Raises
    ------
    GraderFault
        If a file is not valid, a field is missing or unknown, or an id occurs twice.
    """
    found: list[Mistake] = []
    for path in sorted(folder.glob("*.toml")):
        table = Table(read_toml(path), path.name)
        found += [_from_table(entry) for entry in table.tables("mistake")]
        table.done()
    found += [_from_python(path) for path in sorted(folder.glob("*.py"))]
    seen: set[str] = set()
    for mistake in found:
        if mistake.id in seen:
            raise GraderFault(f"{folder.name}: two mistakes have the id '{mistake.id}'.")
        seen.add(mistake.id)
    return tuple(found)


def _from_table(table: Table) -> Mistake:
    several = table.tables("changes")
    changes = [_change(entry) for entry in several or [table]]
    for entry in several:
        entry.done()
    mistake = _mistake(table, table.text("id"), changes)
    table.done()
    return mistake


def _mistake(table: Table, mistake_id: str, changes: list[Change]) -> Mistake:
    needed = {name: table.text(name) for name in _NEEDED}
    other = {name: table.words(name, "") for name in _TEXTS}
    return Mistake(id=mistake_id, changes=tuple(changes), loses=table.texts("loses"), **needed, **other)


def _change(table: Table) -> Change:
    return Change(table.text("function"), table.text("old"), table.words("new"))


def _from_python(path: Path) -> Mistake:
    source = path.read_text("utf-8")
    try:
        tree = ast.parse(source, path.name)
    except (SyntaxError, ValueError) as error:
        raise GraderFault(f"{path.name} is not valid Python: {error}.") from error
    fields: dict[str, Any] = {"summary": (ast.get_docstring(tree) or "").strip()}
    changes = []
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            changes.append(Change(node.name, None, ast.get_source_segment(source, node) or ""))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                fields[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                raise GraderFault(
                    f"{path.name}: '{node.targets[0].id}' must be a plain text or list."
                ) from None
    if not changes:
        raise GraderFault(
            f"{path.name} defines no function; a mistake is a function of the reference, gone wrong."
        )
    table = Table(fields, path.name)
    mistake = _mistake(table, path.stem, changes)
    table.done()
    return mistake
