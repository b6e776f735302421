"""What the checks are worth, and every number that decides a mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.model.late import LatePolicy


@dataclass(frozen=True)
class Tolerance:
    """How far an answer may lie from the expected one: ``atol + rtol * max|expected|``."""

    rtol: float
    atol: float
    rtol_single: float
    """For answers in single precision."""
    atol_single: float

    def bound(self, scale: float, is_single: bool) -> float:
        """Largest accepted difference for expected values of size `scale`."""
        rtol, atol = (self.rtol_single, self.atol_single) if is_single else (self.rtol, self.atol)
        return atol + rtol * scale


VISIBLE = "visible"
"""The visibility of checks of which students may see everything."""


@dataclass(frozen=True)
class RubricCheck:
    """One line of the rubric."""

    id: str
    """Stable identifier, ``function.aspect``."""
    part: str
    title: str
    points: float
    visibility: str
    """``visible``, ``hidden``, ``after_due_date`` or ``after_published``."""
    timeout_s: float
    """Wall-clock seconds for one call into the submission."""


@dataclass(frozen=True)
class Part:
    """A headed group of checks."""

    id: str
    title: str
    is_bonus: bool = False
    """Its points are added to the score, and are not among those that can be reached."""


@dataclass(frozen=True)
class ManualItem:
    """Something that a person marks, outside the automatic score."""

    id: str
    title: str
    heading: str = ""
    """Words with which its question begins in the template, by which answers are found; empty if it has none."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    load_s: float
    """Wall-clock seconds to import the module or run the notebook."""
    cell_s: float
    """Wall-clock seconds for one cell of a notebook."""
    total_s: float
    """Wall-clock seconds for the whole submission."""
    cpu_s: int
    """Processor seconds of one worker."""
    memory_bytes: int
    output_bytes: int
    """What it may print before it is ended."""
    file_bytes: int
    """Largest single file it may write."""
    disk_bytes: int
    """What all files in its folder may take."""
    disk_files: int
    """How many there may be."""
    open_files: int
    processes: int
    restarts: int
    """How many times a worker that ended is replaced."""


@dataclass(frozen=True)
class FollowThrough:
    """Which pieces of the homework are made of which others."""

    credit: float = 1.0
    """Share of the points of a composite that is right with the reference's pieces only."""
    builds_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each composite the functions and classes that it calls."""
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For a composite that is no piece of its own: those of which one at least must be the student's."""

    def below(self, name: str) -> set[str]:
        """All that a composite is made of, directly or through others; itself not included."""
        found: set[str] = set()
        waiting = list(self.builds_on.get(name, ()))
        while waiting:
            piece = waiting.pop()
            if piece not in found:
                found.add(piece)
                waiting += self.builds_on.get(piece, ())
        return found - {name}

    def order(self) -> list[str]:
        """The composites, each after those that it is made of."""
        return sorted(self.builds_on, key=lambda name: (len(self.below(name)), name))

    def replacements(self, name: str, broken: set[str]) -> list[set[str]]:
        """What the reference stands in for when a composite is judged again, in the order to be tried.

        Where a whole part can be the reference's, it works there at once, and not call by call with the student's
        objects, which takes many times as long.  But the student's own parts may know each other better than the
        homework asks; where that ends in an exception, only the broken pieces are replaced, and after that only those
        of them that are made of no others.

        Parameters
        ----------
        name : str
        broken : set of str
            Pieces below the composite that are wrong.

        Returns
        -------
        list of set of str
            Empty if nothing can be replaced so that something of the student's is left to judge.
        """
        own = self.own.get(name, ())
        left = [piece for piece in own if piece not in broken]
        simple = broken - self._composites(broken)
        if not broken:
            return []
        if own and not left:  # wrong as they are, the student's own parts may do what is asked here
            return [simple] if simple else []
        if own:
            whole = {piece for piece in left[1:] if not broken.isdisjoint(self.below(piece))}
            replaced = whole | (broken - {below for piece in whole for below in self.below(piece)})
        elif any(piece in self.builds_on for piece in self.below(name)):
            replaced = self.below(name)
        else:
            replaced = broken
        attempts = [replaced] if self._composites(broken) else [replaced, broken]
        attempts.append(simple)
        return [pieces for at, pieces in enumerate(attempts) if pieces and pieces not in attempts[:at]]

    def _composites(self, pieces: set[str]) -> set[str]:
        return {piece for piece in pieces if piece in self.builds_on}


@dataclass(frozen=True)
class Rubric:
    """All that decides a mark."""

    parts: tuple[Part, ...]
    checks: tuple[RubricCheck, ...]
    manual: tuple[ManualItem, ...]
    tolerances: Mapping[str, Tolerance]
    limits: Limits
    refused_packages: tuple[str, ...] = ()
    """Installed packages that a submission may not import."""
    follow_through: FollowThrough = field(default_factory=FollowThrough)
    training: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Settings and thresholds of each training task, as the checks read them."""
    hints: str = "pointer"
    """How much a diagnosis tells the student: one of `autograder.model.mistake.LEVELS`."""
    pairs: tuple[str, ...] = ()
    """Functions and classes in which two known mistakes at once are looked for."""
    undiagnosed: tuple[str, ...] = ()
    """Checks whose numbers are not looked into, because asking once more takes too long."""
    late: LatePolicy = field(default_factory=LatePolicy)
    """What handing in late costs."""

    @property
    def max_score(self) -> float:
        """What all checks are worth, without the bonus."""
        return round(sum(c.points for c in self.checks if c.part not in self.bonus_parts), 2)

    @property
    def bonus_parts(self) -> frozenset[str]:
        """Ids of the parts that are a bonus."""
        return frozenset(part.id for part in self.parts if part.is_bonus)

    def check(self, check_id: str) -> RubricCheck:
        """The line with this id; LookupError if there is none."""
        found = [c for c in self.checks if c.id == check_id]
        if not found:
            raise LookupError(f"the check '{check_id}' has no line in the rubric; add one")
        return found[0]
