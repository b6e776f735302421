"""One value as one bounded frame of bytes.

A frame is ``magic (4) | header length (4) | body length (8) | header | body``, numbers in network order.
The header is JSON: ``{"v": tree, "a": [[dtype, shape], ...]}``; the body is the arrays' bytes, one after
the other, C order, little endian.  No pickle, no object arrays, no code.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.wire.values import MAX_NODES, WireError, array_spec, from_tree, read_spec, to_tree

MAGIC = b"AGW1"
PREFIX = struct.Struct("!4sIQ")
MAX_HEADER = 8 << 20
MAX_BODY = 64 << 20
MAX_ARRAYS = 20_000
MAX_BRACKETS = 2 * MAX_NODES  # parsed, three bytes of JSON may take 70 of memory
_JOINED = 1 << 18


def encode(value: Any, stand_in: Callable[[Any], Any] | None = None) -> list[bytes | memoryview]:
    """Make the pieces of the frame that carries a value.

    Parameters
    ----------
    value : object
        Plain data (see `autograder.wire.values`).
    stand_in : callable, optional
        Maps what is not plain data to something that is.

    Returns
    -------
    list of bytes-like
        To be sent one after the other.

    Raises
    ------
    WireError
        If the value may not cross, or exceeds the bounds of a frame.
    """
    arrays: list[np.ndarray] = []
    tree = to_tree(value, arrays, stand_in)
    header = json.dumps({"v": tree, "a": [array_spec(a) for a in arrays]}).encode()
    body = sum(a.nbytes for a in arrays)
    if len(header) > MAX_HEADER or body > MAX_BODY or len(arrays) > MAX_ARRAYS:
        raise WireError("too large to be sent")
    pieces: list[bytes | memoryview] = [PREFIX.pack(MAGIC, len(header), body) + header]
    pieces += [a.reshape(-1).view(np.uint8).data for a in arrays if a.nbytes]
    # One call into the kernel costs more than copying a small frame.
    return [b"".join(pieces)] if body < _JOINED else pieces


def read(receive: Callable[[int], bytes | bytearray], max_body: int = MAX_BODY) -> Any:
    """Read one frame and return the value it carries.

    Parameters
    ----------
    receive : callable
        ``receive(n)`` returns exactly ``n`` bytes or raises; time limits are its business.
    max_body : int
        Largest accepted body in bytes; checked before any of it is read.

    Raises
    ------
    WireError
        If the bytes are no frame, or announce more than the bounds allow.
    """
    magic, header_size, body_size = PREFIX.unpack(receive(PREFIX.size))
    if magic != MAGIC:
        raise WireError("not a frame")
    if header_size > MAX_HEADER or body_size > max_body:
        raise WireError("a frame larger than agreed")
    tree, specs = _parse_header(receive(header_size))
    layout, room = [], body_size
    for spec in specs:
        dtype, shape, size = read_spec(spec, room)
        layout.append((dtype, shape, size))
        room -= size
    if room:
        raise WireError("the arrays do not fill their frame")
    return from_tree(tree, list(_cut(receive(body_size) if body_size else b"", layout)))


def _parse_header(raw: bytes | bytearray) -> tuple[Any, list[Any]]:
    if raw.count(b"[") + raw.count(b"{") > MAX_BRACKETS:
        raise WireError("too many values")
    try:
        header = json.loads(bytes(raw).decode("utf-8"))
    except (ValueError, RecursionError) as error:  # ValueError: bad UTF-8, bad JSON, an endless integer
        raise WireError("a header that is not JSON") from error
    if not isinstance(header, dict) or set(header) != {"v", "a"} or not isinstance(header["a"], list):
        raise WireError("a header with other fields")
    if len(header["a"]) > MAX_ARRAYS:
        raise WireError("too many arrays")
    return header["v"], header["a"]


def _cut(body: bytes | bytearray, layout: list[tuple[Any, tuple[int, ...], int]]) -> Iterable[np.ndarray]:
    start = 0
    for dtype, shape, size in layout:
        # A copy: each array owns its bytes, so none can be reached through another.
        cells = np.frombuffer(body, dtype=np.uint8, count=size, offset=start).copy()
        # A truth value of another byte than 0 or 1 would count as that number in NumPy's sums.
        yield (cells != 0 if dtype.kind == "b" else cells.view(dtype)).reshape(shape)
        start += size
