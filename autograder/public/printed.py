"""Keeps what student code prints during a check: its beginning is shown with the check's result."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

_MOST_LINES, _LONGEST_LINE = 3, 100


class Printed(io.TextIOBase):
    """A stream that remembers its first lines and counts the others."""

    def __init__(self) -> None:
        self._text, self._count, self._is_open = "", 0, False

    def write(self, text: str) -> int:
        """Take more text."""
        if text:
            self._count += text.count("\n")
            self._is_open = not text.endswith("\n")
            room = _MOST_LINES * (_LONGEST_LINE + 1) * 4 - len(self._text)
            self._text += text[: max(room, 0)]
        return len(text)

    def writable(self) -> bool:
        """It is."""
        return True

    @property
    def count(self) -> int:
        """How many lines there were."""
        return self._count + self._is_open

    @property
    def first(self) -> list[str]:
        """The first lines, fit for a terminal."""
        lines = self._text.split("\n")[: min(_MOST_LINES, self.count)]
        return [
            "".join(c if c.isprintable() else " " for c in line)[:_LONGEST_LINE].rstrip() for line in lines
        ]


@contextmanager
def held_back() -> Iterator[Printed]:
    """Hold back what is printed meanwhile."""
    printed = Printed()
    with redirect_stdout(printed):
        yield printed
