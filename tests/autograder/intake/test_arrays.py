"""Files of arrays are read within bounds, and nothing in them is believed."""

import contextlib
import io
import pickle
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from autograder.intake.arrays import MAX_ARRAYS, MAX_BYTES, UnreadableArrays, read_arrays

HEADER = "{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n"


def packed(write=np.savez, /, **arrays):
    stream = io.BytesIO()
    write(stream, **arrays)
    return stream.getvalue()


def zipped(*members, method=zipfile.ZIP_STORED):
    """A zip of names and contents."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def array(kind="<f8", shape="(1,)", content=bytes(8), header=HEADER):
    """An array file with a header of one's own."""
    text = header.format(kind=kind, shape=shape).encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + content


plain = arrays_of.arrays(
    dtype=st.one_of(
        arrays_of.boolean_dtypes(),
        arrays_of.integer_dtypes(endianness="?"),
        arrays_of.unsigned_integer_dtypes(endianness="?"),
        arrays_of.floating_dtypes(sizes=(16, 32, 64), endianness="?"),
        arrays_of.unicode_string_dtypes(endianness="?"),
    ),
    shape=arrays_of.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)


@given(st.dictionaries(st.sampled_from(["a", "b_1", "model/W1", "ä"]), plain, max_size=3), st.booleans())
def test_what_numpy_writes_is_read_as_numpy_reads_it(arrays, is_compressed):
    raw = packed(np.savez_compressed if is_compressed else np.savez, **arrays)
    found = read_arrays(raw)
    assert found.keys() == arrays.keys()
    for name, wanted in arrays.items():
        assert found[name].shape == wanted.shape
        assert found[name].dtype == wanted.dtype.newbyteorder("=")
        np.testing.assert_array_equal(found[name], wanted)
        assert not found[name].flags.writeable


def test_fortran_order_is_kept_to():
    wanted = np.arange(6).reshape(2, 3)
    assert read_arrays(packed(a=np.asfortranarray(wanted)))["a"].tolist() == wanted.tolist()


def test_a_header_of_format_2_is_read():
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.arange(3.0), version=(2, 0))
    assert read_arrays(zipped(("a.npy", stream.getvalue())))["a"].tolist() == [0, 1, 2]


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(raw):
    for content in (raw, zipped(("a.npy", raw)), zipped(("a.npy", b"\x93NUMPY\x01\x00" + raw))):
        with contextlib.suppress(UnreadableArrays):
            read_arrays(content)


VALID = packed(np.savez_compressed, a=np.arange(12.0).reshape(3, 4), b=np.array("text"))


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused(changes):
    raw = bytearray(VALID)
    for at, byte in changes:
        raw[at] = byte
    with contextlib.suppress(UnreadableArrays):
        for found in read_arrays(bytes(raw)).values():
            found.tolist()  # every text can be looked at


@given(st.integers(0, len(VALID) - 1))
def test_a_file_that_was_cut_is_refused(size):
    with pytest.raises(UnreadableArrays):
        read_arrays(VALID[:size])


class Harmful:
    """Would write into the working directory when it is unpickled."""

    def __reduce__(self):
        return open, ("unpickled", "w")


ODD = {
    "objects": (packed(a=np.array([Harmful()], dtype=object)), "which is no array of numbers"),
    "a pickle": (zipped(("a.npy", pickle.dumps(Harmful()))), "which is no array of numbers"),
    "records": (packed(a=np.zeros(2, dtype=[("x", "f8")])), "which is no array of numbers"),
    "dates": (packed(a=np.array(["2026-01-01"], dtype="M8[D]")), "which is no array of numbers"),
    "complex numbers": (packed(a=np.ones(2, dtype=complex)), "which is no array of numbers"),
    "bytes": (packed(a=np.array([b"x"])), "which is no array of numbers"),
    "numbers of no size": (zipped(("a.npy", array("<f3", "(1,)", bytes(3)))), "of dtype <f3"),
    "texts of no size": (zipped(("a.npy", array("<U0", "(1000000,)", b""))), "of dtype <U0"),
    "quadruple precision": (zipped(("a.npy", array("<f16", "(1,)", bytes(16)))), "of dtype <f16"),
    "no characters": (zipped(("a.npy", array("<U1", "()", b"\xff" * 4))), "characters are damaged"),
    "a call": (zipped(("a.npy", array(header="__import__('os').getpid()\n"))), "which is no array of numbers"),
    "brackets": (zipped(("a.npy", array(header="(" * 9000))), "which is no array of numbers"),
    "another format": (zipped(("a.npy", b"\x93NUMPY\x03\x00" + bytes(50))), "which is no array of numbers"),
    "a huge shape": (zipped(("a.npy", array(shape="(999999999, 999999999)"))), "shape does not fit"),
    "a huge shape of nothing": (zipped(("a.npy", array(shape="(0, 99999999999999999999)"))), "no array of numbers"),
    "a negative shape": (zipped(("a.npy", array(shape="(-1, -1)"))), "which is no array of numbers"),
    "many digits": (zipped(("a.npy", array(shape=f"({'1' * 60000},)"))), "which is no array of numbers"),
    "many dimensions": (zipped(("a.npy", array(shape=f"({', '.join('1' * 9)})"))), "shape does not fit"),
    "too few numbers": (zipped(("a.npy", array(shape="(2,)"))), "shape does not fit"),
    "too many numbers": (zipped(("a.npy", array(content=bytes(16)))), "shape does not fit"),
    "a name twice": (zipped(("a.npy", array()), ("b.npy", array())).replace(b"b.npy", b"a.npy"), "holds 'a' twice"),
    "another file": (zipped(("a.txt", b"text")), "holds 'a.txt', which is no array"),
    "a folder": (zipped(("a.npy/", b"")), "holds 'a.npy/', which is no array"),
    "an odd name": (zipped(("\x1b[31m", b"")), r"holds '\?\[31m', which is no array"),
    "another packing": (zipped(("a.npy", array()), method=zipfile.ZIP_LZMA), "packed in an unusual way"),
    "many arrays": (zipped(*((f"{i}.npy", array()) for i in range(MAX_ARRAYS + 1))), "more than 256 arrays"),
    "no zip": (b"no zip", "is not a file as np.savez writes it"),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_what_is_refused(what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    raw, said = ODD[what]
    with pytest.raises(UnreadableArrays, match=said):
        read_arrays(raw)
    assert list(tmp_path.iterdir()) == []


def test_an_encrypted_file_is_refused():
    raw = bytearray(packed(a=np.arange(3)))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    raw[raw.index(b"PK\x03\x04") + 6] |= 1
    with pytest.raises(UnreadableArrays, match="packed in an unusual way"):
        read_arrays(bytes(raw))


BOMBS = {
    "in one array": zipped(("a.npy", bytes(1 << 26)), method=zipfile.ZIP_DEFLATED),
    "in several": packed(np.savez_compressed, **{f"a{i}": np.zeros(1 << 19) for i in range(3)}),
}


@pytest.mark.parametrize("raw", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_not_unpacked(raw):
    assert len(raw) < MAX_BYTES / 20
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableArrays, match="unpacks to more than 8 MB"):
            read_arrays(raw)
        assert tracemalloc.get_traced_memory()[1] < 6 * MAX_BYTES
    finally:
        tracemalloc.stop()


def test_a_size_that_is_announced_is_not_believed():
    raw = bytearray(packed(np.savez_compressed, a=np.zeros(1 << 21)))
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = struct.pack("<I", 200)
    with pytest.raises(UnreadableArrays):
        read_arrays(bytes(raw))


def test_a_large_file_is_not_opened():
    with pytest.raises(UnreadableArrays, match="is larger than 8 MB"):
        read_arrays(bytes(MAX_BYTES + 1))
