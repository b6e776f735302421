"""Prints what a command has to say, to readers who may have enough of it."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def show(text: str, *, end: str = "\n", file: TextIO | None = None) -> None:
    """Print at once, to standard output by default; nothing happens if its reader has closed it (``| head``)."""
    file = file or sys.stdout
    try:
        print(text, end=end, file=file, flush=True)
    except BrokenPipeError:
        # Else Python would complain once more when it closes it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
