"""What students are given for part 4, without any framework."""

import ast
import hashlib
import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.checking.fixtures import reference_module
from autograder.intake.arrays import read_arrays

ROOT = Path(__file__).parents[2]
ASSIGNMENT = load(ROOT)
SOURCE = ROOT / "reference" / "framework.py"
FILE = ROOT / "reference" / "framework.npz"


@pytest.fixture
def handout(monkeypatch):
    """The module as students have it, beside the reference in place of their own work."""
    monkeypatch.setitem(sys.modules, "mlp", reference_module(ASSIGNMENT.reference))
    spec = importlib.util.spec_from_file_location("framework", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_framework_is_imported_before_it_is_used():
    top = [
        n for n in ast.parse(SOURCE.read_text("utf-8")).body if isinstance(n, (ast.Import, ast.ImportFrom))
    ]
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    assert names | {node.module for node in top if isinstance(node, ast.ImportFrom)} == {
        "copy",
        "hashlib",
        "itertools",
        "pathlib",
        "numpy",
        "mlp",
    }


def test_the_data_are_the_spirals_in_an_order_of_the_students_own(handout):
    X, Y = handout.framework_data("ada")
    again, _ = handout.framework_data("ada")
    other, _ = handout.framework_data("grace")
    with np.load(ROOT / "reference/data/spirals.npz") as stored:
        given = np.column_stack([stored["X_train"].astype(np.float32), np.eye(3)[stored["y_train"]]])
    assert np.array_equal(X, again) and not np.array_equal(X, other)
    rows = np.column_stack([X, Y])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, given))
    assert np.mean(np.all(rows == given, axis=1)) < 0.05


def test_the_references_own_network_agrees_with_the_references_file(handout, capsys):
    handout.compare_framework(FILE)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert all(float(line.split()[-1]) < 1e-6 for line in lines), lines


def test_the_references_file_is_as_it_was_made_and_holds_what_the_text_says():
    digest, name = (FILE.with_suffix(".sha256")).read_text("utf-8").split()
    assert name == FILE.name and hashlib.sha256(FILE.read_bytes()).hexdigest() == digest
    text = SOURCE.read_text("utf-8")
    told = set(re.findall(r"^# \| `sequential_(\w+?)(?:_W1)?`", text, re.MULTILINE))
    arrays = read_arrays(FILE.read_bytes())
    kinds = {re.sub(r"_[Wb]\d$", "", key.partition("_")[2]) for key in arrays if key.startswith("sequential")}
    assert told == kinds == {"weights", "outputs", "loss", "gradient", "sgd", "momentum"}
    others = {key for key in arrays if not key.startswith(("sequential_", "functional_"))}
    assert others == {"student_id", "X", "Y"}
    assert arrays["X"].shape == (300, 2) and arrays["Y"].shape == (300, 3)


@pytest.mark.parametrize("student_id", ["", "  "])
def test_a_student_id_is_asked_for(handout, student_id, tmp_path):
    with pytest.raises(ValueError, match="student_id must be yours"):
        handout.save_keras(tmp_path / "framework.npz", student_id, None, None)
    assert list(tmp_path.iterdir()) == []


def test_another_network_is_refused_with_its_shapes(handout):
    weights = [np.zeros(shape) for shape in ((2, 16), (16,), (16, 3), (3,))]
    with pytest.raises(
        ValueError, match=r"must be 2-16-8-3, with biases; .* \(2, 16\), \(16,\), \(16, 3\), \(3,\)"
    ):
        handout._named("weights", weights)
