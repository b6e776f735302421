"""A zip is read within bounds, or refused with one sentence; nothing is written anywhere."""

import io
import stat
import struct
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import InvalidSubmission
from autograder.intake import archive


@pytest.fixture
def read(tmp_path):
    def from_bytes(raw, max_files=10, max_bytes=1000):
        path = tmp_path / "work.zip"
        path.write_bytes(raw)
        return archive.read(path, max_files, max_bytes)

    return from_bytes


def to_zip(*members, method=zipfile.ZIP_STORED):
    """A zip of (name or ZipInfo, content) pairs."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return raw.getvalue()


def special(name, mode):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def raw_name(name):
    """A member whose name is stored as it is; ZipInfo cuts at a zero byte and mends separators."""
    info = zipfile.ZipInfo("x")
    info.filename = name
    return info


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ([("hw.py", "x")], {"hw.py"}),
        ([("hw/hw.py", "x"), ("hw/data/a.txt", "y")], {"hw.py", "data/a.txt"}),
        ([("a/b/c/hw.py", "x")], {"hw.py"}),
        ([("a/hw.py", "x"), ("b/c.py", "y")], {"a/hw.py", "b/c.py"}),
        ([("hw/", ""), ("hw/hw.py", "x")], {"hw.py"}),
        ([("hw/hw.py", "x"), ("__MACOSX/hw/._hw.py", "y"), ("__MACOSX/._hw", "z")], {"hw.py"}),
        ([("hw.py", "x"), ("._hw.py", "y"), ("__pycache__/hw.pyc", "z"), (".git/config", "")], {"hw.py"}),
        ([(raw_name("hw\\hw.py"), "x"), (raw_name("hw\\a\\b.py"), "y")], {"hw.py", "a/b.py"}),
        ([("./hw.py", "x"), ("a//b.py", "y")], {"hw.py", "a/b.py"}),
        ([("Übung/hw.py", "x"), ("Übung/zwei\nZeilen.txt", "y")], {"hw.py", "zwei\nZeilen.txt"}),
        ([], set()),
        ([("empty/", "")], set()),
        ([(".", "x"), ("hw.py", "y")], {"hw.py"}),
    ],
    ids=lambda value: repr(sorted(value)) if isinstance(value, set) else repr(value),
)
def test_files_are_read_by_their_path(read, members, found):
    assert set(read(to_zip(*members))) == found


def test_contents_are_kept_byte_by_byte(read):
    assert read(to_zip(("hw.py", b"\r\n\0\xff"), method=zipfile.ZIP_DEFLATED)) == {"hw.py": b"\r\n\0\xff"}


@pytest.mark.parametrize(
    "name",
    [
        "../hw.py",
        "a/../../hw.py",
        "/etc/passwd",
        "\\\\host\\share",
        "C:\\hw.py",
        "c:/hw.py",
        "..\\hw.py",
        "..",
    ],
)
def test_a_path_that_leads_outside_is_refused(read, name):
    with pytest.raises(InvalidSubmission, match="holds a path that leads outside of it"):
        read(to_zip((raw_name(name), "x")))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_are_left_out(read, kind):
    raw = to_zip(
        (special("hw.py", stat.S_IFREG | 0o644), "x"), (special("link", kind | 0o777), "/etc/passwd")
    )
    assert set(read(raw)) == {"hw.py"}


def test_the_last_of_two_members_with_one_name_counts(read):
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = to_zip(("hw.py", "old"), ("hw.py", "new"))
    assert read(raw) == {"hw.py": b"new"}


@pytest.mark.parametrize(
    "members",
    [
        [("a", "x"), ("a/b", "y")],
        [("a/b", "y"), ("a", "x")],
        [("a/b/c/d.py", "y"), ("a/b", "x"), ("hw.py", "z")],
        [("n" * 300, "x")],
        [("d" * 300 + "/hw.py", "x"), ("hw.py", "y")],
        [("ü" * 128, "x")],
        [("a/" * 600 + "hw.py", "x"), ("hw.py", "y")],
    ],
    ids=lambda m: m[0][0][:20],
)
def test_paths_that_no_folder_can_hold_are_refused(read, members):
    with pytest.raises(InvalidSubmission, match="make the zip anew"):
        read(to_zip(*members))


@pytest.mark.parametrize("raw", [b"", b"PK", b"not a zip at all", b"PK\x05\x06" + bytes(17), b"\0" * 100])
def test_what_is_no_zip_is_refused(read, raw):
    with pytest.raises(InvalidSubmission, match="is not a zip that can be read"):
        read(raw)


def test_an_encrypted_zip_is_refused(read):
    raw = bytearray(to_zip(("hw.py", "x" * 50)))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + flags] |= 1
    with pytest.raises(InvalidSubmission, match="is encrypted"):
        read(bytes(raw))


def test_a_zip_whose_content_was_changed_is_refused(read):
    raw = to_zip(("hw.py", "content"))
    with pytest.raises(InvalidSubmission, match="is not a zip that can be read"):
        read(raw.replace(b"content", b"c0ntent"))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_ways_of_packing_are_refused(read, method):
    with pytest.raises(InvalidSubmission, match="make an ordinary zip of it"):
        read(to_zip(("hw.py", "x"), method=method))


def test_too_many_files_are_refused(read):
    names = [(f"{i}.py", "") for i in range(11)]
    assert len(read(to_zip(*names[:10]))) == 10
    with pytest.raises(InvalidSubmission, match="holds more than 10 files"):
        read(to_zip(*names))
    with pytest.raises(InvalidSubmission, match="holds more than 10 files"):
        read(to_zip(*((f"{i}/", "") for i in range(30))))


def test_the_unpacked_size_is_bounded_over_all_files(read):
    assert len(read(to_zip(("a", "x" * 500), ("b", "x" * 500)))) == 2
    with pytest.raises(InvalidSubmission, match="unpacks to too much"):
        read(to_zip(("a", "x" * 500), ("b", "x" * 501)))


METHODS = [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS)
def test_a_zip_bomb_is_refused_before_it_fills_the_memory(read, method):
    raw = to_zip(("bomb", bytes(30 << 20)), method=method)
    assert len(raw) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(InvalidSubmission):
            read(raw, max_bytes=1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


def test_an_announced_size_is_not_believed(read):
    raw = bytearray(to_zip(("bomb", bytes(1 << 20)), method=zipfile.ZIP_DEFLATED))
    for signature, size in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = raw.index(signature) + size
        raw[at : at + 4] = struct.pack("<I", 10)
    with pytest.raises(InvalidSubmission):
        read(bytes(raw))


ZIPS = [to_zip(("hw/hw.py", "x = 1\n" * 20), ("hw/b.txt", "y"), method=m) for m in (0, *METHODS)]


@given(st.sampled_from(ZIPS), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6))
def test_a_damaged_zip_is_read_or_refused_and_nothing_else(tmp_path_factory, raw, changes):
    damaged = bytearray(raw)
    for at, byte in changes:
        damaged[at % len(raw)] = byte
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(damaged)
    with suppress(InvalidSubmission):
        archive.read(path, 10, 1000)
