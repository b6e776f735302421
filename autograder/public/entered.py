"""Which of the student's functions are run meanwhile."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any


@contextmanager
def entered(names: Iterable[str], namespace: Mapping[str, Any]) -> Iterator[set[str]]:
    """Note which of some functions and classes are called; of a class, any of its methods.

    What has no code of Python's (a ``numpy.vectorize``, say) cannot be seen, and counts as called.

    Parameters
    ----------
    names : iterable of str
    namespace : mapping
        What they mean.
    """
    owners: dict[int, set[str]] = {}
    seen: set[str] = set()
    for name in names:
        codes = list(_codes(namespace.get(name)))
        if not codes:
            seen.add(name)
        for code in codes:  # functions made by one decorator share their code
            owners.setdefault(id(code), set()).add(name)

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and id(frame.f_code) in owners:
            seen.update(owners[id(frame.f_code)])

    before: Callable[..., Any] | None = sys.getprofile()
    if owners:
        sys.setprofile(note)
    try:
        yield seen
    finally:
        if owners:
            sys.setprofile(before)


def _codes(thing: Any) -> Iterator[CodeType]:
    members = [thing]
    if inspect.isclass(thing):
        members = [member for kind in thing.__mro__ for member in vars(kind).values()]
    for member in members:
        code = getattr(getattr(member, "__func__", member), "__code__", None)
        if isinstance(code, CodeType):
            yield code
