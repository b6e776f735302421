"""Takes root's powers away from a process that keeps root's name.

Graders' containers often run as root.  A worker without capabilities is held by file modes like any user, cannot
mount, trace or raise limits, and still reads a Python that was installed for root alone, which a change of user
would not.
"""

from __future__ import annotations

import os
import struct

from autograder.sandbox import kernel

_VERSION_3 = 0x20080522  # linux/capability.h: two words per set
_BOUNDING_DROP = 24
_HIGHEST_CAPABILITY = 63


def drop() -> None:
    """Give up all capabilities, for good; does nothing where the process has none.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    if os.geteuid() != 0:
        return
    kernel.forbid_new_privileges()
    for capability in range(_HIGHEST_CAPABILITY + 1):
        try:
            kernel.prctl(_BOUNDING_DROP, capability)
        except OSError:
            break  # the kernel knows no more, or we may not; then there is nothing to drop
    kernel.syscall("capset", struct.pack("=II", _VERSION_3, 0), bytes(24))
