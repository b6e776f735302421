"""The stages in order: from a path to a report."""

from __future__ import annotations

import importlib
import resource
import time
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from autograder.checking.follow_through import subject
from autograder.checking.run import Checked, run_checks
from autograder.checking.student import Asked
from autograder.errors import AutograderError, InvalidSubmission, MachineFault
from autograder.host import folder
from autograder.host.ending import Ending
from autograder.host.isolation import Isolation, establish
from autograder.host.pool import Zygote
from autograder.host.session import Session
from autograder.intake.calls import uses_of
from autograder.intake.read import name, read
from autograder.model.assignment import Assignment
from autograder.model.result import CheckResult
from autograder.model.rubric import VISIBLE
from autograder.model.submission import Submission
from autograder.reporting import build
from autograder.scoring.points import add_up
from autograder.worker.entropy import settled

if TYPE_CHECKING:
    from autograder.diagnosis.diagnose import Diagnostician


def grade(
    path: Path,
    assignment: Assignment,
    *,
    entry: str | None,
    seed: int,
    selected: set[str],
    isolation_mode: str = "auto",
) -> dict[str, Any]:
    """Grade one submission; see `Grader`."""
    with Grader(assignment, isolation_mode) as grader:
        return grader.grade(path, entry=entry, seed=seed, selected=selected)


class Grader:
    """Grades submissions of an assignment, one after the other.

    The processes that hand out workers are kept from one submission to the next; workers never are.

    Parameters
    ----------
    assignment : Assignment
    isolation_mode : str
        ``auto``, ``require`` or ``process``; see `autograder.host.isolation.establish`.
    """

    def __init__(self, assignment: Assignment, isolation_mode: str = "auto") -> None:
        self.assignment, self._isolation_mode = assignment, isolation_mode
        self._starters: dict[str, tuple[ExitStack, Zygote, Isolation]] = {}
        self._diagnosticians: dict[
            int, Diagnostician
        ] = {}  # by seed; what known mistakes answer is kept there

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for kind in list(self._starters):
            self._forget(kind)

    def grade(self, path: Path, *, entry: str | None = None, seed: int, selected: set[str]) -> dict[str, Any]:
        """Grade one submission.

        Parameters
        ----------
        path : Path
            A folder, a ``.py``, a ``.ipynb`` or a ``.zip`` of one.
        entry : str or None
            The file that counts, where several could.
        seed : int
            Of the checks' random inputs.
        selected : set of str
            Ids of the checks to run.

        Returns
        -------
        dict
            The report; without a score if the submission is invalid or the grader or machine failed.

        Raises
        ------
        UsageError
            If the path or the entry does not exist.
        """
        try:
            submission = read(path, self.assignment, entry)
        except InvalidSubmission as error:
            return build.not_graded(self.assignment, name(path, self.assignment), error, seed=seed)
        return self.grade_submission(submission, seed=seed, selected=selected)

    def grade_submission(self, submission: Submission, *, seed: int, selected: set[str]) -> dict[str, Any]:
        """Grade a submission that is read already, here or on another machine; see `grade`."""
        began, used = time.monotonic(), _own_cpu_s()
        try:
            return self._grade(submission, seed, selected, began, used)
        except AutograderError as error:
            if isinstance(error, MachineFault):
                self._forget(_kind(submission))  # the next submission has a new one
            return build.not_graded(self.assignment, submission.id, error, seed=seed, submission=submission)

    def _grade(
        self, submission: Submission, seed: int, selected: set[str], began: float, used: float
    ) -> dict[str, Any]:
        assignment = self.assignment
        zygote, isolation = self._starter(_kind(submission))
        limits, handout = assignment.rubric.limits, _handout(assignment)
        with Session(zygote, submission, limits, assignment.name, handout, seed, isolation) as session:
            session.load()
            ended = session.load_ending
            if ended is not None:
                results = {check_id: _not_loaded(ended) for check_id in selected}
            else:
                with settled(seed):  # the reference's pieces may make generators, too
                    names = {subject(check.id) for check in assignment.rubric.checks}
                    uses = partial(uses_of, submission, names)
                    checked = run_checks(assignment, session, seed, selected, submission.files, uses)
                    results = self._explained(checked, session, seed, submission.kind == "notebook")
        return build.graded(
            assignment,
            submission,
            add_up(assignment.rubric, results),
            seed=seed,
            loaded=session.loaded,
            load_failure=ended.message if ended else "",
            isolation=isolation.report(),
            timing={
                "wall_s": round(time.monotonic() - began, 3),
                "load_s": round(session.load_s, 3),
                "submission_cpu_s": round(session.cpu_s, 3),
                "grader_cpu_s": round(_own_cpu_s() - used, 3),
            },
        )

    def _explained(
        self, checked: Checked, session: Asked, seed: int, is_notebook: bool
    ) -> dict[str, CheckResult]:
        """Add to each lost check its diagnosis and its smallest counterexample, where there is one."""
        lost = [i for i, found in checked.results.items() if found.has_wrong_answers]
        if not lost:
            return checked.results
        from autograder.diagnosis import counterexample
        from autograder.diagnosis.diagnose import Diagnostician
        from autograder.diagnosis.modest import ModestSession

        if seed not in self._diagnosticians:
            self._diagnosticians[seed] = Diagnostician(self.assignment, checked.functions, seed)
        modest, results = ModestSession(session), dict(checked.results)
        # Explanations must not cost the score, whatever a submission answers.
        try:
            found = self._diagnosticians[seed].diagnose(results, modest)
            for check_id in lost:
                results[check_id] = replace(results[check_id], diagnosis=found.get(check_id))
            # What was asked for a hidden check must not come back in an exception's words for a visible one.
            visibility = {check.id: check.visibility for check in self.assignment.rubric.checks}
            if any(visibility[check_id] != VISIBLE for check_id in lost):
                session.renew()
            for check_id in lost:
                shown = counterexample.find(
                    self.assignment,
                    checked.functions[check_id],
                    check_id,
                    modest,
                    seed,
                    is_notebook=is_notebook,
                    replaced=(results[check_id].follow_through or {}).get("replaced", ()),
                )
                results[check_id] = replace(results[check_id], counterexample=shown)
        except MemoryError:  # answers may be made to take all of it
            pass
        except Exception as error:  # tests take this warning for an error
            warnings.warn(f"a mistake could not be explained: {type(error).__name__}: {error}", stacklevel=2)
        return results

    def _starter(self, kind: str) -> tuple[Zygote, Isolation]:
        """The process that hands out workers for this kind of submission, and what shuts them in."""
        if kind not in self._starters:
            stack = ExitStack()
            try:
                zygote = stack.enter_context(Zygote(kind))
                _warm_up()
                folder.remove_stale()
                rubric = self.assignment.rubric
                isolation = establish(zygote, rubric.limits, self._isolation_mode, rubric.refused_packages)
            except BaseException:
                stack.close()
                raise
            self._starters[kind] = stack, zygote, isolation
        return self._starters[kind][1:]

    def _forget(self, kind: str) -> None:
        if kind in self._starters:
            self._starters.pop(kind)[0].close()


def _kind(submission: Submission) -> str:
    return "notebook" if submission.kind == "notebook" else ""


def _own_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


_CHECK = b"""def check(name=None):
    return None
"""
"""In place of the checks that students have: cells that call them are no failure, and cost no time."""


def _warm_up() -> None:
    # What the checks need is imported while the zygote starts, on the other core.
    for package in ("pytest", "pytest_jsonreport.plugin"):
        importlib.import_module(package)


def _not_loaded(ended: Ending) -> CheckResult:
    return CheckResult(ended.status, f"load_{ended.reason}", ended.message, 0.0)


def _handout(assignment: Assignment) -> Mapping[str, bytes]:
    """What students were given beside the file to write in: data, plotting code."""
    entries = {f"{assignment.name}.py", f"{assignment.name}.ipynb"}
    found = {"check.py": _CHECK}
    for file in sorted(assignment.template.rglob("*")):
        if file.is_file() and file.name not in entries and "__pycache__" not in file.parts:
            found[file.relative_to(assignment.template).as_posix()] = file.read_bytes()
    return found
