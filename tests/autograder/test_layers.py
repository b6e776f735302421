"""Imports go one way: a file may import from lower layers and from its own package."""

import ast
import re
from pathlib import Path

import pytest

from autograder.assignment.load import load

ROOT = Path(__file__).parents[2]
LAYERS = {
    "errors": 0,
    "model": 0,
    "wire": 1,
    "sandbox": 1,
    "worker": 2,
    "assignment": 3,
    "intake": 3,
    "host": 3,
    "checking": 4,
    "diagnosis": 5,
    "public": 5,
    "scoring": 6,
    "reporting": 7,
    "pipeline": 8,
    "course": 9,
    "pages": 10,
    "authoring": 9,
    "proving": 9,
    "platforms": 11,
    "cli": 12,
    "__main__": 13,
    "__init__": 13,
}
# The grader names the code that a kernel is told to run, by the constant that lies beside that code.
ALLOWED = {("host/notebook.py", "autograder.worker.notebook")}
FILES = sorted((ROOT / "autograder").rglob("*.py"))


def imports(path):
    """Names of all modules a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package(dotted):
    return dotted.split(".")[1] if "." in dotted else "__init__"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_import_points_up(path):
    relative = path.relative_to(ROOT / "autograder")
    own = relative.parts[0].removesuffix(".py")
    for name in imports(path):
        if not name.startswith("autograder.") or (relative.as_posix(), name) in ALLOWED:
            continue
        target = package(name)
        if target == own or target not in LAYERS:
            continue
        assert LAYERS[target] < LAYERS[own], f"{relative} imports {name}, which is not below it"


def test_the_worker_needs_nothing_of_the_grader():
    below = {"wire", "sandbox", "worker"}
    for folder in below:
        for path in (ROOT / "autograder" / folder).glob("*.py"):
            used = {package(n) for n in imports(path) if n.startswith("autograder.")}
            assert used <= below, f"{path.name} imports {used - below}: the student could read it"


def test_no_cycles_between_files():
    graph = {}
    for path in FILES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        graph[name] = {n for n in imports(path) if n.startswith("autograder")}
    done = set()

    def visit(name, trail):
        assert name not in trail, f"import cycle: {' -> '.join([*trail, name])}"
        if name in done or name not in graph:
            return
        for other in graph[name]:
            visit(other, [*trail, name])
        done.add(name)

    for name in graph:
        visit(name, [])


HOMEWORKS = [ROOT, *sorted(path.parent for path in (ROOT / "examples").glob("*/assignment.toml"))]
# Names of theirs that the engine needs as words of its own.
ORDINARY = {"accuracy", "digits", "groups", "numerical_gradient", "penalty", "task", "template", "train"}


def names_of(folder):
    """What a homework calls its modules, functions, classes, checks, trainings and data."""
    homework = load(folder)
    tree = ast.parse(homework.reference.read_text("utf-8"))
    defined = {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    judged = {check.id.partition(".")[0] for check in homework.rubric.checks}
    data = {path.stem for path in homework.data.glob("*.npz")} if homework.data else set()
    return {homework.name, homework.id, homework.title, homework.template.name, *homework.rubric.training} | (
        defined | judged | data
    )


@pytest.mark.parametrize("folder", HOMEWORKS, ids=lambda folder: folder.name)
def test_the_engine_knows_no_homework(folder):
    names = names_of(folder) - ORDINARY
    assert len(names) > 10
    # Also in texts and comments, in pages, schemas and what is written for others.
    word = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, sorted(names)))})(?![\w-])")
    files = (ROOT / "autograder").rglob("*")
    for path in (p for p in files if p.is_file() and "__pycache__" not in p.parts):
        found = word.search(path.read_text("utf-8"))
        assert not found, f"{path.relative_to(ROOT)} names {found.group()}"
