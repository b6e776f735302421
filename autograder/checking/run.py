"""Runs an assignment's checks under pytest and reads their results from pytest-json-report."""

from __future__ import annotations

import contextlib
import io
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from autograder.checking.fixtures import Fixtures, reference_module
from autograder.checking.student import Asked
from autograder.errors import GraderFault
from autograder.model.assignment import Assignment
from autograder.model.result import CheckResult
from autograder.model.rubric import VISIBLE

if TYPE_CHECKING:
    from autograder.checking.plugin import CheckPlugin

# The grader's own pytest: no plugin, no configuration and no conftest but what is named here.
_OPTIONS = [
    "--disable-plugin-autoload",
    "--noconftest",
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=no",
    "--tb=short",
    *("-p", "pytest_jsonreport.plugin"),
    "--json-report",
    "--json-report-file=none",
    "--json-report-omit=log,streams,traceback,keywords",
    *("-p", "no:cacheprovider"),
    *("-p", "no:doctest"),
    *("-p", "no:junitxml"),
    *("-p", "no:pastebin"),
    *("-p", "no:unraisableexception"),
    *("-p", "no:threadexception"),
    *("-p", "no:faulthandler"),
    *("-p", "no:warnings"),
    # wraps every phase of every test, and no check logs
    *("-p", "no:logging"),
    *("-p", "no:recwarn"),
    *("-p", "no:monkeypatch"),
    *("-p", "no:stepwise"),
    *("-p", "no:setuponly"),
    *("-p", "no:setupplan"),
    *("-p", "no:subtests"),
]


_NO_FILES: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Checked:
    """What a run of the checks found, and the checks themselves."""

    results: dict[str, CheckResult]
    """One per selected check: the rubric's list decides, not what happened to run."""
    functions: dict[str, Callable[..., None]]
    """All checks by id."""


def run_checks(
    assignment: Assignment,
    session: Asked,
    seed: int,
    selected: set[str],
    files: Mapping[str, bytes] = _NO_FILES,
    uses_of: Callable[[], Mapping[str, set[str]]] = dict,
) -> Checked:
    """Run the selected checks against the submission of a session.

    Parameters
    ----------
    assignment : Assignment
    session : Asked
        Has the submission loaded.
    seed : int
        Of the checks' random inputs.
    selected : set of str
        Ids of the checks to run.
    files : mapping of str to bytes
        What was handed in, by path.
    uses_of : callable
        Which of the submission's functions and classes use which others; see `follow_through.mark`.

    Raises
    ------
    GraderFault
        If the checks and the rubric do not name the same ids, a check raises anything but `LostPoints`, or a
        selected check has no result.
    """
    from autograder.checking import follow_through

    def run(ids: set[str]) -> dict[str, CheckResult]:
        return _run(assignment, session, seed, ids, files).results

    first = _run(assignment, session, seed, selected, files)
    fixtures = Fixtures(assignment, session, seed, files)
    hidden = {c.id for c in assignment.rubric.checks if c.visibility != VISIBLE}
    if hidden & selected:
        session.renew()

    def again(ids: set[str]) -> dict[str, CheckResult]:
        found = {}
        for line in assignment.rubric.checks:
            if line.id in ids:
                found[line.id] = _run_one(fixtures, first.functions[line.id], line.id)
                if line.id in hidden:
                    session.renew()
        return found

    reference = reference_module(assignment.reference)
    marked = follow_through.mark(assignment.rubric, first.results, run, again, session, reference, uses_of)
    return Checked(marked, first.functions)


def _run_one(fixtures: Fixtures, check: Callable[..., None], check_id: str) -> CheckResult:
    """Run a check once more: a whole session of pytest for a few checks would cost more than they do."""
    try:
        return fixtures.run(check, check_id)
    except (KeyboardInterrupt, GraderFault):
        raise
    except BaseException as error:  # pytest's ways to end a test are no finding, either
        said = " ".join(str(error).split())[:300]
        raise GraderFault(f"the check '{check_id}' itself failed: {type(error).__name__}: {said}") from error


def collect(assignment: Assignment) -> dict[str, Callable[..., None]]:
    """The functions of an assignment's checks by id, in the rubric's order, without running any.

    Raises
    ------
    GraderFault
        If the checks and the rubric do not name the same ids.
    """
    from autograder.checking.in_process import InProcessSession
    from autograder.checking.plugin import CheckPlugin

    plugin = CheckPlugin(assignment, InProcessSession({}), 0, set())
    _run_pytest(assignment, plugin)
    return {check.id: plugin.functions[check.id] for check in assignment.rubric.checks}


def _run(
    assignment: Assignment, session: Asked, seed: int, selected: set[str], files: Mapping[str, bytes]
) -> Checked:
    from autograder.checking.plugin import CheckPlugin

    plugin = CheckPlugin(assignment, session, seed, selected, files)
    talk = _run_pytest(assignment, plugin)
    found = plugin.json_report
    if plugin.faults:
        check, said = next(iter(plugin.faults.items()))
        raise GraderFault(f"the check '{check}' itself failed: {said}")
    results = {}
    for test in found.get("tests", []):
        metadata = test.get("metadata", {})
        if "check" in metadata:
            results[metadata["check"]] = CheckResult(**metadata["result"])
        else:
            raise GraderFault(f"{test['nodeid']} could not be set up: {_last_line(test)}")
    missing = selected - results.keys()
    if missing:
        raise GraderFault(f"the check '{min(missing)}' was not run: {_tail(talk)}")
    ordered = {c.id: results[c.id] for c in assignment.rubric.checks if c.id in results}
    return Checked(ordered, plugin.functions)


def _run_pytest(assignment: Assignment, plugin: CheckPlugin) -> str:
    """Collect the checks, and run those that are selected; what pytest printed."""
    import pytest

    talk = io.StringIO()
    arguments = [*_OPTIONS, "-c", os.devnull, f"--rootdir={assignment.checks}", str(assignment.checks)]
    with contextlib.redirect_stdout(talk), contextlib.redirect_stderr(talk):
        try:
            pytest.main(arguments, plugins=[plugin])
        except SystemExit as error:
            raise GraderFault(
                f"a file in {assignment.checks.name}/ ends the grader: SystemExit({error})."
            ) from error
    _refuse_collection_errors(plugin.json_report, talk.getvalue())
    _refuse_other_ids(assignment, plugin.collected)
    return talk.getvalue()


def _refuse_collection_errors(found: dict[str, Any], talk: str) -> None:
    for collector in found.get("collectors", []):
        if collector.get("outcome") == "failed":
            raise GraderFault(
                f"{collector['nodeid']} cannot be imported: {_tail(str(collector.get('longrepr')))}"
            )
    if not found:
        raise GraderFault(f"pytest did not run: {_tail(talk)}")


def _refuse_other_ids(assignment: Assignment, tests: list[str]) -> None:
    doubled = [check_id for check_id, count in Counter(tests).items() if count > 1]
    if doubled:
        raise GraderFault(
            f"the check '{min(doubled)}' has {tests.count(min(doubled))} tests; one check, one test."
        )
    wanted, collected = {c.id for c in assignment.rubric.checks}, set(tests)
    if collected - wanted:
        raise GraderFault(
            f"the check '{min(collected - wanted)}' has no line in the rubric; add one or remove it."
        )
    if wanted - collected:
        raise GraderFault(
            f"the rubric's check '{min(wanted - collected)}' has no test in {assignment.checks.name}/."
        )


def _last_line(test: dict[str, Any]) -> str:
    crash = test.get("setup", {}).get("crash", {})
    return str(crash.get("message", "no reason is known"))


def _tail(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no reason is known"
