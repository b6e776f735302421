"""Credit for what depends on chance: points rise from "learns at all" to "reaches the target", in more than one start.

A training of correct code may end badly.  So it may start again, with other random numbers, but only where the first
start has not earned everything: two independent starts that each fail one time in a hundred both fail one time in ten
thousand, and nearly every submission needs only one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from autograder.checking.lost_points import LostPoints
from autograder.model.result import FAILED, PARTIAL


def credit(value: float, full: float, zero: float) -> float:
    """Share of the points for a metric: 1 at `full` or better, 0 at `zero` or worse, linear between.

    Parameters
    ----------
    value : float
        What the trained network reached; NaN earns nothing.
    full, zero : float
        Thresholds; ``full > zero`` for an accuracy, ``full < zero`` for a loss.

    Examples
    --------
    >>> credit(0.7, full=0.85, zero=0.55)
    0.5
    """
    share = (value - zero) / (full - zero)
    # Rounded so that the points do not depend on the last bits; written so that NaN earns nothing.
    return round(min(share, 1.0), 4) if share > 0 else 0.0


def until_decided(judge: Callable[[int], None], starts: int = 2) -> None:
    """Judge something that depends on chance, again only where the starts before did not earn all points.

    Parameters
    ----------
    judge : callable
        Called with the number of the start, from 1 on; returns, or raises `LostPoints`.  Every start must draw
        its random numbers anew, or the second says nothing.
    starts : int
        How many there are at most.

    Raises
    ------
    LostPoints
        Of the start that earned most.  What is no matter of chance (an exception, an answer of the wrong kind, a
        time limit) ends it at once.
    """
    watch = _watch.get()
    if watch is not None:
        watch.starts = max(watch.starts, starts)
    lost: list[LostPoints] = []
    for number in range(1, starts + 1):
        if watch is not None and number != min(watch.only, starts):
            continue
        try:
            return judge(number)
        except LostPoints as error:
            lost.append(error)
            if error.status not in (FAILED, PARTIAL):
                break
    raise max(lost, key=lambda error: error.fraction)


@dataclass
class OneStart:
    """Lets only one start of each judgement count."""

    only: int
    starts: int = 0
    """Most starts that a judgement had; 0 if there was none."""


_watch: ContextVar[OneStart | None] = ContextVar("watch", default=None)


@contextmanager
def one_start(number: int) -> Iterator[OneStart]:
    """Judge by one start alone, the last where there are fewer: how often correct work fails it is measured so.

    It makes a check stricter and never milder: who passes one start alone passes with all of them.
    """
    watch = OneStart(number)
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)
