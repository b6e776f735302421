"""Every check meets answers of every kind: the submission loses its points, the grader never stumbles."""

import sys
import warnings
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.pipeline import grade

ROOT = Path(__file__).parents[2]
ANSWERS = {
    "nothing": "None",
    "a truth value": "True",
    "not a number": "float('nan')",
    "infinity": "np.float64('inf')",
    "a huge integer": "1 << 4000",
    "a complex number": "1j",
    "a text": "'x'",
    "an empty array": "np.empty((0, 3))",
    "an array of truth values": "np.array([True, False])",
    "an array of complex numbers": "np.array([1j, 2j])",
    "an array of integers": "np.arange(3, dtype=np.uint8)",
    "an array of half precision": "np.full((2, 3), 65504, np.float16)",
    "an array of sixteen dimensions": "np.zeros((1,) * 16)",
    "a ragged list": "[[1], [1, 2]]",
    "a nested list": "[[[[[[[[1]]]]]]]]",
    "a list of arrays": "[np.zeros(2), np.zeros(3)]",
    "an empty dictionary": "{}",
    "a dictionary of odd keys": "{1: 2, 'a': None, 2.5: [], True: {}}",
    "a dictionary of what is asked": "{k: np.array([1j]) for k in ('W1', 'b1', 'train_loss', 'he', 'adam', 'x')}",
    "an empty tuple": "()",
    "a tuple of everything": "(None, np.zeros(1), {'W1': 'x'})",
    "an object": "object()",
    "a function": "len",
}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers are POSIX processes")


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_answer_makes_a_check_fail_itself(tmp_path, answer):
    """The serving loop itself is replaced, so that also what is no call answers so."""
    (tmp_path / "mlp.py").write_text(
        "import numpy as np\nfrom autograder.worker import serve\n\n"
        f"serve._Line.run = lambda self, steps: [{{'value': {answer}}} for _ in steps]\n"
    )
    assignment = load(ROOT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in the command
        report = grade(
            tmp_path, assignment, entry=None, seed=1, selected={c.id for c in assignment.rubric.checks}
        )
    assert report["status"] == "graded", report["message"]
    earned = {c["id"]: c["score"] for c in report["checks"] if c["score"]}
    assert not earned
