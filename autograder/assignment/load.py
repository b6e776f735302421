"""The assignment file and what it names, as one checked value."""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path
from typing import Any

from autograder.assignment.fields import Table
from autograder.assignment.rubric import read_rubric
from autograder.errors import GraderFault
from autograder.model.assignment import Assignment


def load(folder: Path) -> Assignment:
    """Read ``assignment.toml`` in a folder.

    Parameters
    ----------
    folder : Path
        The homework's root.

    Raises
    ------
    GraderFault
        If a file is missing, is not TOML, or says something that makes no sense; the message names the file
        and the entry.
    """
    path = folder / "assignment.toml"
    table = Table(_toml(path), path.name)
    written = {name: table.text(name) for name in ("reference", "checks", "template", "data", "rubric")}
    places = {name: folder / text for name, text in written.items()}
    for name, place in places.items():
        if not place.exists() and name != "template":
            raise GraderFault(f"{path.name}: {name} = '{written[name]}' does not exist.")
    assignment = Assignment(
        id=table.text("id"),
        title=table.text("title"),
        version=table.text("version"),
        seed=int(table.number("seed")),
        name=table.text("name"),
        root=folder,
        reference=places["reference"],
        checks=places["checks"],
        template=places["template"],
        data=places["data"],
        rubric=read_rubric(_toml(places["rubric"]), places["rubric"].name),
        digest=_digest(folder, [path, *(places[n] for n in ("rubric", "checks", "reference", "data"))]),
    )
    table.done()
    return assignment


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise GraderFault(f"{path} does not exist: an assignment needs it.") from None
    except OSError as error:
        raise GraderFault(f"{path} cannot be read ({error.strerror}); an assignment needs it.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GraderFault(f"{path.name} is not valid TOML: {error}.") from error


def _digest(root: Path, places: list[Path]) -> str:
    total = hashlib.sha256()
    files: list[Path] = []
    for place in places:
        files += [place] if place.is_file() else [p for p in place.rglob("*") if p.is_file()]
    for file in sorted(set(files)):
        if "__pycache__" in file.parts:
            continue
        name = Path(os.path.relpath(file, root)).as_posix().encode("utf-8", "surrogateescape")
        content = file.read_bytes()
        total.update(len(name).to_bytes(8, "big") + name + len(content).to_bytes(8, "big") + content)
    return total.hexdigest()
