"""Takes root's powers away from a process that keeps root's view of files.

Graders' containers often run as root.  A worker without capabilities is held by file modes like any user, cannot
mount, trace or raise limits, and still reads a Python that was installed for root alone, which a change of user
would not.  Its real user alone becomes another: the kernel counts processes and threads by that one, and would let
root have any number of them.
"""

from __future__ import annotations

import os
import struct

from autograder.sandbox import kernel

_VERSION_3 = 0x20080522  # linux/capability.h: two words per set
_BOUNDING_DROP = 24
_HIGHEST_CAPABILITY = 63
_FIRST_USER, _USERS = 64_000, 1_500  # above those of people and of systemd's homes, below 65 534 (nobody)


def drop() -> bool:
    """Give up all capabilities, for good; does nothing where the process has none.

    Returns
    -------
    bool
        Whether the process now has a real user of its own.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    if os.geteuid() != 0:
        return False
    kernel.forbid_new_privileges()
    is_alone = True
    try:
        os.setresuid(_FIRST_USER + os.getpid() % _USERS, -1, -1)
    except OSError:
        is_alone = False  # a container without CAP_SETUID, or one that knows no such user
    for capability in range(_HIGHEST_CAPABILITY + 1):
        try:
            kernel.prctl(_BOUNDING_DROP, capability)
        except OSError:
            break  # the kernel knows no more, or we may not; then there is nothing to drop
    kernel.syscall("capset", struct.pack("=II", _VERSION_3, 0), bytes(24))
    return is_alone
