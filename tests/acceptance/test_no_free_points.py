"""What does no work earns no points."""

import ast
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.pipeline import grade

ASSIGNMENT = load(Path(__file__).parents[2])
# A check of something random or constant may be satisfied by chance: zeros are right initial weights.
AT_MOST = 3.0

CONSTANTS = {
    "zero": "0",
    "none": "None",
    "nan": 'float("nan")',
    "true": "True",
    "first_argument": "first(args, kwargs)",
}
FIRST = """
def first(args, kwargs):
    return next(iter([*args, *kwargs.values()]), None)
"""


def public_names() -> tuple[list[str], dict[str, list[str]]]:
    """Functions of the reference, and its classes with their public methods."""
    body = ast.parse(ASSIGNMENT.reference.read_text("utf-8")).body
    functions = [n.name for n in body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"]
    classes = {
        n.name: [m.name for m in n.body if isinstance(m, ast.FunctionDef) and m.name[0] != "_"]
        for n in body
        if isinstance(n, ast.ClassDef)
    }
    return functions, classes


def with_classes_as_functions(constant: str) -> str:
    functions, classes = public_names()
    return FIRST + "".join(
        f"\ndef {name}(*args, **kwargs):\n    return {constant}\n" for name in [*functions, *classes]
    )


def with_classes(constant: str) -> str:
    functions, classes = public_names()
    source = FIRST + "".join(f"\ndef {name}(*args, **kwargs):\n    return {constant}\n" for name in functions)
    for name, methods in classes.items():
        source += f"\nclass {name}:\n    def __init__(self, *args, **kwargs):\n        pass\n"
        for method in methods:
            source += f"\n    def {method}(self, *args, **kwargs):\n        return {constant}\n"
    return source


def graded(folder: Path, source: str) -> dict:
    path = folder / "mlp.py"
    path.write_text(source, "utf-8")
    everything = {check.id for check in ASSIGNMENT.rubric.checks}
    report = grade(path, ASSIGNMENT, entry=None, seed=ASSIGNMENT.seed, selected=everything)
    assert report["status"] == "graded", report["message"]
    return report


def test_an_empty_file_earns_nothing(tmp_path):
    assert graded(tmp_path, "")["score"] == 0


@pytest.mark.parametrize("module", [with_classes_as_functions, with_classes], ids=["functions", "classes"])
@pytest.mark.parametrize("constant", CONSTANTS)
def test_constant_answers_earn_next_to_nothing(constant, module, tmp_path):
    report = graded(tmp_path, module(CONSTANTS[constant]))
    earned = {c["id"]: c["score"] for c in report["checks"] if c["score"] > 0}
    assert report["score"] <= AT_MOST / 100 * report["max_score"], earned
