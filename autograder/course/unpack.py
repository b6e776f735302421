"""The zip of a whole class, unpacked into a folder of ours within bounds.

One student's odd file must not keep the others from being graded: a member that is dangerous alone is listed and
left out; only a zip that cannot be read at all is refused.
"""

from __future__ import annotations

import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.course.names import ending_of, fold, shown, to_file
from autograder.errors import UsageError
from autograder.intake.read import MAX_TOTAL_BYTES

MAX_FILES = 200_000  # a class of a thousand with two hundred files each
MAX_BYTES = 4 << 30
_MAX_FILE_BYTES = MAX_TOTAL_BYTES  # more is in no submission
_MAX_PATH = 900  # bytes, with room for the folder in front
_CHUNK = 1 << 20
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others unpack without a bound
_SYSTEM = {"__macosx", "__pycache__", "thumbs.db", "ehthumbs.db", "desktop.ini", "node_modules", "venv"}
_HIDDEN_SYSTEM = {".git", ".ds_store", ".ipynb_checkpoints", ".venv", ".idea"}

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
)
"""What reading a zip raises when it is damaged."""


@dataclass(frozen=True)
class Member:
    """A file or folder of a zip that may be unpacked."""

    info: zipfile.ZipInfo
    parts: tuple[str, ...]
    """Of its path in a folder of ours; no two members have the same, on any file system."""
    is_folder: bool
    has_git: bool = False
    """A folder that is a git repository, whose ``.git`` is left out."""


def is_made_by_systems(name: str) -> bool:
    """Whether a file or folder is a system's or a tool's and nobody's work."""
    lower = name.lower()
    return lower in _SYSTEM or lower in _HIDDEN_SYSTEM or lower.startswith("._") or lower.endswith(".pyc")


def members(archive: zipfile.ZipFile) -> tuple[list[Member], list[str]]:
    """The members of a zip that may be unpacked, and sentences on those that may not.

    Raises
    ------
    UsageError
        If there are too many, or if they are encrypted or packed in a way that has no bound.
    """
    shown_zip = shown(Path(archive.filename or "").name)
    if len(archive.infolist()) > MAX_FILES:
        raise UsageError(
            f"{shown_zip} holds more than {MAX_FILES} files; give a folder with the submissions only."
        )
    found, refused = [], []
    names = _Names()
    for info in archive.infolist():
        name = _decoded(info).replace("\\", "/")
        raw = PurePosixPath(name).parts
        why = _objection(info, name, raw)
        if any(map(is_made_by_systems, raw)):
            if ".git" in raw[1:] and not why:
                parts = names.folder(raw[: raw.index(".git")])
                found.append(Member(info, parts, is_folder=True, has_git=True))
            continue
        if why:
            refused.append(f"{shown(name)} {why}.")
            continue
        if not raw:
            continue
        is_folder = name.endswith("/")
        if not is_folder and info.flag_bits & 1:
            raise UsageError(f"{shown_zip} is encrypted; unpack it yourself and give the folder.")
        if not is_folder and info.compress_type not in _METHODS:
            raise UsageError(
                f"{shown_zip} is packed in an unusual way; unpack it yourself and give the folder."
            )
        parts = names.folder(raw) if is_folder else names.file(raw)
        found.append(Member(info, parts, is_folder))
    return found, refused


def unpack_class(path: Path, into: Path) -> list[str]:
    """Unpack a zip.

    Parameters
    ----------
    path : Path
        The download.
    into : Path
        A folder that does not exist yet; all files are below it.

    Returns
    -------
    list of str
        What was left out, each with why, in a sentence.

    Raises
    ------
    UsageError
        If the zip cannot be read or exceeds the bounds; ``into`` does not exist then.
    """
    try:
        into.mkdir(parents=True)
    except OSError as error:
        raise UsageError(
            f"{shown(str(into), 200)} cannot be made ({error.strerror}); give another folder for it."
        ) from error
    try:
        with zipfile.ZipFile(path) as archive:
            found, refused = members(archive)
            room = MAX_BYTES
            for member in found:
                target = into.joinpath(*member.parts)
                if member.is_folder:
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                size = _write(archive, member.info, target, min(room, _MAX_FILE_BYTES))
                if size is None and room < _MAX_FILE_BYTES:
                    raise UsageError(
                        f"{shown(path.name)} unpacks to more than {MAX_BYTES >> 30} GB; "
                        "give a folder with the submissions only."
                    )
                if size is None:
                    refused.append(f"{shown('/'.join(member.parts))} is too large and was left out.")
                room -= _MAX_FILE_BYTES if size is None else size
    except UNREADABLE as error:
        shutil.rmtree(into, ignore_errors=True)
        raise UsageError(
            f"{shown(path.name)} cannot be unpacked ({shown(str(error), 200)}); "
            "download it again, or unpack it yourself and give the folder."
        ) from error
    except UsageError:
        shutil.rmtree(into, ignore_errors=True)
        raise
    return refused


def _decoded(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: many programs write UTF-8 and do not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except ValueError:
        return info.filename


def _objection(info: zipfile.ZipInfo, name: str, raw: tuple[str, ...]) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or ".." in raw or re.match("[A-Za-z]:", name):
        return "has a path that leads outside of the download and was left out"
    if kind == stat.S_IFLNK:
        return "is a link and was left out"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is no regular file and was left out"
    if sum(len(part.encode("utf-8", "replace")) + 5 for part in raw) > _MAX_PATH:
        return "lies too deep and was left out"
    return ""


class _Names:
    """Gives each member a path that no other has, on file systems that take upper for lower case, too."""

    def __init__(self) -> None:
        self._folders: dict[tuple[str, ...], tuple[str, ...]] = {(): ()}
        self._taken: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)

    def folder(self, raw: tuple[str, ...]) -> tuple[str, ...]:
        if raw not in self._folders:
            parent = self.folder(raw[:-1])
            self._folders[raw] = (*parent, self._free(parent, raw[-1]))
        return self._folders[raw]

    def file(self, raw: tuple[str, ...]) -> tuple[str, ...]:
        parent = self.folder(raw[:-1])
        return (*parent, self._free(parent, raw[-1]))

    def _free(self, parent: tuple[str, ...], name: str) -> str:
        clean = to_file(name)
        taken = self._taken[parent]
        own, first = clean, fold(clean)
        while fold(own) in taken:
            taken[first] += 1
            stem, ending = ending_of(clean)
            own = f"{stem} ({taken[first]}){ending}"
        taken[fold(own)] = 1
        return own


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most: int) -> int | None:
    """Write a member; its size, or None if it is larger than may be (nothing is left of it then)."""
    size = 0
    with archive.open(info) as stream, target.open("xb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > most:
                break
            file.write(chunk)
    if size > most:
        target.unlink()
        return None
    return size
