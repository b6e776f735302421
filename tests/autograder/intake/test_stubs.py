"""Whether a file still is the template is told from its functions, not from its bytes."""

import pytest

from autograder.intake.stubs import is_untouched, written

TEMPLATE = '''"""Homework."""
import numpy as np


def double(x):
    """1.1 Twice x."""
    raise NotImplementedError("1.1 double")


class Net:
    """1.2 A network."""

    def loss(self, X):
        """1.2 Its loss."""
        raise NotImplementedError("1.2 Net.loss")


def plot(x):
    """Given."""
    print(x)
'''


@pytest.mark.parametrize(
    "source",
    [
        TEMPLATE,
        TEMPLATE.replace("Twice x", "An older text").replace("\n", "\r\n"),
        TEMPLATE + "# a comment\nprint(double)\nscratch = 3\n",
        TEMPLATE.replace('    raise NotImplementedError("1.1 double")', "    raise NotImplementedError"),
        "",
        "%matplotlib inline\n" + TEMPLATE,
        TEMPLATE.partition("class Net")[0],
    ],
)
def test_texts_scratch_code_and_missing_parts_are_no_work(source):
    assert is_untouched(source, TEMPLATE)


@pytest.mark.parametrize(
    "source",
    [
        TEMPLATE.replace('    raise NotImplementedError("1.1 double")', "    return 2 * x"),
        TEMPLATE.replace('        raise NotImplementedError("1.2 Net.loss")', "        return 0.0"),
        TEMPLATE + "\n\ndef helper(x):\n    return x\n",
        TEMPLATE.replace('    raise NotImplementedError("1.1 double")', "    pass"),
        TEMPLATE.replace("print(x)", "print(x, x)"),
        TEMPLATE + "\ndef broken(:\n",
    ],
)
def test_a_function_that_was_written_is_work(source):
    assert not is_untouched(source, TEMPLATE)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (TEMPLATE, []),
        ("def other(x):\n    return x\n", []),
        (TEMPLATE.replace('    raise NotImplementedError("1.1 double")', "    return 2 * x"), ["double"]),
        ("def plot(x):\n    return x\n\n\nclass Net:\n    pass\n", ["plot", "Net"]),
        ("def double(x):\n    return 2 * x)\n", ["double"]),
    ],
)
def test_what_was_written_is_named(source, names):
    assert written(source, TEMPLATE) == names
