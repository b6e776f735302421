"""A file or folder as it lies on a disk or in a zip: what is in it, looked at and never run."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from autograder.course.unpack import UNREADABLE, Member, is_made_by_systems

CODE = (".py", ".ipynb")
_MAX_LOOKED_AT = 20_000  # of one student's files; intake refuses a tenth of it


class Place:
    """A file, a folder, or what is neither."""

    def __init__(self, name: str, kind: str, path: Path):
        self.name = name
        self.kind = kind
        """``file``, ``folder``, ``link`` or ``special``."""
        self.path = path

    @cached_property
    def children(self) -> tuple[Place, ...]:
        """What lies in a folder, by name; hidden files and those of systems are left out."""
        found = (place for place in self._all() if not place.name.startswith((".", "~$")))
        return tuple(sorted(found, key=lambda place: place.name))

    @property
    def folders(self) -> list[Place]:
        """Folders among the children."""
        return [place for place in self.children if place.kind == "folder"]

    @property
    def files(self) -> list[Place]:
        """Regular files among the children."""
        return [place for place in self.children if place.kind == "file"]

    @property
    def is_code(self) -> bool:
        """Whether it is a module or a notebook."""
        return self.kind == "file" and self.name.lower().endswith(CODE)

    @property
    def is_zip(self) -> bool:
        """Whether it is a zip, by its name."""
        return self.kind == "file" and self.name.lower().endswith(".zip")

    def is_called(self, stem: str) -> bool:
        """Whether it is the module or notebook of this name."""
        return self.kind == "file" and self.name.lower() in [stem.lower() + ending for ending in CODE]

    def walk(self) -> Iterator[Place]:
        """The files in a folder, those that lie highest first."""
        waiting, seen = [self], 0
        while waiting:  # no recursion: folders may be deeper than it goes
            later = []
            for folder in waiting:
                seen += len(folder.children)
                if seen > _MAX_LOOKED_AT:
                    return
                yield from folder.files
                later += folder.folders
            waiting = later

    def has_git(self) -> bool:
        """Whether a folder is a git repository."""
        raise NotImplementedError

    def head(self, size: int) -> bytes:
        """The first bytes of a file; nothing if it cannot be read."""
        raise NotImplementedError

    def _all(self) -> Iterator[Place]:
        raise NotImplementedError


class OnDisk(Place):
    """A file or folder of a file system; links are never followed."""

    def __init__(self, name: str, kind: str, path: Path, without: Path | None = None):
        super().__init__(name, kind, path)
        self._without = without
        """A folder that is passed over, for it is the grader's own."""

    def has_git(self) -> bool:
        """Whether a folder is a git repository."""
        return os.path.lexists(self.path / ".git")

    def head(self, size: int) -> bytes:
        """The first bytes of a file; nothing if it cannot be read."""
        with suppress(OSError), self.path.open("rb") as stream:
            return stream.read(size)
        return b""

    def _all(self) -> Iterator[Place]:
        with suppress(OSError), os.scandir(self.path) as entries:
            for entry in entries:
                path = self.path / entry.name
                if not is_made_by_systems(entry.name) and path != self._without:
                    yield OnDisk(entry.name, _kind(entry), path, self._without)


class InZip(Place):
    """A member of a zip that is open."""

    def __init__(self, name: str, archive: zipfile.ZipFile, members: list[Member], path: Path):
        super().__init__(name, "folder", path)
        self._archive = archive
        self._inside: dict[str, InZip] = {}
        self._info: zipfile.ZipInfo | None = None
        self._has_git = False
        for member in members:
            place = self
            for part in member.parts:
                if part not in place._inside:
                    place._inside[part] = InZip(part, archive, [], place.path / part)
                place = place._inside[part]
            if not member.is_folder:
                place.kind, place._info = "file", member.info
            place._has_git |= member.has_git

    def has_git(self) -> bool:
        """Whether a folder is a git repository."""
        return self._has_git

    def head(self, size: int) -> bytes:
        """The first bytes of a file; nothing if it cannot be read."""
        with suppress(*UNREADABLE):
            if self._info is not None:
                with self._archive.open(self._info) as stream:
                    return stream.read(size)
        return b""

    def _all(self) -> Iterator[Place]:
        yield from self._inside.values()


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"
