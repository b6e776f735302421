"""Which functions a submission makes of which others is read from its text."""

import json

import pytest

from autograder.intake.calls import uses_of
from autograder.model.submission import Submission

NAMES = ("forward", "backward", "loss", "train", "Net")
CASES = {
    "a call": ("def backward(x): return forward(x)", {"backward": {"forward"}}),
    "through a helper": (
        "def _half(x): return forward(x) / 2\ndef backward(x): return _half(x)",
        {"backward": {"forward"}},
    ),
    "through another one": (
        "def forward(x): return loss(x)\ndef backward(x): return forward(x)",
        {"forward": {"loss"}, "backward": {"forward", "loss"}},
    ),
    "a class": ("class Net:\n    def step(self): return [forward(1)]", {"Net": {"forward"}}),
    "a value": ("backward = lambda x: forward(x)", {"backward": {"forward"}}),
    "the last of two": (
        "def backward(x): pass\ndef backward(x): return forward(x)",
        {"backward": {"forward"}},
    ),
    "in a circle": (
        "def forward(x): return backward(x)\ndef backward(x): return forward(x)",
        {"forward": {"backward"}, "backward": {"forward"}},
    ),
    "an argument": ("def forward(x, train): return x if train else 0", {}),
    "a variable": ("def forward(x):\n    loss = x\n    return loss", {}),
    "itself": ("def forward(x): return forward(x - 1)", {}),
    "other names": ("def forward(x): return backwards(x)", {}),
    "no Python": ("def forward(x: return backward(x)", {}),
    "nothing": ("", {}),
    "too deep": ("x = " + "(" * 5000 + ")" * 5000, {}),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
def test_what_a_module_uses(source, expected):
    made = Submission("ada", "module", "work.py", {"work.py": source.encode()})
    assert uses_of(made, NAMES) == expected


def test_cells_of_a_notebook_are_read_one_by_one():
    cells = ["%matplotlib inline\ndef backward(x):\n    return forward(x)", "def loss(:", "def forward(x): 1"]
    content = {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}
    made = Submission("ada", "notebook", "work.ipynb", {"work.ipynb": json.dumps(content).encode()})
    assert uses_of(made, NAMES) == {"backward": {"forward"}}
