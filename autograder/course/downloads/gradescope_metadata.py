"""The few lines that matter of Gradescope's ``submission_metadata.yml``.

No YAML reader: the file holds everything that students' code has ever printed, and is written by one program in one
way, so that what is needed is found by its indentation.  A value is never more than text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from autograder.course.moment import to_moment

_KEY = re.compile(r""":?(["']?)([A-Za-z0-9_]+)\1:(?:\s+(.*))?""")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "e": "\x1b", "_": "\xa0"}
_ESCAPED = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)


@dataclass(frozen=True)
class Submitted:
    """One submission's metadata."""

    submitters: tuple[Mapping[str, str], ...]
    """``name``, ``sid`` and ``email``, where they are said."""
    created_at: datetime | None


def read_metadata(text: str) -> dict[str, Submitted]:
    """What is known of each submission, by its folder; lines that are not understood are passed over."""
    found = {}
    # Not splitlines: what a student has printed may hold other breaks, and a key after one.
    for name, lines in _blocks(text.replace("\r\n", "\n").split("\n"), 0):
        if not name.startswith("submission_"):
            continue
        submitters: tuple[Mapping[str, str], ...] = ()
        created_at = None
        for key, inner in _blocks(lines[1:], _indentation(lines[1:])):
            if key == "submitters":
                submitters = tuple(_items(inner[1:]))
            elif key == "created_at":
                created_at = to_moment(_value(inner))
        found[name] = Submitted(submitters, created_at)
    return found


def _blocks(lines: list[str], indentation: int) -> Iterator[tuple[str, list[str]]]:
    """Keys at an indentation, each with its own line (less the indentation) and those below it."""
    key, block = "", list[str]()
    for line in lines:
        rest = line[indentation:]
        is_here = not line[:indentation].strip() and rest[:1] not in ("", " ", "-", "#")
        match = _KEY.fullmatch(rest) if is_here else None
        if match is None:
            block.append(line)
            continue
        if key:
            yield key, block
        key, block = match[2], [rest]
    if key:
        yield key, block


def _items(lines: list[str]) -> Iterator[Mapping[str, str]]:
    """The maps of a list."""
    start = _indentation(lines)
    item: list[str] = []
    for line in [*lines, " " * start + "- "]:
        if line[start : start + 2] == "- " and not line[:start].strip():
            values = {key: _value(block) for key, block in _blocks(item, start + 2)}
            if any(values.values()):
                yield values
            line = " " * (start + 2) + line[start + 2 :]
            item = []
        item.append(line)


def _indentation(lines: list[str]) -> int:
    first = next((line for line in lines if line.strip()), "")
    return len(first) - len(first.lstrip(" "))


def _value(block: list[str]) -> str:
    """The text of a value: plain, in quotes, or in the lines below its key."""
    match = _KEY.fullmatch(block[0])
    first = (match[3] or "").strip() if match else ""
    below = [line.strip() for line in block[1:]]
    is_binary = first.startswith("!binary")
    if first.startswith("!"):  # a tag: what it means does not matter
        first = first.partition(" ")[2].strip()
    if first[:1] in ("|", ">"):
        first, below = " ".join(below).strip(), []
    if first[:1] in ("'", '"'):
        return _unquoted(" ".join([first, *below]))
    text = " ".join([first, *below]).strip()
    if is_binary:
        try:
            return base64.b64decode(text.replace(" ", "")).decode("utf-8", "replace")
        except ValueError:
            return ""
    return "" if text in ("~", "null") or text[:1] in ("{", "[", "&", "*") else text


def _unquoted(text: str) -> str:
    if text[0] == "'":
        end = re.match(r"'((?:[^']|'')*)'?", text)
        return end[1].replace("''", "'") if end else ""
    end = re.match(r'"((?:[^"\\]|\\.)*)"?', text, re.DOTALL)
    return _ESCAPED.sub(_unescaped, end[1]) if end else ""


def _unescaped(match: re.Match[str]) -> str:
    number = match[1] or match[2] or match[3]
    if number is None:
        return _ESCAPES.get(match[4], match[4])
    code = int(number, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "?"
