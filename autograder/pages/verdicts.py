"""Statuses in words and signs, so that no verdict is told by colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.model.result import DOES_NOT_RUN, NO_FILE


@dataclass(frozen=True)
class Verdict:
    """How a status is shown."""

    word: str
    sign: str
    tone: str
    """Class in the style sheet: ``good``, ``partial``, ``bad`` or ``missing``."""
    reason: str
    """A sentence that fits every check, for those whose own words are hidden."""


VERDICTS = {
    "passed": Verdict("right", "✓", "good", ""),
    "partial": Verdict("partly right", "◐", "partial", "Part of what is asked is right."),
    "failed": Verdict("not right", "✗", "bad", "It runs, and what it gives is not right in every case."),
    "not_implemented": Verdict("not written", "○", "missing", "It is not written yet."),
    "error": Verdict("error", "✗", "bad", "Your code raised an exception."),
    "timeout": Verdict("too slow", "✗", "bad", "It did not finish in the time it has."),
    "memory": Verdict("too much memory", "✗", "bad", "It needs more memory than it may have."),
    "crashed": Verdict("crashed", "✗", "bad", "It ended the process in which it ran."),
    "malformed": Verdict("wrong kind", "✗", "bad", "What it returns is not of the kind that is asked for."),
}
_REASONS = {
    NO_FILE: Verdict("no file", "○", "missing", "The file that it reads was not handed in."),
    DOES_NOT_RUN: Verdict("does not run", "✗", "bad", "The statement or cell that defines it failed."),
}


def verdict(status: str, reason: str = "") -> Verdict:
    """How this status is shown; one that is not known is shown as it is."""
    if reason in _REASONS:
        return _REASONS[reason]
    return VERDICTS.get(status) or Verdict(status.replace("_", " "), "?", "bad", "It is not right.")
