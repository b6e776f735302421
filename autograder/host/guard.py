"""Bounds the grader's own work on what a submission sends: time and memory of the functions it calls back.

A submission chooses the arguments of a callback, and can ask for a training of a billion epochs or a matrix of a
terabyte.  The time limit interrupts the function; the memory limit makes its allocation fail.
"""

from __future__ import annotations

import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_EXTRA_BYTES = 1 << 30
_GRACE_S = (
    0.25  # the caller's own deadline comes first; the alarm is for a function that does not return to it
)
_PAGE = resource.getpagesize()


@contextmanager
def bounded(left_s: float, error: type[BaseException]) -> Iterator[None]:
    """Raise `error` after `left_s` seconds, and let allocations fail that take more than a gigabyte in all.

    Notes
    -----
    The time limit needs the main thread, where alone Python runs signal handlers; elsewhere there is none.  An
    alarm that somebody else has set goes on afterwards.
    """
    began = time.monotonic()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = _address_space()
    is_main = threading.current_thread() is threading.main_thread()
    try:
        if used and (soft == resource.RLIM_INFINITY or used + _EXTRA_BYTES < soft):
            resource.setrlimit(resource.RLIMIT_AS, (used + _EXTRA_BYTES, hard))
        if is_main:
            handler = signal.signal(signal.SIGALRM, _raiser(error))
            rest, interval = signal.getitimer(signal.ITIMER_REAL)
            left_s = max(left_s + _GRACE_S, 0.001)
            signal.setitimer(signal.ITIMER_REAL, min(left_s, rest) if rest else left_s)
        yield
    finally:
        if is_main:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)
            if rest:
                signal.setitimer(signal.ITIMER_REAL, max(rest - (time.monotonic() - began), 0.001), interval)
        if used:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _raiser(error: type[BaseException]) -> Any:
    def handle(number: int, frame: object) -> None:
        raise error

    return handle


def _address_space() -> int:
    """Bytes of this process's address space; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0
