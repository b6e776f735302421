"""Holds a function to what it must do with its arguments.

It leaves arrays as they are, draws from the generator that it is given, and refuses what makes no sense.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.checking.compare import as_array, require
from autograder.checking.lost_points import LostPoints, Raised
from autograder.checking.student import Student
from autograder.model.result import FAILED
from autograder.wire.values import RandomGenerator


def assert_unmodified(student: Student, function: Callable[..., Any], *names: str) -> None:
    """Lose the points if a function of the submission has changed arrays that it was given so far.

    To be asked after the values: who computes them wrongly learns that first.

    Parameters
    ----------
    student : Student
        Has been asked, with the arguments in their order.
    function : callable
        The reference's function or method, for its name and those of its arguments.
    names : str
        The arguments that count; all by default.

    Raises
    ------
    LostPoints
        ``modified``.
    """
    known = list(inspect.signature(function).parameters)
    own = known[1:] if known[:1] == ["self"] else known  # the object itself may change
    changed = student.modified.get(function.__qualname__, set())
    found = [name for at, name in enumerate(own) if at in changed and (not names or name in names)]
    if found:
        told = " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
        raise LostPoints(
            "modified",
            f"{function.__qualname__} changes {told}, which it is given: put the result into a new array, "
            "or work on a copy.",
            details={"changed": found},
        )


def assert_drawn_from(draw: Callable[[RandomGenerator], Any], seed: int, what: str) -> None:
    """Lose the points unless equal generators give equal results: then all randomness comes from them.

    Parameters
    ----------
    draw : callable
        Calls into the submission with a generator; returns an array.
    seed : int
    what : str
        What is drawn, as it begins a message.

    Raises
    ------
    LostPoints
        ``rng``.
    """
    first, again = (as_array(draw(RandomGenerator(seed)), what) for _ in range(2))
    message = f"{what} must come from rng: two equal generators give different results."
    require(np.array_equal(first, again, equal_nan=True), message, "rng")


def assert_refused(call: Callable[[], Any], what: str) -> None:
    """Lose the points unless a call into the submission raises ValueError.

    Parameters
    ----------
    call : callable
        Makes the call.
    what : str
        Names it in messages.

    Raises
    ------
    LostPoints
        ``not_refused``, or what the call itself loses: a time limit, a name that is missing.
    """
    try:
        call()
    except Raised as error:
        if "ValueError" in error.bases:
            return
        came = f"raises {error.details['exception'].get('type', 'another exception')}"
        raise LostPoints("not_refused", f"{what} must raise ValueError; it {came}.", status=FAILED) from error
    raise LostPoints("not_refused", f"{what} must raise ValueError; it raises nothing.")
