"""Generators that are made without a seed take one from here: the same work then answers the same next time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

# Where NumPy looks up its source of seeds (`numpy.random.SeedSequence` without entropy).
_SOURCE: Any = np.random.bit_generator


def settle(seed: int) -> None:
    """Let every generator that is made without a seed come from this one, from now on."""
    _SOURCE.randbits = random.Random(seed).getrandbits


@contextmanager
def settled(seed: int) -> Iterator[None]:
    """The same for a while."""
    before = _SOURCE.randbits
    settle(seed)
    try:
        yield
    finally:
        _SOURCE.randbits = before
