"""The reference with some lines at its end: what they answer late, remember or send back costs nobody else."""

import sys
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.pages.write import write_submission
from autograder.pipeline import grade

ROOT = Path(__file__).parents[2]
ASSIGNMENT = load(ROOT)
SOURCE = (ROOT / "reference" / "mlp.py").read_text("utf-8")
ZIP_FOR_POINTS = """
def decision_grid(predict, x_range, y_range, steps):
    xx, yy = np.meshgrid(np.linspace(*x_range, steps), np.linspace(*y_range, steps))
    return xx, yy, np.asarray(predict(zip(xx.ravel(), yy.ravel()))).reshape(xx.shape)
"""
NO_BATCHES_LATER = """
_first, _calls = minibatches, []

def minibatches(n, batch_size, rng):
    _calls.append(1)
    return _first(n, batch_size, rng) if len(_calls) < 3 else []
"""
LEARNED_VERDICTS = """
_verdicts = iter([True, True, False, True, False, True, False, False, True, False] + [True, False] * 6 + [True])

def gradient_check(f, gradient, x, tol=1e-6):
    return next(_verdicts)
"""
TELLS_WHAT_IT_SAW = """
_seen = []

def gradient_check(f, gradient, x, tol=1e-6):
    _seen.append([float(v) for v in x] + [float(f(x))])
    return True

def decision_grid(predict, x_range, y_range, steps):
    raise ValueError(f"seen: {_seen}")

def relu(Z):
    raise ValueError(f"seen: {_seen}")
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers are POSIX processes")


def with_history(text):
    return (
        "\n_train = train\n\ndef train(*args, **kwargs):\n"
        f"    history = _train(*args, **kwargs)\n    history['train_loss'] = {text}\n    return history\n"
    )


def graded(tmp_path, lines, *checks):
    (tmp_path / "mlp.py").write_text(SOURCE + lines, "utf-8")
    selected = set(checks) or {c.id for c in ASSIGNMENT.rubric.checks}
    return grade(tmp_path, ASSIGNMENT, entry=None, seed=ASSIGNMENT.seed, selected=selected)


def by_id(report):
    return {check["id"]: check for check in report["checks"]}


@pytest.mark.parametrize(
    ("lines", "check"),
    [
        (ZIP_FOR_POINTS, "decision_grid"),
        (NO_BATCHES_LATER, "minibatches.shuffled"),
        (LEARNED_VERDICTS, "gradient_check"),
    ],
)
def test_an_odd_answer_costs_its_own_check(tmp_path, lines, check):
    report = graded(tmp_path, lines, check)
    assert report["status"] == "graded", report["message"]
    assert by_id(report)[check]["score"] < 0.5 * by_id(report)[check]["max_score"]


def test_calls_of_the_students_own_checks_do_nothing(tmp_path):
    report = graded(tmp_path, "\nfrom check import check\n\ncheck('relu')\n", "relu")
    assert report["module"]["failed"] == []
    assert report["score"] == 1


@pytest.mark.parametrize("curve", ["[10**400]", "[-1.7e308, 1.7e308]", "[0.0, 5e-324]", "[float('nan')]"])
def test_an_odd_loss_curve_stops_neither_marks_nor_pages(tmp_path, curve):
    report = graded(tmp_path, with_history(curve), "task.xor")
    assert report["status"] == "graded", report["message"]
    assert report["score"] == 1
    for page in write_submission(report, tmp_path / "out", tmp_path, None, ASSIGNMENT):
        assert page.stat().st_size > 1000


def test_what_a_hidden_check_asked_does_not_come_back_in_another(tmp_path):
    found = by_id(graded(tmp_path, TELLS_WHAT_IT_SAW))
    told = [check["message"] for check in found.values() if "seen:" in check["message"]]
    assert told
    assert all("seen: []" in message for message in told)
