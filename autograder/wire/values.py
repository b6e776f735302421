"""Plain data as a JSON tree beside a list of arrays, and back.

What may cross: None, booleans, numbers, strings, lists, tuples, dicts with string or integer keys, and
arrays of booleans, integers, floats and complex numbers.  Subclasses arrive as the plain kind.  Four
names stand for what stays where it is: `Handle` (an object in the worker), `Callback` and `StandIn` (a function
and an object in the grader) and `RandomGenerator` (made on arrival from a seed).  Anything else leaves the
worker as `Opaque`, which carries the name of its type and nothing more.

The decoder is what a hostile worker can reach: it builds nothing but the kinds above, and every count is
checked before it is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_DEPTH = 16
MAX_NODES = 200_000
MAX_TEXT = 100_000
MAX_INT_BITS = 4096
MAX_KEY_BITS = 53

# A closed list: object, void, string and structured dtypes have no name here, so none can be built.
DTYPES = {
    np.dtype(name).str: np.dtype(name)
    for name in (
        "?",
        "i1",
        "u1",
        "<i2",
        "<u2",
        "<i4",
        "<u4",
        "<i8",
        "<u8",
        "<f2",
        "<f4",
        "<f8",
        "<c8",
        "<c16",
    )
}
MAX_DIMENSIONS = 16


class WireError(Exception):
    """The bytes or values do not follow the protocol."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the worker, by the number the grader gave it."""

    number: int


@dataclass(frozen=True)
class Callback:
    """A function that stays in the grader, by the number the grader gave it."""

    number: int


@dataclass(frozen=True)
class RandomGenerator:
    """A fresh ``numpy.random.default_rng(seed)``, made where the value arrives."""

    seed: int


@dataclass(frozen=True)
class StandIn:
    """An object of the grader's that takes a student's object's place in the worker."""

    number: int
    """What the grader knows it by."""
    attributes: dict[str, Any]
    """Its plain data."""
    methods: dict[str, int]
    """Numbers of the callbacks that its methods are; empty on the way back."""


@dataclass(frozen=True)
class Opaque:
    """Something that is not plain data; only the name of its type crosses."""

    type_name: str


def to_tree(
    value: Any, arrays: list[np.ndarray], stand_in: Callable[[Any], Any] | None = None, depth: int = 0
) -> Any:
    """Describe a value as JSON, moving its arrays to a list.

    Parameters
    ----------
    value : object
        What is to be sent.
    arrays : list of ndarray
        Receives the arrays; the tree names them by their index.
    stand_in : callable, optional
        Called with anything that is not plain data; returns what is sent instead.
    depth : int
        How deep the value lies in its parents.

    Raises
    ------
    WireError
        If the value is nested too deeply, too large, or not plain data and `stand_in` is missing.
    """
    if depth > MAX_DEPTH:
        raise WireError("nested too deeply to be sent")
    # NumPy first: numpy.float64 is a float, too, and would lose its dtype.
    if isinstance(value, (np.ndarray, np.generic)):
        array = _plain_array(value)
        if array is not None:
            arrays.append(array)
            return {"a": len(arrays) - 1}
    elif value is None or isinstance(value, bool):
        return value
    elif isinstance(value, int):
        if int(value).bit_length() > MAX_INT_BITS:
            raise WireError("an integer too large to be sent")
        return int(value)
    elif isinstance(value, float):
        return float(value)
    elif isinstance(value, complex):
        arrays.append(np.array(complex(value)))
        return {"a": len(arrays) - 1}
    elif isinstance(value, str):
        return str(value)[:MAX_TEXT]
    elif isinstance(value, tuple):
        return {"t": [to_tree(item, arrays, stand_in, depth + 1) for item in value]}
    elif isinstance(value, list):
        return [to_tree(item, arrays, stand_in, depth + 1) for item in value]
    elif isinstance(value, dict):
        return {"d": [[_key(key), to_tree(item, arrays, stand_in, depth + 1)] for key, item in value.items()]}
    elif isinstance(value, Handle):
        return {"h": value.number}
    elif isinstance(value, Callback):
        return {"c": value.number}
    elif isinstance(value, RandomGenerator):
        return {"r": value.seed}
    elif isinstance(value, StandIn):
        parts = (value.number, value.attributes, value.methods)
        return {"s": [to_tree(part, arrays, stand_in, depth + 1) for part in parts]}
    elif isinstance(value, Opaque):
        return {"o": value.type_name[:100]}
    if stand_in is None:
        raise WireError(f"{type(value).__name__} is not plain data")
    return to_tree(stand_in(value), arrays, None, depth + 1)


def from_tree(tree: Any, arrays: list[np.ndarray]) -> Any:
    """Build the value that `to_tree` described; the inverse for everything that may cross.

    Parameters
    ----------
    tree : object
        Parsed JSON, from the other side: bounded in size, unvalidated.
    arrays : list of ndarray
        The arrays of the same frame.

    Raises
    ------
    WireError
        If the tree is anything else than a description made by `to_tree`.
    """
    return _Reader(arrays).read(tree, 0)


class _Reader:
    """Reads one tree, counting its nodes."""

    def __init__(self, arrays: list[np.ndarray]) -> None:
        self.arrays = arrays
        self.unused = set(range(len(arrays)))
        self.nodes = 0

    def read(self, tree: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH + 2 or self.nodes > MAX_NODES:
            raise WireError("nested too deeply or too many values")
        if tree is None or isinstance(tree, (bool, int, float)):
            return tree
        if isinstance(tree, str):
            if len(tree) > MAX_TEXT:
                raise WireError("a text is too long")
            return tree
        if isinstance(tree, list):
            return [self.read(item, depth + 1) for item in tree]
        if not isinstance(tree, dict) or len(tree) != 1:
            raise WireError("not a description of a value")
        ((kind, content),) = tree.items()
        if kind == "a":
            return self.array(_index(content, len(self.arrays)))
        if kind == "t" and isinstance(content, list):
            return tuple(self.read(item, depth + 1) for item in content)
        if kind == "d" and isinstance(content, list):
            return dict(self.pair(item, depth) for item in content)
        if kind == "h":
            return Handle(_index(content, 1 << 53))
        if kind == "c":
            return Callback(_index(content, 1 << 53))
        if kind == "r":
            return RandomGenerator(_index(content, 1 << 64))
        if kind == "s" and isinstance(content, list) and len(content) == 3:
            number = _index(content[0], 1 << 53)
            attributes, methods = (self.read(part, depth + 1) for part in content[1:])
            if isinstance(attributes, dict) and isinstance(methods, dict):
                return StandIn(number, attributes, methods)
        if kind == "o" and isinstance(content, str):
            return Opaque(content[:100])
        raise WireError("not a description of a value")

    def array(self, index: int) -> np.ndarray:
        # Once each, as they are sent: a list that names one array a thousand times would become gigabytes.
        if index not in self.unused:
            raise WireError("an array that is there twice")
        self.unused.remove(index)
        return self.arrays[index]

    def pair(self, item: Any, depth: int) -> tuple[Any, Any]:
        if not isinstance(item, list) or len(item) != 2 or not isinstance(item[0], (str, int, float)):
            raise WireError("not a dictionary entry")
        # Larger ones could all have one hash, and 100 000 of them would keep us busy for minutes.
        if isinstance(item[0], int) and item[0].bit_length() > MAX_KEY_BITS:
            raise WireError("a dictionary key that is too large")
        return item[0], self.read(item[1], depth + 1)


def array_spec(array: np.ndarray) -> list[Any]:
    """Dtype and shape of an array as they stand in a frame's header."""
    return [array.dtype.str, list(array.shape)]


def read_spec(spec: Any, room: int) -> tuple[np.dtype[Any], tuple[int, ...], int]:
    """Check the dtype and shape of an announced array against the bytes that are left.

    Parameters
    ----------
    spec : object
        ``[dtype, shape]`` as parsed from a header; unvalidated.
    room : int
        Bytes left in the frame's body.

    Returns
    -------
    dtype : numpy.dtype
    shape : tuple of int
    size : int
        Bytes of the array.

    Raises
    ------
    WireError
        If the dtype is not in the closed list, or the shape is malformed or larger than `room`.
    """
    if not isinstance(spec, list) or len(spec) != 2 or not isinstance(spec[0], str):
        raise WireError("not an array description")
    dtype, shape = DTYPES.get(spec[0]), spec[1]
    if dtype is None or not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise WireError("not an array description")
    # NumPy multiplies the dimensions that are not zero, too: a zero must not hide an absurd one.
    cells = math.prod(max(_index(n, 1 << 40), 1) for n in shape)
    if cells * dtype.itemsize > max(room, 1 << 20):
        raise WireError("an array is larger than its frame")
    size = math.prod(shape) * dtype.itemsize
    if size > room:
        raise WireError("an array is larger than its frame")
    return dtype, tuple(shape), size


def _plain_array(value: Any) -> np.ndarray | None:
    # np.array, not ascontiguousarray: that would turn a 0-d array into a 1-d one.
    array = np.array(value, order="C", copy=True, subok=False)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    elif array.dtype.kind == "c" and array.dtype.itemsize > 16:
        array = array.astype(np.complex128)
    if array.dtype.byteorder == ">" or (array.dtype.byteorder == "=" and np.little_endian is False):
        array = array.astype(array.dtype.newbyteorder("<"))
    return array if array.dtype.str in DTYPES and array.ndim <= MAX_DIMENSIONS else None


def _key(key: Any) -> Any:
    if isinstance(key, int) and int(key).bit_length() > MAX_KEY_BITS:
        raise WireError("a dictionary key that is too large")
    if isinstance(key, (bool, int, float, str)):
        return key if not isinstance(key, np.generic) else key.item()
    if isinstance(key, (np.integer, np.floating)):
        return key.item()
    raise WireError("a dictionary key that is neither text nor a number")


def _index(value: Any, bound: int) -> int:
    if type(value) is not int or not 0 <= value < bound:
        raise WireError("a number out of its range")
    return value
