"""The late policy of an assignment: from the time of handing in to the points that it costs.

Percentages are of the points that the assignment is worth, as in Canvas, so that a day costs everybody the same;
no score falls below zero.  Times without a time zone are local.

Nothing is deducted where it would be a guess: if nobody knows when an attempt was handed in, or if the course's
system does not call it late although the rubric's due time is over (an extension is granted there).  The sentence
says so.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.errors import GraderFault
from autograder.model.late import HOOK, NONE, Deduction, LatePolicy

_DAY = timedelta(days=1)


class LateRule:
    """A late policy that can be asked.

    Parameters
    ----------
    policy : LatePolicy
    root : Path
        The assignment's folder, in which a hook lies.
    """

    def __init__(self, policy: LatePolicy, root: Path) -> None:
        self.policy = policy
        self._root = root

    def prepare(self) -> None:
        """Load the hook, if there is one: that it is missing should be told before a class is graded.

        Raises
        ------
        GraderFault
            If it cannot be loaded.
        """
        if self.policy.policy == HOOK:
            _ = self._hook

    def deduct(
        self, score: float, max_score: float, submitted: datetime | None, is_late: bool | None = None
    ) -> Deduction:
        """What one attempt loses.

        Parameters
        ----------
        score, max_score : float
            What it earned, and could have.
        submitted : datetime or None
            When it was handed in; None if nobody knows.
        is_late : bool or None
            What the course's system says.

        Raises
        ------
        GraderFault
            If the hook cannot be loaded, raises, or does not return a score and a sentence.
        """
        due = self.policy.due
        if self.policy.policy == NONE or due is None:
            return Deduction()
        if submitted is None:
            return Deduction(0.0, _UNKNOWN[is_late])
        # Naive times are local; both are made aware, or they could not be compared.
        submitted, due = submitted.astimezone(), due.astimezone()
        after = submitted - due
        if after > timedelta(0) and is_late is False:
            return Deduction(
                0.0,
                f"Handed in {_span(after)} after the due time, but the course's system does not call it late: "
                "nothing is deducted.",
            )
        if self.policy.policy == HOOK:
            return self._ask_hook(score, max_score, submitted, due)
        if after <= timedelta(0):
            return Deduction(0.0, _EARLY if is_late else "")
        return self._by_days(score, max_score, after)

    def _by_days(self, score: float, max_score: float, after: timedelta) -> Deduction:
        grace = timedelta(hours=self.policy.grace_hours)
        if after <= grace:
            return Deduction(0.0, f"Handed in {_span(after)} late: forgiven, nothing is deducted.")
        days = -((grace - after) // _DAY)  # rounded up: a started day counts
        percent = min(self.policy.per_day * days, self.policy.most)
        points = min(round(max_score * percent / 100, 2), score)
        return Deduction(
            points, f"Handed in {_span(after)} late: {percent:g} % of {max_score:g} points, −{points:g}."
        )

    def _ask_hook(self, score: float, max_score: float, submitted: datetime, due: datetime) -> Deduction:
        name = f"the late hook {self.policy.hook}"
        try:
            answer = self._hook(score, max_score, submitted, due)
        except Exception as error:  # the instructor's code, told apart from ours
            raise GraderFault(f"{name} raised {type(error).__name__}: {error}.") from error
        if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], str)):
            raise GraderFault(f"{name} returned {answer!r:.80}; it must return (score, sentence).")
        left, sentence = answer
        most = max(score, max_score)  # a score with a bonus may be more than the maximum
        # Written so that NaN fails.
        if isinstance(left, bool) or not isinstance(left, (int, float)) or not 0 <= left <= most:
            raise GraderFault(f"{name} returned the score {left!r:.80}; it must lie from 0 to {most:g}.")
        return Deduction(round(score - round(left, 2), 2), sentence)

    @cached_property
    def _hook(self) -> Callable[[float, float, datetime, datetime], Any]:
        file, _, function = self.policy.hook.partition(":")
        path = self._root / file
        if not path.is_file():
            raise GraderFault(f"[late]: hook = '{self.policy.hook}', but {path} does not exist.")
        spec = importlib.util.spec_from_file_location(f"_late_{path.stem}", path)
        assert spec is not None and spec.loader is not None  # a .py file always has one
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look their module up there
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise GraderFault(f"[late]: {file} raised {type(error).__name__}: {error}.") from error
        found = getattr(module, function, None)
        if not callable(found):
            raise GraderFault(f"[late]: hook = '{self.policy.hook}', but {file} defines no such function.")
        hook: Callable[[float, float, datetime, datetime], Any] = found
        return hook


_UNKNOWN = {
    None: "When it was handed in is not known: nothing is deducted.",
    True: "Late, as the course's system says, but when it was handed in is not known: nothing is deducted.",
    False: "",
}
_EARLY = "Late, as the course's system says, but handed in before the rubric's due time: nothing is deducted."


def _span(time: timedelta) -> str:
    """``2 days 3 h``; the two largest units, rounded up to minutes."""
    minutes = max(1, math.ceil(time / timedelta(minutes=1)))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min")]
    return " ".join([f"{count} {unit}" for count, unit in parts if count][:2])
