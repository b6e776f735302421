"""The pytest plugin that gives checks their fixtures and turns what happens in a check into a result.

This is the one place where an exception in a check becomes a finding: `LostPoints` is the student's, anything
else is the grader's.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Generator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.checking.fixtures import Fixtures, finding, listing, recorder
from autograder.checking.lost_points import LostPoints
from autograder.checking.student import Asked, Student
from autograder.model.assignment import Assignment
from autograder.model.result import CRASHED, MEMORY, TIMEOUT, CheckResult
from autograder.model.rubric import VISIBLE, Tolerance

_RESULT = pytest.StashKey[CheckResult]()
_REMARKS = pytest.StashKey[dict[str, Any]]()
_TRAININGS = pytest.StashKey[list[Mapping[str, Any]]]()


class CheckPlugin:
    """Serves one run of an assignment's checks against one submission.

    Parameters
    ----------
    assignment : Assignment
    session : Asked
        Has the submission loaded.
    seed : int
        Of the checks' random inputs.
    selected : set of str
        Ids of the checks to run.
    files : mapping of str to bytes, optional
        What was handed in; see `Fixtures`.
    """

    def __init__(
        self,
        assignment: Assignment,
        session: Asked,
        seed: int,
        selected: set[str],
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        self.assignment, self.selected = assignment, selected
        self.fixtures = Fixtures(assignment, session, seed, files)
        self.collected: list[str] = []
        self.functions: dict[str, Callable[..., None]] = {}
        """The checks themselves, by id."""
        self.ended: dict[str, str] = {}
        """Functions and classes on which a worker ended, and how."""
        self.faults: dict[str, str] = {}
        self.json_report: dict[str, Any] = {}
        """What pytest-json-report made of the run."""

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Student:
        """The submission."""
        return self.fixtures.student(check_id(request.node))

    @pytest.fixture
    def reference(self) -> ModuleType:
        """The solution, as a module of the grader's own."""
        return self.fixtures.reference()

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Random inputs of this check: the same for everyone who is graded with the same seed."""
        return self.fixtures.rng(check_id(request.node))

    @pytest.fixture
    def tolerance(self) -> Callable[..., Tolerance]:
        """``tolerance("name")`` from the rubric; ``tolerance()`` is its ``default``."""
        return self.fixtures.tolerance

    @pytest.fixture
    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """``settings["task"]``: what the rubric says on a training task."""
        return self.fixtures.settings()

    @pytest.fixture
    def data(self) -> Callable[[str], dict[str, np.ndarray]]:
        """``data("name")``: the arrays of ``name.npz``."""
        return self.fixtures.data

    @pytest.fixture
    def student_file(self) -> Callable[[str], dict[str, np.ndarray]]:
        """``student_file("work.npz")``: the arrays of a file that was handed in."""
        return self.fixtures.student_file

    @pytest.fixture
    def record_training(self, request: pytest.FixtureRequest) -> Callable[..., None]:
        """``record_training(task=..., metric=..., value=..., ...)`` puts a training into the report."""
        return recorder(request.node.stash.setdefault(_TRAININGS, []))

    @pytest.fixture
    def remark(self, request: pytest.FixtureRequest) -> Callable[..., None]:
        """``remark(name=value)`` puts plain data into the details of this check, also when it passes."""
        remarks: dict[str, Any] = request.node.stash.setdefault(_REMARKS, {})
        return remarks.update

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the mark known."""
        config.addinivalue_line("markers", "check(id): judges a submission; the rubric has its points")

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the selected checks, in the rubric's order."""
        # Hidden ones last: what a submission keeps of them must not come back in another check's message.
        lines = self.assignment.rubric.checks
        order = {c.id: (c.visibility != VISIBLE, i) for i, c in enumerate(lines)}
        self.collected = [check_id(item) for item in items]
        self.functions = {
            check_id(item): item.function for item in items if isinstance(item, pytest.Function)
        }
        kept = [item for item in items if check_id(item) in self.selected]
        items[:] = sorted(kept, key=lambda item: order.get(check_id(item), (True, -1)))

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """Note what came of a check."""
        if pyfuncitem.get_closest_marker("check") is None:
            return (yield)
        started = time.perf_counter()
        lost: LostPoints | None = None
        try:
            self._refuse_to_wait(check_id(pyfuncitem))
            with listing(pyfuncitem.stash.setdefault(_REMARKS, {})):
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
        student = pyfuncitem.funcargs.get("student")
        remarks: dict[str, Any] = pyfuncitem.stash.get(_REMARKS, {})
        pyfuncitem.stash[_RESULT] = finding(
            lost,
            student if isinstance(student, Student) else None,
            pyfuncitem.stash.get(_TRAININGS, []),
            time.perf_counter() - started,
            remarks,
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


def check_id(item: Any) -> str:
    """The id in a test's ``check`` mark; its node id where it has none."""
    mark = item.get_closest_marker("check")
    return str(mark.args[0]) if mark and mark.args else str(item.nodeid)
