"""Answers the grader's requests with the submission's functions until the line is closed."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from autograder.wire import frames
from autograder.worker.execute import CallbackFailed, Executor, opaque


def announce(line: socket.socket) -> None:
    """Tell the grader that the process has shut itself in; before any student code runs."""
    for piece in frames.encode({"ready": True}):
        line.sendall(piece)


def serve(
    line: socket.socket,
    namespace: dict[str, Any],
    load: Callable[[dict[str, Any]], Any] | None = None,
    probing: Callable[[dict[str, Any]], dict[str, bool]] | None = None,
) -> None:
    """Answer requests until the grader closes the line, then end the process.

    Parameters
    ----------
    line : socket
        Connected to the grader.
    namespace : dict
        Where the submission's names live.
    load : callable, optional
        Runs the submission in `namespace` when the grader asks for it.
    probing : callable, optional
        Tries what a worker must not be able to do, in a worker that serves no submission.
    """
    session = _Line(line, namespace)
    while True:
        request = session.receive()
        if request["do"] == "probe" and probing is not None:
            outcomes = [{"value": probing(request["facts"])}]
        elif request["do"] == "load" and load is not None:
            outcomes = [session.guard(partial(_loaded, load, request))]
        else:
            outcomes = session.run(request["steps"])
        _flush()
        session.send({"done": outcomes})


def _loaded(load: Callable[[dict[str, Any]], Any], request: dict[str, Any]) -> dict[str, Any]:
    return {"value": load(request)}


class _Line(Executor):
    """One line to the grader, and what is run for it."""

    def __init__(self, line: socket.socket, namespace: dict[str, Any]) -> None:
        super().__init__(namespace)
        self.line = line

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = frames.read(self._exactly)
        return message

    def _exactly(self, size: int) -> bytearray:
        data = bytearray(size)
        view, got = memoryview(data), 0
        while got < size:
            count = self.line.recv_into(view[got:])
            if count == 0:
                _flush()
                os._exit(0)  # the grader is done; nothing of the student's may run any more
            got += count
        return data

    def send(self, message: dict[str, Any]) -> None:
        for piece in frames.encode(message, opaque):
            self.line.sendall(piece)

    def ask_grader(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Have the grader run a function of its own; it may ask us for more before it answers."""
        for piece in frames.encode({"asks": number, "args": list(args), "kwargs": kwargs}, self.by_name):
            self.line.sendall(piece)
        while (reply := self.receive())["do"] == "steps":
            self.send({"done": self.run(reply["steps"])})
        if "refused" in reply:
            raise CallbackFailed(reply["refused"])
        return reply


def _flush() -> None:
    # os._exit and a kill lose what is still buffered.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
