"""One worker as the grader sees it: asks it with a deadline, drains what it prints, ends it from outside."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from autograder.errors import MachineFault
from autograder.host import ending, folder
from autograder.host.callbacks import answer
from autograder.host.ending import Ending, WorkerEnded
from autograder.host.guard import bounded
from autograder.host.pool import Zygote
from autograder.model.rubric import Limits
from autograder.wire import frames
from autograder.wire.values import WireError

_KEPT_OUTPUT = 64 << 10
_CHUNK = 1 << 20
_READ_AHEAD = 1 << 16
_MAX_CALLBACKS = 200_000
_START_PATIENCE_S = 30.0
_WATCH_S = 0.2
_END_PATIENCE_S = 0.5
# What a worker has to enter where the request does not say: no layer, nothing beside its own folder.
_OPEN: dict[str, Any] = {"layers": [], "read": [], "list": [], "sockets": [], "refused": []}


class Worker:
    """A live worker process.

    Parameters
    ----------
    zygote : Zygote
        Forks and ends it.
    request : dict
        What the zygote needs to know: kind, name, scratch, seed, what to enter (`Isolation.request`) and, for
        a notebook, the connection file.
    limits : Limits
        Set in the process before student code runs.

    Raises
    ------
    MachineFault
        If the process cannot be started or cannot shut itself in.
    """

    def __init__(self, zygote: Zygote, request: dict[str, Any], limits: Limits) -> None:
        self._zygote = zygote
        self._output_limit = limits.output_bytes
        self._disk = _Disk([request["scratch"], *request.get("sockets", [])], limits)
        ours, theirs = socket.socketpair()
        read_fd, write_fd = os.pipe()
        try:
            kernel_limits = {
                name: getattr(limits, name)
                for name in ("memory_bytes", "cpu_s", "file_bytes", "open_files", "processes")
            }
            self.pid = zygote.start({**_OPEN, **request, "limits": kernel_limits}, theirs, write_fd)
            self._disk.pid = self.pid
        except BaseException:
            ours.close()
            os.close(read_fd)
            raise
        finally:
            theirs.close()
            os.close(write_fd)
        ours.setblocking(False)
        os.set_blocking(read_fd, False)
        self._line, self._output_fd = ours, read_fd
        self._received = bytearray()  # of the line, and not read yet
        self.output = bytearray()
        self.output_size = 0
        self.ended: Ending | None = None
        self.usage: dict[str, Any] = {}
        self._await_ready()

    def _await_ready(self) -> None:
        """Wait until the process has shut itself in; that it cannot is the machine's fault, not the student's."""
        exchange = _Exchange(self, time.monotonic() + _START_PATIENCE_S)
        try:
            exchange.receive()
        except (_Deadline, _Flood, WireError, EOFError, ConnectionError) as error:
            self.end(Ending("closed", "", ""))
            said = self.output.decode("utf-8", "replace").strip()[-300:]
            raise MachineFault(f"a worker could not be started ({said or type(error).__name__})") from error

    def ask(
        self,
        request: dict[str, Any],
        timeout_s: float,
        callbacks: Mapping[int, Callable[..., Any]] | None = None,
        doing: str = "The submission",
    ) -> list[dict[str, Any]]:
        """Send a request and return the outcomes, answering callbacks on the way.

        Parameters
        ----------
        request : dict
            A message of `autograder.wire.messages`.
        timeout_s : float
            Wall-clock seconds for the whole exchange.
        callbacks : mapping of int to callable
            What the request's `Callback` values stand for.
        doing : str
            Subject of the sentence that tells the student how the worker ended.

        Returns
        -------
        list of dict
            From the worker: bounded, plain, and otherwise unvalidated.

        Raises
        ------
        WorkerEnded
            If it died, was too slow, printed too much, or did not keep to the protocol.
        WireError
            If the request cannot be sent.
        """
        if self.ended is not None:
            raise WorkerEnded(self.ended)
        request_frame = frames.encode(request)  # what cannot be sent is the grader's fault, not the worker's
        exchange = _Exchange(self, time.monotonic() + timeout_s)
        try:
            with ExitStack() as guard:
                exchange.send(request_frame)
                for number in range(_MAX_CALLBACKS):
                    reply = exchange.receive()
                    if isinstance(reply, dict) and set(reply) == {"done"}:
                        return _outcomes(reply["done"])
                    if number == 0:  # few requests call back, and the bounds cost as much as a small one
                        guard.enter_context(bounded(exchange.left_s, _Deadline))
                    exchange.send(frames.encode(answer(reply, callbacks or {})))
            raise WireError("it asked without end")
        except _Deadline:
            raise self.end(ending.timed_out(timeout_s, doing)) from None
        except _Flood:
            raise self.end(ending.flooded(self._output_limit, doing)) from None
        except _DiskFull:
            raise self.end(ending.filled_disk(doing)) from None
        except WireError as error:
            raise self.end(ending.broke_protocol(str(error), doing)) from error
        except (EOFError, ConnectionError):
            raise self.end(None, doing) from None

    def close(self) -> None:
        """End the worker and everything it started; nothing of it is left."""
        if self.ended is None:
            self.end(Ending("closed", "", ""))

    def _close(self) -> None:
        self.drain()
        self._line.close()
        os.close(self._output_fd)

    def drain(self) -> None:
        """Take what was printed; the first part is kept, the rest only counted."""
        while True:
            try:
                data = os.read(self._output_fd, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                return
            self.output_size += len(data)
            self.output += data[: max(0, _KEPT_OUTPUT - len(self.output))]
            if self.output_size > self._output_limit:
                return

    @property
    def output_fd(self) -> int:
        """The grader's end of the pipe that the worker prints to."""
        return self._output_fd

    def over_limit(self, doing: str) -> Ending | None:
        """Why it has to be ended, if it has printed or written more than agreed."""
        if self.output_size > self._output_limit:
            return ending.flooded(self._output_limit, doing)
        try:
            self._disk.check()
        except _DiskFull:
            return ending.filled_disk(doing)
        return None

    def forgive_output(self) -> bool:
        """Count what is printed anew if it was more than agreed; whether it was."""
        if self.output_size <= self._output_limit:
            return False
        self.output_size = 0
        return True

    def is_alive(self) -> bool:
        """Whether the process has not closed its line."""
        if self.ended is not None:
            return False
        poll = select.poll()
        poll.register(self._line, 0)
        return not poll.poll(0)  # nothing but a hang-up or an error is reported for an empty mask

    def end(self, ended: Ending | None, doing: str = "") -> WorkerEnded:
        """Kill the worker; return the exception that tells why (`ended`, or what its exit says)."""
        try:
            # It closes its line a moment before it has ended: killed in between, it would be told as killed.
            self.usage = self._zygote.end(self.pid, 0.0 if ended else _END_PATIENCE_S)
        finally:
            self.ended = ended or ending.died(self.usage, doing)
            self._close()
        return WorkerEnded(self.ended)

    def signal(self, number: int) -> None:
        """Send a signal to the worker."""
        if self.ended is None:
            self._zygote.signal(self.pid, number)


class _Deadline(Exception):
    """No time is left."""


class _Flood(Exception):
    """Too much was printed."""


class _DiskFull(Exception):
    """Too much was written."""


class _Disk:
    """Watches the folders of a worker: the kernel limits single files only."""

    def __init__(self, folders: list[str], limits: Limits) -> None:
        self._folders, self._limits = folders, limits
        self.pid = 0
        self._next = time.monotonic() + _WATCH_S

    def check(self) -> None:
        """Look at the folder, if the last look was a while ago.

        Raises
        ------
        _DiskFull
            If there is more in it than agreed.
        """
        if time.monotonic() < self._next:
            return
        for path in self._folders:
            if folder.exceeds(path, self._limits.disk_bytes, self._limits.disk_files, self.pid):
                raise _DiskFull
        self._next = time.monotonic() + _WATCH_S


class _Exchange:
    """Moves the bytes of one request and its replies before a deadline, draining the output meanwhile."""

    def __init__(self, worker: Worker, deadline: float) -> None:
        self._worker = worker
        self._line, self._output_fd = worker._line, worker._output_fd
        self._deadline = deadline
        self._output_open = True

    def send(self, frame: list[bytes | memoryview]) -> None:
        for piece in frame:
            view = memoryview(piece)
            while view:
                try:
                    view = view[self._line.send(view) :]
                except BlockingIOError:
                    # A worker that prints before it reads must not block us: wait for either.
                    self._wait(select.POLLOUT)

    def receive(self) -> Any:
        return frames.read(self._exactly)

    def _exactly(self, size: int) -> bytearray:
        # Grown as bytes arrive: an announced size alone reserves nothing.
        data = self._worker._received
        while len(data) < size:
            try:
                part = self._line.recv(min(max(size - len(data), _READ_AHEAD), _CHUNK))
            except BlockingIOError:
                self._wait(select.POLLIN)
                continue
            if not part:
                raise EOFError
            data += part
            if time.monotonic() > self._deadline:  # the limit is total: a drip of bytes does not extend it
                raise _Deadline
        self._worker._received = data[size:]
        del data[size:]
        return data

    @property
    def left_s(self) -> float:
        """Seconds until the deadline, at least a millisecond."""
        return max(self._deadline - time.monotonic(), 0.001)

    def _wait(self, event: int) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise _Deadline
        poll = select.poll()
        poll.register(self._line, event)
        if self._output_open:
            poll.register(self._output_fd, select.POLLIN)
        ready = dict(poll.poll(min(left, _WATCH_S) * 1000))
        self._worker._disk.check()
        if self._output_fd in ready:
            before = self._worker.output_size
            self._worker.drain()
            if self._worker.output_size > self._worker._output_limit:
                raise _Flood
            if self._worker.output_size == before:
                self._output_open = False  # closed at the other end; polling it again would spin


def _outcomes(done: Any) -> list[dict[str, Any]]:
    if not isinstance(done, list) or not all(map(_is_outcome, done)):
        raise WireError("outcomes of another form")
    return done


def _is_outcome(outcome: Any) -> bool:
    """Whether it is a value or a described error, and what is said beside it is texts and numbers.

    Arrays in their place would make the comparisons of an unsuspecting reader raise.
    """
    if not isinstance(outcome, dict):
        return False
    if "error" not in outcome:
        modified = outcome.get("modified", [])
        return "value" in outcome and isinstance(modified, list) and all(type(i) is int for i in modified)
    error = outcome["error"]
    if not isinstance(error, dict):
        return False
    bases = error.get("bases", [])
    texts = [said for name, said in error.items() if name not in ("bases", "line")]
    return isinstance(bases, list) and all(isinstance(text, str) for text in [*bases, *texts])
