"""A homework as the engine sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.model.rubric import Rubric


@dataclass(frozen=True)
class Assignment:
    """Where a homework's parts lie, and what they are worth."""

    id: str
    title: str
    version: str
    seed: int
    """Of hidden inputs, unless the command line gives another."""
    name: str
    """Stem of the file that students hand in: ``<name>.py`` or ``<name>.ipynb``."""
    root: Path
    reference: Path
    """The module with the solution."""
    checks: Path
    """Folder with the pytest files."""
    template: Path
    """Folder that students start from."""
    data: Path | None
    """Folder with the arrays that the checks read; None if they read none."""
    rubric: Rubric
    digest: str
    """SHA-256 over rubric, checks, reference, data and mistakes: what a report depends on."""
    mistakes: Path | None = None
    """Folder with the catalogue of known mistakes."""
    probes: Path | None = None
    """Module with the questions that diagnosis asks beside the checks."""
    correct: Path | None = None
    """Folder with correct solutions in different styles, one folder each: what must keep every point."""
    files: tuple[str, ...] = ()
    """Names of files that checks read as they were handed in; the reference's own lie beside it."""
    guide: Path | None = None
    """What students read first; it lies in the folder that they are given."""
