"""Measures and removes a folder that a submission has written to, however deep, full or locked it is.

Neither recursion nor paths will do: a program can make folders deeper than any path may be long.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

_LONGEST_PATH = 2000
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def exceeds(folder: str, max_bytes: int, max_files: int, pid: int = 0) -> bool:
    """Whether a folder holds more bytes or entries than agreed, or what cannot be counted: too deep, or closed.

    Parameters
    ----------
    folder : str
    max_bytes, max_files : int
    pid : int
        A process whose open files without a name count, too (on Linux).
    """
    size = _nameless_bytes(pid) if pid else 0
    count = 0
    stack = [folder]
    while stack:
        path = stack.pop()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    count += 1
                    with suppress(OSError):
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
                    if size > max_bytes or count > max_files or len(entry.path) - len(folder) > _LONGEST_PATH:
                        return True
        except PermissionError:
            return True
        except OSError:
            continue  # it is gone by now
    return size > max_bytes


def _nameless_bytes(pid: int) -> int:
    """What the files take that a process has open and that no folder names any more."""
    size = 0
    with suppress(OSError), os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            with suppress(OSError):
                found = entry.stat()
                if stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
                    size += found.st_blocks * 512
    return size


def remove(folder: str) -> None:
    """Remove a folder with all that is in it; what the system does not let go of is left."""
    with suppress(OSError):
        top = os.open(folder, _OPEN)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(folder)


def _empty(top: int) -> None:
    """Empty a folder, moving the folders in its folders up to it, so that nothing is ever deep."""
    mark = f".{os.urandom(8).hex()}-"
    moved = 0
    while folders := _folders(top):
        progress = False
        for name in folders:
            with suppress(OSError):
                os.chmod(name, 0o700, dir_fd=top)
                inner = os.open(name, _OPEN, dir_fd=top)
                try:
                    for below in _folders(inner):
                        os.chmod(below, 0o700, dir_fd=inner)  # a folder that moves must be writable
                        moved += 1
                        os.rename(below, f"{mark}{moved}", src_dir_fd=inner, dst_dir_fd=top)
                        progress = True
                finally:
                    os.close(inner)
                os.rmdir(name, dir_fd=top)
                progress = True
        if not progress:
            return


def _folders(fd: int) -> list[str]:
    """Delete the files of an open folder; return the names of the folders in it."""
    folders = []
    for name in os.listdir(fd):
        with suppress(OSError):
            if stat.S_ISDIR(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode):
                folders.append(name)
            else:
                os.unlink(name, dir_fd=fd)
    return folders
