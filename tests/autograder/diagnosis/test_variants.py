"""Variants are the reference with some functions changed, whole or in part."""

import numpy as np
import pytest

from autograder.diagnosis.variants import Variants
from autograder.errors import GraderFault
from autograder.model.mistake import Change

SOURCE = '''"""A homework."""

import numpy as np

EPS = 1e-3


def twice(x):
    """Two times x."""
    return 2 * x


def four_times(x):
    return twice(twice(x))


class Counter:
    """Counts."""

    def __init__(self):
        self.n = 0

    def step(self):
        self.n += 1
        return self.n

    def back(self):
        self.n -= 1
        return self.n
'''


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "homework.py"
    path.write_text(SOURCE)
    return Variants(path)


def test_without_changes_it_is_the_reference(source):
    names = source.namespace()
    assert (names["four_times"](3), names["Counter"]().step(), names["EPS"]) == (12, 1, 1e-3)


def test_what_calls_a_changed_function_sees_the_change(source):
    names = source.namespace([Change("twice", "2 * x", "3 * x")])
    assert names["four_times"](1) == 9
    assert source.namespace()["four_times"](1) == 4


def test_a_method_is_changed_where_its_text_stands_in_others_too(source):
    counter = source.namespace([Change("Counter.back", "return self.n", "return -self.n")])["Counter"]()
    assert (counter.step(), counter.step(), counter.back()) == (1, 2, -1)


def test_several_changes_go_together(source):
    changes = [
        Change("Counter.step", "+= 1", "+= 2"),
        Change("Counter.__init__", "= 0", "= 5"),
        Change("twice", "2", "1"),
    ]
    names = source.namespace(changes)
    assert (names["Counter"]().step(), names["four_times"](7)) == (7, 7)


def test_a_whole_function_takes_the_place_of_another(source):
    assert (
        source.namespace([Change("twice", None, "def twice(x):\n    return np.add(x, x) + 1\n")])["twice"](2)
        == 5
    )


def test_the_text_is_that_of_the_namespace(source):
    changes = [Change("Counter.step", "+= 1", "+= 2"), Change("twice", None, "def twice(x):\n    return 0\n")]
    names = {}
    exec(compile(source.source(changes), "x", "exec"), names)
    assert (names["Counter"]().step(), names["four_times"](7)) == (2, 0)
    assert source.source([]) == SOURCE


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Change("twice", "3 * x", ""), "occurs 0 times in twice"),
        (Change("Counter", "return self.n", ""), "occurs 2 times in Counter"),
        (Change("thrice", "x", "y"), "has no 'thrice'"),
        (Change("Counter.jump", "x", "y"), "no method 'jump'"),
        (Change("twice", "2 * x", "2 * x"), "changes nothing"),
    ],
)
def test_a_change_that_does_not_fit_is_said(source, change, sentence):
    with pytest.raises(GraderFault) as error:
        source.namespace([change])
    assert sentence in str(error.value)


def test_namespaces_share_nothing(source):
    one, other = source.namespace(), source.namespace()
    one["Counter"].n = 7
    assert not hasattr(other["Counter"], "n")
    assert one["twice"](np.ones(2)).tolist() == [2, 2]
