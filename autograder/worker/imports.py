"""Refuses the import of packages that a homework does not allow, with a sentence that says so.

This is for the message: what makes the packages unreachable is that the worker may not read their files.
"""

from __future__ import annotations

import importlib.abc
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType


class _Refusal(importlib.abc.MetaPathFinder):
    def __init__(self, refused: Iterable[str]) -> None:
        self.refused = frozenset(refused)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        package = name.partition(".")[0]
        if package in self.refused:
            raise ModuleNotFoundError(f"the package '{package}' is not allowed in this homework", name=name)


def refuse(packages: Iterable[str]) -> None:
    """Refuse the import of these packages and of all that lies in them."""
    sys.meta_path.insert(0, _Refusal(packages))
