"""What a worker says of an exception, made fit for reports."""

from __future__ import annotations

from typing import Any

_LONGEST_FILE = 10_000_000  # lines


def failure(item: dict[str, Any]) -> dict[str, Any]:
    """A description of an exception, from the worker, cut down to texts and numbers of known kinds."""
    kept: dict[str, Any] = {}
    for name in ("type", "message", "code", "function"):
        if isinstance(item.get(name), str):
            # One line without control characters: it goes to terminals, logs and tables.
            kept[name] = "".join(c if c.isprintable() else " " for c in item[name][:500]).strip()
    names = item.get("names")
    if isinstance(names, list):
        kept["names"] = [name for name in names[:50] if isinstance(name, str) and name.isidentifier()]
    line = item.get("line")
    if type(line) is int and 0 <= line < _LONGEST_FILE:
        kept["line"] = line
    return kept
