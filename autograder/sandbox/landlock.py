"""Closes the file system and TCP to the calling thread and what it starts, with Landlock.

Unprivileged, also inside containers with Docker's default profile.  Rights are granted beneath paths; what has
no grant is closed.  Landlock cannot take a part out of a granted folder, so folders that hold a secret are
granted entry by entry.

References
----------
Kernel documentation, "Landlock: unprivileged access control" (userspace-api/landlock).
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from autograder.sandbox import kernel

(
    _EXECUTE,
    WRITE_FILE,
    _READ_FILE,
    _READ_DIR,
    _REMOVE_DIR,
    _REMOVE_FILE,
    _MAKE_CHAR,
    _MAKE_DIR,
    _MAKE_REG,
    _MAKE_SOCK,
    _MAKE_FIFO,
    _MAKE_BLOCK,
    _MAKE_SYM,
    _REFER,
    _TRUNCATE,
    _IOCTL_DEV,
) = (1 << i for i in range(16))
# Which of them a version knows: 13 rights from 1 on, then one more each with 2, 3 and 5.
_HANDLED = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_OF_FILES = _EXECUTE | WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
READ = _READ_FILE | _READ_DIR
LIST = _READ_DIR
# No links, pipes or sockets: whatever lies in a scratch folder afterwards is a plain file or folder.
WRITE = READ | WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
SOCKETS = WRITE | _MAKE_SOCK


def abi() -> int:
    """Version of Landlock in the running kernel; 0 if there is none."""
    try:
        return kernel.syscall("landlock_create_ruleset", None, 0, 1)
    except OSError:
        return 0


def restrict(grants: Iterable[tuple[str, int]]) -> None:
    """Close everything but the granted paths; from version 4 on TCP, from 6 on signals and abstract sockets.

    Binds the calling thread and what it starts afterwards: call it before there are other threads.

    Parameters
    ----------
    grants : iterable of (path, rights)
        A path that does not exist is passed over.

    Raises
    ------
    OSError
        If the kernel has no Landlock or refuses a rule.
    """
    version = abi()
    if version < 1:
        raise OSError(38, "this kernel has no Landlock")
    handled = _HANDLED.get(version, (1 << 16) - 1)
    attributes = struct.pack("=QQQ", handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    attributes = attributes[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = kernel.syscall("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for path, rights in grants:
            _grant(ruleset, path, rights & handled)
        kernel.forbid_new_privileges()
        kernel.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _grant(ruleset: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(beneath).st_mode):
            rights &= _OF_FILES
        if rights:
            kernel.syscall("landlock_add_rule", ruleset, 1, struct.pack("=Qi", rights, beneath), 0)
    finally:
        os.close(beneath)
