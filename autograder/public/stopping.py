"""Stops a check that does not end: when the student interrupts it, or after a time where the system has a timer.

Both arrive as a signal in the main thread, between two lines of Python.  The handler notes where that is and raises
`KeyboardInterrupt`, which student code hardly ever catches.
"""

from __future__ import annotations

import linecache
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

_LONGEST_CODE = 80


@dataclass(frozen=True)
class Stop:
    """One time that a check was stopped."""

    by_time: bool
    place: str
    """Where in the student's code; empty if it was not there."""
    at_s: float
    """When, on the clock that only goes on."""


@contextmanager
def stoppable(
    limit_s: float, check: Callable[..., None], namespace: Mapping[str, Any]
) -> Iterator[list[Stop]]:
    """Note where a check is stopped, and stop it after some time.

    Outside of the main thread no signal arrives: nothing is noted, and there is no limit.  A timer that somebody
    else may be using is left alone.

    Parameters
    ----------
    limit_s : float
        Wall-clock seconds.
    check : callable
        What calls the student's code; frames outside of it are not looked at.
    namespace : mapping
        The globals of the student's code.
    """
    stops: list[Stop] = []
    if threading.current_thread() is not threading.main_thread():
        yield stops
        return

    def note(frame: FrameType | None, by_time: bool) -> None:
        stops.append(Stop(by_time, _place(frame, check, namespace), time.monotonic()))

    handlers: dict[int, Any] = {}
    usual = signal.getsignal(signal.SIGINT)
    if callable(usual):

        def on_interrupt(number: int, frame: FrameType | None) -> None:
            note(frame, by_time=False)
            usual(number, frame)

        handlers[signal.SIGINT] = signal.signal(signal.SIGINT, on_interrupt)
    has_timer = hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    if has_timer:

        def on_alarm(_: int, frame: FrameType | None) -> None:
            note(frame, by_time=True)
            raise KeyboardInterrupt

        handlers[signal.SIGALRM] = signal.signal(signal.SIGALRM, on_alarm)
        signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield stops
    finally:
        if has_timer:
            signal.setitimer(
                signal.ITIMER_REAL, 0
            )  # before its handler is gone: the usual one ends the process
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _place(frame: FrameType | None, check: Callable[..., None], namespace: Mapping[str, Any]) -> str:
    """The innermost line of the student's."""
    while frame is not None and frame.f_code is not check.__code__:
        if frame.f_globals is namespace:
            file, line = frame.f_code.co_filename, frame.f_lineno
            # A notebook's cells and lines at a prompt are compiled under names that mean nothing to the student.
            is_file = file.endswith(".py") and "ipykernel_" not in file
            where = f"line {line} of {os.path.basename(file) if is_file else 'its cell'}"
            code = linecache.getline(file, line).strip()[:_LONGEST_CODE]
            name = frame.f_code.co_name
            return (f"{name}, " if name.isidentifier() else "") + where + (f" ({code})" if code else "")
        frame = frame.f_back
    return ""
