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


@dataclass(frozen=True)
class ManualItem:
    """Something that a person marks, outside the automatic score."""

    id: str
    title: str


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

    def leaves_own_work(self, name: str, replaced: set[str]) -> bool:
        """Whether something of the student's is left to judge when these pieces are the reference's."""
        own = self.own.get(name, ())
        return not own or not set(own) <= replaced


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

    def check(self, check_id: str) -> RubricCheck:
        """The line with this id; LookupError if there is none."""
        found = [c for c in self.checks if c.id == check_id]
        if not found:
            raise LookupError(f"the check '{check_id}' has no line in the rubric; add one")
        return found[0]
