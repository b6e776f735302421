"""Imports go one way: a file may import from lower layers and from its own package."""

import ast
from pathlib import Path

import pytest

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
    "cli": 11,
    "__main__": 12,
    "__init__": 12,
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


def test_the_engine_knows_no_homework():
    for path in FILES:
        source = path.read_text("utf-8")
        for word in ("softmax", "MLP", "spirals", "dropout", "Adam", "relu"):
            code = "\n".join(line for line in source.splitlines() if not line.strip().startswith(("#", '"')))
            tree_names = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}
            assert word not in tree_names, f"{path}: {word}"
            assert f'"{word}' not in code.replace('"softmax.', "#"), f"{path}: {word}"
