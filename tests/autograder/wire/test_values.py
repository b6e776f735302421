"""What may cross the line arrives as it was; everything else is refused."""

import enum
import json
import math
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.wire import values
from autograder.wire.values import Callback, Handle, Opaque, RandomGenerator, WireError, from_tree, to_tree

BIG = 2**values.MAX_INT_BITS
DTYPES = sorted(values.DTYPES)

texts = st.text(st.characters(exclude_categories=()), max_size=20)
arrays = st.sampled_from(DTYPES).flatmap(
    lambda d: hnp.arrays(d, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(1 - BIG, BIG - 1), st.floats(), texts)
names = st.one_of(
    st.builds(Handle, st.integers(0, 2**53 - 1)),
    st.builds(Callback, st.integers(0, 2**53 - 1)),
    st.builds(RandomGenerator, st.integers(0, 2**64 - 1)),
    st.builds(Opaque, texts),
)
LARGEST_KEY = 2**values.MAX_KEY_BITS - 1
keys = st.one_of(texts, st.integers(-LARGEST_KEY, LARGEST_KEY))
plain = st.recursive(
    st.one_of(scalars, arrays, names),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=12,
)
json_trees = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["a", "t", "d", "h", "c", "r", "o", "x", ""]), inner, max_size=2),
    ),
    max_leaves=20,
)


def cross(value):
    """Send a value over the line, without the bytes."""
    moved = []
    tree = json.loads(json.dumps(to_tree(value, moved)))
    return from_tree(tree, moved)


def same(a, b):
    """Whether two values are of the same kind and equal, NaN and the sign of zero included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return (
            list(map(type, a)) == list(map(type, b))
            and list(a) == list(b)
            and all(same(a[k], b[k]) for k in a)
        )
    if isinstance(a, float):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (a != a and b != b)
    return a == b


@given(plain)
def test_plain_data_arrives_as_it_was(value):
    assert same(cross(value), value)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (1, 2, 3)])
def test_every_kind_of_array_arrives_with_dtype_and_shape(dtype, shape):
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    assert same(cross(array), array)


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        (np.arange(3, dtype=">f8"), np.arange(3, dtype="<f8")),
        (np.arange(3, dtype=">i2"), np.arange(3, dtype="<i2")),
        (np.arange(12).reshape(3, 4)[::2, ::-1], np.array([[3, 2, 1, 0], [11, 10, 9, 8]])),
        (np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.arange(6.0).reshape(2, 3)),
        (np.broadcast_to(np.float32(2), (2, 2)), np.full((2, 2), 2, dtype=np.float32)),
        (np.float32(1.5), np.array(1.5, dtype=np.float32)),
        (np.float64(1.5), np.array(1.5)),
        (np.bool_(True), np.array(True)),
        (np.longdouble(1.5), np.array(1.5)),
        (np.array([1 + 2j], dtype=np.clongdouble), np.array([1 + 2j])),
        (1 + 2j, np.array(1 + 2j)),
        (np.array([[1.0, 2.0]]).view(np.matrix), np.array([[1.0, 2.0]])),
        (np.ma.masked_array([1.0, 2.0], mask=[0, 1]), np.array([1.0, 2.0])),
        (np.array([0.0, -0.0, np.nan, np.inf, -np.inf]), np.array([0.0, -0.0, np.nan, np.inf, -np.inf])),
        ({np.int64(3): 1, np.float64(0.5): 2}, {3: 1, 0.5: 2}),
    ],
    ids=str,
)
def test_unusual_numbers_arrive_plain(sent, arrives):
    assert same(cross(sent), arrives)


class Number(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class Count(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Text(str):
    __slots__ = ()


class Always(np.ndarray):
    def __eq__(self, other):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        raise AssertionError("never asked")


class Colour(enum.IntEnum):
    RED = 1


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        (Number(2.5), 2.5),
        (Count(3), 3),
        (Colour.RED, 1),
        (Text("a"), "a"),
        (type("Row", (tuple,), {})((1, 2)), (1, 2)),
        (type("Bag", (list,), {})([1, 2]), [1, 2]),
        (type("Table", (dict,), {})(a=1), {"a": 1}),
        (np.arange(3).view(Always), np.arange(3)),
    ],
    ids=lambda v: type(v).__name__,
)
def test_subclasses_arrive_as_the_plain_kind(sent, arrives):
    assert same(cross(sent), arrives)


def test_arrays_are_copied_so_that_later_changes_do_not_travel():
    array, moved = np.zeros(2), []
    to_tree(array, moved)
    array[:] = 1
    assert moved[0].tolist() == [0, 0]


@pytest.mark.parametrize(
    "value",
    [
        object(),
        len,
        {1, 2},
        b"bytes",
        Fraction(1, 2),
        np.array([object()]),
        np.array(["text"]),
        np.array([b"text"]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.zeros(2, dtype=[("a", "f8")]),
        np.zeros((1,) * (values.MAX_DIMENSIONS + 1)),
        {(1, 2): 3},
        {None: 3},
        BIG,
        -BIG,
    ],
    ids=lambda v: type(v).__name__,
)
def test_what_is_not_plain_data_is_refused(value):
    with pytest.raises(WireError):
        to_tree(value, [])


def test_a_stand_in_is_sent_for_what_is_not_plain_data():
    tree = to_tree([object(), np.array(["text"])], [], lambda v: Opaque(type(v).__name__))
    assert from_tree(tree, []) == [Opaque("object"), Opaque("ndarray")]


def test_a_stand_in_that_is_not_plain_either_is_refused():
    with pytest.raises(WireError):
        to_tree(object(), [], lambda v: v)


def nested(depth, kind):
    value = 1
    for _ in range(depth):
        value = {"list": [value], "tuple": (value,), "dict": {"k": value}}[kind]
    return value


@pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
def test_nesting_is_bounded_when_sent(kind):
    assert same(cross(nested(values.MAX_DEPTH, kind)), nested(values.MAX_DEPTH, kind))
    with pytest.raises(WireError):
        to_tree(nested(values.MAX_DEPTH + 1, kind), [])


def test_a_list_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(WireError):
        to_tree(loop, [])


@pytest.mark.parametrize("wrap", [lambda t: [t], lambda t: {"t": [t]}, lambda t: {"d": [["k", t]]}])
def test_nesting_is_bounded_when_read(wrap):
    tree = 1
    for _ in range(100):
        tree = wrap(tree)
    with pytest.raises(WireError):
        from_tree(tree, [])


def test_the_number_of_values_is_bounded_when_read():
    assert len(from_tree([0] * (values.MAX_NODES - 1), [])) == values.MAX_NODES - 1
    with pytest.raises(WireError):
        from_tree([0] * values.MAX_NODES, [])


def test_long_texts_are_cut_when_sent_and_refused_when_read():
    assert len(cross("x" * (values.MAX_TEXT + 5))) == values.MAX_TEXT
    with pytest.raises(WireError):
        from_tree("x" * (values.MAX_TEXT + 1), [])


def test_names_of_types_are_cut():
    assert cross(Opaque("x" * 500)) == Opaque("x" * 100)
    assert from_tree({"o": "x" * 500}, []) == Opaque("x" * 100)


@given(json_trees)
def test_any_tree_is_read_as_plain_data_or_refused(tree):
    try:
        value = from_tree(tree, [np.zeros(2)])
    except WireError:
        return
    assert is_plain(value)


def is_plain(value):
    if isinstance(value, (list, tuple)):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(k, (str, int, float)) and is_plain(v) for k, v in value.items())
    return value is None or type(value) in (
        bool,
        int,
        float,
        str,
        np.ndarray,
        Handle,
        Callback,
        RandomGenerator,
        Opaque,
    )


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"a": 1},
        {"a": -1},
        {"a": True},
        {"a": 0.0},
        {"a": "0"},
        {"a": None},
        {"a": 0, "t": []},
        {"t": 1},
        {"t": {"t": []}},
        {"d": {}},
        {"d": [["k"]]},
        {"d": [["k", 1, 2]]},
        {"d": [[None, 1]]},
        {"d": [[[1], 1]]},
        {"d": ["kv"]},
        {"h": -1},
        {"h": 1 << 53},
        {"h": True},
        {"c": 1.0},
        {"r": 1 << 64},
        {"r": -1},
        {"o": 1},
        {"__reduce__": ["os.system", "true"]},
        {"py/object": "os.system"},
        (1, 2),
        b"bytes",
    ],
    ids=str,
)
def test_malformed_trees_are_refused(tree):
    with pytest.raises(WireError):
        from_tree(tree, [np.zeros(2)])


@pytest.mark.parametrize(
    ("spec", "room", "size"),
    [
        (["<f8", []], 8, 8),
        (["<f8", [2, 3]], 48, 48),
        (["<f8", [2, 3]], 100, 48),
        (["|b1", [0]], 0, 0),
        (["<f8", [0, 5]], 0, 0),
    ],
    ids=str,
)
def test_array_descriptions_are_read(spec, room, size):
    dtype, shape, found = values.read_spec(spec, room)
    assert (dtype.str, list(shape), found) == (spec[0], spec[1], size)


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [],
        ["<f8"],
        ["<f8", [1], 1],
        {"dtype": "<f8"},
        [1, [1]],
        ["|O", [1]],
        ["O", [1]],
        ["|V8", [1]],
        ["<U4", [1]],
        ["|S4", [1]],
        ["<M8[D]", [1]],
        ["<f8,<f8", [1]],
        [">f8", [1]],
        ["f8", [1]],
        ["<f16", [1]],
        ["float64", [1]],
        ["<f8", 1],
        ["<f8", [-1]],
        ["<f8", [1.0]],
        ["<f8", [True]],
        ["<f8", ["1"]],
        ["<f8", [[1]]],
        ["<f8", [9]],
        ["<f8", [1 << 62]],
        ["<f8", [1 << 40]],
        ["<f8", [1 << 39, 1 << 39, 1 << 39]],
        ["<f8", [0, 1 << 39]],
        ["<f8", [0, 1 << 39, 1 << 39]],
        ["<f8", [-1, -8]],
        ["<f8", [1] * 17],
    ],
    ids=str,
)
def test_malformed_or_absurd_arrays_are_refused(spec):
    with pytest.raises(WireError):
        values.read_spec(spec, 64)


def test_keys_that_could_share_one_hash_are_refused_before_they_cost_time():
    modulus = sys.hash_info.modulus
    with pytest.raises(WireError, match="key"):
        from_tree({"d": [[i * modulus, 0] for i in range(1, 100_000)]}, [])
    with pytest.raises(WireError, match="key"):
        to_tree({modulus: 1}, [])


def test_an_array_is_named_once_so_that_a_frame_cannot_grow():
    array = np.zeros(1000)
    assert from_tree([{"a": 0}], [array])[0] is array
    with pytest.raises(WireError, match="twice"):
        from_tree([{"a": 0}] * 2, [array])
    moved = []
    assert len(from_tree(to_tree([array, array], moved), moved)) == len(moved) == 2
