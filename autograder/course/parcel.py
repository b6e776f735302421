"""An assignment's folder as bytes: what another machine needs to grade with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.assignment.fields import read_toml

_PLACES = ("reference", "checks", "template", "data", "rubric", "mistakes", "probes", "correct")


@dataclass(frozen=True)
class Parcel:
    """The files of an assignment."""

    digest: str
    """Of the assignment, which must come out again where it is unpacked."""
    folder: str
    """Of ``assignment.toml``, relative to where the files are laid."""
    files: Mapping[str, bytes] = field(repr=False)
    """By relative path; a path that ends in a slash is a folder."""

    def lay(self, base: Path) -> Path:
        """Write the files below a folder.

        Returns
        -------
        Path
            The assignment's own folder.
        """
        for name, content in self.files.items():
            place = base / name
            if name.endswith("/"):
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
        return base / self.folder


def pack(folder: Path, digest: str) -> Parcel:
    """Read what ``assignment.toml`` in a folder names.

    Parameters
    ----------
    folder : Path
    digest : str
        Of the assignment, as it was loaded from there.
    """
    root = Path(os.path.abspath(folder))
    table = read_toml(root / "assignment.toml")
    places = [root / "assignment.toml"]
    places += [Path(os.path.abspath(root / table[name])) for name in _PLACES if name in table]
    # A part may lie outside of the folder; where they all are to each other stays the same.
    base = Path(os.path.commonpath([root, *places]))
    files: dict[str, bytes] = {}
    for place in places:
        found = [place, *sorted(place.rglob("*"))] if place.is_dir() else [place]
        for path in found:
            relative = path.relative_to(base).as_posix()
            if "__pycache__" in path.parts:
                continue
            if path.is_dir():
                files[f"{relative}/"] = b""
            elif path.is_file():
                files[relative] = path.read_bytes()
    return Parcel(digest, root.relative_to(base).as_posix(), files)
