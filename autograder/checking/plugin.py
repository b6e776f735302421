"""The pytest plugin that gives checks their fixtures and turns what happens in a check into a result.

This is the one place where an exception in a check becomes a finding: `LostPoints` is the student's, anything
else is the grader's.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
import time
import zlib
from collections.abc import Callable, Generator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.checking.lost_points import LostPoints
from autograder.checking.student import Student
from autograder.errors import GraderFault
from autograder.host.session import Session
from autograder.model.assignment import Assignment
from autograder.model.result import CRASHED, MEMORY, PASSED, TIMEOUT, CheckResult
from autograder.model.rubric import Tolerance

_RESULT = pytest.StashKey[CheckResult]()
_TRAININGS = pytest.StashKey[list[Mapping[str, Any]]]()


class CheckPlugin:
    """Serves one run of an assignment's checks against one submission.

    Parameters
    ----------
    assignment : Assignment
    session : Session
        Has the submission loaded.
    seed : int
        Of the checks' random inputs.
    selected : set of str
        Ids of the checks to run.
    """

    def __init__(self, assignment: Assignment, session: Session, seed: int, selected: set[str]) -> None:
        self.assignment, self.session, self.seed, self.selected = assignment, session, seed, selected
        self.collected: list[str] = []
        self.ended: dict[str, str] = {}
        """Functions and classes on which a worker ended, and how."""
        self.faults: dict[str, str] = {}
        self.json_report: dict[str, Any] = {}
        """What pytest-json-report made of the run."""

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Student:
        """The submission."""
        return Student(self.session, self.assignment.rubric.check(check_id(request.node)).timeout_s)

    @pytest.fixture
    def reference(self) -> ModuleType:
        """The solution, as a module of the grader's own."""
        return reference_module(self.assignment.reference)

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Random inputs of this check: the same for everyone who is graded with the same seed."""
        return np.random.default_rng([self.seed, zlib.crc32(check_id(request.node).encode())])

    @pytest.fixture
    def tolerance(self) -> Callable[..., Tolerance]:
        """``tolerance("name")`` from the rubric; ``tolerance()`` is its ``default``."""
        return self._tolerance

    @pytest.fixture
    def settings(self) -> Any:
        """``settings["task"]``: what the rubric says on a training task."""
        tables = {
            name: _Settings(table, f"[training.{name}]")
            for name, table in self.assignment.rubric.training.items()
        }
        return _Settings(tables, "rubric")

    @pytest.fixture
    def data(self) -> Callable[[str], dict[str, np.ndarray]]:
        """``data("digits")``: the arrays of ``digits.npz``."""
        return lambda name: load_arrays(self.assignment.data / f"{name}.npz")

    @pytest.fixture
    def record_training(self, request: pytest.FixtureRequest) -> Callable[..., None]:
        """``record_training(task=..., metric=..., value=..., ...)`` puts a training into the report."""
        records = request.node.stash.setdefault(_TRAININGS, [])
        return lambda **record: records.append(record)

    def _tolerance(self, name: str = "default") -> Tolerance:
        found = self.assignment.rubric.tolerances.get(name)
        if found is None:
            raise LookupError(f"the rubric has no [tolerances.{name}]")
        return found

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the mark known."""
        config.addinivalue_line("markers", "check(id): judges a submission; the rubric has its points")

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the selected checks, in the rubric's order."""
        order = {c.id: i for i, c in enumerate(self.assignment.rubric.checks)}
        self.collected = [check_id(item) for item in items]
        kept = [item for item in items if check_id(item) in self.selected]
        items[:] = sorted(kept, key=lambda item: order.get(check_id(item), -1))

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """Note what came of a check."""
        if pyfuncitem.get_closest_marker("check") is None:
            return (yield)
        started = time.perf_counter()
        lost: LostPoints | None = None
        try:
            self._refuse_to_wait(check_id(pyfuncitem))
            answer = yield
        except LostPoints as error:
            answer, lost = None, error
        except KeyboardInterrupt:
            raise
        # Everything else, pytest's own ways to end a test included, is no finding: a check passes by returning.
        except BaseException as error:
            said = " ".join(str(error).split())[:300]
            self.faults[check_id(pyfuncitem)] = f"{type(error).__name__}: {said}"
            raise pytest.fail.Exception(said, pytrace=False) from error
        if lost and lost.status in (TIMEOUT, CRASHED, MEMORY):
            self.ended.setdefault(check_id(pyfuncitem).partition(".")[0], lost.status)
        trainings: list[Mapping[str, Any]] = pyfuncitem.stash.get(_TRAININGS, [])
        pyfuncitem.stash[_RESULT] = CheckResult(
            status=lost.status if lost else PASSED,
            reason=lost.reason if lost else "",
            message=lost.message if lost else "",
            fraction=lost.fraction if lost else 1.0,
            details={**(lost.details if lost else {}), **_remarks(pyfuncitem)},
            training=tuple(trainings),
            duration_s=time.perf_counter() - started,
        )
        if lost:
            # Without a traceback: it would cost more time than the check, and the message says it all.
            raise pytest.fail.Exception(lost.message, pytrace=False) from None
        return answer

    def _refuse_to_wait(self, wanted: str) -> None:
        """Do not run a composite made of a piece that has just ended its worker: it would end every one of them."""
        name = wanted.partition(".")[0]
        for piece in sorted(self.assignment.rubric.follow_through.below(name) & self.ended.keys()):
            message = f"Not run in your own chain: {name} builds on {piece}, which did not return."
            raise LostPoints("builds_on", message, status=self.ended[piece], details={"piece": piece})

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_runtest_metadata(self, item: pytest.Item, call: pytest.CallInfo[None]) -> dict[str, Any]:
        """Hand the result to pytest-json-report."""
        if call.when != "call" or _RESULT not in item.stash:
            return {}
        return {"check": check_id(item), "result": dataclasses.asdict(item.stash[_RESULT])}

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Keep the finished report; it is written to no file."""
        self.json_report = json_report


class _Settings(dict[str, Any]):
    """A table of the rubric that names what is missing in it."""

    def __init__(self, content: Mapping[str, Any], where: str) -> None:
        super().__init__(content)
        self.where = where

    def __missing__(self, name: str) -> Any:
        raise LookupError(f"the {self.where} has no '{name}'")


def check_id(item: Any) -> str:
    """The id in a test's ``check`` mark; its node id where it has none."""
    mark = item.get_closest_marker("check")
    return str(mark.args[0]) if mark and mark.args else str(item.nodeid)


def _remarks(item: pytest.Function) -> dict[str, Any]:
    student = item.funcargs.get("student")
    modified = sorted(set(student.modified)) if isinstance(student, Student) else []
    return {"modified_arguments": modified} if modified else {}


@cache
def reference_module(path: Path) -> ModuleType:
    """Import the reference from its file, once per process.

    Raises
    ------
    GraderFault
        If it raises.
    """
    spec = importlib.util.spec_from_file_location(f"_reference_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise GraderFault(
            f"the reference {path.name} cannot be imported: {type(error).__name__}: {error}."
        ) from error
    return module


@cache
def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` file, read-only, read once per process."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    for array in arrays.values():
        array.flags.writeable = False
    return arrays
