"""Makes, measures and removes a folder that a submission writes to, however deep, full or locked it is.

Neither recursion nor paths will do: a program can make folders deeper than any path may be long.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
import time
from contextlib import suppress

_LONGEST_PATH = 2000
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_PREFIX, _MARK = "grade-", ".in-use"
_YOUNG_S = 60.0  # a folder is made and marked in two steps

_LOCK = fcntl.LOCK_EX | fcntl.LOCK_NB


def make() -> tuple[str, int]:
    """Make a folder for temporary files that is marked as in use; its path and the mark's descriptor.

    The mark is a locked file: the lock ends with this process, however it ends, and other graders see it even from
    containers of their own, where the process's number would mean another one.
    """
    path = tempfile.mkdtemp(prefix=_PREFIX)
    mark = os.open(os.path.join(path, _MARK), os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with suppress(OSError):  # a file system without locks: then the folder is never taken for a stale one
        fcntl.flock(mark, _LOCK)
    return path, mark


def remove_stale() -> None:
    """Remove the folders of this user's graders that were killed."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX):
                _remove_if_stale(entry.path)


def _remove_if_stale(path: str) -> None:
    # Anybody may have made a name there: neither the folder nor the mark may be a link, both must be this user's.
    with suppress(OSError):
        top = os.open(path, _OPEN)
        try:
            found = os.fstat(top)
            if found.st_uid != os.geteuid() or time.time() - found.st_mtime < _YOUNG_S:
                return
            mark = os.open(_MARK, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=top)
            try:
                if os.fstat(mark).st_uid == os.geteuid():
                    fcntl.flock(mark, _LOCK)  # fails where a grader holds it
                    _empty(top)
                    os.rmdir(path)
            finally:
                os.close(mark)
        finally:
            os.close(top)


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
