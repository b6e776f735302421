"""Texts and numbers as a page shows them; what others wrote is made harmless to look at.

Escaping for HTML is not done here: the templates escape everything.
"""

from __future__ import annotations

import unicodedata
from typing import Any

MAX_TEXT, MAX_CODE = 1500, 6000
"""Characters of one text; a page stays light whatever somebody's code has said."""
_KEPT = "\n\t\u200c\u200d"  # joiners: Persian and emoji are not legible without them
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def shown(text: str, most: int = MAX_TEXT) -> str:
    r"""A text without what cannot be seen, such as terminal codes and changes of direction, and cut if it is long.

    Examples
    --------
    >>> shown("a\x1b[31m\u202eb")
    'a�[31m�b'
    """
    clean = text[: most + 1].replace("\r\n", "\n")
    if not clean.isascii() or not clean.isprintable():
        clean = "".join(c if c in _KEPT or unicodedata.category(c) not in _HIDDEN else "�" for c in clean)
    cut = len(text) - most
    return clean if cut <= 0 else f"{clean[:most]}\n… ({cut} more characters)"


def short(number: Any, digits: int = 6) -> str:
    """A number with so many digits, or the text that stands for it in a report (``nan``, ``inf``)."""
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
    return f"{number:.{digits}g}".replace("-", "−") if is_number else str(number)


def rough(number: Any) -> str:
    """A number as one says it: errors, losses and accuracies."""
    return short(number, 3)


def points(number: float) -> str:
    """Points without needless zeros."""
    return f"{number:.2f}".rstrip("0").rstrip(".").replace("-", "−")


def counted(number: int, noun: str) -> str:
    """A number and its noun, which takes an s: "1 check", "2 checks"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: list[str]) -> str:
    """Names as in a sentence: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
