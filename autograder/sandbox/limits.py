"""Resource limits that a worker puts on itself, enforced by the kernel from then on."""

from __future__ import annotations

import resource
from typing import Any


def apply(limits: dict[str, Any]) -> None:
    """Set the process's resource limits; they cannot be raised again.

    Parameters
    ----------
    limits : dict
        ``memory_bytes`` (address space), ``cpu_s`` (processor time of the process), ``file_bytes`` (largest
        file it may write), ``open_files``, ``processes`` (of this user; root is not bound by it).

    Notes
    -----
    At the soft processor limit the kernel sends SIGXCPU, which ends the process unless it is handled; the
    hard limit one second later kills it.  OpenBLAS reserves about 40 MB of address space per thread, so
    workers run with one.
    """
    cpu_s = int(limits["cpu_s"])
    _set(resource.RLIMIT_CORE, 0, 0)
    _set(resource.RLIMIT_CPU, cpu_s, cpu_s + 1)
    _set(resource.RLIMIT_FSIZE, int(limits["file_bytes"]))
    _set(resource.RLIMIT_NOFILE, int(limits["open_files"]))
    _set(resource.RLIMIT_AS, int(limits["memory_bytes"]))
    if hasattr(resource, "RLIMIT_NPROC"):
        _set(resource.RLIMIT_NPROC, int(limits["processes"]))


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
