"""Makes a new homework that is small and whole: one function with its check, its mistake and its template.

The files are those of the folder ``new``, each a template with the homework's names left open; ``NAME`` in a path
stands for the module that students hand in.
"""

from __future__ import annotations

import importlib.machinery
import keyword
import os
import re
import sys
import unicodedata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.assignment.load import load
from autograder.authoring.template import write_template
from autograder.errors import UsageError

_FILES = Path(__file__).parent / "new"
_SUFFIX = ".jinja"
_RESERVED = {"check", "conftest", "plots", "homework_checks"}
"""Modules that lie beside the students' own."""


def module_name(folder: str) -> str:
    """What students hand in, from the name of the homework's folder: a name that hides no other module.

    Examples
    --------
    >>> module_name("k-Means 2")
    'k_means_2'
    >>> module_name("statistics"), module_name("2nd homework")
    ('statistics_homework', 'homework_2nd_homework')
    """
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not name:
        return "homework"
    if name[0].isdigit():
        name = f"homework_{name}"
    is_taken = keyword.iskeyword(name) or name in _RESERVED or _is_module(name)
    return f"{name}_homework" if is_taken else name


def _is_module(name: str) -> bool:
    """Whether something that is installed is imported by this name."""
    if name in sys.stdlib_module_names:
        return True
    here = {"", os.getcwd()}  # what lies in the current folder is no installed module
    return importlib.machinery.PathFinder.find_spec(name, [p for p in sys.path if p not in here]) is not None


def write_skeleton(folder: Path, seed: int) -> list[Path]:
    """Write a new homework, its template included.

    Parameters
    ----------
    folder : Path
        Must not exist; its name becomes the homework's.
    seed : int
        Of the checks' random inputs.

    Returns
    -------
    list of Path
        The files, by path.

    Raises
    ------
    UsageError
        If the folder exists, or the one above it does not.
    """
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder} exists already; give the name of a new folder.")
    place = folder.resolve()
    if not place.parent.is_dir():
        raise UsageError(f"The folder {place.parent} does not exist; make it first.")
    name = module_name(place.name)
    words = " ".join(re.sub(r"[\W_]+", " ", place.name).split())
    names = {
        "name": name,
        "id": name.replace("_", "-"),
        "title": (words[:1].upper() + words[1:]) or "Homework",
        "folder": (place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place).as_posix(),
        "seed": seed,
    }
    environment = Environment(
        loader=FileSystemLoader(_FILES),
        autoescape=False,  # what is written is TOML, Python and Markdown
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    for template in environment.list_templates(extensions=[_SUFFIX.removeprefix(".")]):
        path = place / template.removesuffix(_SUFFIX).replace("NAME", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(environment.get_template(template).render(names), "utf-8", newline="\n")
    write_template(load(place))
    return sorted(path for path in place.rglob("*") if path.is_file())
