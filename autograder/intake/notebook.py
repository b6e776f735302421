"""What a notebook file holds, read as JSON: its code cells, and whether it can be run at all."""

from __future__ import annotations

import json
from typing import Any

from autograder.errors import InvalidSubmission


def check(raw: bytes) -> list[str]:
    """Say in one sentence why a notebook cannot be run, or what is unusual about it.

    Returns
    -------
    list of str
        Remarks for the report.

    Raises
    ------
    InvalidSubmission
        If the file is no notebook.
    """
    start = raw[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.lower().startswith((b"<!doctype html", b"<html")):
        raise InvalidSubmission(
            "The notebook is a saved web page of Jupyter; use File > Download > Notebook (.ipynb) instead."
        )
    if start.startswith(b"version https://git-lfs"):
        raise InvalidSubmission("The notebook is a Git LFS pointer, not the file; hand in the file itself.")
    if not raw.strip():
        raise InvalidSubmission("The notebook is an empty file; save it again and hand it in.")
    if _parse(raw) is None:
        raise InvalidSubmission(
            "The notebook is damaged (not valid notebook JSON); save it again and hand it in."
        )
    return [] if code_cells(raw) else ["The notebook has no code."]


def code_cells(raw: bytes) -> list[str] | None:
    """Sources of the code cells that are not empty, in order; None if the file is no notebook.

    Notes
    -----
    nbformat 4 keeps cells under ``cells`` with ``source``; nbformat 3 under ``worksheets[].cells`` with
    ``input`` (nbformat's documentation, "The Notebook file format").  Trailing blanks do not count.
    """
    notebook = _parse(raw)
    if notebook is None:
        return None
    found = []
    for cell in all_cells(notebook):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            text = "\n".join(line.rstrip() for line in _source(cell).splitlines()).strip()
            if text:
                found.append(text)
    return found


def prose_cells(raw: bytes) -> list[str]:
    """Sources of the cells that hold text, in order; none if the file is no notebook."""
    cells = all_cells(_parse(raw) or {})
    return [_source(c) for c in cells if isinstance(c, dict) and c.get("cell_type") in ("markdown", "raw")]


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def all_cells(notebook: dict[str, Any]) -> list[Any]:
    """The cells of a parsed notebook of nbformat 3 or 4."""
    if isinstance(notebook.get("cells"), list):
        cells: list[Any] = notebook["cells"]
        return cells
    sheets = notebook.get("worksheets")
    if not isinstance(sheets, list):
        return []
    return [c for s in sheets if isinstance(s, dict) and isinstance(s.get("cells"), list) for c in s["cells"]]


def _parse(raw: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("cells", parsed.get("worksheets")), list):
        return None
    return parsed
