"""What handing in late costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

NONE, PER_DAY, GRACE, HOOK = "none", "per_day", "grace", "hook"
POLICIES = (NONE, PER_DAY, GRACE, HOOK)


@dataclass(frozen=True)
class LatePolicy:
    """The table ``[late]`` of the rubric."""

    policy: str = NONE
    """``none``, ``per_day``, ``grace`` or ``hook``."""
    due: datetime | None = None
    """Without a time zone it is local time."""
    per_day: float = 100.0
    """Percent of the points that the assignment is worth, for each started day."""
    grace_hours: float = 0.0
    """What is forgiven; days are counted from its end."""
    most: float = 100.0
    """Percent that are lost at most."""
    hook: str = ""
    """``file.py:function`` in the assignment's folder."""


@dataclass(frozen=True)
class Deduction:
    """What being late has cost one attempt."""

    points: float = 0.0
    """Taken from the score; below zero if a hook has given some."""
    sentence: str = ""
    """For the student; empty if there is nothing to say."""
