"""What a check found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.model.counterexample import Counterexample
from autograder.model.diagnosis import Diagnosis

PASSED, PARTIAL, FAILED = "passed", "partial", "failed"
NOT_IMPLEMENTED, ERROR, TIMEOUT = "not_implemented", "error", "timeout"
MEMORY, CRASHED, MALFORMED = "memory", "crashed", "malformed"
STATUSES = (PASSED, PARTIAL, FAILED, NOT_IMPLEMENTED, ERROR, TIMEOUT, MEMORY, CRASHED, MALFORMED)
WRONG = (PARTIAL, FAILED, ERROR, MALFORMED)
"""The submission has answered, and something can be said about its answers."""
NO_FILE = "no_file"
"""The reason of a check that reads a file which was not handed in."""
DOES_NOT_RUN = "does_not_run"
"""The reason of a check of something that is not there since the statement or cell that defines it failed."""
LISTS = "lists_for_arrays"
"""In a result's details: values in which a list came where an array is asked for."""


@dataclass(frozen=True)
class CheckResult:
    """The finding of one check; the verdict on a student, never an exception."""

    status: str
    """One of `STATUSES`."""
    reason: str
    """Stable identifier of why, e.g. ``wrong_values``; empty when passed."""
    message: str
    """One or two sentences for the student; nothing hidden in it."""
    fraction: float
    """Share of the points earned, 0 to 1."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Shapes, errors, tolerances, and the line of the student's code that raised."""
    training: tuple[Mapping[str, Any], ...] = ()
    """Trainings that the check ran: task, metric, value, thresholds, loss curve."""
    duration_s: float = 0.0
    follow_through: Mapping[str, Any] | None = None
    """For a composite that was judged twice: both statuses, what was replaced, and which result counts."""
    diagnosis: Diagnosis | None = None
    """The mistake that gives these numbers, where one was recognised."""
    counterexample: Counterexample | None = None
    """The smallest input found that shows the failure, from other inputs than those of the grading."""

    @property
    def has_wrong_answers(self) -> bool:
        """Whether the submission has answered, and something can be said about its answers."""
        return self.fraction < 1 and self.status in WRONG and self.reason != DOES_NOT_RUN
