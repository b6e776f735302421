"""Runs the public checks on code that is in this process, with what was recorded in place of the reference."""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.checking.compare import Comparison, watched
from autograder.checking.direct import DirectSession
from autograder.checking.lost_points import LostPoints
from autograder.checking.student import Student
from autograder.model import result
from autograder.model.rubric import Tolerance
from autograder.public.recorded import Replay, Undecided
from autograder.wire import frames

OPEN = "open"
"""Not decided here: the grader will."""
_NO_LIMIT_S = 1e9


@dataclass(frozen=True)
class Finding:
    """What came of one public check."""

    id: str
    title: str
    points: float
    status: str
    """As in reports, or `OPEN`."""
    fraction: float
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()

    @property
    def subject(self) -> str:
        """The function or class it is about."""
        return self.id.partition(".")[0]


@dataclass(frozen=True)
class Part:
    """A part of the homework with its public checks."""

    id: str
    title: str
    checks: tuple[Mapping[str, Any], ...]


class PublicChecks:
    """The content of a bundle.

    Parameters
    ----------
    folder : Path
        Holds ``checks.json``, ``expected/`` and the modules of the checks.
    data : Path
        Data sets as students have them.
    """

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder, self._data = folder, data
        table = json.loads((folder / "checks.json").read_text("utf-8"))
        self.title: str = table["title"]
        self.name: str = table["name"]
        self.max_score: float = table["max_score"]
        self.parts = tuple(Part(p["id"], p["title"], tuple(p["checks"])) for p in table["parts"])
        self._seed: int = table["seed"]
        self._tolerances = {name: Tolerance(**given) for name, given in table["tolerances"].items()}
        self._left: list[str] = table["left"]
        self._builds_on: dict[str, list[str]] = table["builds_on"]

    @property
    def decided(self) -> float:
        """Points that are decided by these checks."""
        return float(sum(check["points"] for part in self.parts for check in part.checks))

    @cached_property
    def _functions(self) -> dict[str, Callable[..., None]]:
        found = {}
        for file in sorted(self._folder.glob("test_*.py")):
            for item in vars(_module(file)).values():
                if hasattr(item, "check_id"):
                    found[item.check_id] = item
        return found

    def select(self, name: str | None) -> list[Mapping[str, Any]]:
        """The checks of a function, class or part; all without a name.

        Raises
        ------
        ValueError
            If the name is not known; says which are.
        """
        known = [(part, check) for part in self.parts for check in part.checks]
        if name is None:
            return [check for _, check in known]
        found = [c for part, c in known if name in (part.id, c["id"], c["id"].partition(".")[0])]
        if not found:
            subjects = list(dict.fromkeys(check["id"].partition(".")[0] for _, check in known))
            if name.partition(".")[0] in self._left:
                raise ValueError(f"{name} is left to the grader")
            near = difflib.get_close_matches(name, [*subjects, *self._left, *(p.id for p in self.parts)], 1)
            guess = (
                f"is {near[0]} meant?"
                if near
                else f"functions, classes, {', '.join(p.id for p in self.parts)} are"
            )
            raise ValueError(f"there is no check of {name!r}: {guess}")
        return found

    def run(self, namespace: dict[str, Any], name: str | None = None) -> list[Finding]:
        """Run checks on the functions and classes of a namespace.

        Raises
        ------
        ValueError
            If there is no check of that name.
        """
        with np.errstate(all="ignore"):
            findings = [self._run(check, DirectSession(namespace)) for check in self.select(name)]
        return [self._in_place(finding, findings, namespace) for finding in findings]

    def _run(self, check: Mapping[str, Any], session: DirectSession) -> Finding:
        function, student = self._functions[check["id"]], Student(session, _NO_LIMIT_S)
        known: dict[str, Callable[[], Any]] = {
            "student": lambda: student,
            "reference": lambda: Replay(_recorded(self._folder / "expected" / f"{check['id']}.bin")),
            "rng": lambda: np.random.default_rng([self._seed, zlib.crc32(check["id"].encode())]),
            "tolerance": lambda: lambda name="default": self._tolerances[name],
            "data": lambda: lambda name: dict(np.load(self._data / f"{name}.npz")),
        }
        comparisons: list[Comparison] = []
        about = {key: check[key] for key in ("id", "title", "points")}
        try:
            with watched(comparisons.append):
                function(**{name: known[name]() for name in inspect.signature(function).parameters})
        except LostPoints as lost:
            if lost.details.get("exception", {}).get("type") == "KeyboardInterrupt":
                raise KeyboardInterrupt from lost  # the student's own: there is no time limit here
            return Finding(
                **about,
                status=lost.status,
                fraction=lost.fraction,
                message=lost.message,
                details=lost.details,
                comparisons=tuple(comparisons),
            )
        except Undecided:
            return Finding(**about, status=OPEN, fraction=0.0, message="Only the grader can decide this.")
        return Finding(
            **about, status=result.PASSED, fraction=1.0, message="", comparisons=tuple(comparisons)
        )

    def _in_place(self, finding: Finding, findings: list[Finding], namespace: dict[str, Any]) -> Finding:
        """Leave open what may be lost through a piece below only: the grader puts a right one in its place."""
        if finding.status in (result.PASSED, OPEN, result.NOT_IMPLEMENTED):
            return finding
        below = self._below(finding.subject)
        if not below:
            return finding
        known = {f.id: f for f in findings}
        for part in self.parts:
            for check in part.checks:
                if check["id"].partition(".")[0] in below and check["id"] not in known:
                    known[check["id"]] = self._run(check, DirectSession(namespace))
        broken = sorted(
            {f.subject for f in known.values() if f.subject in below and f.status != result.PASSED}
        )
        if not broken:
            return finding
        message = (
            f"Mend {', '.join(broken)} first, on which this builds. The grader judges it again with a right one in "
            f"its place. ({finding.message})"
        )
        return Finding(finding.id, finding.title, finding.points, OPEN, 0.0, message)

    def _below(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = list(self._builds_on.get(name, ()))
        while waiting:
            piece = waiting.pop()
            if piece not in found:
                found.add(piece)
                waiting += self._builds_on.get(piece, ())
        return found


def _recorded(path: Path) -> Mapping[str, Any]:
    raw, at = path.read_bytes(), 0

    def receive(size: int) -> bytes:
        nonlocal at
        at += size
        return raw[at - size : at]

    content: Mapping[str, Any] = frames.read(receive)
    return content


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"_public_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
