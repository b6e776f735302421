"""Feeds the decoder of frames with bytes that a coverage-guided fuzzer makes.

    pip install atheris                            in an environment of its own, beside numpy
    python benchmarks/fuzz_decoder.py -max_total_time=180

Atheris is no dependency of the project: it has wheels for a few versions of Python on Linux only.  Arguments are
libFuzzer's.  A finding is any exception but `WireError`, a value that no frame may carry, or one that does not
come back from the encoder as it was.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
with atheris.instrument_imports(include=["autograder.wire", "json"]):
    import numpy as np

    from autograder.wire import frames, values
    from autograder.wire.values import WireError

PLAIN = (
    bool,
    int,
    float,
    str,
    type(None),
    values.Handle,
    values.Callback,
    values.Opaque,
    values.RandomGenerator,
)
PLAIN += (values.StandIn,) if hasattr(values, "StandIn") else ()


class Ended(Exception):
    """The bytes are used up; on a socket, the line was closed."""


def source(data: bytes):
    """Hand out bytes as a socket would."""
    at = 0

    def receive(size: int) -> bytes:
        nonlocal at
        if size > len(data) - at:
            raise Ended
        at += size
        return data[at - size : at]

    return receive


def hold(value: object) -> None:
    """Fail on anything that is not plain data."""
    if isinstance(value, np.ndarray):
        assert (
            type(value) is np.ndarray and value.dtype.str in values.DTYPES and value.flags.owndata is not None
        )
    elif isinstance(value, (list, tuple)):
        assert type(value) in (list, tuple)
        for item in value:
            hold(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            assert isinstance(key, (str, int, float))
            hold(item)
    else:
        assert isinstance(value, PLAIN), type(value)


def read(data: bytes) -> None:
    """Decode once; what comes out must be plain, and must survive the way back."""
    try:
        value = frames.read(source(data), 1 << 20)
    except (WireError, Ended):
        return
    hold(value)
    again = b"".join(map(bytes, frames.encode(value)))
    hold(frames.read(source(again)))


def one_input(data: bytes) -> None:
    """The bytes as they are; and as header and body of a frame whose prefix is right, to get further in."""
    read(data)
    provider = atheris.FuzzedDataProvider(data)
    header = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 400))
    body = provider.ConsumeBytes(200)
    read(frames.PREFIX.pack(frames.MAGIC, len(header), len(body)) + header + body)


def seeds(folder: Path) -> None:
    """Some frames that are right, to start from."""
    folder.mkdir(parents=True, exist_ok=True)
    array = np.arange(6.0).reshape(2, 3)
    samples = [None, {"done": [{"value": array, "modified": [0]}]}, {"asks": 0, "args": [(1, "x"), [2.5]]}]
    samples += [
        values.Handle(1),
        values.Callback(2),
        {1: array > 2, "k": {"d": 1j}},
        [values.Opaque("T"), True],
    ]
    for number, sample in enumerate(samples):
        (folder / str(number)).write_bytes(b"".join(map(bytes, frames.encode(sample))))
        tree = json.dumps({"v": {"t": [number]}, "a": [["<f8", [1]]]}).encode()
        (folder / f"header-{number}").write_bytes(tree + bytes(8))


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as corpus:
        seeds(Path(corpus))
        atheris.Setup([*sys.argv, corpus], one_input)
        atheris.Fuzz()
