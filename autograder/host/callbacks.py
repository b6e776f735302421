"""Functions of the grader's that a submission may call back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.errors import Refused
from autograder.wire.values import WireError


@dataclass(frozen=True)
class Changed:
    """What a callback returns that has changed its arguments."""

    value: Any
    arguments: list[Any]
    """For each positional argument a dictionary of what it holds now, or None."""


def answer(reply: Any, callbacks: Mapping[int, Callable[..., Any]]) -> dict[str, Any]:
    """Run the grader's function that the worker asks for; the message that answers it.

    Raises
    ------
    WireError
        If the reply asks for nothing, or for a function that was not given.
    """
    form = {"asks": int, "args": list, "kwargs": dict}
    if not isinstance(reply, dict) or {name: type(part) for name, part in reply.items()} != form:
        raise WireError("neither an outcome nor a callback")
    if reply["asks"] not in callbacks:
        raise WireError("a callback that was not given")
    try:
        value = callbacks[reply["asks"]](*reply["args"], **reply["kwargs"])
        after = value.arguments if isinstance(value, Changed) else []
        return {"do": "answer", "value": value.value if isinstance(value, Changed) else value, "after": after}
    except (
        *(TypeError, ValueError, ArithmeticError, LookupError, AttributeError),
        *(MemoryError, RecursionError, Refused),
    ) as error:
        # The arguments are the student's: what our function cannot work with is told to the student's code.
        said = str(error) if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
        return {"do": "answer", "refused": said[:300]}
