"""Shuts the calling process in: the layers in the one order in which they can be entered."""

from __future__ import annotations

import sys
from typing import Any

from autograder.sandbox import limits, seatbelt

if sys.platform == "linux":  # here, not where they are used: a process that is shut in cannot import any more
    from autograder.sandbox import kernel, landlock, privileges, seccomp


def enter(request: dict[str, Any]) -> None:
    """Enter all layers that the grader asks for.

    Parameters
    ----------
    request : dict
        ``limits``; ``layers``, a list of ``landlock``, ``seccomp``, ``no-files`` and ``seatbelt``; ``scratch``,
        the only folder that may be written to; ``read`` and ``list``, paths that may be read, or only listed;
        ``sockets``, folders of a kernel's sockets; ``kind``.

    Raises
    ------
    OSError
        If a layer cannot be entered: the worker must not run then.

    Notes
    -----
    Landlock and the first filter bind the calling thread, so there must be no other yet.  A kernel has to bind its
    sockets first; it calls `close_sockets` when it has.
    """
    layers = request["layers"]
    is_alone = False
    if sys.platform == "linux":
        kernel.prctl(1, 9)  # PR_SET_PDEATHSIG: if the zygote dies, so does this process
        is_alone = privileges.drop() if layers else False
    limits.apply(request["limits"], is_alone=is_alone)
    if "seatbelt" in layers:
        seatbelt.restrict(request["scratch"], request["read"], request["list"], request["sockets"])
    is_kernel = request["kind"] == "notebook"
    if "landlock" in layers:
        rights = landlock.SOCKETS if is_kernel else landlock.WRITE
        grants = [(path, landlock.READ) for path in request["read"]]
        grants += [(path, landlock.LIST) for path in request["list"]]
        grants += [
            (path, landlock.READ | landlock.WRITE_FILE) for path in ("/dev/null", "/dev/zero", "/dev/full")
        ]
        landlock.restrict(
            [*grants, (request["scratch"], rights), *((path, rights) for path in request["sockets"])]
        )
    if "seccomp" in layers:
        seccomp.install(sockets=is_kernel, files="no-files" not in layers, again=is_kernel)


def landlock_version() -> int:
    """Version of Landlock in the running kernel; 0 if there is none."""
    return landlock.abi() if sys.platform == "linux" else 0


def close_sockets() -> None:
    """Take sockets from all threads of a kernel that has bound its own."""
    seccomp.install(all_threads=True)
