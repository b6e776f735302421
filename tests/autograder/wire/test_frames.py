"""One value is one frame; any other bytes are refused before they cost anything."""

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.wire import frames
from autograder.wire.values import WireError

VALUE = {"x": np.arange(6.0).reshape(2, 3), "y": [np.array(True), np.zeros(0), "text"], 3: (None, 1.5)}

values = st.recursive(
    st.one_of(
        st.integers(),
        st.text(max_size=5),
        hnp.arrays(
            st.sampled_from(["<f8", "|b1", "<i4"]), hnp.array_shapes(min_dims=0, min_side=0, max_side=3)
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


class Source:
    """Hands out bytes as a socket would; remembers the largest piece that was asked for."""

    def __init__(self, data):
        self.data, self.largest = bytes(data), 0

    def __call__(self, size):
        self.largest = max(self.largest, size)
        if size > len(self.data):
            raise EOFError
        piece, self.data = self.data[:size], self.data[size:]
        return piece


def to_bytes(value):
    return b"".join(map(bytes, frames.encode(value)))


def frame(header, body=b"", magic=frames.MAGIC):
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return frames.PREFIX.pack(magic, len(raw), len(body)) + raw + body


def equal(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(equal(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


@given(values)
def test_a_value_comes_out_of_its_frame_and_nothing_is_left_over(value):
    source = Source(to_bytes(value))
    assert equal(frames.read(source), value)
    assert source.data == b""


def test_several_frames_follow_each_other():
    source = Source(to_bytes(VALUE) + to_bytes([1]))
    assert equal(frames.read(source), VALUE)
    assert frames.read(source) == [1]


def test_arrays_that_arrive_own_their_bytes_and_can_be_written():
    first, second = frames.read(Source(to_bytes([np.zeros(2), np.zeros(2)])))
    first += 1
    assert second.tolist() == [0, 0]


def test_only_empty_arrays_need_no_body():
    arrived = frames.read(Source(to_bytes([np.zeros((0, 3)), np.zeros(0, dtype=bool)])))
    assert [a.shape for a in arrived] == [(0, 3), (0,)]


def test_truth_values_that_arrive_are_zero_or_one():
    array = frames.read(Source(frame({"v": {"a": 0}, "a": [["|b1", [3]]]}, b"\x00\x02\xff")))
    assert array.view(np.uint8).tolist() == [0, 1, 1]
    assert array.astype(np.float64).sum() == 2


@pytest.mark.parametrize("cut", range(0, len(to_bytes(VALUE)), 7))
def test_a_frame_that_breaks_off_is_an_end_of_file(cut):
    with pytest.raises(EOFError):
        frames.read(Source(to_bytes(VALUE)[:cut]))


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    with pytest.raises((WireError, EOFError)):
        frames.read(Source(data))


@given(st.binary(max_size=100), st.binary(max_size=20))
def test_random_headers_and_bodies_are_refused(header, body):
    with pytest.raises(WireError):
        frames.read(Source(frame(header, body)))


@given(st.integers(0, len(to_bytes(VALUE)) - 1), st.integers(1, 255))
def test_a_frame_with_a_changed_byte_is_read_or_refused_and_nothing_else(at, change):
    data = bytearray(to_bytes(VALUE))
    data[at] ^= change
    try:
        frames.read(Source(data))
    except (WireError, EOFError):
        pass


headers = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["<f8", "|b1", "|O", ""])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("avtdhcro"), inner, max_size=3)
    ),
    max_leaves=15,
)


@given(
    headers,
    st.lists(st.tuples(st.sampled_from(["<f8", "|b1", "|O"]), st.lists(st.integers(-1, 9))), max_size=3),
)
def test_any_json_header_is_read_or_refused_and_nothing_else(tree, specs):
    for header in (tree, {"v": tree, "a": specs}, {"v": {"a": 0}, "a": tree}):
        try:
            frames.read(Source(frame(header, bytes(8))))
        except WireError:
            continue


@pytest.mark.parametrize(
    "data",
    [
        frame({"v": 1, "a": []}, magic=b"AGW0"),
        frame({"v": 1, "a": []}, body=b"more"),
        frame({"v": {"a": 0}, "a": [["<f8", [2]]]}, body=bytes(8)),
        frame({"v": {"a": 0}, "a": [["<f8", [1]]]}, body=bytes(16)),
        frame({"v": {"a": 1}, "a": [["<f8", [1]]]}, body=bytes(8)),
        frame({"v": 1}),
        frame({"v": 1, "a": [], "x": 1}),
        frame({"v": 1, "a": {}}),
        frame([1]),
        frame(b"null"),
        frame(b""),
        frame(b"{'v': 1}"),
        frame(b'{"v": 1, "a": []'),
        frame(b"\xff\xfe"),
        frame(b"[" * 200_000),
        frame(b'{"v": ' + b"9" * 5000 + b', "a": []}'),
        frame(b'{"v": ' + b"[" * 5000 + b"]" * 5000 + b', "a": []}'),
        frame({"v": 1, "a": [["<f8", [0]]] * (frames.MAX_ARRAYS + 1)}),
        b"\x80\x04\x95" + bytes(40),  # how a pickle starts
    ],
    ids=lambda d: repr(d[:40]),
)
def test_malformed_frames_are_refused(data):
    with pytest.raises(WireError):
        frames.read(Source(data))


@pytest.mark.parametrize(
    ("header", "body"),
    [(frames.MAX_HEADER + 1, 0), (0xFFFFFFFF, 0), (10, frames.MAX_BODY + 1), (10, 2**64 - 1)],
)
def test_a_frame_that_announces_too_much_is_refused_before_it_is_read(header, body):
    source = Source(frames.PREFIX.pack(frames.MAGIC, header, body) + bytes(100))
    with pytest.raises(WireError):
        frames.read(source)
    assert source.largest == frames.PREFIX.size


@pytest.mark.parametrize("shape", [[1 << 40], [1 << 20, 1 << 20], [0, 1 << 39], [10**6, 10**6, 0]])
def test_absurd_shapes_are_refused_without_reserving_memory(shape):
    data = frame({"v": {"a": 0}, "a": [["<f8", shape]]}, bytes(8))
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            frames.read(Source(data))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("item", [b"{}", b"[]", b'{"a":0}', b'{"t":[]}'])
def test_a_header_of_countless_values_is_refused_before_it_is_parsed(item):
    data = frame(
        b'{"v": [' + (item + b",") * ((frames.MAX_HEADER - 100) // (len(item) + 1)) + b'0], "a": []}'
    )
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            frames.read(Source(data))
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()


def test_a_reader_may_accept_less():
    data = to_bytes(np.zeros(100))
    with pytest.raises(WireError):
        frames.read(Source(data), max_body=799)
    assert frames.read(Source(data), max_body=800).shape == (100,)


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(frames.MAX_BODY + 1, dtype=np.uint8),
        ["x" * 90_000] * 100,
        [np.zeros(0)] * (frames.MAX_ARRAYS + 1),
    ],
    ids=["body", "header", "arrays"],
)
def test_what_exceeds_a_frame_is_not_sent(value):
    with pytest.raises(WireError):
        frames.encode(value)
