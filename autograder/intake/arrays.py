"""The arrays of an ``.npz`` file that a student handed in, read within bounds.

The file is the student's word, whoever opens it.  It is opened here and not in the worker: a worker's answer would
depend on what the student's code did to NumPy, and would be missing where that code cannot be loaded.  What makes
this safe is that nothing in the file is believed.  A member is unpacked only until it has what is left of the bound;
of headers only the form is taken that NumPy writes, where its own reader evaluates literals, which has many ways to
fail; and memory is given to an array after its dtype and shape were found to need exactly the bytes that are there.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
import zlib

import numpy as np

MAX_BYTES = 8 << 20
"""Of the file, and of all its arrays together."""
MAX_ARRAYS = 256
_MAX_DIMENSIONS = 8
# Of the others zipfile unpacks a megabyte at once, which may become gigabytes.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_HEADER = re.compile(
    rb"\x93NUMPY(?:\x01\x00..|\x02\x00....)"
    rb"\{'descr': '(?P<kind>[<>|=][biufU]\d{1,7})', 'fortran_order': (?P<fortran>True|False), "
    rb"'shape': \((?P<shape>(?:\d{1,9}(?:, \d{1,9}){0,31},?)?)\), \} *\n",
    re.DOTALL,
)
"""Of an array as `numpy.save` writes it, formats 1.0 and 2.0."""

Arrays = dict[str, np.ndarray]


class UnreadableArrays(Exception):
    """The file cannot be read; the message says why, as the end of a sentence that begins with its name."""


def read_arrays(raw: bytes) -> Arrays:
    """Read the arrays of an ``.npz`` file.

    Parameters
    ----------
    raw : bytes
        The file's content, from a student.

    Returns
    -------
    dict of str to ndarray
        Numbers, truth values and texts, read-only and in this machine's byte order.

    Raises
    ------
    UnreadableArrays
        If it is no such file, is damaged or encrypted, exceeds the bounds, holds a name twice, or anything else
        than plain arrays.
    """
    if len(raw) > MAX_BYTES:
        raise UnreadableArrays(f"is larger than {MAX_BYTES >> 20} MB.")
    arrays: Arrays = {}
    room = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            if len(members) > MAX_ARRAYS:
                raise UnreadableArrays(f"holds more than {MAX_ARRAYS} arrays.")
            for member in members:
                name = member.filename.removesuffix(".npy")
                shown = "".join(c if c.isprintable() else "?" for c in name)[:60]
                if name == member.filename:
                    raise UnreadableArrays(f"holds '{shown}', which is no array.")
                if name in arrays:
                    raise UnreadableArrays(f"holds '{shown}' twice.")
                content = _unpack(archive, member, room)
                room -= len(content)
                arrays[name] = _array(content, shown)
    # What zipfile and zlib raise on damaged files; RuntimeError and NotImplementedError on unusual ones.
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        OverflowError,
    ) as error:
        raise UnreadableArrays("is not a file as np.savez writes it; make it anew.") from error
    return arrays


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> bytes:
    """The content of a member; the size that the archive announces is not believed."""
    if member.compress_type not in _METHODS or member.flag_bits & _ENCRYPTED:
        raise UnreadableArrays("is packed in an unusual way; write it with np.savez.")
    with archive.open(member) as stream:
        content = stream.read(room + 1)
    if len(content) > room:
        raise UnreadableArrays(f"unpacks to more than {MAX_BYTES >> 20} MB.")
    return content


def _array(content: bytes, shown: str) -> np.ndarray:
    found = _HEADER.match(content)
    if found is None:
        raise UnreadableArrays(f"holds '{shown}', which is no array of numbers as np.savez writes it.")
    kind, is_fortran, sizes = (found[name].decode() for name in ("kind", "fortran", "shape"))
    try:
        dtype = np.dtype(kind)
    except TypeError:  # <f3
        dtype = np.dtype(object)
    is_plain = dtype.kind in "biuU" or (dtype.kind == "f" and dtype.itemsize <= 8)
    if not is_plain or not dtype.itemsize:  # <U0 would fit any shape
        raise UnreadableArrays(f"holds '{shown}' of dtype {kind}; numbers are needed.")
    shape = tuple(int(size) for size in sizes.replace(",", " ").split())
    size, data = math.prod(shape), content[found.end() :]
    if len(shape) > _MAX_DIMENSIONS or size * dtype.itemsize != len(data):
        raise UnreadableArrays(f"holds '{shown}', whose shape does not fit its content; make it anew.")
    flat = np.frombuffer(data, dtype) if size else np.empty(0, dtype)
    if dtype.kind == "U":
        _refuse_no_characters(flat, shown)
    array = flat.reshape(shape, order="F" if is_fortran == "True" else "C").astype(dtype.newbyteorder("="))
    array.flags.writeable = False
    return array


def _refuse_no_characters(texts: np.ndarray, shown: str) -> None:
    """Refuse numbers in place of characters that Python has none for: whoever looked at the text would fail."""
    codes = texts.astype(texts.dtype.newbyteorder("=")).view(np.uint32)
    if codes.size and not codes.max() <= 0x10FFFF:
        raise UnreadableArrays(f"holds '{shown}', whose characters are damaged; make it anew.")
