"""Runs the public checks on code that is in this process, with what was recorded in place of the reference."""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import json
import textwrap
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
from autograder.public.entered import entered
from autograder.public.printed import Printed, held_back
from autograder.public.recorded import Replay, Undecided
from autograder.public.stopping import Stop, stoppable
from autograder.wire import frames

OPEN, INTERRUPTED, NOT_RUN = "open", "interrupted", "not_run"
"""Not decided here: the grader will; the student did not wait for it; the student ended everything before it."""
_NO_LIMIT_S = 1e9
_PATIENCE = 3
"""How many times as long as the grader's one call a whole check may take: students' computers are slower."""
_NOT_WRONG = (result.PASSED, NOT_RUN)
_LONGEST_OPEN = 180
_TWICE_S = 1.0
"""Two interrupts within this time end all checks."""


@dataclass(frozen=True)
class Finding:
    """What came of one public check."""

    id: str
    title: str
    points: float
    status: str
    """As in reports, or `OPEN`, `INTERRUPTED`, `NOT_RUN`."""
    fraction: float
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    printed: Printed = field(default_factory=Printed)
    """What the student's code printed."""
    mend: tuple[str, ...] = ()
    """Functions and classes that are not right yet and that it is made of, in the homework's order."""

    @property
    def subject(self) -> str:
        """The function or class it is about."""
        return self.id.partition(".")[0]


@dataclass(frozen=True)
class Part:
    """A part of the homework with its public checks."""

    id: str
    title: str
    is_bonus: bool
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
        self.parts = tuple(
            Part(p["id"], p["title"], p["is_bonus"], tuple(p["checks"])) for p in table["parts"]
        )
        self._seed: int = table["seed"]
        self._tolerances = {name: Tolerance(**given) for name, given in table["tolerances"].items()}
        self._left: list[str] = table["left"]
        self._builds_on: dict[str, list[str]] = table["builds_on"]

    @property
    def decided(self) -> float:
        """Points that are decided by these checks, without the bonus."""
        return float(
            sum(check["points"] for part in self.parts if not part.is_bonus for check in part.checks)
        )

    @cached_property
    def _functions(self) -> dict[str, Callable[..., None]]:
        found = {}
        for file in sorted(self._folder.glob("test_*.py")):
            for item in vars(_module(file)).values():
                if hasattr(item, "check_id"):
                    found[item.check_id] = item
        return found

    def select(self, name: str | None) -> list[Mapping[str, Any]]:
        """The checks of a function, class, number in the homework or part; all without a name.

        Raises
        ------
        ValueError
            If the name is not known; says which are.
        """
        known = [(part, check) for part in self.parts for check in part.checks]
        if name is None:
            return [check for _, check in known]
        found = [c for part, c in known if name in (part.id, c["id"], subject(c), c["number"] or None)]
        if found:
            return found
        if {name, name.partition(".")[0]} & set(self._left):
            raise ValueError(f"{name} is left to the grader.")
        parts, subjects = [part.id for part in self.parts if part.checks], [subject(c) for _, c in known]
        names = list(dict.fromkeys([*parts, *subjects]))
        near = difflib.get_close_matches(name, [*names, *self._left], 1)
        guess = f"is {near[0]} meant?" if near else f"there are {', '.join(names)}."
        raise ValueError(f"there is no check of {name!r}; {guess}")

    def run(self, namespace: dict[str, Any], name: str | None = None) -> list[Finding]:
        """Run checks on the functions and classes of a namespace.

        An interrupt ends one check, a second one soon after it ends all.

        Raises
        ------
        ValueError
            If there is no check of that name.
        """
        with np.errstate(all="ignore"):
            return _Round(self, namespace).run(self.select(name))

    def function(self, check: Mapping[str, Any]) -> Callable[..., None]:
        """What is run for a check."""
        return self._functions[check["id"]]

    def fixture(self, name: str, check: Mapping[str, Any]) -> Any:
        """What a check is given under this name; the submission apart."""
        if name == "reference":
            return Replay(_recorded(self._folder / "expected" / f"{check['id']}.bin"))
        if name == "rng":
            return np.random.default_rng([self._seed, zlib.crc32(check["id"].encode())])
        if name == "tolerance":
            return lambda wanted="default": self._tolerances[wanted]
        return lambda wanted: dict(np.load(self._data / f"{wanted}.npz"))

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Functions and classes as they follow in the homework."""
        wanted = set(names)
        subjects = dict.fromkeys(subject(check) for check in self.select(None))
        return [name for name in subjects if name in wanted]

    def below(self, name: str) -> set[str]:
        """All that a composite is made of, directly or through others."""
        found: set[str] = set()
        waiting = list(self._builds_on.get(name, ()))
        while waiting:
            piece = waiting.pop()
            if piece not in found:
                found.add(piece)
                waiting += self._builds_on.get(piece, ())
        return found - {name}


class _Round:
    """One run of checks on the functions and classes of a namespace: each check once, and what came of it."""

    def __init__(self, checks: PublicChecks, namespace: dict[str, Any]) -> None:
        self._checks, self._namespace = checks, namespace
        self._found: dict[str, Finding] = {}
        self._called: dict[str, set[str]] = {}
        self._interrupted_s = -np.inf
        self._has_ended = False

    def run(self, wanted: list[Mapping[str, Any]]) -> list[Finding]:
        """The findings of these checks; those in which an earlier piece is wrong are left open."""
        return [self._in_place(finding) for finding in [self._find(check) for check in wanted]]

    def _find(self, check: Mapping[str, Any]) -> Finding:
        if check["id"] in self._found:
            return self._found[check["id"]]
        if self._has_ended:
            return _finding(check, NOT_RUN, "")
        try:
            finding = self._run(check)
        except KeyboardInterrupt:  # between two checks
            self._has_ended = True
            return _finding(check, NOT_RUN, "")
        self._found[check["id"]] = finding
        return finding

    def _run(self, check: Mapping[str, Any]) -> Finding:
        below = self._checks.below(subject(check))
        stuck = {f.subject for f in self._found.values() if f.subject in below and _is_stopped(f)}
        function, limit_s = self._checks.function(check), _PATIENCE * check["timeout_s"]
        student = Student(DirectSession(self._namespace), _NO_LIMIT_S)
        comparisons: list[Comparison] = []
        finding, stopped = _finding(check, result.PASSED, ""), False
        with (
            held_back() as printed,
            entered(below, self._namespace) as called,
            _without(stuck, self._namespace) as wanted,
            stoppable(limit_s, function, self._namespace) as stops,
        ):
            try:
                names = inspect.signature(function).parameters
                given = {n: student if n == "student" else self._checks.fixture(n, check) for n in names}
                with watched(comparisons.append):
                    function(**given)
            except KeyboardInterrupt:
                stopped = True
            except LostPoints as lost:
                stopped = lost.details.get("exception", {}).get("type") == "KeyboardInterrupt"
                finding = replace(
                    _finding(check, lost.status, lost.message), fraction=lost.fraction, details=lost.details
                )
            except Undecided:
                finding = _finding(check, OPEN, "Only the grader can decide this.")
        self._called[check["id"]] = called
        if stopped or stops:
            finding = self._stopped(check, stops[-1] if stops else Stop(False, "", time.monotonic()))
        if wanted:
            finding = _open(
                _finding(check, OPEN, "It was stopped before, and is not waited for again."), wanted
            )
        return replace(finding, comparisons=tuple(comparisons), printed=printed)

    def _stopped(self, check: Mapping[str, Any], stop: Stop) -> Finding:
        where = f" in {stop.place}" if stop.place else ""
        if stop.by_time:
            limit_s = check["timeout_s"]
            message = (
                f"Stopped after {_PATIENCE * limit_s:g} s{where}. The grader gives each call {limit_s:g} s."
            )
            return _finding(check, result.TIMEOUT, message)
        self._has_ended = stop.at_s - self._interrupted_s < _TWICE_S
        self._interrupted_s = stop.at_s
        return _finding(check, INTERRUPTED, f"Interrupted{where}.")

    def _in_place(self, finding: Finding) -> Finding:
        """Leave open what may be lost through a piece below only: the grader puts a right one in its place."""
        if finding.status in (result.PASSED, OPEN, result.NOT_IMPLEMENTED, NOT_RUN) or _is_stopped(finding):
            return finding
        # A piece that was not called is not the reason.
        below = self._checks.below(finding.subject) & self._called[finding.id]
        checks = [check for check in self._checks.select(None) if subject(check) in below]
        pieces = [self._in_place(self._find(check)) for check in checks]
        # Of a piece that is open itself, that one counts which is to be mended first.
        broken = [
            n for piece in pieces if piece.status not in _NOT_WRONG for n in piece.mend or [piece.subject]
        ]
        return _open(finding, self._checks.in_order(broken)) if broken else finding


def subject(check: Mapping[str, Any]) -> str:
    """The function or class that a check is about."""
    return str(check["id"].partition(".")[0])


def _finding(check: Mapping[str, Any], status: str, message: str) -> Finding:
    fraction = float(status == result.PASSED)
    return Finding(check["id"], check["title"], check["points"], status, fraction, message)


def _is_stopped(finding: Finding) -> bool:
    return finding.status in (INTERRUPTED, result.TIMEOUT)


def _open(finding: Finding, broken: list[str]) -> Finding:
    """Left to the grader until these pieces are right."""
    mend = tuple(dict.fromkeys(broken))
    more = f" (and {len(mend) - 1} more)" if len(mend) > 1 else ""
    message = textwrap.shorten(
        f"Mend {mend[0]} first{more}. {finding.message}", _LONGEST_OPEN, placeholder=" ..."
    )
    return replace(finding, status=OPEN, fraction=0.0, message=message, details={}, mend=mend)


@contextmanager
def _without(stuck: Iterable[str], namespace: dict[str, Any]) -> Iterator[list[str]]:
    """Have functions and classes refuse to be called, which would not return; the names of those that were wanted."""
    wanted: list[str] = []

    def refusing(name: str) -> Callable[..., None]:
        def refuse(*_: Any, **__: Any) -> None:
            wanted.append(name)
            raise RuntimeError(f"{name} was stopped before")

        return refuse

    own = {name: namespace[name] for name in stuck if name in namespace}
    namespace.update({name: refusing(name) for name in own})
    try:
        yield wanted
    finally:
        namespace.update(own)


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
