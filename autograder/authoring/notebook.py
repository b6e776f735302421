"""Turns cells into a notebook file whose bytes depend on the cells alone."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from autograder.authoring.source import Cell


def to_notebook(cells: list[Cell]) -> str:
    """Notebook of format 4.5 without outputs, as JSON with sorted keys.

    Notes
    -----
    A cell's id comes from what the cell holds (and, among equal cells, from its place), so that a change to
    one cell leaves the ids of all others alone.
    """
    seen: Counter[Cell] = Counter()
    entries = []
    for cell in cells:
        entries.append(_entry(cell, seen[cell]))
        seen[cell] += 1
    notebook = {
        "cells": entries,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _entry(cell: Cell, earlier: int) -> dict[str, Any]:
    content = f"{cell.kind}\n{earlier}\n{cell.text}".encode()
    entry: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": hashlib.sha256(content).hexdigest()[:12],
        "metadata": {},
        "source": cell.text.splitlines(keepends=True),
    }
    if cell.kind == "code":
        entry |= {"execution_count": None, "outputs": []}
    return entry
