"""Follow-through lends what stands below a function, so that nobody gains by asking the reference for an answer."""

from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.pipeline import grade

NETWORK = """
import numpy as np

def softmax(Z):
    m = MLP([Z.shape[1], Z.shape[1]], output="softmax")
    m.params = {"W1": np.eye(Z.shape[1]), "b1": np.zeros(Z.shape[1])}
    return m.predict_proba(Z)

def softmax_cce_backward(P, Y):
    m = MLP([len(P), P.shape[1]], output="softmax")
    m.params = {"W1": np.log(np.maximum(P, 1e-300)), "b1": np.zeros(P.shape[1])}
    return m.loss_and_grads(np.eye(len(P)), Y)[1]["W1"]
"""
EACH_OTHER = """
import numpy as np

def relu(Z):
    return relu_backward(Z, Z).tolist()

def relu_backward(dA, Z):
    return dA * (np.asarray(relu(Z)) > 0)
"""
LATER = """
class SGD(Momentum):
    def __init__(self, lr=0.01):
        super().__init__(lr, 0.0)
"""
BELOW = """
def dropout_forward(A, mask, rate):
    return A * mask

def dropout_backward(dA, mask, rate):
    return dropout_forward(dA, mask, rate)
"""


@pytest.fixture(scope="module")
def assignment():
    return load(Path(__file__).parents[2])


@pytest.mark.parametrize(
    ("code", "asked", "earned"),
    [
        (NETWORK, ("softmax", "softmax_cce_backward"), set()),
        (EACH_OTHER, ("relu", "relu_backward"), {"relu_backward"}),
        (LATER, ("SGD",), set()),
        (BELOW, ("dropout_forward", "dropout_backward"), {"dropout_backward"}),
    ],
    ids=["a network around it", "each other", "a later one", "an earlier one"],
)
def test_who_is_lent_what(assignment, tmp_path, code, asked, earned):
    path = tmp_path / "mlp.py"
    path.write_text(code, "utf-8")
    ids = {c.id for c in assignment.rubric.checks if c.id.partition(".")[0] in asked}
    report = grade(path, assignment, entry=None, seed=assignment.seed, selected=ids)
    assert {c["id"].partition(".")[0] for c in report["checks"] if c["score"]} == earned


def test_an_exception_does_not_tell_what_a_hidden_check_asked(assignment, tmp_path):
    path = tmp_path / "mlp.py"
    path.write_text(
        "SEEN = []\n"
        "def gradient_check(f, grad_f, x, tol=1e-6):\n"
        "    SEEN.append(x)\n"
        "    return 'wrong'\n"
        "def relu(Z):\n"
        "    raise ValueError(f'SEEN {len(SEEN)}')\n"
    )
    hidden = next(c for c in assignment.rubric.checks if c.id == "gradient_check")
    assert hidden.visibility != "visible"
    report = grade(path, assignment, entry=None, seed=assignment.seed, selected={"relu", "gradient_check"})
    (relu,) = [c for c in report["checks"] if c["id"] == "relu"]
    assert "SEEN 0" in relu["message"] and "SEEN 0" in relu["counterexample"]["snippet"]
