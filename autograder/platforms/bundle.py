"""The engine and one assignment as a small project of its own, to be carried to another system.

It is laid out as the project is: the engine's package beside ``assignment.toml``, so that ``grade.py`` works in it.
Of the assignment it holds what ``assignment.toml`` names and nothing else, byte for byte: reports have the same digest
there as here.
"""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from autograder.errors import GraderFault, UsageError
from autograder.model.assignment import Assignment

ENGINE = Path(__file__).resolve().parents[1]
FILES = Path(__file__).resolve().parent / "files"
"""Scripts and templates for other systems."""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file knows: the same content gives the same file."""
_FILE, _SCRIPT, _REGULAR = 0o644, 0o755, 0o100000


def contents(assignment: Assignment) -> dict[str, bytes]:
    """All files by their path in the bundle, with forward slashes.

    Raises
    ------
    GraderFault
        If a part of the assignment lies outside of its folder, or has a name that the engine has.
    UsageError
        If this copy of the engine has no list of pinned packages.
    """
    found = {f"autograder/{name}": path.read_bytes() for name, path in below(ENGINE)}
    for name in ("grade.py", "requirements.txt"):
        path = ENGINE.parent / name
        if not path.is_file():
            raise UsageError(
                f"{name} is not beside this engine: a package is made with a checkout of the project, in which it is."
            )
        found[name] = path.read_bytes()
    for name, path in sorted(_parts(assignment).items()):
        if name in found:
            raise GraderFault(f"assignment.toml names {name}, which is a file of the engine in a package.")
        found[name] = path.read_bytes()
    return found


def _parts(assignment: Assignment) -> dict[str, Path]:
    """The assignment's files by their path in its folder."""
    root = assignment.root.resolve()
    rubric = tomllib.loads((root / "assignment.toml").read_text("utf-8"))["rubric"]
    places = [root / "assignment.toml", root / rubric]
    named = (assignment.reference, assignment.checks, assignment.template)
    optional = (
        assignment.data,
        assignment.mistakes,
        assignment.probes,
        assignment.correct,
        assignment.guide,
    )
    places += [*named, *(place for place in optional if place)]
    places += [assignment.reference.parent / name for name in assignment.files]
    if assignment.rubric.late.hook:
        places.append(root / assignment.rubric.late.hook.partition(":")[0])
    found = {}
    for place in places:
        path = place.resolve()
        if not path.is_relative_to(root):
            raise GraderFault(
                f"assignment.toml: {place} lies outside of {root.name}; a package cannot hold it."
            )
        if path.is_file():
            found[path.relative_to(root).as_posix()] = path
        else:
            found |= {(path.relative_to(root) / name).as_posix(): inner for name, inner in below(path)}
    return found


def below(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files below a folder by their path in it; none if there is no folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path


def to_zip(files: Mapping[str, bytes]) -> bytes:
    """A zip file in which what begins with ``#!`` may be run."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: the modes count
            entry.external_attr = (_REGULAR | _mode(content)) << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def write(path: Path, content: bytes) -> None:
    """Write a file; its folder is made if need be.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}).") from error


def to_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Write all files below a folder, which is made if need be.

    Raises
    ------
    UsageError
        If it is there and not empty, or cannot be written to.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists already; give the name of a new folder.")
    for name, content in files.items():
        path = folder / PurePosixPath(name)
        write(path, content)
        path.chmod(_mode(content))


def _mode(content: bytes) -> int:
    return _SCRIPT if content.startswith(b"#!") else _FILE
