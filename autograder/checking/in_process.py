"""A session whose submission is the grader's own code, run in this process: reference, wrong variant, style.

It costs no process, and has a time limit.  A submission must never be run this way.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from typing import Any

from autograder.checking.direct import DirectSession
from autograder.host import ending
from autograder.host.ending import WorkerEnded
from autograder.host.guard import bounded
from autograder.wire.messages import Step


class InProcessSession(DirectSession):
    """Trusted code as something that can be asked."""

    def ask(
        self,
        steps: Sequence[Step],
        timeout_s: float,
        callbacks: Sequence[Callable[..., Any]] = (),
        doing: str = "It",
    ) -> list[dict[str, Any]]:
        """Run steps; their outcomes.

        Raises
        ------
        WorkerEnded
            If they take longer than `timeout_s`.
        """
        try:
            with bounded(timeout_s, _Deadline), contextlib.redirect_stdout(io.StringIO()):
                done = super().ask(steps, timeout_s, callbacks, doing)
        except _Deadline:
            raise WorkerEnded(ending.timed_out(timeout_s, doing)) from None
        if done and done[-1].get("error", {}).get("type") == _Deadline.__name__:
            raise WorkerEnded(ending.timed_out(timeout_s, doing))
        return done


class _Deadline(BaseException):
    """No time is left."""
