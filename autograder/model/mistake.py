"""A known mistake, as the catalogue of an assignment has it."""

from __future__ import annotations

from dataclasses import dataclass

NUDGE, POINTER, EXPLANATION = "nudge", "pointer", "explanation"
LEVELS = ("none", NUDGE, POINTER, EXPLANATION)
"""How much a hint says: nothing, a question, the place or relation, the repair."""


@dataclass(frozen=True)
class Change:
    """Part of a mistake: what a function of the reference becomes."""

    function: str
    """Function, class or method: ``double``, ``Counter``, ``Counter.count``."""
    old: str | None
    """Text that occurs once in the function's source; None if `new` is the whole function."""
    new: str

    @property
    def component(self) -> str:
        """The function or class that a student writes: what checks are about."""
        return self.function.partition(".")[0]


@dataclass(frozen=True)
class Mistake:
    """The reference with exactly one mistake."""

    id: str
    changes: tuple[Change, ...]
    loses: tuple[str, ...]
    """Checks that must lose points."""
    theme: str
    """Kind of mistake; the same in many functions."""
    summary: str
    """One sentence for the instructor."""
    nudge: str = ""
    pointer: str = ""
    explanation: str = ""

    @property
    def components(self) -> tuple[str, ...]:
        """The functions and classes that are not as in the reference."""
        return tuple(dict.fromkeys(change.component for change in self.changes))

    def hint(self, level: str) -> str:
        """What a student is told at one of `LEVELS`; the next lower one where nothing is written."""
        known = {NUDGE: self.nudge, POINTER: self.pointer, EXPLANATION: self.explanation}
        for name in reversed(LEVELS[1 : LEVELS.index(level) + 1]):
            if known[name]:
                return known[name]
        return ""
