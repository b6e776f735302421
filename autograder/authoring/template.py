"""Writes what students start from, and the solved notebook; tells which generated files are stale."""

from __future__ import annotations

import ast
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.authoring.notebook import to_notebook
from autograder.authoring.source import cells
from autograder.authoring.stubs import stub
from autograder.errors import GraderFault
from autograder.model.assignment import Assignment

Arrays = dict[str, np.ndarray[Any, Any]]

HANDOUT = "# handout"
"""First line of a module beside the reference that students get as it is."""

PUBLIC = "public.json"
"""File in the data folder that lists, for each data set, the arrays that students get."""


def write_template(assignment: Assignment, check: bool = False) -> list[Path]:
    """Bring the template folder up to date with the reference.

    The folder holds the reference without its solution, as ``<name>.py`` and ``<name>.ipynb``; every module
    beside the reference that begins with the line ``# handout``; and the public arrays in ``data/``.

    Parameters
    ----------
    assignment : Assignment
        Tells where reference, data and template lie.
    check : bool
        Change nothing.

    Returns
    -------
    list of Path
        What was written or removed, or with `check` what is stale.

    Raises
    ------
    GraderFault
        If the reference cannot be turned into a template, or the list of public arrays is wrong.
    """
    _refuse_broken(assignment.reference)
    changed = _update_texts(_texts(assignment), check)
    return changed + _update_arrays(assignment.template / "data", public_arrays(assignment.data), check)


def _refuse_broken(reference: Path) -> None:
    try:
        ast.parse(reference.read_text("utf-8"))
    except (SyntaxError, ValueError) as error:
        raise GraderFault(f"{reference.name} cannot be read as Python: {error}.") from error


def write_notebook(assignment: Assignment, path: Path) -> None:
    """Write the solved notebook: the reference and the handout's modules, cell by cell."""
    _refuse_broken(assignment.reference)
    source = assignment.reference.read_text("utf-8")
    path.write_text(_notebook(assignment, source), "utf-8", newline="\n")


def handout_modules(reference: Path) -> list[Path]:
    """Modules beside the reference that students get unchanged, by name."""
    beside = sorted(path for path in reference.parent.glob("*.py") if path != reference)
    return [path for path in beside if path.read_text("utf-8").splitlines()[:1] == [HANDOUT]]


def public_arrays(folder: Path | None) -> dict[str, Arrays]:
    """Read the arrays that students get, by data set; none without a folder or its ``public.json``.

    Raises
    ------
    GraderFault
        If the list is damaged or names what does not exist.
    """
    if folder is None or not (folder / PUBLIC).exists():
        return {}
    listing = folder / PUBLIC
    try:
        keys: dict[str, list[str]] = json.loads(listing.read_text("utf-8"))
        return {name: _read(folder / f"{name}.npz", names) for name, names in keys.items()}
    except (ValueError, AttributeError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise GraderFault(f"{PUBLIC} or a data set that it names is damaged: {error}.") from error
    except (FileNotFoundError, KeyError) as error:
        raise GraderFault(f"{PUBLIC} names what the data folder does not hold: {error}.") from error


def _texts(assignment: Assignment) -> dict[Path, str]:
    stubbed = stub(assignment.reference.read_text("utf-8"), assignment.reference.name)
    folder, name = assignment.template, assignment.name
    texts = {folder / f"{name}.py": stubbed, folder / f"{name}.ipynb": _notebook(assignment, stubbed)}
    for module in handout_modules(assignment.reference):
        texts[folder / module.name] = module.read_text("utf-8")
    return texts


def _notebook(assignment: Assignment, source: str) -> str:
    found = cells(source, assignment.reference.name)
    for module in handout_modules(assignment.reference):
        found += cells(module.read_text("utf-8"), module.name)
    return to_notebook(found)


def _update_texts(texts: Mapping[Path, str], check: bool) -> list[Path]:
    changed = [p for p, text in texts.items() if not p.is_file() or p.read_bytes() != text.encode()]
    for path in changed if not check else []:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], "utf-8", newline="\n")
    return changed


def _update_arrays(folder: Path, datasets: Mapping[str, Arrays], check: bool) -> list[Path]:
    # Files are compared by their arrays: the bytes depend on the version of zlib that compressed them.
    wanted = {folder / f"{name}.npz": arrays for name, arrays in datasets.items()}
    stale = [path for path, arrays in wanted.items() if not _holds(path, arrays)]
    left_over = sorted(set(folder.glob("*.npz")) - set(wanted))
    if not check:
        for path in stale:
            folder.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(path, allow_pickle=False, **wanted[path])
        for path in left_over:
            path.unlink()
    return stale + left_over


def _holds(path: Path, arrays: Arrays) -> bool:
    if not path.is_file():
        return False
    try:
        stored = _read(path)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile):  # damaged: to be written anew
        return False
    return stored.keys() == arrays.keys() and all(
        stored[key].dtype == array.dtype and np.array_equal(stored[key], array)
        for key, array in arrays.items()
    )


def _read(path: Path, keys: list[str] | None = None) -> Arrays:
    with np.load(path, allow_pickle=False) as stored:
        return {key: stored[key] for key in (stored.files if keys is None else keys)}
