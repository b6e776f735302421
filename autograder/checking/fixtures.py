"""What checks are given: the submission, the reference, random inputs, and the rubric's numbers."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.checking.compare import Comparison, watched
from autograder.checking.lost_points import LostPoints
from autograder.checking.student import Asked, Student
from autograder.errors import GraderFault
from autograder.intake.arrays import Arrays, UnreadableArrays, read_arrays
from autograder.model.assignment import Assignment
from autograder.model.result import LISTS, MALFORMED, NO_FILE, NOT_IMPLEMENTED, PASSED, CheckResult
from autograder.model.rubric import Tolerance


class Fixtures:
    """The values of the names that a check has as its arguments.

    Parameters
    ----------
    assignment : Assignment
    session : Asked
        Has the submission loaded.
    seed : int
        Of the checks' random inputs.
    files : mapping of str to bytes, optional
        What was handed in, by path; where it is not given, the reference's own files take its place.
    """

    def __init__(
        self, assignment: Assignment, session: Asked, seed: int, files: Mapping[str, bytes] | None = None
    ) -> None:
        self.assignment, self.session, self.seed = assignment, session, seed
        self._files = files

    def student(self, check_id: str) -> Student:
        """The submission."""
        return Student(self.session, self.assignment.rubric.check(check_id).timeout_s)

    def reference(self) -> ModuleType:
        """The solution, as a module of the grader's own."""
        return reference_module(self.assignment.reference)

    def rng(self, check_id: str) -> np.random.Generator:
        """Random inputs of a check: the same for everyone who is graded with the same seed."""
        return np.random.default_rng([self.seed, zlib.crc32(check_id.encode())])

    def tolerance(self, name: str = "default") -> Tolerance:
        """``tolerance("name")`` from the rubric."""
        found = self.assignment.rubric.tolerances.get(name)
        if found is None:
            raise LookupError(f"the rubric has no [tolerances.{name}]")
        return found

    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """``settings["task"]``: what the rubric says on a training task."""
        tables = self.assignment.rubric.training.items()
        return _Settings({name: _Settings(table, f"[training.{name}]") for name, table in tables}, "rubric")

    def data(self, name: str) -> dict[str, np.ndarray]:
        """``data("name")``: the arrays of ``name.npz``."""
        if self.assignment.data is None:
            raise LookupError("the assignment has no 'data'")
        return load_arrays(self.assignment.data / f"{name}.npz")

    def student_file(self, name: str) -> Arrays:
        """``student_file("work.npz")``: the arrays of a file that was handed in, one that the assignment names.

        Raises
        ------
        LostPoints
            If it was not handed in, or cannot be read.
        """
        if name not in self.assignment.files:
            raise LookupError(f"assignment.toml: files does not name '{name}'")
        files = reference_files(self.assignment) if self._files is None else self._files
        if name not in files:
            message = f"{name} was not handed in."
            raise LostPoints(NO_FILE, message, status=NOT_IMPLEMENTED)
        try:
            return read_arrays(files[name])
        except UnreadableArrays as error:
            raise LostPoints("unreadable_file", f"{name} {error}", status=MALFORMED) from None

    def run(self, check: Callable[..., None], check_id: str, inputs: str = "") -> CheckResult:
        """Run a check as a plain function.

        Parameters
        ----------
        check : callable
        check_id : str
        inputs : str
            Name from which its random inputs come; its id by default.

        Raises
        ------
        GraderFault
            If it asks for a fixture that is not known here.
        """
        trainings: list[Mapping[str, Any]] = []
        remarks: dict[str, Any] = {}
        student = self.student(check_id)
        known: dict[str, Callable[[], Any]] = {
            "student": lambda: student,
            "reference": self.reference,
            "rng": lambda: self.rng(inputs or check_id),
            "tolerance": lambda: self.tolerance,
            "settings": self.settings,
            "data": lambda: self.data,
            "student_file": lambda: self.student_file,
            "record_training": lambda: recorder(trainings),
            "remark": lambda: remarks.update,
        }
        names = list(inspect.signature(check).parameters)
        strange = [name for name in names if name not in known]
        if strange:
            raise GraderFault(f"the check '{check_id}' has an argument that is no fixture: {strange[0]}.")
        began = time.perf_counter()
        lost: LostPoints | None = None
        try:
            with listing(remarks):
                check(**{name: known[name]() for name in names})
        except LostPoints as error:
            lost = error
        return finding(lost, student, trainings, time.perf_counter() - began, remarks)


@contextmanager
def listing(remarks: dict[str, Any]) -> Iterator[None]:
    """Have a check's remarks name the values for which a list came where an array is asked for."""

    def note(comparison: Comparison) -> None:
        if comparison.is_list and comparison.what not in remarks.setdefault(LISTS, []):
            remarks[LISTS].append(comparison.what)

    with watched(note):
        yield


def recorder(records: list[Mapping[str, Any]]) -> Callable[..., None]:
    """``record_training(task=..., metric=..., value=..., ...)`` puts a training into the report."""
    return lambda **record: records.append(record)


def finding(
    lost: LostPoints | None,
    student: Student | None,
    trainings: list[Mapping[str, Any]],
    duration_s: float,
    remarks: Mapping[str, Any],
) -> CheckResult:
    """What came of a check that returned, or raised `lost`."""
    modified = sorted(student.modified) if student is not None else []
    remarks = {**remarks, "modified_arguments": modified} if modified else remarks
    return CheckResult(
        status=lost.status if lost else PASSED,
        reason=lost.reason if lost else "",
        message=lost.message if lost else "",
        fraction=lost.fraction if lost else 1.0,
        details={**(lost.details if lost else {}), **remarks},
        training=tuple(trainings),
        duration_s=duration_s,
    )


class _Settings(dict[str, Any]):
    """A table of the rubric that names what is missing in it."""

    def __init__(self, content: Mapping[str, Any], where: str) -> None:
        super().__init__(content)
        self.where = where

    def __missing__(self, name: str) -> Any:
        raise LookupError(f"the {self.where} has no '{name}'")


def reference_module(path: Path) -> ModuleType:
    """Import the reference from its file, once per process.

    Raises
    ------
    GraderFault
        If it raises.
    """
    return module_from(path, "the reference")


@cache
def module_from(path: Path, what: str = "the file") -> ModuleType:
    """Import a file of an assignment, once per process.

    Raises
    ------
    GraderFault
        If it raises.
    """
    spec = importlib.util.spec_from_file_location(f"_{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise GraderFault(
            f"{what} {path.name} cannot be imported: {type(error).__name__}: {error}."
        ) from error
    return module


def reference_files(assignment: Assignment) -> dict[str, bytes]:
    """Those of the files that checks read which lie beside the reference."""
    paths = {name: assignment.reference.parent / name for name in assignment.files}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


@cache
def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` file, read-only, read once per process."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    for array in arrays.values():
        array.flags.writeable = False
    return arrays
