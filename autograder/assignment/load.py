"""The assignment file and what it names, as one checked value."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.assignment.fields import Table, read_toml
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
    folder = folder.absolute()  # what is read later must not depend on the current folder
    path = folder / "assignment.toml"
    table = Table(read_toml(path), path.name)
    written = {name: table.text(name) for name in ("reference", "checks", "template", "rubric")}
    places = {name: folder / text for name, text in written.items()}
    for name in ("data", "mistakes", "probes", "correct", "guide"):
        if name in table.content:
            written[name] = table.text(name)
            places[name] = folder / written[name]
    for name, place in places.items():
        if not place.exists() and name not in ("template", "guide"):
            raise GraderFault(f"{path.name}: {name} = '{written[name]}' does not exist.")
    rubric = read_toml(places["rubric"])
    counted = [
        path,
        *(place for name, place in places.items() if name not in ("template", "correct", "rubric", "guide")),
    ]
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
        data=places.get("data"),
        rubric=read_rubric(rubric, places["rubric"].name),
        mistakes=places.get("mistakes"),
        probes=places.get("probes"),
        correct=places.get("correct"),
        files=_files(table),
        guide=places.get("guide"),
        digest=_digest(folder, counted, _without_late(rubric)),
    )
    table.done()
    _refuse_unknown_training(assignment, places["rubric"].name)
    return assignment


def _files(table: Table) -> tuple[str, ...]:
    files = table.texts("files")
    for name in files:
        if not name or name != PurePosixPath(name).name:
            raise GraderFault(f"{table.where}: files: '{name}' is not the plain name of a file.")
    return files


def _refuse_unknown_training(assignment: Assignment, where: str) -> None:
    """Refuse a name under ``[training]`` that no check mentions: it was misspelt, and would count for nothing."""
    training = assignment.rubric.training
    text = (
        "".join(p.read_text("utf-8", "replace") for p in sorted(assignment.checks.rglob("*.py")))
        if training
        else ""
    )
    for task, numbers in training.items():
        for name, entry in ((task, f"[training.{task}]"), *((n, f"[training.{task}]: {n}") for n in numbers)):
            if f'"{name}"' not in text and f"'{name}'" not in text:
                raise GraderFault(f"{where}: {entry} is not known: no check asks for '{name}'.")


def _without_late(rubric: dict[str, Any]) -> bytes:
    """What the marks depend on: neither comments nor the late policy, which is applied to finished reports."""
    told = {name: value for name, value in rubric.items() if name != "late"}
    return json.dumps(told, sort_keys=True, default=str).encode()


def _digest(root: Path, places: list[Path], rubric: bytes) -> str:
    total = hashlib.sha256(rubric)
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
