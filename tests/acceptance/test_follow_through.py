"""One broken piece costs its own points and nothing else: composites are judged again with the reference."""

from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.pipeline import grade

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "reference" / "mlp.py").read_text("utf-8")

# what is planted, the text it replaces, and the subjects whose checks may lose points
CASES = {
    "no_bias": ("    return X @ W + b\n", "    return X @ W\n", {"linear_forward"}),
    "leaky_relu": ("return np.maximum(0.0, Z)", "return np.maximum(0.1 * Z, Z)", {"relu"}),
    "reversed_difference": ("(above - below) / (2 * h)", "(below - above) / (2 * h)", {"numerical_gradient"}),
    "missing_dropout": ("def dropout_forward(", "def dropout_forward_later(", {"dropout_forward"}),
    "ascent": (
        "optimizer.step(model.params, grads)",
        "optimizer.step(model.params, {k: -g for k, g in grads.items()})",
        {"train"},
    ),
    "relu_on_the_output": (
        "    def _output(self, Z):\n",
        "    def _output(self, Z):\n        Z = relu(Z)\n",
        {"MLP"},
    ),
}


@pytest.fixture(scope="module")
def assignment():
    return load(ROOT)


@pytest.mark.parametrize("name", CASES)
def test_a_broken_piece_costs_its_own_points_only(name, assignment, tmp_path):
    old, new, allowed = CASES[name]
    assert SOURCE.count(old) == 1
    path = tmp_path / "mlp.py"
    path.write_text(SOURCE.replace(old, new), "utf-8")
    everything = {c.id for c in assignment.rubric.checks}
    report = grade(path, assignment, entry=None, seed=assignment.seed, selected=everything)
    lost = {c["id"].partition(".")[0] for c in report["checks"] if c["score"] < c["max_score"]}
    assert lost == allowed
    counted = [c for c in report["checks"] if (c["follow_through"] or {}).get("counted") == "with_reference"]
    assert counted, "nothing was judged again"
    for check in counted:
        assert check["follow_through"]["own_chain"] != "passed"
        assert set(check["follow_through"]["replaced"]) <= allowed
    aided = {record["check"] for record in report["training"] if record.get("with_reference")}
    assert aided == {check["id"] for check in counted if check["id"].startswith("task.")}


def test_a_task_needs_something_of_the_students(assignment, tmp_path):
    """Where neither network nor training loop are the student's, there is nothing to follow through."""
    source = SOURCE.replace("class MLP:", "class Network:").replace("def train(", "def train_later(")
    path = tmp_path / "mlp.py"
    path.write_text(source, "utf-8")
    tasks = {c.id for c in assignment.rubric.checks if c.id.startswith("task.")}
    report = grade(path, assignment, entry=None, seed=assignment.seed, selected=tasks)
    assert report["score"] == 0


def test_one_function_selected_is_judged_like_in_a_full_run(assignment, tmp_path):
    path = tmp_path / "mlp.py"
    path.write_text(SOURCE.replace(*CASES["leaky_relu"][:2]), "utf-8")
    report = grade(path, assignment, entry=None, seed=assignment.seed, selected={"MLP.predict_proba"})
    (check,) = report["checks"]
    assert check["score"] == 1
    assert check["follow_through"]["replaced"] == ["relu"]


def test_credit_of_the_rubric_counts(assignment, tmp_path):
    from dataclasses import replace

    rule = replace(assignment.rubric.follow_through, credit=0.5)
    half = replace(assignment, rubric=replace(assignment.rubric, follow_through=rule))
    path = tmp_path / "mlp.py"
    path.write_text(SOURCE.replace(*CASES["leaky_relu"][:2]), "utf-8")
    report = grade(path, half, entry=None, seed=assignment.seed, selected={"MLP.loss"})
    (check,) = report["checks"]
    assert (check["score"], check["status"], check["reason"]) == (0.5, "partial", "follow_through")


def test_a_piece_that_never_returns_is_waited_for_once(assignment, tmp_path):
    """Composites made of it are not run in the student's own chain; they are judged with the reference at once."""
    from dataclasses import replace

    rubric = assignment.rubric
    quick = replace(
        assignment, rubric=replace(rubric, checks=tuple(replace(c, timeout_s=1.0) for c in rubric.checks))
    )
    source = SOURCE.replace("    return np.maximum(0.0, Z)", "    while True:\n        pass")
    path = tmp_path / "mlp.py"
    path.write_text(source, "utf-8")
    chosen = {c.id for c in rubric.checks if c.id == "relu" or c.id.startswith("MLP.")}
    report = grade(path, quick, entry=None, seed=assignment.seed, selected=chosen)
    lost = {c["id"]: c["status"] for c in report["checks"] if c["score"] < c["max_score"]}
    assert lost == {"relu": "timeout"}
    notes = [c["follow_through"] for c in report["checks"] if c["id"] != "relu" and c["follow_through"]]
    assert notes
    assert all(n["own_chain"] == "timeout" and "did not return" in n["own_message"] for n in notes)
    assert report["timing"]["wall_s"] < 10
