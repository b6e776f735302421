"""Proposes simpler arguments: fewer rows and columns, small whole numbers, short decimals.

Whatever the original arguments have in common with what the function asks for is kept: one-hot rows stay one-hot rows,
probabilities stay probabilities.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograder.diagnosis.evidence import Path
from autograder.wire.messages import Step
from autograder.wire.values import RandomGenerator

Steps = tuple[Step, ...]
Proposals = Generator[list[Steps], Steps | None, Steps]
"""Yields the proposals of a round, simplest first; is sent the one that was taken, or None."""

_DATA = ("args", "kwargs", "value", "entries")
_LARGE = 50.0
_UNCHANGED_SUM = 1e-9


def proposals(steps: Steps, path: Path, gap: np.ndarray | None) -> Generator[list[Steps], Steps | None, None]:
    """Rounds of simpler steps, each simpler than those that were taken before.

    Parameters
    ----------
    steps : tuple of Step
        As the check has them.
    path : tuple
        The part of the answer that matters.
    gap : ndarray, optional
        How far that part is wrong, entry by entry: what stays of the arguments are rows and columns where it is most.
    """
    steps = yield from _one_key(steps, path)
    original = [leaf for leaf, _ in leaves(steps)]
    rounds: list[Callable[[Steps], Proposals]] = [
        partial(_cut, gap=gap),
        _labels,
        _integers,
        _seeds,
        _decimals,
    ]
    for simplified in rounds:
        inner, taken = simplified(steps), None
        while True:
            try:
                batch = inner.send(taken)
            except StopIteration as end:
                steps = end.value
                break
            taken = yield [one for one in _different(batch, steps) if _keeps(original, one)]


def leaves(steps: Steps) -> list[tuple[Any, bool]]:
    """All that the steps hand over, piece by piece, and whether it stands in a list or dictionary."""
    found: list[tuple[Any, bool]] = []

    def noted(leaf: Any, is_inside: bool) -> Any:
        found.append((leaf, is_inside))
        return leaf

    _mapped(steps, noted)
    return found


def with_leaves(steps: Steps, new: Sequence[Any]) -> Steps:
    """The steps with these pieces in the places of their own."""
    left = iter(new)
    return _mapped(steps, lambda leaf, is_inside: next(left))


def _mapped(steps: Steps, change: Callable[[Any, bool], Any]) -> Steps:
    def within(value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return {key: within(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(within(item, depth + 1) for item in value)
        return change(value, depth > 1)

    return tuple(
        {**step, **{field: within(step[field], 0) for field in _DATA if field in step}} for step in steps
    )


def _different(batch: list[Steps], steps: Steps) -> list[Steps]:
    """Each proposal once, without those that change nothing."""
    seen = {_told(steps)}
    return [one for one in batch if not (_told(one) in seen or seen.add(_told(one)))]  # type: ignore[func-returns-value]


def _told(steps: Steps) -> tuple[Any, ...]:
    return tuple(
        (leaf.shape, leaf.tobytes()) if isinstance(leaf, np.ndarray) else repr(leaf)
        for leaf, _ in leaves(steps)
    )


# -- what is kept


def _is_unit(a: np.ndarray) -> bool:
    return bool(((a >= 0) & (a <= 1)).all())


def _is_binary(a: np.ndarray) -> bool:
    return bool(np.isin(a, (0, 1)).all())


def _has_rows_of_one(a: np.ndarray) -> bool:
    return a.ndim == 2 and bool((np.abs(a.sum(axis=1) - 1) <= _UNCHANGED_SUM).all())


_PROPERTIES: tuple[Callable[[np.ndarray], bool], ...] = (
    _is_unit,
    _is_binary,
    _has_rows_of_one,
    lambda a: bool((a > 0).all()),
    lambda a: bool((a >= 0).all()),
    lambda a: _is_unit(a) and bool((a < 1).all()),
    lambda a: bool((a != 0).all()),
    lambda a: bool((a == np.round(a)).all()),
    lambda a: len(np.unique(a)) == a.size,
)


def _keeps(original: Sequence[Any], proposal: Steps) -> bool:
    """Whether every array still has the properties that it had."""
    return all(
        all(holds(new) for holds in _PROPERTIES if holds(old))
        for old, (new, _) in zip(original, leaves(proposal), strict=True)
        if _is_numeric(old)
    )


def _is_numeric(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray) and leaf.ndim > 0 and leaf.dtype.kind in "iuf"


# -- fewer numbers


def _one_key(steps: Steps, path: Path) -> Generator[list[Steps], Steps | None, Steps]:
    """Dictionaries that are handed over with one entry only: the one whose value is wrong."""
    if not path:
        return steps
    key = path[0]

    def reduced(value: Any) -> Any:
        return {key: value[key]} if isinstance(value, dict) and key in value else value

    fewer = tuple({**s, "value": reduced(s["value"])} if s["op"] == "put" else s for s in steps)
    return ((yield [fewer]) or steps) if len(leaves(fewer)) < len(leaves(steps)) else steps


def _cut(steps: Steps, gap: np.ndarray | None) -> Proposals:
    """One row and two columns, where that does: equally long axes are one size, and are cut together."""
    arrays = [leaf for leaf, _ in leaves(steps) if _is_numeric(leaf)]
    lengths = list(dict.fromkeys(n for a in arrays for n in a.shape if n > 1))
    if not lengths:
        return steps
    last = next(s for s in reversed(steps) if any(_is_numeric(leaf) for leaf, _ in leaves((s,))))
    rows = next(leaf for leaf, _ in leaves((last,)) if _is_numeric(leaf)).shape[0]
    for most in (1, 2):
        goal = {n: most if n == rows else 2 for n in lengths}
        taken = yield [_sliced(steps, _chosen(goal, gap, way)) for way in range(3)]
        if taken:
            return taken
    for n in lengths:  # not all together: as far as each goes
        goals = (1, 2) if n == rows else (2, 3)
        steps = (
            yield [_sliced(steps, _chosen({n: most}, gap, way)) for most in goals for way in range(3)]
        ) or steps
    return steps


def _chosen(goal: Mapping[int, int], gap: np.ndarray | None, way: int) -> dict[int, list[int]]:
    """Which indices stay of each length: around the worst entry, the first, the last."""
    found = {}
    for n, most in goal.items():
        if n <= most:
            continue
        first = 0
        if way == 0 and gap is not None and n in gap.shape:
            first = int(np.unravel_index(int(np.argmax(gap)), gap.shape)[gap.shape.index(n)])
        others = [i for i in (range(n) if way < 2 else reversed(range(n))) if way == 2 or i != first]
        found[n] = sorted(others[:most] if way == 2 else [first, *others][:most])
    return found


def _sliced(steps: Steps, chosen: Mapping[int, list[int]]) -> Steps:
    def cut(leaf: Any, is_inside: bool) -> Any:
        if not _is_numeric(leaf):
            # A list of sizes goes with the arrays.
            is_size = is_inside and _is_integer(leaf) and leaf in chosen
            return len(chosen[leaf]) if is_size else leaf
        found = leaf
        for axis, n in enumerate(leaf.shape):
            if n in chosen:
                found = found.take(chosen[n], axis=axis)
        return _rows_of_one(leaf, found) if _has_rows_of_one(leaf) else found

    return _mapped(steps, cut)


def _rows_of_one(before: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """What is left of one-hot rows as one-hot rows, and of probabilities as probabilities."""
    if cut.shape[1] == before.shape[1] or not _is_binary(cut):
        with np.errstate(all="ignore"):
            return cut / cut.sum(axis=1, keepdims=True)
    labels = np.where(cut.any(axis=1), cut.argmax(axis=1), cut.shape[1] - 1)
    return np.eye(cut.shape[1])[labels]


def _is_integer(leaf: Any) -> bool:
    return isinstance(leaf, (int, np.integer)) and not isinstance(leaf, (bool, np.bool_))


# -- simpler numbers


def _labels(steps: Steps) -> Proposals:
    """Arrays of whole numbers count from 0, or from 1, without gaps."""
    parts = [leaf for leaf, _ in leaves(steps)]
    are = [_is_numeric(p) and p.dtype.kind in "iu" for p in parts]
    if not any(are):
        return steps
    return (
        yield [
            with_leaves(
                steps,
                [
                    (np.unique(p, return_inverse=True)[1].reshape(p.shape) + start).astype(p.dtype)
                    if one
                    else p
                    for p, one in zip(parts, are, strict=True)
                ],
            )
            for start in (0, 1)
        ]
    ) or steps


def _integers(steps: Steps) -> Proposals:
    """Whole numbers that are no larger than 2, or 3: first all, then one after the other."""
    places = [i for i, (leaf, _) in enumerate(leaves(steps)) if _is_integer(leaf) and abs(leaf) > 2]
    groups = [places, *([i] for i in places)] if len(places) > 1 else [places]
    for group in groups if places else []:
        batch = []
        for most in (2, 3):
            parts = [leaf for leaf, _ in leaves(steps)]
            for i in group:
                parts[i] = max(-most, min(most, int(parts[i])))
            batch.append(with_leaves(steps, parts))
        steps = (yield batch) or steps
    return steps


def _seeds(steps: Steps) -> Proposals:
    """Generators from the seeds 0, 1, ..."""
    batch = []
    for start in range(3):
        numbers = itertools.count(start)
        parts = [
            RandomGenerator(next(numbers)) if isinstance(p, RandomGenerator) else p for p, _ in leaves(steps)
        ]
        batch.append(with_leaves(steps, parts))
    return (yield batch) or steps


def _decimals(steps: Steps) -> Proposals:
    """Small whole numbers in the arrays' own order, or else as few decimals as do."""
    parts = [leaf for leaf, _ in leaves(steps)]
    places = [i for i, p in enumerate(parts) if _is_numeric(p) and p.dtype.kind == "f" and not _is_binary(p)]
    free = [i for i in places if not _is_unit(parts[i])]

    def changed(level: int, chosen: Sequence[int]) -> Steps:
        new: list[Any] = [leaf for leaf, _ in leaves(steps)]
        ranked = _ranked([parts[i] for i in chosen if i in free], level == 1)
        for i in chosen:
            new[i] = next(ranked) if i in free and level < 2 else _short(parts[i], level)
        return with_leaves(steps, new)

    levels: range = range(8)
    batch = [changed(level, places) for level in levels]
    taken = yield batch
    if taken is None:
        return steps
    reached = next((level for level, one in enumerate(batch) if _told(one) == _told(taken)), 0)
    steps = taken
    for i in places if reached and len(places) > 1 else []:
        steps = (yield [changed(level, [i]) for level in range(reached)]) or steps
    return steps


def _ranked(arrays: Sequence[np.ndarray], keeps_large: bool) -> Any:
    """Arrays whose entries have the signs of before and, as sizes, their places in the order of all sizes."""
    sizes = np.abs(np.concatenate([a.ravel() for a in arrays])) if arrays else np.zeros(0)
    order = np.unique(sizes[(sizes > 0) & ~(keeps_large & (sizes >= _LARGE))])
    for a in arrays:
        ranks = np.where(a == 0, 0.0, np.searchsorted(order, np.abs(a)) + 1.0)
        large = keeps_large & (np.abs(a) >= _LARGE)
        yield np.where(large, np.round(a / _LARGE) * _LARGE, np.sign(a) * ranks)


def _short(a: np.ndarray, level: int) -> np.ndarray:
    """An array with fewer decimals, the fewer the lower the level; probabilities have one at least."""
    if level == 7:
        found = np.array([float(f"{x:.6g}") for x in a.ravel()]).reshape(a.shape)
    elif level == 3 and not _is_unit(a):
        found = np.round(2 * a) / 2
    else:
        digits = (0, 0, 0, 1, 1, 2, 3)[level]
        if _is_unit(a):
            digits = max(digits, 1)
        found = np.round(a, digits)
        if _is_unit(a) and (a > 0).all() and (a < 1).all():
            found = np.clip(found, 10.0**-digits, 1 - 10.0**-digits)
    if _has_rows_of_one(a):
        rows, largest = np.arange(len(a)), found.argmax(axis=1)
        found[rows, largest] = np.round(found[rows, largest] + 1 - found.sum(axis=1), 9)
    return found + 0.0  # no -0.0
