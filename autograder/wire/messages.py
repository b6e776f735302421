"""The kinds of request and reply, as the dictionaries that frames carry.

Grader to worker::

    {"do": "load", "path": ..., "name": ...}       run the module at this path
    {"do": "probe", "facts": {...}}                try what no worker may do (self-test only)
    {"do": "steps", "steps": [step, ...]}          run steps in order, stop at the first that fails
    {"do": "answer", "value": ..., "after": [...]} what a callback returned, and its arguments then

Worker to grader::

    {"ready": True}                                shut in; once, before anything else
    {"done": [outcome, ...]}                       one outcome per step that was run
    {"asks": number, "args": [...], "kwargs": {}}  a callback is wanted; an "answer" must follow

A step is ``{"op": ...}`` with the fields of its kind; an outcome is ``{"value": ...}``, with
``"modified": [argument, ...]`` where a call changed its arguments, or ``{"error": {...}}``.
"""

from __future__ import annotations

from typing import Any

from autograder.wire.values import Handle

Step = dict[str, Any]


def call(
    name: str,
    args: tuple[Any, ...] = (),
    kwargs: dict[str, Any] | None = None,
    *,
    on: Handle | None = None,
    save_as: Handle | None = None,
) -> Step:
    """Call a function of the submission, or a method of the object `on`; keep the result as `save_as`."""
    return {
        "op": "call",
        "name": name,
        "args": list(args),
        "kwargs": kwargs or {},
        "on": on,
        "save_as": save_as,
    }


def put(value: Any, save_as: Handle) -> Step:
    """Keep a value in the worker, so that several calls share one object."""
    return {"op": "put", "value": value, "save_as": save_as}


def fetch(handle: Handle) -> Step:
    """Send the kept value."""
    return {"op": "fetch", "on": handle}


def get(handle: Handle, name: str) -> Step:
    """Send an attribute of a kept object."""
    return {"op": "get", "on": handle, "name": name}


def update(handle: Handle, name: str, entries: dict[str, Any]) -> Step:
    """Set entries of the dictionary that is an attribute of a kept object."""
    return {"op": "update", "on": handle, "name": name, "entries": entries}


def bind(names: dict[str, Any]) -> Step:
    """Let names of the submission mean something else (a callback, say) until `unbind`."""
    return {"op": "bind", "names": names}


def unbind() -> Step:
    """Give all bound names their own meaning back."""
    return {"op": "unbind"}


def drop(handles: list[Handle]) -> Step:
    """Forget kept objects."""
    return {"op": "drop", "handles": handles}
