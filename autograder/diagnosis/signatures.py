"""Relations between wrong numbers and right ones that say something without knowing the function.

A relation is stated for one output of a function and must hold in every case in which that output is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.diagnosis.evidence import APART, EXACT, EXACT_SINGLE, distance
from autograder.wire.messages import Step
from autograder.wire.values import Handle

_EXTREME = 100.0
_FACTORS = {2.0: "twice", 0.5: "half", 100.0: "100 times", 0.01: "a hundredth of", 10.0: "10 times"}


@dataclass(frozen=True)
class Case:
    """One output of one call: the student's numbers and the right ones."""

    step: Step
    order: int
    """How many calls on the same object came before."""
    student: np.ndarray
    right: np.ndarray

    @property
    def is_right(self) -> bool:
        """Whether they agree."""
        return distance(self.student, self.right) <= 1

    @property
    def arrays(self) -> list[np.ndarray]:
        """The arrays among the arguments."""
        given = [*self.step.get("args", ()), *self.step.get("kwargs", {}).values()]
        return [value for value in given if isinstance(value, np.ndarray) and value.ndim > 0]

    @property
    def rows(self) -> int:
        """Rows of the first argument: the batch."""
        return int(self.arrays[0].shape[0]) if self.arrays else 0

    @property
    def columns(self) -> int:
        """Columns of the first argument."""
        return int(self.arrays[0].shape[1]) if self.arrays and self.arrays[0].ndim > 1 else 0

    @property
    def is_extreme(self) -> bool:
        """Whether an argument has very large entries, or probabilities of exactly 0 or 1 are among them."""
        return any(np.max(np.abs(a), initial=0.0) >= _EXTREME for a in self.arrays if a.dtype.kind == "f")

    def mode(self) -> bool | None:
        """The truth value among the arguments, if there is just one."""
        given = [*self.step.get("args", ()), *self.step.get("kwargs", {}).values()]
        flags = [value for value in given if isinstance(value, bool)]
        return flags[0] if len(flags) == 1 else None


@dataclass(frozen=True)
class Signature:
    """What can be said of one output."""

    id: str
    nudge: str
    pointer: str
    explanation: str = ""


NOT_REPEATABLE = Signature(
    "not_repeatable",
    "What does your code remember from one call to the next?",
    "The same calls give other numbers the second time.",
    "Something outlives the call: a global variable, an attribute of the class, a default argument that is changed, or "
    "random numbers that do not come from the given rng.",
)


def recognise(cases: Sequence[Case]) -> Signature | None:
    """The first relation that holds in all wrong cases of an output; None if there is none.

    Parameters
    ----------
    cases : sequence of Case
        All cases of one output, the right ones included.
    """
    wrong = [case for case in cases if not case.is_right]
    right = [case for case in cases if case.is_right]
    if not wrong:
        return None
    return _relation(wrong, right) or _where(wrong, right) or _not_finite(wrong)


def _where(wrong: Sequence[Case], right: Sequence[Case]) -> Signature | None:
    """In which cases it is wrong, where some are right."""
    if not right or all(_says_nothing(case) for case in right):
        return None
    if all(case.is_extreme for case in wrong) and not any(case.is_extreme for case in right):
        broken = all(not np.isfinite(case.student).all() for case in wrong if case.student.size)
        return Signature(
            "extremes",
            "What happens with very large numbers?",
            f"Ordinary inputs are right; with very large ones the answer is {'not finite' if broken else 'wrong'}.",
            "The formula is right on paper, and leaves the range of floating point numbers: rearrange it so that "
            "no large positive number is given to exp, and no 0 to log.",
        )
    if all(case.rows != 1 for case in wrong) and all(case.rows == 1 for case in right):
        return Signature(
            "one_row",
            "Does it still hold for a batch of several rows?",
            "It is right for a batch of one row, and wrong for larger ones.",
            "Something depends on the number of rows: a mean for a sum, or a sum over the wrong axis.",
        )
    if all(case.rows == 1 for case in wrong) and all(case.rows != 1 for case in right):
        return Signature(
            "several_rows",
            "What does your function do with a batch of one row?",
            "It is right for batches of several rows, and wrong for a single one.",
            "A batch of one row still has two dimensions; look for squeeze, or for a case that treats it apart.",
        )
    modes = {case.mode() for case in wrong}
    if len(modes) == 1 and None not in modes and {case.mode() for case in right} == {not next(iter(modes))}:
        which = "in training" if next(iter(modes)) is False else "outside of training"
        return Signature(
            "mode",
            "What differs between training and evaluation?",
            f"It is right {which} only.",
            "Training and evaluation are two different computations here; look at the branch for the other one.",
        )
    if _has_steps(wrong) and all(case.order > 0 for case in wrong) and all(c.order == 0 for c in right):
        return Signature(
            "first_step",
            "What has to be remembered from one step to the next?",
            "The first step is right, the later ones are not.",
            "Something that must be carried from step to step is lost, or updated wrongly.",
        )
    return None


def _not_finite(wrong: Sequence[Case]) -> Signature | None:
    """Whether every wrong answer holds infinities or NaN where the right one has none."""
    if all(np.isfinite(c.right).all() and not np.isfinite(c.student).all() for c in wrong):
        return Signature(
            "not_finite",
            "Is there a logarithm of 0, a division by 0, or a number too large for exp?",
            "The answer holds inf or nan where it should be a number.",
            "Find the input for which a logarithm, a quotient or an exponential leaves the range of numbers, and "
            "rearrange or clip before it does.",
        )
    return None


def _has_steps(cases: Sequence[Case]) -> bool:
    return any(isinstance(case.step.get("on"), Handle) for case in cases)


def _relation(wrong: Sequence[Case], right: Sequence[Case]) -> Signature | None:
    """What all wrong answers have to do with the right ones."""
    telling = [case for case in wrong if not _says_nothing(case)]
    if sum(case.right.size for case in telling) < 6 or len(telling) < 2:
        return None
    others = [case for case in right if not _says_nothing(case)]
    for name, relation in _RELATIONS.items():
        # A relation that holds in some cases only is none; one by the number of rows is the identity for one row.
        if all(relation(case) for case in (*telling, *others)):
            return _TEXTS[name]
    factor = _common_factor(telling) if not others else None
    if factor is None:
        return None
    for number, words in _FACTORS.items():
        if abs(factor - number) <= EXACT_SINGLE * number:
            return Signature(
                f"factor_{number:g}",
                "Is a constant factor too much, or missing?",
                f"Every number is {words} the right one.",
            )
    return Signature(
        "factor",
        "Is a constant factor too much, or missing?",
        f"Every number is {factor:.4g} times the right one.",
    )


def _says_nothing(case: Case) -> bool:
    """Whether zero, constant or missing numbers make every relation true."""
    finite = case.right[np.isfinite(case.right)] if case.right.dtype.kind == "f" else case.right
    return finite.size == 0 or not np.any(finite)


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    return distance(np.asarray(one), np.asarray(other)) <= 1


def _named(quantity: Callable[[Case], float]) -> Callable[[Case], bool]:
    def holds(case: Case) -> bool:
        factor = quantity(case)
        return factor != 0 and _close(case.student, factor * case.right)

    return holds


def _by(quantity: Callable[[Case], float]) -> Callable[[Case], bool]:
    return _named(lambda case: 1 / quantity(case) if quantity(case) else 0.0)


def _transposed(case: Case) -> bool:
    return case.right.ndim == 2 and case.right.size > 1 and _close(case.student, case.right.T)


def _not_summed(case: Case) -> bool:
    s, r = case.student, case.right
    return s.ndim == r.ndim + 1 and s.shape[1:] == r.shape and _close(s.sum(axis=0), r)


def _summed_away(case: Case) -> bool:
    s, r = case.student, case.right
    return r.ndim == s.ndim + 1 and any(
        r.shape[axis] > 1 and (_close(s, r.sum(axis=axis)) or _close(s, r.mean(axis=axis)))
        for axis in range(r.ndim)
    )


def _offset(case: Case) -> bool:
    if case.student.shape != case.right.shape or case.right.size < 2:
        return False
    gap = case.student.astype(float) - case.right.astype(float)
    scale = float(np.max(np.abs(case.right)))
    return bool(np.ptp(gap) <= EXACT * scale and abs(gap.flat[0]) > APART * EXACT * scale)


def _few_digits(case: Case) -> bool:
    s, r = case.student, case.right
    if s.shape != r.shape or not np.isfinite(s).all() or s.dtype.kind != "f":
        return False
    gap = float(np.max(np.abs(s.astype(float) - r)) / np.max(np.abs(r)))
    return gap <= 2e-3 and np.array_equal(s.astype(np.float16), s)


_RELATIONS: dict[str, Callable[[Case], bool]] = {
    "sign": lambda case: _close(case.student, -case.right),
    "transposed": _transposed,
    "not_summed": _not_summed,
    "summed_away": _summed_away,
    "times_rows": _named(lambda case: case.rows),
    "over_rows": _by(lambda case: case.rows),
    "times_columns": _named(lambda case: case.columns),
    "over_columns": _by(lambda case: case.columns),
    "times_entries": _named(lambda case: case.rows * case.columns),
    "over_entries": _by(lambda case: case.rows * case.columns),
    "few_digits": _few_digits,
    "offset": _offset,
}

_TEXTS = {
    "sign": Signature(
        "sign", "In which direction does it point?", "Every number is the right one with the opposite sign."
    ),
    "transposed": Signature(
        "transposed", "Which index is the row, which the column?", "The result is the right one, transposed."
    ),
    "not_summed": Signature(
        "not_summed",
        "Which shape should the result have?",
        "There is one result per row of the batch; added up over the rows they are right.",
    ),
    "summed_away": Signature(
        "summed_away",
        "Which shape should the result have?",
        "The right numbers are added up or averaged over an axis.",
    ),
    "times_rows": Signature(
        "times_rows",
        "How does the result depend on the size of the batch?",
        "Every number is the right one times the number of rows.",
        "A division by the number of rows is missing, or there is a factor too much.",
    ),
    "over_rows": Signature(
        "over_rows",
        "How does the result depend on the size of the batch?",
        "Every number is the right one divided by the number of rows.",
        "There is one division by the number of rows too many.",
    ),
    "times_columns": Signature(
        "times_columns",
        "What is averaged: rows, columns, or all entries?",
        "Every number is the right one times the number of columns.",
    ),
    "over_columns": Signature(
        "over_columns",
        "What is averaged: rows, columns, or all entries?",
        "Every number is the right one divided by the number of columns.",
    ),
    "times_entries": Signature(
        "times_entries",
        "What is averaged: rows, columns, or all entries?",
        "Every number is the right one times the number of entries.",
        "A sum stands where the mean over all entries is asked.",
    ),
    "over_entries": Signature(
        "over_entries",
        "What is averaged: rows, columns, or all entries?",
        "Every number is the right one divided by the number of entries.",
        "A mean over all entries stands where a sum is asked.",
    ),
    "few_digits": Signature(
        "few_digits",
        "Which dtype do your arrays have?",
        "The numbers are right to three digits: they were computed in half precision.",
    ),
    "offset": Signature(
        "offset", "Is something added that should not be?", "All numbers are off by the same amount."
    ),
}


def _common_factor(cases: Sequence[Case]) -> float | None:
    """The one factor between wrong and right numbers in every case; None if there is none."""
    factors = []
    for case in cases:
        if case.student.shape != case.right.shape or not np.isfinite(case.student).all():
            return None
        r = case.right.astype(float)
        at = np.unravel_index(int(np.argmax(np.abs(r))), r.shape)
        factor = float(case.student[at] / r[at])
        if factor == 0 or not _close(case.student, factor * r):
            return None
        factors.append(factor)
    spread = max(factors) - min(factors)
    return factors[0] if spread <= EXACT * abs(factors[0]) else None
