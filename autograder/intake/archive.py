"""The files of a zip, read into memory within bounds; nothing is ever extracted to its own path."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from autograder.errors import InvalidSubmission

_CHUNK = 1 << 20
# Of the others zipfile unpacks a megabyte at once, which may become gigabytes.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_MAX_NAME, _MAX_PATH = 255, 1000  # bytes; what file systems take, with room for the folder in front


def read(path: Path, max_files: int, max_bytes: int) -> dict[str, bytes]:
    """Read the regular files of a zip.

    Parameters
    ----------
    path : Path
        The archive.
    max_files, max_bytes : int
        Bounds on the number of files and on their unpacked size, counted while unpacking: the sizes that
        the archive announces are not believed.

    Returns
    -------
    dict of str to bytes
        By relative path; a folder that holds everything is taken off.

    Raises
    ------
    InvalidSubmission
        If it is no zip, is damaged or encrypted, exceeds the bounds, or has a path that leads outside.
    """
    files: dict[str, bytes] = {}
    room = max_bytes
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > max_files * 2:
                raise InvalidSubmission(f"{path.name} holds more than {max_files} files.")
            for member in members:
                name = _safe_name(member, path.name)
                if name is None:
                    continue
                content = _unpack(archive, member, room, path.name)
                room -= len(content)
                files[name] = content
                if len(files) > max_files:
                    raise InvalidSubmission(f"{path.name} holds more than {max_files} files.")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise InvalidSubmission(
            f"{path.name} is not a zip that can be read ({error}); make it anew."
        ) from error
    except RuntimeError as error:  # zipfile's way to say that a password is wanted
        raise InvalidSubmission(f"{path.name} is encrypted; hand in a zip without a password.") from error
    _refuse_files_as_folders(files, path.name)
    return _without_wrapper(files)


def _safe_name(member: zipfile.ZipInfo, shown: str) -> str | None:
    mode = member.external_attr >> 16
    name = member.filename.replace("\\", "/")
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or ":" in name.split("/")[0] or "\0" in name:
        raise InvalidSubmission(f"{shown} holds a path that leads outside of it; make the zip anew.")
    sizes = [len(part.encode("utf-8", "surrogatepass")) for part in pure.parts]
    if max(sizes, default=0) > _MAX_NAME or sum(sizes) + len(sizes) > _MAX_PATH:
        raise InvalidSubmission(f"{shown} holds a name that is too long; shorten it and make the zip anew.")
    is_special = mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG)
    skipped = {"__MACOSX", "__pycache__", ".git", ".ipynb_checkpoints"}
    is_file = pure.name and not member.is_dir() and not is_special
    if not is_file or skipped & set(pure.parts) or pure.name.startswith("._"):
        return None
    return pure.as_posix()


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int, shown: str) -> bytes:
    if member.compress_type not in _METHODS:
        raise InvalidSubmission(f"{shown} is packed in an unusual way; make an ordinary zip of it.")
    content = bytearray()
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            content += chunk
            if len(content) > room:
                raise InvalidSubmission(f"{shown} unpacks to too much; hand in the homework's files only.")
    return bytes(content)


def _refuse_files_as_folders(files: dict[str, bytes], shown: str) -> None:
    folders = {parent.as_posix() for name in files for parent in PurePosixPath(name).parents}
    if folders & files.keys():
        raise InvalidSubmission(f"{shown} holds a file and a folder of one name; make the zip anew.")


def _without_wrapper(files: dict[str, bytes]) -> dict[str, bytes]:
    while files:
        tops = {PurePosixPath(name).parts[0] for name in files}
        if len(tops) != 1 or any(len(PurePosixPath(name).parts) == 1 for name in files):
            return files
        files = {
            PurePosixPath(*PurePosixPath(name).parts[1:]).as_posix(): data for name, data in files.items()
        }
    return files
