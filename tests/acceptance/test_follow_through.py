"""One broken piece costs its own points and nothing else: composites are judged again with the reference."""

from dataclasses import replace
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
    everything = {c.id for c in assignment.rubric.checks if c.part not in assignment.rubric.bonus_parts}
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
    rule = replace(assignment.rubric.follow_through, credit=0.5)
    half = replace(assignment, rubric=replace(assignment.rubric, follow_through=rule))
    path = tmp_path / "mlp.py"
    path.write_text(SOURCE.replace(*CASES["leaky_relu"][:2]), "utf-8")
    report = grade(path, half, entry=None, seed=assignment.seed, selected={"MLP.loss"})
    (check,) = report["checks"]
    assert (check["score"], check["status"], check["reason"]) == (0.5, "partial", "follow_through")


def test_a_piece_that_never_returns_is_waited_for_once(assignment, tmp_path):
    """Composites made of it are not run in the student's own chain; they are judged with the reference at once."""
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


LOOP = "    while True:\n        pass\n"
NO_PENALTY = ("return data_loss + penalty(weights, self.l1, self.l2)", "return data_loss")
LIST_OF_ROWS = ("    return E / E.sum(axis=1, keepdims=True)", "    return [e / e.sum() for e in E]")
TOGETHER = {
    "a loop below two pieces that are wrong by themselves": (
        [
            ("    return float(np.mean((P - Y) ** 2))\n", LOOP),
            NO_PENALTY,
            ('history["train_loss"].append(model.loss(X, Y))', 'history["train_loss"].append(0.0)'),
        ],
        ("mse_loss", "MLP.loss", "MLP.gradients_outputs", "train", "task.xor", "task.regression"),
        {"mse_loss", "MLP.loss", "train.trajectory"},
    ),
    "a crash below two pieces that agree with each other only": (
        [
            ("return np.maximum(0.0, Z)", "print(np.maximum(0.0, Z))"),
            (
                "return self._penalized_loss(P, Y), self._backward(P, Y, layers, masks)",
                "return self._backward(P, Y, layers, masks), self._penalized_loss(P, Y)",
            ),
            ("_, grads = model.loss_and_grads", "grads, _ = model.loss_and_grads"),
        ],
        ("relu", "MLP.predict_proba", "MLP.gradients", "train", "task.xor"),
        {
            *("relu", "MLP.gradients", "MLP.gradients_outputs", "MLP.gradients_penalty"),
            *("MLP.gradients_dropout", "MLP.gradients_batchnorm"),
        },
    ),
    "a list of lists": (
        [("    return X @ W + b\n", "    return (X @ W + b).tolist()\n")],
        ("linear_forward", "MLP"),
        set(),
    ),
    "a list of rows": ([LIST_OF_ROWS], ("softmax", "MLP"), set()),
    "a gradient by way of the forward function": (
        [
            ("    return A * mask / (1 - rate)\n", "    return A * mask\n"),
            ("    return dA * mask / (1 - rate)\n", "    return dropout_forward(dA, mask, rate)\n"),
        ],
        ("dropout_forward", "dropout_backward"),
        {"dropout_forward"},
    ),
    "a gradient by way of another one": (
        [
            ("    return dA * A * (1 - A)\n", "    return dA * A * (1 + A)\n"),
            (
                "    return (P - Y) / P.size\n",
                "    return sigmoid_backward((P - Y) / (P * (1 - P)) / P.size, P)\n",
            ),
        ],
        ("sigmoid_backward", "sigmoid_bce_backward"),
        {"sigmoid_backward"},
    ),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_mistakes_cost_what_each_costs_alone(name, assignment, tmp_path):
    edits, chosen, lost = TOGETHER[name]
    checks = tuple(
        replace(c, timeout_s=min(c.timeout_s, 20.0) if "." in c.id else 1.0) for c in assignment.rubric.checks
    )
    quick = replace(assignment, rubric=replace(assignment.rubric, checks=checks))
    report = graded(quick, tmp_path, edits, {c.id for c in checks if c.id.startswith(chosen)})
    assert {c["id"] for c in report["checks"] if c["score"] < c["max_score"]} == lost


def graded(assignment, folder, edits, selected):
    """The report of the reference with these edits."""
    source = SOURCE
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    (folder / "mlp.py").write_text(source, "utf-8")
    return grade(folder / "mlp.py", assignment, entry=None, seed=assignment.seed, selected=selected)


def test_what_is_left_with_the_reference_below_is_told_and_not_the_earlier_mistake(assignment, tmp_path):
    no_bias = CASES["no_bias"][:2]
    chosen = {"linear_forward", "MLP.loss"}
    alone, together = (
        graded(assignment, tmp_path, edits, chosen)["checks"][1]
        for edits in ([NO_PENALTY], [no_bias, NO_PENALTY])
    )
    assert alone["id"] == together["id"] == "MLP.loss"
    assert (together["message"], together["details"]) == (alone["message"], alone["details"])
    assert together["diagnosis"] == alone["diagnosis"] is not None
    assert together["follow_through"]["own_message"] != together["message"]
    assert together["counterexample"] is None, "what the student would see is the earlier mistake's"


def test_a_list_in_place_of_an_array_is_noted_where_it_is_returned(assignment, tmp_path):
    [check] = graded(assignment, tmp_path, [LIST_OF_ROWS], {"softmax.values"})["checks"]
    assert (check["status"], check["details"]) == ("passed", {"lists_for_arrays": ["softmax(Z)"]})
