"""Grades every known wrong variant and every correct style, and holds the marks to what they must be.

Wrong variants run in this process: they are the assignment's own code.  Two things are known without running them,
which makes the difference between minutes and hours:

* A check in which the reference never enters the changed function cannot tell a variant from the reference.
* A composite that is marked again with the reference in place of a broken piece runs the reference's code only,
  whatever the variant of that piece: one run for each piece stands for all its variants.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial, wraps
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.checking import follow_through
from autograder.checking.fixtures import Fixtures, reference_files, reference_module
from autograder.checking.follow_through import subject
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import collect
from autograder.diagnosis import variants
from autograder.diagnosis.diagnose import Diagnostician
from autograder.errors import GraderFault, InvalidSubmission
from autograder.intake.read import read
from autograder.model.assignment import Assignment
from autograder.model.diagnosis import CERTAIN, LIKELY, Diagnosis
from autograder.model.mistake import Mistake
from autograder.model.result import FAILED, PASSED, CheckResult
from autograder.pipeline import Grader

LEAST_NAMED = 0.9
"""Share of the catalogue that must be recognised."""


@dataclass(frozen=True)
class VariantProof:
    """What became of one wrong variant."""

    id: str
    lost: Mapping[str, float]
    """Share of the points that each check lost, after follow-through."""
    own: tuple[str, ...]
    """The checks in which it may lose points: those of its function, else those that it is declared to lose."""
    run: int
    """Checks that were run; the others never enter the changed function, or are marked with the reference."""
    diagnosis: Mapping[str, str]
    """``mistake`` and ``confidence`` of what was named; empty if nothing was."""
    left_out: Mapping[str, str]
    """The same when the catalogue does not hold the variant, nor others with the same numbers."""
    message: str = ""
    """Why it could not be tried."""
    kept: tuple[str, ...] = ()
    """Checks that it is declared to lose, and that it passes."""

    @property
    def elsewhere(self) -> list[str]:
        """Checks that lose points and should not."""
        return [check_id for check_id in self.lost if check_id not in self.own]

    @property
    def is_named(self) -> bool:
        """Whether the mistake was recognised as itself."""
        return self.diagnosis.get("confidence") == CERTAIN and self.id in self.diagnosis["mistake"].split(
            ", "
        )


@dataclass(frozen=True)
class Proof:
    """The matrix of checks, variants and styles, and what is wrong with it."""

    checks: Sequence[str]
    variants: Sequence[VariantProof]
    styles: Mapping[str, Mapping[str, Any]]
    """For each correct style its ``score`` and the checks it ``lost``, with their messages."""
    problems: Sequence[str] = field(default_factory=list)

    def catches(self, check_id: str) -> list[str]:
        """The variants that lose points in a check."""
        return [variant.id for variant in self.variants if check_id in variant.lost]


def prove(
    folder: Path,
    *,
    only: Sequence[str] = (),
    jobs: int = 1,
    tick: Callable[[str], None] = lambda done: None,
) -> Proof:
    """Build the matrix of an assignment.

    Parameters
    ----------
    folder : Path
        The assignment's.
    only : sequence of str
        Ids, or beginnings of ids, of the variants to try; all by default, and with them the correct styles.
    jobs : int
        Processes at the same time.
    tick : callable
        Called with a name after each variant and style.
    """
    assignment = load(folder)
    catalogue = read_mistakes(assignment.mistakes) if assignment.mistakes else ()
    chosen = [m for m in catalogue if not only or m.id.startswith(tuple(only))]
    # Of a check that asks no function, only files can be wrong.
    functions = collect(assignment)
    checks = [c.id for c in assignment.rubric.checks if asks_code(functions[c.id])]
    styles = sorted(p for p in assignment.correct.iterdir() if p.is_dir()) if assignment.correct else []
    if only:
        styles = []
    found: list[VariantProof] = []
    marks: dict[str, Mapping[str, Any]] = {}
    with _Pool(jobs) as submit:
        # The styles first: they take longest.
        graded = [submit(_grade_style, folder, style) for style in styles]
        tried = [submit(_try_variant, folder, mistake.id) for mistake in chosen]
        for style, mark in zip(styles, graded, strict=True):
            marks[style.name] = mark()
            tick(style.name)
        for mistake, proof in zip(chosen, tried, strict=True):
            found.append(proof())
            tick(mistake.id)
    proof_so_far = Proof(checks, found, marks)
    return Proof(checks, found, marks, _problems(proof_so_far, is_whole=not only))


def asks_code(check: Callable[..., None]) -> bool:
    """Whether a check calls the submission's functions, and does not only read what was handed in beside them."""
    return "student" in inspect.signature(check).parameters


def _problems(proof: Proof, is_whole: bool) -> list[str]:
    """What must be, and is not."""
    said = []
    for variant in proof.variants:
        if variant.message:
            said.append(f"{variant.id}: {variant.message}")
        elif not variant.lost:
            said.append(f"{variant.id} loses nothing.")
        elif not set(variant.lost) & set(variant.own):
            said.append(f"{variant.id} loses nothing in its own checks.")
        said += [f"{variant.id} loses {check_id}, which is not its own." for check_id in variant.elsewhere]
        said += [
            f"{variant.id} is declared to lose {check_id}, and does not."
            for check_id in variant.kept
            if variant.lost
        ]
        if variant.left_out.get("confidence") == CERTAIN:
            said.append(f"{variant.id}, unknown, is taken for {variant.left_out['mistake']}.")
    for style, mark in proof.styles.items():
        said += [f"The correct style {style} loses {i}: {message}" for i, message in mark["lost"].items()]
        if mark["message"]:
            said.append(f"The correct style {style} is not graded: {mark['message']}")
    if is_whole:
        said += [f"No wrong variant loses {i}." for i in proof.checks if not proof.catches(i)]
        named = sum(variant.is_named for variant in proof.variants)
        if named < LEAST_NAMED * len(proof.variants):
            said.append(f"Only {named} of {len(proof.variants)} wrong variants are named.")
    return said


# -- in the processes


@dataclass
class _Bench:
    """All that stays the same from variant to variant."""

    assignment: Assignment
    catalogue: tuple[Mistake, ...]
    checks: dict[str, Callable[..., None]]
    entered: dict[str, set[str]]
    """For each check the functions and classes of the submission that it enters."""
    diagnostician: Diagnostician


@cache
def _bench(folder: Path) -> _Bench:
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    assignment = load(folder)
    checks = collect(assignment)
    catalogue = read_mistakes(assignment.mistakes) if assignment.mistakes else ()
    entered = {check_id: _entered(assignment, check_id, check) for check_id, check in checks.items()}
    known = [
        mistake for mistake in catalogue if _fits(assignment, mistake)
    ]  # each of the others is a problem by itself
    knower = Diagnostician(assignment, checks, assignment.seed, known)
    return _Bench(assignment, catalogue, checks, entered, knower)


def _fits(assignment: Assignment, mistake: Mistake) -> bool:
    """Whether the text that a mistake changes is in the reference."""
    try:
        variants.of(assignment.reference).segments(mistake.changes)
    except (GraderFault, SyntaxError):
        return False
    return True


def _entered(assignment: Assignment, check_id: str, check: Callable[..., None]) -> set[str]:
    """The functions and classes of a submission that a check enters."""
    source = variants.of(assignment.reference)
    namespace, seen = source.namespace(), set[str]()

    def noting(name: str, function: FunctionType) -> Callable[..., Any]:
        @wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            seen.add(name)
            return function(*args, **kwargs)

        return called

    for name, value in list(namespace.items()):
        if isinstance(value, FunctionType):
            namespace[name] = noting(name, value)
        elif isinstance(value, type):
            for attribute, method in list(vars(value).items()):
                if isinstance(method, FunctionType):
                    setattr(value, attribute, noting(name, method))
    result = Fixtures(assignment, InProcessSession(namespace), assignment.seed).run(check, check_id)
    if result.fraction < 1:
        raise GraderFault(f"the reference loses {check_id}: {result.message}")
    return seen


def _try_variant(folder: Path, mistake_id: str) -> VariantProof:
    bench = _bench(folder)
    [mistake] = [m for m in bench.catalogue if m.id == mistake_id]
    rule = bench.assignment.rubric.follow_through
    source = variants.of(bench.assignment.reference)
    strange = [check_id for check_id in mistake.loses if check_id not in bench.checks]
    if strange or not mistake.loses:
        said = f"there is no check '{strange[0]}'." if strange else "it does not say which checks it loses."
        return VariantProof(mistake.id, {}, mistake.loses, 0, {}, {}, said)
    try:
        session = InProcessSession(source.namespace(mistake.changes))
    except (GraderFault, SyntaxError) as error:
        return VariantProof(mistake.id, {}, mistake.loses, 0, {}, {}, str(error))
    fixtures = Fixtures(bench.assignment, session, bench.assignment.seed)
    pieces = set(mistake.components)
    own = tuple(i for i in bench.checks if subject(i) in pieces) or tuple(mistake.loses)
    # A variant may be declared to show elsewhere only, and of two functions at once it may lose what both make up.
    if len(pieces) > 1 or not set(mistake.loses) & set(own):
        own = tuple(dict.fromkeys((*own, *mistake.loses)))
    results = {i: fixtures.run(bench.checks[i], i) for i in own}
    broken = {subject(i) for i, found in results.items() if found.fraction < 1}
    for check_id, entered in bench.entered.items():
        if check_id in results or not entered & pieces:
            continue
        below = broken & pieces & rule.below(subject(check_id))
        if rule.replacements(subject(check_id), below):
            results[check_id] = _with_reference(folder, frozenset(broken & pieces), check_id)
        else:
            results[check_id] = fixtures.run(bench.checks[check_id], check_id)
    lost = {i: round(1 - found.fraction, 4) for i, found in results.items() if found.fraction < 1}
    diagnoses = bench.diagnostician.diagnose(results, session)
    named = _told(diagnoses)
    same = {mistake.id}
    for diagnosis in diagnoses.values():
        if mistake.id in (diagnosis.mistake, *diagnosis.same_numbers):
            same |= {diagnosis.mistake, *diagnosis.same_numbers}
    others = tuple(m for m in bench.diagnostician.mistakes if m.id not in same)
    left_out = {}
    if len(pieces) == 1:  # the parts of a wider one are mistakes of their own, and rightly named
        left_out = _told(bench.diagnostician.without(others).diagnose(results, session))
    # What builds on its functions is marked with the reference in their place, and need not be lost.
    kept = tuple(
        i
        for i in mistake.loses
        if i not in lost and not (pieces & rule.below(subject(i)) and broken & pieces)
    )
    return VariantProof(mistake.id, lost, own, len(results), named, left_out, kept=kept)


@cache
def _with_reference(folder: Path, pieces: frozenset[str], check_id: str) -> CheckResult:
    """A composite's result with the reference in place of pieces that are wrong, and all else the reference's."""
    bench = _bench(folder)
    source = variants.of(bench.assignment.reference)
    session = InProcessSession(source.namespace())
    fixtures = Fixtures(bench.assignment, session, bench.assignment.seed)
    wrong = CheckResult(FAILED, "supposed", "supposed to be wrong in the own chain", 0.0)
    right = CheckResult(PASSED, "", "", 1.0)
    supposed = {i: wrong for i in bench.checks if subject(i) in pieces} | {check_id: wrong}

    def run(ids: set[str]) -> dict[str, CheckResult]:
        return {i: fixtures.run(bench.checks[i], i) if i == check_id else right for i in ids}

    reference = reference_module(bench.assignment.reference)
    marked = follow_through.mark(bench.assignment.rubric, supposed, run, run, session, reference)
    return marked[check_id]


def _told(found: Mapping[str, Diagnosis]) -> dict[str, str]:
    """The surest of the diagnoses of one submission."""
    for confidence in (CERTAIN, LIKELY, ""):
        for diagnosis in found.values():
            if diagnosis.confidence == confidence or not confidence:
                names = ", ".join((diagnosis.mistake, *diagnosis.same_numbers))
                return {"mistake": names, "confidence": diagnosis.confidence}
    return {}


def _grade_style(folder: Path, style: Path) -> Mapping[str, Any]:
    assignment = load(folder)
    everything = {check.id for check in assignment.rubric.checks}
    try:
        submission = read(style, assignment)
    except InvalidSubmission as error:
        return {"score": None, "lost": {}, "message": str(error)}
    # A style is one of code: files that it does not bring are the reference's.
    submission = replace(submission, files={**reference_files(assignment), **submission.files})
    with Grader(assignment) as grader:
        report = grader.grade_submission(submission, seed=assignment.seed, selected=everything)
    lost = {c["id"]: c["message"] for c in report.get("checks", []) if c["score"] < c["max_score"]}
    message = "" if report["status"] == "graded" else report["message"]
    return {"score": report["score"], "lost": lost, "message": message}


class _Pool:
    """Submits work to processes, or does it at once where one is enough."""

    def __init__(self, jobs: int) -> None:
        self._executor = ProcessPoolExecutor(jobs) if jobs > 1 else None

    def __enter__(self) -> Callable[..., Callable[[], Any]]:
        if self._executor is None:
            return lambda work, *arguments: partial(work, *arguments)
        executor = self._executor
        return lambda work, *arguments: executor.submit(work, *arguments).result

    def __exit__(self, *error: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
