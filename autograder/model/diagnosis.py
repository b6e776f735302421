"""What is said about the likely cause of wrong numbers."""

from __future__ import annotations

from dataclasses import dataclass

CERTAIN, LIKELY, OBSERVATION = "certain", "likely", "observation"
"""One known mistake gives exactly these numbers; two known mistakes together do; a relation holds between them."""


@dataclass(frozen=True)
class Diagnosis:
    """Of one check."""

    mistake: str
    """Id of the catalogue; two joined by " + "; or ``numbers.`` and the name of a relation."""
    confidence: str
    theme: str
    """Kind of mistake, the same in many functions."""
    summary: str
    """For the instructor."""
    hint: str
    """For the student, at the level that the rubric chooses; may be empty."""
    same_numbers: tuple[str, ...] = ()
    """Other mistakes that give the same numbers."""
