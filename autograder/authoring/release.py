"""Makes the folder that students get: the template, its data, a guide, and checks that need NumPy only.

The checks are the visible ones, as they are, without what only hidden ones use.  In place of the reference they have
what it answered (`autograder.public.recorded`).  A check that asks the reference about a submission's own
answers, or that needs what students are not given, is left to the grader.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import json
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autograder.assignment.mistakes import read_mistakes
from autograder.authoring.template import public_arrays
from autograder.checking.direct import DirectSession
from autograder.checking.fixtures import reference_module
from autograder.checking.lost_points import LostPoints
from autograder.checking.run import collect
from autograder.checking.student import Student
from autograder.diagnosis import variants
from autograder.errors import GraderFault, UsageError
from autograder.model.assignment import Assignment
from autograder.model.mistake import Mistake
from autograder.model.rubric import RubricCheck
from autograder.public.recorded import Recorder, Replay, Undecided
from autograder.wire import frames

PACKAGE = "homework_checks"
Check = Callable[..., None]
_ENGINE = Path(__file__).parents[1]
_FIXTURES = {"student", "reference", "rng", "tolerance", "data"}
_NO_LIMIT_S = 1e9
_MISTAKES = 8
"""Known mistakes, at most, that a check is tried with."""
SEED = 1
"""Of the public inputs: the grading's are others."""
_CHECK = '''"""Checks of your work: `from check import check`, then `check()`."""

from {package}.public.front import check

__all__ = ["check"]

if __name__ == "__main__":
    import sys

    for name in sys.argv[1:] or [None]:
        shown = check(name)
        if shown:
            print(shown)
'''
_TRIAL = """
import importlib, runpy, sys
from pathlib import Path
package, solution = sys.argv[1:]
sys.path[0] = str(Path.cwd())
checks = importlib.import_module(f"{package}.public.run").PublicChecks(Path(package), Path("data"))
lost = [f"{found.id}: {found.message}" for found in checks.run(runpy.run_path(solution)) if found.status != "passed"]
print("; ".join(lost))
sys.exit(bool(lost))
"""


def release(assignment: Assignment, output: Path) -> list[str]:
    """Write the students' folder.

    Parameters
    ----------
    assignment : Assignment
    output : Path
        Must not exist, or be an empty folder.

    Returns
    -------
    list of str
        Ids of the visible checks that are left to the grader.

    Raises
    ------
    UsageError
        If the output exists and is not empty.
    GraderFault
        If the checks cannot be collected, or fail with the reference as they were written.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(f"{output} exists already; give the name of a new folder.")
    functions = collect(assignment)
    visible = [c for c in assignment.rubric.checks if c.visibility == "visible"]
    recorded = {c.id: _record(assignment, functions[c.id], c.id) for c in visible}
    kept = [c for c in visible if recorded[c.id] is not None]
    shutil.copytree(
        assignment.template, output, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    if assignment.guide:
        if not assignment.guide.is_file():
            raise GraderFault(f"assignment.toml: guide: {assignment.guide.name} does not exist.")
        shutil.copyfile(assignment.guide, output / "README.md")
    (output / "check.py").write_text(_CHECK.format(package=PACKAGE), "utf-8")
    folder = output / PACKAGE
    for source in _engine_files():
        target = folder / source.relative_to(_ENGINE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_renamed(source.read_text("utf-8")), "utf-8")
    for package in {folder, *(p.parent for p in folder.rglob("*.py"))}:
        (package / "__init__.py").touch()
    (folder / "checks.json").write_text(json.dumps(_table(assignment, kept), indent=1) + "\n", "utf-8")
    (folder / "expected").mkdir()
    for check in kept:
        pieces = frames.encode(recorded[check.id])
        (folder / "expected" / f"{check.id}.bin").write_bytes(b"".join(pieces))
    ids = {check.id for check in kept}
    for file in sorted(assignment.checks.glob("test_*.py")):
        text = pruned(file.read_text("utf-8"), ids)
        if text:
            (folder / file.name).write_text(_renamed(text), "utf-8")
    _try(output, assignment.reference)
    return [c.id for c in visible if c.id not in ids]


def _try(output: Path, solution: Path) -> None:
    """Let the reference pass the checks as students have them, in a process that has nothing else."""
    command = [sys.executable, "-B", "-c", _TRIAL, PACKAGE, str(solution)]
    done = subprocess.run(command, cwd=output, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout or done.stderr).strip().splitlines()[-1:]
        raise GraderFault(f"{output}: its checks fail with the reference: {''.join(said)}")


# -- what the reference answered


def _record(assignment: Assignment, check: Check, check_id: str) -> dict[str, Any] | None:
    """The reference's part in a check; None if the check cannot be decided with that alone.

    What depends on a submission's answers shows with known mistakes, which answer otherwise.
    """
    wanted = list(inspect.signature(check).parameters)
    if not set(wanted) <= _FIXTURES:
        return None
    reference = reference_module(assignment.reference)
    data = public_arrays(assignment.data)

    def run(given: Any, namespace: Mapping[str, Any]) -> str:
        known = {
            "student": Student(DirectSession(dict(namespace)), _NO_LIMIT_S),
            "reference": given,
            "rng": np.random.default_rng([SEED, zlib.crc32(check_id.encode())]),
            "tolerance": lambda name="default": assignment.rubric.tolerances[name],
            "data": lambda name: data[name],
        }
        try:
            with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
                check(**{name: known[name] for name in wanted})
        except (Undecided, KeyError):
            return "undecided"
        except LostPoints:
            return "lost"
        return "passed"

    recorder = Recorder(reference)
    if run(recorder, vars(reference)) != "passed":
        return None
    content = recorder.content()
    if not content["calls"]:
        return content
    if run(Replay(content), vars(reference)) != "passed":
        return None
    return (
        content
        if all(run(Replay(content), other) != "undecided" for other in _others(assignment, check_id))
        else None
    )


def _others(assignment: Assignment, check_id: str) -> list[dict[str, Any]]:
    """Some known mistakes that lose the check: they answer otherwise."""
    source = variants.of(assignment.reference)
    known = [m for m in _catalogue(assignment.mistakes) if check_id in m.loses]
    return [source.namespace(mistake.changes) for mistake in known[:_MISTAKES]]


@cache
def _catalogue(folder: Path | None) -> tuple[Mistake, ...]:
    return read_mistakes(folder) if folder else ()


# -- the sources


def pruned(source: str, ids: Iterable[str]) -> str:
    """The source of checks without those that are not among these ids, and without what only they use.

    Parameters
    ----------
    source : str
        A module of checks.
    ids : iterable of str

    Returns
    -------
    str
        Empty if no check is left.
    """
    body = ast.parse(source).body
    wanted = set(ids)
    checks = {node: _check_id(node) for node in body if _check_id(node) is not None}
    kept = [node for node, check_id in checks.items() if check_id in wanted]
    if not kept:
        return ""
    names = {name for node in kept for name in _names(node)}
    rest = [node for node in body if node not in checks]
    chosen = set(kept)
    while True:
        more = [n for n in rest if n not in chosen and (_defined(n) & names or _imports(n))]
        if not more:
            break
        chosen |= set(more)
        names |= {name for node in more for name in _names(node)}
    lines = source.splitlines()
    texts = ["\n".join(lines[_first_line(node) - 1 : node.end_lineno]) for node in body if node in chosen]
    return "\n\n\n".join(texts) + "\n"


def _check_id(node: ast.stmt) -> str | None:
    for decorator in getattr(node, "decorator_list", []):
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "check":
            return str(ast.literal_eval(decorator.args[0]))
    return None


def _names(node: ast.AST) -> Iterator[str]:
    return (n.id for n in ast.walk(node) if isinstance(n, ast.Name))


def _defined(node: ast.AST) -> set[str]:
    """Names that a statement gives a meaning, also within ``if``, ``try`` and ``with``."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    inner = (
        child for child in ast.iter_child_nodes(node) if isinstance(child, (ast.stmt, ast.excepthandler))
    )
    return stored.union(*(_defined(child) for child in inner))


def _imports(node: ast.stmt) -> bool:
    return any(isinstance(n, (ast.Import, ast.ImportFrom)) for n in (node, *ast.iter_child_nodes(node)))


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(d.lineno for d in decorators)]))


def _engine_files() -> list[Path]:
    """The modules of the engine that public checks need: the front, and all that it imports."""
    waiting = [_ENGINE / "public" / "front.py", _ENGINE / "checking" / "__init__.py"]
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder."):
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
                waiting += [file for name in names for file in _file_of(name)]
    return sorted(found)


def _file_of(name: str) -> list[Path]:
    place = _ENGINE.parent.joinpath(*name.split("."))
    return [file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()]


def _renamed(source: str) -> str:
    """A module's text with the imports of the engine pointing into the students' folder."""
    return re.sub(r"\bautograder(?=[.](?:\w))", PACKAGE, source)


def _table(assignment: Assignment, kept: list[RubricCheck]) -> dict[str, Any]:
    """What the public checks have to know of the rubric."""
    rubric, numbers = assignment.rubric, numbers_of(assignment.reference.read_text("utf-8"))

    def names(check: RubricCheck) -> set[str]:
        subject = check.id.partition(".")[0]
        return {check.part, subject, numbers.get(subject, "")}

    return {
        "title": assignment.title,
        "name": assignment.name,
        "max_score": rubric.max_score,
        "seed": SEED,
        "parts": [
            {
                "id": part.id,
                "title": part.title,
                "is_bonus": part.is_bonus,
                "checks": [
                    {
                        "id": c.id,
                        "title": c.title,
                        "points": c.points,
                        "timeout_s": c.timeout_s,
                        "number": numbers.get(c.id.partition(".")[0], ""),
                    }
                    for c in kept
                    if c.part == part.id
                ],
            }
            for part in rubric.parts
        ],
        "tolerances": {name: asdict(tolerance) for name, tolerance in rubric.tolerances.items()},
        "left": sorted(set().union(*map(names, rubric.checks)) - set().union(*map(names, kept)) - {""}),
        "builds_on": {name: list(pieces) for name, pieces in rubric.follow_through.builds_on.items()},
    }


def numbers_of(source: str) -> dict[str, str]:
    """The numbers with which the docstrings of functions and classes begin, as in ``1.10 Share of ...``, by name."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            number = re.match(r"\d+(?:[.]\d+)+(?=\s)", ast.get_docstring(node) or "")
            if number:
                found[node.name] = number[0]
    return found
