"""Answers are compared by their numbers, whatever form they come in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.diagnosis.evidence import APART, apart, comparable, distance, read
from autograder.wire.values import Opaque

numbers = hnp.arrays(
    np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.just(0.0) | st.floats(1e-3, 1e6)
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | numbers,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(numbers)
def test_an_array_is_at_no_distance_from_itself(array):
    assert distance(array, array) == 0


@given(numbers, st.floats(0.02, 1e3))
def test_another_scale_is_apart(array, share):
    if array.any():
        assert distance(array * (1 + share), array) > APART


@given(numbers)
def test_rounding_is_not(array):
    assert distance(array * (1 + 1e-12), array) <= 1
    assert distance(array.astype(np.float32), array) <= 1


@given(anything)
def test_any_answer_can_be_read(value):
    [answer] = read([{"value": value}])
    assert all(isinstance(part, np.ndarray) for part in answer.numbers.values())
    assert apart(answer, answer, answer.paths) in (0.0, np.inf)  # text arrays and the like hold no numbers


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([1.0, 2.0], np.array([1.0, 2.0]), True),
        ([[1.0], [2.0]], np.array([[1.0], [2.0]]), True),
        ([np.ones(2), np.ones(3)], (np.ones(2), np.ones(3)), True),
        (np.float64(3), np.array([[3.0]]), True),
        (3, 3.0, True),
        (True, 1.0, True),
        (np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), True),
        (np.array([np.inf]), np.array([-np.inf]), False),
        (np.ones(2), np.ones(3), False),
        (np.ones((2, 1)), np.ones(2), False),
    ],
)
def test_the_form_does_not_matter_and_the_shape_does(one, other, same):
    first, second = read([{"value": one}, {"value": other}])
    assert first.paths == second.paths
    assert (apart(first, second, first.paths) <= 1) is same


def test_exceptions_agree_with_their_kind_only():
    errors = read([{"error": {"type": "ValueError"}}, {"error": {"type": "TypeError"}}, {"value": 1.0}])
    assert apart(errors[0], errors[0], frozenset()) == 0
    assert apart(errors[0], errors[1], frozenset()) == np.inf
    assert apart(errors[0], errors[2], frozenset()) == np.inf


def test_what_only_one_of_two_returns_is_left_out():
    student = read([{"value": (np.ones(2), {"own": np.ones(3), "shared": 1.0})}])
    right = read([{"value": (np.ones(2), {"shared": 2.0, "cache": Opaque("X")})}])
    assert comparable(student, right) == [frozenset({(0,), (1, "shared")})]
