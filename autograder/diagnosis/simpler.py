"""Proposes simpler arguments: fewer rows and columns, small whole numbers, short decimals.

What the original arguments have in common with what a function asks for is kept: one-hot rows stay one-hot rows,
probabilities stay probabilities, and what is said with a single number (a rate, an eps) stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograder.diagnosis.evidence import Path
from autograder.wire.messages import Step
from autograder.wire.values import RandomGenerator

Steps = tuple[Step, ...]
Round = Generator[list[Steps], Steps | None, Steps]
"""Yields proposals, the simplest first; is sent the one that was taken, or None; returns the last that was taken."""
Property = Callable[[np.ndarray], bool]

_DATA = ("args", "kwargs", "value", "entries")
_LARGE = 50.0
_MOST_RANKED = 12  # of more numbers the larger ones are too large: a network saturates
_MOST_SINGLE_ROWS = 8
_MOST_REFINED = 6  # arrays; a network has more
_ROUNDING = 1e-9


def proposals(steps: Steps, path: Path, gap: np.ndarray | None) -> Generator[list[Steps], Steps | None, None]:
    """Simpler steps in several rounds, each simpler than those that were taken before.

    Parameters
    ----------
    steps : tuple of Step
        As a check has them.
    path : tuple
        The part of the last step's answer that matters.
    gap : ndarray, optional
        How far that part is wrong, number by number: where it is most, rows and columns of the arguments stay.
    """
    steps = yield from _one_key(steps, path)
    original = _pieces(steps)
    # Equal numbers do no harm among the many of an object.
    properties = _PROPERTIES if len(steps) > 1 else (*_PROPERTIES, _is_distinct)
    required = [[holds for holds in properties if _is_array(p) and holds(p)] for p in original]
    rounds: tuple[Callable[[Steps], Round], ...] = (
        partial(_cut, gap=gap),
        _labels,
        _integers,
        _seeds,
        partial(_decimals, original=original),
    )
    for simplified in rounds:
        inner, taken = simplified(steps), None
        while True:
            try:
                batch = inner.send(taken)
            except StopIteration as end:
                steps = end.value
                break
            taken = yield [one for one in _different(batch, steps) if _has(required, _pieces(one))]


def leaves(steps: Steps) -> list[tuple[Any, bool]]:
    """All that the steps hand over, piece by piece, and whether it stands in a list or dictionary."""
    found: list[tuple[Any, bool]] = []
    _mapped(steps, lambda leaf, is_inside: found.append((leaf, is_inside)))
    return found


def with_leaves(steps: Steps, new: Sequence[Any]) -> Steps:
    """The steps with these pieces in the places of their own."""
    left = iter(new)
    return _mapped(steps, lambda leaf, is_inside: next(left))


def _pieces(steps: Steps) -> list[Any]:
    return [leaf for leaf, _ in leaves(steps)]


def _mapped(steps: Steps, change: Callable[[Any, bool], Any]) -> Steps:
    def within(value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return {key: within(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(within(item, depth + 1) for item in value)
        return change(value, depth > 1)

    return tuple(
        {**step, **{name: within(step[name], 0) for name in _DATA if name in step}} for step in steps
    )


def _different(batch: Sequence[Steps], steps: Steps) -> Iterator[Steps]:
    """Each proposal once, without those that change nothing."""
    seen = {_identity(steps)}
    for one in batch:
        if _identity(one) not in seen:
            seen.add(_identity(one))
            yield one


def _identity(steps: Steps) -> tuple[Any, ...]:
    return tuple((p.shape, p.tobytes()) if isinstance(p, np.ndarray) else repr(p) for p in _pieces(steps))


# -- what is kept


def _is_unit(a: np.ndarray) -> bool:
    return bool(((a >= 0) & (a <= 1)).all())


def _is_inner(a: np.ndarray) -> bool:
    return bool(((a > 0) & (a < 1)).all())


def _is_binary(a: np.ndarray) -> bool:
    return bool(((a == 0) | (a == 1)).all())


def _has_rows_of_one(a: np.ndarray) -> bool:
    return a.ndim == 2 and bool((np.abs(a.sum(axis=1) - 1) <= _ROUNDING).all())


_PROPERTIES: tuple[Property, ...] = (
    _is_unit,
    _is_inner,
    _is_binary,
    _has_rows_of_one,
    lambda a: bool((a > 0).all()),
    lambda a: bool((a >= 0).all()),
    lambda a: bool((a != 0).all()),
    lambda a: bool((a == np.round(a)).all()),
)


def _is_distinct(a: np.ndarray) -> bool:
    return len(np.unique(a)) == a.size


def _has(required: Sequence[Sequence[Property]], pieces: Sequence[Any]) -> bool:
    return all(holds(p) for own, p in zip(required, pieces, strict=True) for holds in own)


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray) and leaf.ndim > 0 and leaf.dtype.kind in "iuf"


def _is_integer(leaf: Any) -> bool:
    return isinstance(leaf, (int, np.integer)) and not isinstance(leaf, bool)


# -- fewer numbers


def _one_key(steps: Steps, path: Path) -> Round:
    """Dictionaries that are handed over with one entry only: the one whose value is wrong."""
    if not path:
        return steps
    key = path[0]

    def reduced(value: Any) -> Any:
        return {key: value[key]} if isinstance(value, dict) and key in value else value

    fewer = tuple({**s, "value": reduced(s["value"])} if s["op"] == "put" else s for s in steps)
    return ((yield [fewer]) or steps) if len(leaves(fewer)) < len(leaves(steps)) else steps


def _cut(steps: Steps, gap: np.ndarray | None) -> Round:
    """One row and two columns, where that does: equally long axes are one size, and are cut together."""
    lengths = list(dict.fromkeys(n for p in _pieces(steps) if _is_array(p) for n in p.shape if n > 1))
    if not lengths:
        return steps
    arrays = [[p for p in _pieces((step,)) if _is_array(p)] for step in steps]
    rows = next(own[0].shape[0] for own in reversed(arrays) if own)
    for most in (1, 2):
        goal = {n: most if n == rows else 2 for n in lengths}
        ways = _ways(goal, gap)
        taken = yield [_sliced(steps, chosen) for chosen in ways]
        if taken:
            return taken
    for n in lengths:  # not all together: as far as each goes
        ways = [{n: [i]} for i in range(n)] if n == rows and n <= _MOST_SINGLE_ROWS else []
        ways += [chosen for most in (2, 3) for chosen in _ways({n: most}, gap)]
        steps = (yield [_sliced(steps, chosen) for chosen in ways]) or steps
    return steps


def _ways(goal: Mapping[int, int], gap: np.ndarray | None) -> list[dict[int, list[int]]]:
    """Which indices may stay of each length: those around the worst number, the first, the last."""
    around: dict[int, list[int]] = {}
    worst = np.unravel_index(int(np.argmax(gap)), gap.shape) if gap is not None and gap.size else ()
    for n, most in goal.items():
        first = (
            next((int(i) for i, size in zip(worst, gap.shape, strict=True) if size == n), 0)
            if worst and gap is not None
            else 0
        )
        around[n] = sorted([first, *(i for i in range(n) if i != first)][:most])
    ways = [
        around,
        {n: list(range(most)) for n, most in goal.items()},
        {n: list(range(n - most, n)) for n, most in goal.items()},
    ]
    return [{n: kept for n, kept in way.items() if goal[n] < n} for way in ways]


def _sliced(steps: Steps, chosen: Mapping[int, list[int]]) -> Steps:
    def cut(leaf: Any, is_inside: bool) -> Any:
        if is_inside and _is_integer(leaf) and leaf in chosen:  # a list of sizes goes with the arrays
            return len(chosen[leaf])
        if not _is_array(leaf):
            return leaf
        found = leaf
        for axis, n in enumerate(leaf.shape):
            if n in chosen:
                found = found.take(chosen[n], axis=axis)
        return _with_rows_of_one(found) if _has_rows_of_one(leaf) else found

    return _mapped(steps, cut)


def _with_rows_of_one(cut: np.ndarray) -> np.ndarray:
    """What is left of one-hot rows as one-hot rows, and of probabilities as probabilities."""
    if _is_binary(cut):
        labels = np.where(cut.any(axis=1), cut.argmax(axis=1), cut.shape[1] - 1)
        return np.asarray(np.eye(cut.shape[1])[labels])
    with np.errstate(all="ignore"):
        return np.asarray(cut / cut.sum(axis=1, keepdims=True))


# -- simpler numbers


def _labels(steps: Steps) -> Round:
    """Arrays of whole numbers count from 0, or from 1, without gaps."""

    def counted(leaf: Any, start: int) -> Any:
        if not (_is_array(leaf) and leaf.dtype.kind in "iu"):
            return leaf
        return (np.unique(leaf, return_inverse=True)[1].reshape(leaf.shape) + start).astype(leaf.dtype)

    return (
        yield [with_leaves(steps, [counted(p, start) for p in _pieces(steps)]) for start in (0, 1)]
    ) or steps


def _integers(steps: Steps) -> Round:
    """Whole numbers that are no larger than 2, or 3: first all, then one after the other."""
    places = [i for i, p in enumerate(_pieces(steps)) if _is_integer(p) and abs(p) > 2]
    for group in [places, *([i] for i in places)] if places else []:
        batch = []
        for most in (2, 3):
            parts = _pieces(steps)
            for i in group:
                parts[i] = max(-most, min(most, int(parts[i])))
            batch.append(with_leaves(steps, parts))
        steps = (yield batch) or steps
    return steps


def _seeds(steps: Steps) -> Round:
    """Generators with the seed 0, 1 or 2."""

    def seeded(leaf: Any, seed: int) -> Any:
        return RandomGenerator(seed) if isinstance(leaf, RandomGenerator) else leaf

    return (
        yield [with_leaves(steps, [seeded(p, seed) for p in _pieces(steps)]) for seed in range(3)]
    ) or steps


def _decimals(steps: Steps, original: Sequence[Any]) -> Round:
    """Small whole numbers in the order of the arrays' own, or else as few decimals as do."""
    parts = _pieces(steps)
    places = [
        i for i, p in enumerate(parts) if _is_array(p) and p.dtype.kind == "f" and not _is_binary(original[i])
    ]
    free = {i for i in places if not _is_unit(original[i])}

    def shortened(level: int, chosen: Sequence[int]) -> Steps:
        new = _pieces(steps)
        ranked = _ranked([parts[i] for i in chosen if i in free], keeps_large=level == 1)
        for i in chosen:
            new[i] = next(ranked) if i in free and level < 2 else _short(parts[i], original[i], level)
        return with_leaves(steps, new)

    levels = range(0 if sum(parts[i].size for i in free) <= _MOST_RANKED else 2, len(_UNITS) + 2)
    batch = [shortened(level, places) for level in levels]
    taken = yield batch
    if taken is None:
        return steps
    told = _identity(taken)
    reached = next(level for level, one in zip(levels, batch, strict=True) if _identity(one) == told)
    steps = taken
    for i in places if 1 < len(places) <= _MOST_REFINED else []:
        steps = (yield [shortened(level, [i]) for level in range(reached)]) or steps
    return steps


def _ranked(arrays: Sequence[np.ndarray], *, keeps_large: bool) -> Iterator[np.ndarray]:
    """Arrays whose entries have the signs of before and, as sizes, their places in the order of all sizes."""
    sizes = np.abs(np.concatenate([a.ravel() for a in arrays])) if arrays else np.zeros(0)
    order = np.unique(sizes[(sizes > 0) & ((sizes < _LARGE) | (not keeps_large))])
    for a in arrays:
        ranks = np.sign(a) * (np.searchsorted(order, np.abs(a)) + 1.0)
        yield np.where((np.abs(a) >= _LARGE) & keeps_large, np.round(a / _LARGE) * _LARGE, ranks) + 0.0


# Multiples of what the levels 2, 3, ... round to; the last level is six digits.
_UNITS = (1.0, 0.5, 0.1, 0.01, 0.001, 0.0)


def _short(a: np.ndarray, original: np.ndarray, level: int) -> np.ndarray:
    """An array with shorter numbers; of probabilities with one decimal at least."""
    unit = _UNITS[max(level, 2) - 2]
    if not unit:
        found = np.array([float(f"{x:.6g}") for x in a.ravel()]).reshape(a.shape)
    elif _is_unit(original):
        unit = min(unit, 0.1)
        found = np.round(np.round(a / unit) * unit, 3)
        found = np.clip(found, unit, 1 - unit) if _is_inner(original) else found
    else:
        found = np.round(np.round(a / unit) * unit, 3)
    if _has_rows_of_one(original):
        rows, largest = np.arange(len(a)), found.argmax(axis=1)
        found[rows, largest] = np.round(found[rows, largest] + 1 - found.sum(axis=1), 9)
    return found + 0.0  # no -0.0
