"""Frames that were right once and were then changed: read as plain data, or refused; never anything else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire import frames, values
from autograder.wire.values import Callback, Handle, Opaque, RandomGenerator, WireError

PLAIN = (bool, int, float, str, type(None), Callback, Handle, Opaque, RandomGenerator, values.StandIn)
SAMPLES = [
    {"done": [{"value": np.arange(6.0).reshape(2, 3), "modified": [0]}]},
    {"asks": 0, "args": [(1, "x"), [2.5], None], "kwargs": {"k": 1j}},
    {"done": [{"error": {"type": "E", "bases": ["E", "Exception"], "message": "m", "line": 3}}]},
    [Handle(1), Callback(2), RandomGenerator(3), Opaque("T"), {1: np.array(True), "k": np.zeros((0, 2))}],
]
FRAMES = [b"".join(map(bytes, frames.encode(sample))) for sample in SAMPLES]
PIECES = [
    b'"a"',
    b'"d"',
    b'"t"',
    b'"h"',
    b'{"a": 0}',
    b"[[",
    b"]]",
    b"|O",
    b"<f8",
    b"-1",
    b"1e999",
    b"NaN",
    b"\xff",
    b"",
]

changes = st.lists(
    st.tuples(
        st.integers(0, 400), st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), st.integers(0, 8)
    ),
    min_size=1,
    max_size=4,
)


def source(data):
    at = 0

    def receive(size):
        nonlocal at
        if size > len(data) - at:
            raise EOFError
        at += size
        return data[at - size : at]

    return receive


def hold(value):
    """Fail on anything that is not plain data."""
    if isinstance(value, dict):
        assert all(isinstance(key, (str, int, float)) for key in value)
        value = list(value.values())
    if type(value) in (list, tuple):
        for item in value:
            hold(item)
    elif isinstance(value, np.ndarray):
        assert type(value) is np.ndarray and value.dtype.str in values.DTYPES
    else:
        assert isinstance(value, PLAIN), type(value)


def read(data):
    try:
        hold(frames.read(source(data), 1 << 16))
    except (WireError, EOFError):
        return


@settings(max_examples=1500)
@given(st.sampled_from(FRAMES), changes)
def test_changed_frames(raw, edits):
    for at, new, dropped in edits:
        raw = raw[:at] + new + raw[at + dropped :]
    read(raw)


@settings(max_examples=1500)
@given(st.sampled_from(FRAMES), changes)
def test_changed_headers_whose_sizes_are_put_right(raw, edits):
    """Further in: the prefix fits what was changed."""
    _, header_size, _ = frames.PREFIX.unpack(raw[: frames.PREFIX.size])
    start = frames.PREFIX.size
    header, body = raw[start : start + header_size], raw[start + header_size :]
    for at, new, dropped in edits:
        header = header[:at] + new + header[at + dropped :]
    read(frames.PREFIX.pack(frames.MAGIC, len(header), len(body)) + header + body)


@pytest.mark.parametrize("raw", FRAMES)
def test_every_beginning_of_a_frame_is_too_short(raw):
    for size in range(len(raw)):
        with pytest.raises(EOFError):
            frames.read(source(raw[:size]))
