"""How a check says that points are lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.errors import Refused
from autograder.model import result


class LostPoints(Refused):
    """Ends a check with less than its full points.

    Parameters
    ----------
    reason : str
        Stable identifier, e.g. ``wrong_values``.
    message : str
        One or two sentences for the student; no hidden input or expected value in it.
    status : str
        One of `autograder.model.result.STATUSES`.
    fraction : float
        Share of the points that is earned all the same.
    details : mapping
        Plain data for the report.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        status: str = result.FAILED,
        fraction: float = 0.0,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.reason, self.message, self.status, self.fraction = reason, message, status, fraction
        self.details = dict(details or {})

    @classmethod
    def malformed(cls, message: str, details: Mapping[str, Any] | None = None) -> LostPoints:
        """The answer is not of the kind that the homework asks for."""
        return cls("wrong_kind", message, status=result.MALFORMED, details=details)


class Raised(LostPoints):
    """The student's code raised an exception, which a check may have asked for."""

    bases: tuple[str, ...] = ()
    """Names of its class and of all that this is made of."""
