"""Resource limits that a worker puts on itself, enforced by the kernel from then on."""

from __future__ import annotations

import resource
from typing import Any


def apply(limits: dict[str, Any], *, is_alone: bool = False) -> None:
    """Set the process's resource limits; they cannot be raised again.

    Parameters
    ----------
    limits : dict
        ``memory_bytes`` (address space), ``cpu_s`` (processor time of the process), ``file_bytes`` (largest
        file it may write), ``open_files``, ``processes`` (threads included; root is not bound by it).
    is_alone : bool
        Whether no other process has this process's real user.

    Notes
    -----
    At the soft processor limit the kernel sends SIGXCPU, which ends the process unless it is handled; the
    hard limit one second later kills it.  OpenBLAS reserves about 40 MB of address space per thread, so
    workers run with one.  The kernel counts all processes of the user on the machine, so for a user with others
    the limit is that many more than there are tasks now.
    """
    cpu_s = int(limits["cpu_s"])
    _set(resource.RLIMIT_CORE, 0, 0)
    _set(resource.RLIMIT_CPU, cpu_s, cpu_s + 1)
    _set(resource.RLIMIT_FSIZE, int(limits["file_bytes"]))
    _set(resource.RLIMIT_NOFILE, int(limits["open_files"]))
    _set(resource.RLIMIT_AS, int(limits["memory_bytes"]))
    if hasattr(resource, "RLIMIT_NPROC"):
        _set(resource.RLIMIT_NPROC, int(limits["processes"]) + (0 if is_alone else _tasks()))


def _tasks() -> int:
    """Processes and threads of the whole machine; 0 where they are not counted."""
    try:
        with open("/proc/loadavg") as file:
            return int(file.read().split()[3].partition("/")[2])
    except (OSError, ValueError, IndexError):
        return 0


def _set(kind: int, soft: int, hard: int | None = None) -> None:
    _, ceiling = resource.getrlimit(kind)
    wanted = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        soft, wanted = min(soft, ceiling), min(wanted, ceiling)
    try:
        resource.setrlimit(kind, (soft, wanted))
    except (ValueError, OSError):
        # macOS refuses some of them; what is in force is measured, not assumed (see host/isolation.py).
        pass
