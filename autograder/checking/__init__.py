"""All that the author of a check may use.

A check is a pytest function that judges one behaviour of a submission::

    @check("double.values")
    def test_double_values(student, reference, rng, tolerance):
        x = rng.normal(size=(5, 4))
        assert_close(student.double(x), reference.double(x), tolerance())

It passes, or raises `LostPoints`.  Any other exception is the grader's own fault.  Its points, title, time
limit and visibility stand in the rubric under its id.
"""

from autograder.checking.arguments import assert_drawn_from, assert_refused, assert_unmodified
from autograder.checking.compare import (
    as_array,
    as_number,
    assert_all_close,
    assert_close,
    assert_equal,
    is_single_precision,
    outputs,
    require,
)
from autograder.checking.gradients import numerical_gradient
from autograder.checking.lost_points import LostPoints
from autograder.checking.student import Remote, Student
from autograder.checking.training import credit
from autograder.wire.values import RandomGenerator


def probe(subject: str):  # type: ignore[no-untyped-def]
    """Mark a function as a question that diagnosis asks about this function or class.

    Its arguments are fixtures, as a check's; it judges nothing, and what it returns does not matter.
    """

    def marked(function):  # type: ignore[no-untyped-def]
        function.probe_of = subject
        return function

    return marked


def check(check_id: str):  # type: ignore[no-untyped-def]
    """Mark a pytest function as the check with this id in the rubric."""

    def marked(function):  # type: ignore[no-untyped-def]
        function.check_id = check_id
        try:
            import pytest
        except ImportError:  # where students run the public ones
            return function
        return pytest.mark.check(check_id)(function)

    return marked


__all__ = [
    "LostPoints",
    "RandomGenerator",
    "Remote",
    "Student",
    "as_array",
    "as_number",
    "assert_all_close",
    "assert_close",
    "assert_drawn_from",
    "assert_equal",
    "assert_refused",
    "assert_unmodified",
    "check",
    "credit",
    "is_single_precision",
    "numerical_gradient",
    "outputs",
    "probe",
    "require",
]
