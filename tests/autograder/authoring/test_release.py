"""What students get: checks that say what the grader says, need NumPy only, and give nothing away."""

import ast
import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.authoring.release import PACKAGE, numbers_of, pruned, release
from autograder.checking.fixtures import Fixtures, load_arrays
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import collect
from autograder.diagnosis import variants
from autograder.errors import GraderFault, UsageError
from autograder.model.result import PASSED

ROOT = Path(__file__).parents[3]
ASSIGNMENT = load(ROOT)
SOURCE = variants.of(ASSIGNMENT.reference)
SLOW = ("compare_", "task", "MLP", "train")
# Every seventh of the mistakes in functions that are quick to check: all of them take minutes.
MISTAKES = [
    m
    for m in read_mistakes(ASSIGNMENT.mistakes)
    if len(m.components) == 1 and not m.components[0].startswith(SLOW)
][::7]
ONLY_NUMPY = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in {"numpy", "check", "homework_checks"} and top not in sys.stdlib_module_names:
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, Refuse())
from check import check
print(check("softmax"))
print(check("relu"))
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release") / "homework"
    left = release(ASSIGNMENT, folder)
    trains = ["task.xor", "task.regression", "task.spirals", "task.digits"]
    reads_a_file = [f"framework.{name}" for name in ("outputs", "loss", "gradients", "sgd", "momentum")]
    assert left == trains + reads_a_file
    return folder


@pytest.fixture(scope="module")
def public(bundle):
    """The bundle's own checks, as its front uses them."""
    sys.path.insert(0, str(bundle))
    try:
        run = importlib.import_module(f"{PACKAGE}.public.run")
        yield run.PublicChecks(bundle / PACKAGE, bundle / "data")
    finally:
        sys.path.remove(str(bundle))
        for name in [n for n in sys.modules if n.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


@pytest.fixture(scope="module")
def checks():
    return collect(ASSIGNMENT)


def test_the_reference_passes_all(public):
    findings = [f for name in ("part1", "part2") for f in public.run(SOURCE.namespace(), name)]
    assert len(findings) >= 40
    assert [f.id for f in findings if f.status != PASSED] == []


def test_most_points_are_decided_and_the_bonus_is_none_of_them(public):
    points = {c.id: c.points for c in ASSIGNMENT.rubric.checks if c.part not in ASSIGNMENT.rubric.bonus_parts}
    here = [c["id"] for part in public.parts for c in part.checks]
    assert public.max_score == sum(points.values()) == 100
    assert public.decided == sum(points[check_id] for check_id in here) > 90


def test_checks_have_the_numbers_of_the_homework(public):
    assert [check["id"] for check in public.select("1.10")] == ["accuracy"]
    assert {check["id"].partition(".")[0] for check in public.select("3.2")} == {
        "dropout_mask",
        "dropout_forward",
        "dropout_backward",
    }
    with pytest.raises(ValueError, match="is left to the grader"):
        public.select("2.9")


def test_only_docstrings_that_begin_with_a_number_have_one():
    source = '''
def f():
    """1.10 Rows."""

class C:
    """2.3.4
    More."""

def g():
    """1 thing, or 2.5"""

def h():
    """10.5cm"""

def k():
    pass
'''
    assert numbers_of(source) == {"f": "1.10", "C": "2.3.4"}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.id)
def test_verdicts_agree_with_the_graders(mistake, public, checks):
    (name,) = mistake.components
    namespace = SOURCE.namespace(mistake.changes)
    known = [c["id"] for part in public.parts for c in part.checks if c["id"].partition(".")[0] == name]
    if not known:
        pytest.skip("a hidden check")
    fixtures = Fixtures(ASSIGNMENT, InProcessSession(SOURCE.namespace(mistake.changes)), ASSIGNMENT.seed)
    graded = {check_id: fixtures.run(checks[check_id], check_id).status for check_id in known}
    here = {f.id: f.status for f in public.run(namespace, name)}
    assert {i for i, s in here.items() if s == PASSED} == {i for i, s in graded.items() if s == PASSED}


def test_what_builds_on_a_broken_piece_is_left_open(public):
    (broken,) = [m for m in read_mistakes(ASSIGNMENT.mistakes) if m.id == "relu__leaky"]
    findings = public.run(SOURCE.namespace(broken.changes), "MLP.gradients")
    assert [f.status for f in findings] == ["open"]
    assert "Mend relu first. " in findings[0].message


def test_with_many_pieces_broken_a_message_is_short_and_names_what_the_check_calls(public):
    namespace = SOURCE.namespace()
    for name in public.below("MLP"):  # each with code of its own
        exec(f"def {name}(*args, **kwargs):\n    raise ValueError('no')", namespace)
    findings = {f.id: f for f in public.run(namespace, "MLP")}
    assert {f.status for f in findings.values()} == {"open"}
    assert {f.mend for f in findings.values()} == {("init_weights",)}
    assert all(len(f.message) <= 180 for f in findings.values())


def test_an_unknown_name_is_answered_with_those_that_are_known(public):
    with pytest.raises(ValueError, match="is softmax meant"):
        public.run({}, "sofmax")
    with pytest.raises(ValueError, match="left to the grader"):
        public.run({}, "gradient_check")


def test_a_file_with_a_broken_statement_is_checked_all_the_same(bundle, tmp_path):
    folder = tmp_path / "homework"
    shutil.copytree(bundle, folder)
    text = ASSIGNMENT.reference.read_text("utf-8").replace("def sigmoid(Z):", "def sigmoid(Z:", 1)
    (folder / "mlp.py").write_text(text + "\nexit()\n", "utf-8")
    command = [sys.executable, "check.py", "one_hot", "sigmoid"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert "SyntaxError" in done.stdout
    assert "mlp.py: 1 of 1 points" in done.stdout
    assert "mlp.py: 0 of 2 points" in done.stdout


def test_an_interrupt_ends_the_check_that_is_running(public):
    namespace = SOURCE.namespace()

    def relu(Z):
        raise KeyboardInterrupt

    namespace["relu"] = relu
    statuses = {f.id: f.status for f in public.run(namespace, "part1")}
    assert statuses.pop("relu") == "interrupted"
    assert set(statuses.values()) == {PASSED}


def test_numpy_is_enough(bundle):
    done = subprocess.run(
        [sys.executable, "-c", ONLY_NUMPY], cwd=bundle, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "softmax.values" in done.stdout
    assert "not written" in done.stdout


def test_in_a_notebook_the_cells_are_checked_and_a_rich_result_is_shown(bundle, tmp_path):
    folder = tmp_path / "homework"
    shutil.copytree(bundle, folder)
    (folder / "mlp.py").unlink()
    cells = [
        "import numpy as np\nfrom check import check",
        "def relu(Z):\n    return np.maximum(Z, 0)",
        "def sigmoid(Z):\n    return Z",
        "check('relu')",
        "check(sigmoid)",
        "def sigmoid(Z):\n    return np.exp(-np.logaddexp(0, -Z))",
        "check('sigmoid')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}})
    client.execute()
    relu, wrong, mended = (notebook.cells[at].outputs[0].data for at in (3, 4, 6))
    assert "Your cells: 1 of 1 points" in relu["text/plain"]
    assert "Your cells: 0 of 2 points" in wrong["text/plain"]
    assert "<table" in wrong["text/html"] and "script" not in wrong["text/html"]
    assert "Your cells: 2 of 2 points" in mended["text/plain"]


def test_in_a_notebook_an_interrupt_and_the_time_limit_end_one_check(bundle, tmp_path):
    folder = tmp_path / "homework"
    shutil.copytree(bundle, folder)
    table = folder / PACKAGE / "checks.json"
    table.write_text(table.read_text("utf-8").replace('"timeout_s": 5', '"timeout_s": 0.2'), "utf-8")
    cells = [
        "import os, signal, threading\nimport numpy as np\nfrom check import check",
        "def later():\n    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()",
        "def relu(Z):\n    later()\n    while True:\n        pass",
        "def sigmoid(Z):\n    n = 0\n    while True:\n        n += 1",
        "def one_hot(y, num_classes):\n    return np.eye(num_classes)[y]",
        "check('relu')",
        "check('part1')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}})
    client.execute()
    relu, part = (notebook.cells[at].outputs[0].data["text/plain"] for at in (5, 6))
    assert (
        "Interrupted in relu, line 3 of its cell (while True:)." in relu
        or "line 4 of its cell (pass)" in relu
    )
    assert "Stopped after 0.6 s in sigmoid, line " in part
    assert "Your cells: 1 of 17 points" in part


def test_nothing_of_a_solution_is_in_it(bundle):
    template = (bundle / "mlp.py").read_text("utf-8")
    secrets = set()
    for node in ast.walk(ast.parse(ASSIGNMENT.reference.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            for statement in node.body:
                if not isinstance(statement, (ast.Expr, ast.FunctionDef)):
                    lines = ast.get_source_segment(ASSIGNMENT.reference.read_text("utf-8"), statement)
                    secrets |= {line.strip() for line in lines.splitlines() if len(line.strip()) > 30}
    secrets = {secret for secret in secrets if secret not in template}
    assert len(secrets) > 100
    texts = [p.read_text("utf-8") for p in bundle.rglob("*") if p.suffix in (".py", ".json", ".md", ".ipynb")]
    assert [secret for secret in sorted(secrets) if any(secret in text for text in texts)] == []


def test_nothing_hidden_is_in_it(bundle):
    everything = b"\n".join(p.read_bytes() for p in sorted(bundle.rglob("*")) if p.is_file())
    hidden = [c.id for c in ASSIGNMENT.rubric.checks if c.visibility != "visible"]
    assert hidden
    source = (ASSIGNMENT.checks / "test_part2_gradients.py").read_text("utf-8")
    assert "functions_with_gradients" in source  # what the hidden check alone uses
    assert b"functions_with_gradients" not in everything
    assert b"test_gradient_check" not in everything
    for words in (b"[training", b'"told"', b"nudge =", b"explanation ="):
        assert words not in everything
    for name in ("spirals", "digits"):
        for key, array in load_arrays(ASSIGNMENT.data / f"{name}.npz").items():
            if key == "X_test":
                assert np.ascontiguousarray(array[:4]).tobytes() not in everything
                with np.load(bundle / "data" / f"{name}.npz") as given:
                    assert key not in given.files


def test_what_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("work", "utf-8")
    with pytest.raises(UsageError, match="new folder"):
        release(ASSIGNMENT, tmp_path)


def test_messages_are_escaped(public):
    namespace = SOURCE.namespace()

    def softmax(Z):
        raise ValueError("<script>alert(1)</script>")

    namespace["softmax"] = softmax
    show = importlib.import_module(f"{PACKAGE}.public.show")
    shown = show.Shown(public, public.run(namespace, "softmax"), "mlp.py")
    assert "<script>" in repr(shown)
    assert "<script>" not in shown._repr_html_()
    assert "0 of 3 points" in shown._repr_html_()


def test_pruning_keeps_what_is_used():
    source = '''"""Doc."""
import numpy as np
A = 1
B = 2


def helper():
    return A


@check("one")
def test_one(student):
    helper()


@check("two")
def test_two(student):
    print(B)
'''
    kept = pruned(source, {"one"})
    assert "helper" in kept
    assert "A = 1" in kept
    assert "B = 2" not in kept
    assert "two" not in kept
    assert pruned(source, set()) == ""
    assert json.dumps(kept)


@pytest.mark.parametrize(
    "definition",
    [
        "A: int = 1",
        "A, B = 1, 2",
        "if NUMPY2:\n    A = 1\nelse:\n    A = 2",
        "try:\n    from math import tau as A\nexcept ImportError:\n    A = 6.28",
        "with context() as A:\n    pass",
        "for A in range(3):\n    pass",
        "class A:\n    pass",
        "async def A():\n    pass",
    ],
)
def test_every_kind_of_definition_is_kept_if_it_is_used_and_only_then(definition):
    source = f"""{definition}


@check("one")
def test_one(student):
    print(A)


@check("two")
def test_two(student):
    pass
"""
    assert definition in pruned(source, {"one"})
    assert "from" in definition or definition not in pruned(source, {"two"})


def test_a_folder_whose_checks_fail_with_the_reference_is_the_graders_fault(tmp_path, monkeypatch):
    def without_helpers(source, ids):
        return pruned(source, ids).replace("def _", "def lost_")

    monkeypatch.setattr("autograder.authoring.release.pruned", without_helpers)
    with pytest.raises(GraderFault, match=r"its checks fail with the reference: .+"):
        release(ASSIGNMENT, tmp_path / "homework")
