"""An answer is judged by kind, shape and value, in this order; NaN never passes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.checking.compare import (
    as_array,
    as_number,
    assert_all_close,
    assert_close,
    assert_equal,
    outputs,
    require,
)
from autograder.checking.lost_points import LostPoints
from autograder.model.rubric import Tolerance
from autograder.wire.values import Callback, Handle, Opaque, RandomGenerator

TOLERANCE = Tolerance(rtol=1e-6, atol=1e-9, rtol_single=1e-4, atol_single=1e-6)
WANTED = np.array([[1.1, -2.0], [0.5, 4.0]])  # 1.1 is no number of single precision


def lost(function, *args, **kwargs):
    with pytest.raises(LostPoints) as caught:
        function(*args, **kwargs)
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        WANTED,
        WANTED.tolist(),
        tuple(map(tuple, WANTED)),
        WANTED.astype(np.float32),
        WANTED + 4e-6,
        (WANTED + 3e-4).astype(np.float32),
        np.asfortranarray(WANTED),
    ],
    ids=lambda a: type(a).__name__,
)
def test_equal_answers_of_any_style_pass(answer):
    assert_close(answer, WANTED, TOLERANCE)


@pytest.mark.parametrize(
    ("answer", "status", "reason", "message"),
    [
        (None, "malformed", "wrong_kind", "it is None (is a return missing?)."),
        ("text", "malformed", "wrong_kind", "it is a text."),
        ({"a": 1}, "malformed", "wrong_kind", "it is a dict."),
        ([1, "x"], "malformed", "wrong_kind", "it is a list."),
        ([[1, 2], [3]], "malformed", "wrong_kind", "it is a list."),
        ((1, None), "malformed", "wrong_kind", "it is a tuple."),
        (Opaque("Sneaky"), "malformed", "wrong_kind", "it is an object of type Sneaky."),
        (Opaque("\x1b[2J\n\u202e"), "malformed", "wrong_kind", "it is an object of type [2J."),
        (Handle(1), "malformed", "wrong_kind", "it is something else."),
        (Callback(1), "malformed", "wrong_kind", "it is something else."),
        (RandomGenerator(1), "malformed", "wrong_kind", "it is something else."),
        (10**400, "malformed", "wrong_kind", "it is a number."),
        ([10**400], "malformed", "wrong_kind", "it is a list."),
        (WANTED + 0j, "malformed", "wrong_kind", "it is an array of shape (2, 2)."),
        (1.0, "failed", "wrong_shape", "has shape () (a single number); expected is (2, 2)."),
        (True, "failed", "wrong_shape", "has shape () (a single number); expected is (2, 2)."),
        (WANTED[0], "failed", "wrong_shape", "has shape (2,); expected is (2, 2)."),
        (WANTED[None], "failed", "wrong_shape", "has shape (1, 2, 2); expected is (2, 2)."),
        (WANTED[:0], "failed", "wrong_shape", "has shape (0, 2); expected is (2, 2)."),
        (WANTED * np.nan, "failed", "not_finite", "contains nan at index [0, 0]."),
        (np.where(WANTED == 4, -np.inf, WANTED), "failed", "not_finite", "contains -inf at index [1, 1]."),
        (WANTED + 1e-5, "failed", "wrong_values", "is wrong in 4 of 4 entries; the largest error is 1e-05"),
        (
            WANTED * [1, 2],
            "failed",
            "wrong_values",
            "wrong in 2 of 4 entries; the largest error is 4 at index [1, 1].",
        ),
        ((WANTED + 1e-3).astype(np.float16), "failed", "wrong_values", "is wrong in"),
    ],
    ids=repr,
)
def test_wrong_answers_lose_the_points_with_a_reason(answer, status, reason, message):
    error = lost(assert_close, answer, WANTED, TOLERANCE, "dW")
    assert (error.status, error.reason, error.fraction) == (status, reason, 0.0)
    assert message in error.message
    assert error.message.startswith("dW ")


@pytest.mark.parametrize("answer", [3.0, 3, np.array(3.0), np.array([3.0]), [[3.0]], np.float32(3)])
def test_a_number_may_come_in_any_wrapping(answer):
    assert as_number(answer, "loss") == 3.0
    assert_close(answer, 3.0, TOLERANCE)


@pytest.mark.parametrize("answer", [None, "3", [3, 3], [], Opaque("x"), {}, np.zeros((2, 2))])
def test_what_is_no_number_loses_the_points(answer):
    assert lost(as_number, answer, "loss").reason in ("wrong_kind", "wrong_shape")


@given(
    hnp.arrays("f8", (2, 3), elements=st.floats(-1e6, 1e6)),
    st.sampled_from([np.nan, np.inf, -np.inf]),
    st.integers(0, 5),
)
def test_not_finite_never_passes_whatever_the_tolerance(wanted, bad, at):
    answer = wanted.copy()
    answer.flat[at] = bad
    error = lost(assert_close, answer, wanted, Tolerance(1e300, 1e300, 1e300, 1e300))
    assert error.reason == "not_finite"


def test_an_expected_value_that_is_not_finite_passes_nothing():
    with pytest.raises(LostPoints), np.errstate(invalid="ignore"):
        assert_close(np.zeros(2), np.array([0.0, np.nan]), TOLERANCE)


def test_empty_answers_are_right_where_empty_is_asked():
    assert_close(np.zeros((0, 3)), np.zeros((0, 3)), TOLERANCE)


def test_the_size_of_the_largest_entry_sets_the_bound():
    assert_close(np.array([0.0005, 1000.0]), np.array([0.0, 1000.0]), TOLERANCE)
    assert (
        lost(assert_close, np.array([0.0005, 10.0]), np.array([0.0, 10.0]), TOLERANCE).reason
        == "wrong_values"
    )
    assert_close(np.array([0.0005]), np.array([0.0]), TOLERANCE, scale=1000.0)


def test_details_name_place_error_and_tolerance():
    details = lost(assert_close, WANTED + [[0, 0], [0, 1]], WANTED, TOLERANCE, "dW").details
    assert details == {
        "what": "dW",
        "shape": [2, 2],
        "worst_error": 1.0,
        "at": [1, 1],
        "tolerance": pytest.approx(4.001e-6),
        "got": 5.0,
        "expected": 4.0,
    }


def test_a_hint_follows_the_message():
    assert lost(assert_close, 1.0, 2.0, TOLERANCE, hint="Divide by N.").message.endswith(". Divide by N.")


@pytest.mark.parametrize(
    "answer", [[1, 0, 2], np.array([1.0, 0.0, 2.0]), np.array([1, 0, 2], dtype=np.uint8)]
)
def test_labels_may_be_of_any_numeric_kind(answer):
    assert_equal(answer, np.array([1, 0, 2]))


def test_labels_must_be_equal():
    assert lost(assert_equal, [1, 0, 1], [1, 0, 2], "labels").reason == "wrong_values"


@pytest.mark.parametrize("answer", [(1, 2), [1, 2]])
def test_outputs_are_unpacked(answer):
    assert outputs(answer, 2, "f") == (1, 2)


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (None, "None (is a return missing?)"),
        ((1, 2, 3), "3 values"),
        ([], "0 values"),
        (np.zeros((2, 2)), "an array of shape (2, 2)"),
        ({"a": 1, "b": 2}, "a dict"),
        ("ab", "a text"),
        (1.5, "a number"),
        (Opaque("generator"), "an object of type generator"),
    ],
)
def test_another_number_of_outputs_is_malformed(answer, came):
    error = lost(outputs, answer, 2, "f")
    assert error.status == "malformed"
    assert error.message == f"f must return 2 values; it returned {came}."


def test_as_array_takes_any_shape_unless_one_is_asked():
    assert as_array([[1, 2]], "x").shape == (1, 2)
    assert as_array([[1, 2]], "x", (1, 2)).dtype.kind == "i"


def test_require_loses_the_points_with_its_details():
    require(np.bool_(True), "fine")
    error = lost(require, float("nan") > 1, "too small", "small", found=3)
    assert (error.reason, error.message, error.details) == ("small", "too small", {"found": 3})


def test_arrays_of_several_names_lose_as_the_first_wrong_one_would_and_are_all_shown():
    expected = {"W1": WANTED, "b1": WANTED[0], "W2": WANTED, "b2": WANTED[1]}
    answers = {"W1": WANTED, "b1": -WANTED[0], "W2": WANTED.T[:1], "b2": "text"}
    error = lost(assert_all_close, answers, expected, TOLERANCE, "grads")
    alone = lost(assert_close, answers["b1"], expected["b1"], TOLERANCE, "grads['b1']")
    assert (error.reason, error.message, error.status) == (alone.reason, alone.message, alone.status)
    rows = error.details.pop("compared")
    assert error.details == alone.details
    assert [(row["what"], row["is_right"]) for row in rows] == [
        ("grads['W1']", True),
        ("grads['b1']", False),
        ("grads['W2']", False),
        ("grads['b2']", False),
    ]
    assert rows[1]["got"] == -rows[1]["expected"] and rows[2]["expected_shape"] == [2, 2]
    assert_all_close({**expected, "more": None}, expected, TOLERANCE, "grads")
