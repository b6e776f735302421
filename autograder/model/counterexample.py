"""A small input on which a submission's answer is wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counterexample:
    """Of one check; nothing in it comes from the inputs of the grading."""

    snippet: str
    """Python that runs beside the student's file, with both outputs as comments."""
    function: str
    """What is called: ``f`` or ``Class.method``."""
    student: str
    """What the student's code gives, or raises, as it is printed."""
    expected: str
    """What is right, as it is printed."""
