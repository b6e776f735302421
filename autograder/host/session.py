"""Keeps a worker with the loaded submission at hand, and replaces one that ended.

One session serves one submission; its folder, its workers and all that they started are gone when it closes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.errors import InvalidSubmission, MachineFault
from autograder.host import folder
from autograder.host.connection import Worker
from autograder.host.ending import Ending, WorkerEnded
from autograder.host.failure import failure
from autograder.host.isolation import Isolation
from autograder.host.pool import Zygote
from autograder.model import result
from autograder.model.rubric import Limits
from autograder.model.submission import Submission
from autograder.wire import messages
from autograder.wire.messages import Step
from autograder.wire.values import Callback

_FIRST_STANDING = 1 << 20  # numbers below are the callbacks of a single request
# What the system says of a path that does not suit it, not of a disk that is full or broken.
_BAD_PATH = {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.EILSEQ}


class Session:
    """The submission as something that can be asked.

    Parameters
    ----------
    zygote : Zygote
        Starts the workers.
    submission : Submission
        Loaded anew in each worker.
    limits : Limits
        Of each worker and of the whole session.
    name : str
        Name under which a module is imported.
    handout : mapping of str to bytes
        Files that students were given; put beside the submission where it has none of that name.
    seed : int
        Of the global random states in the worker.
    isolation : Isolation
        What every worker enters; limits only by default.

    Raises
    ------
    MachineFault
        If the folder or a worker cannot be made.
    """

    def __init__(
        self,
        zygote: Zygote,
        submission: Submission,
        limits: Limits,
        name: str,
        handout: Mapping[str, bytes],
        seed: int,
        isolation: Isolation | None = None,
    ) -> None:
        self._zygote, self._submission, self._limits, self._name = zygote, submission, limits, name
        self._handout = handout
        self._seed, self._isolation = seed, isolation or Isolation()
        self._deadline = time.monotonic() + limits.total_s
        self._worker: Worker | None = None
        self._scratch: Path | None = None
        self._mark = -1
        self._dead: Ending | None = None
        self._standing: dict[int, Callable[..., Any]] = {}
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self._bound: dict[str, Callback] = {}
        self.loaded: dict[str, Any] | None = None
        """What the first load found (``failed`` statements or cells); None if there was none that ended."""
        self.load_s = 0.0
        self.workers_used = 0
        self.cpu_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def load_ending(self) -> Ending | None:
        """Why the submission could not be loaded at all; None if it could."""
        return self._dead

    def ask(
        self,
        steps: Sequence[Step],
        timeout_s: float,
        callbacks: Sequence[Callable[..., Any]] = (),
        doing: str = "It",
    ) -> list[dict[str, Any]]:
        """Run steps in the worker that has the submission loaded; see `Worker.ask`.

        Raises
        ------
        WorkerEnded
            If the worker ended on it, or the submission cannot be loaded.
        MachineFault
            If no worker can be had.
        """
        worker = self._ready()
        left = max(self._deadline - time.monotonic(), 0.01)
        if callbacks:
            self._callbacks = dict(enumerate(callbacks))
        known = ChainMap(self._callbacks, self._standing)  # a view: callbacks may register more
        try:
            return worker.ask({"do": "steps", "steps": list(steps)}, min(timeout_s, left), known, doing)
        except WorkerEnded as error:
            if left < timeout_s and error.ending.reason == "wall_time":
                raise WorkerEnded(self._out_of_time()) from error
            raise

    def callback(self, number: int) -> Callable[..., Any]:
        """The function that a callback of the present request stands for.

        Raises
        ------
        LookupError
            If none has this number.
        """
        return ChainMap(self._callbacks, self._standing)[number]

    def register(self, function: Callable[..., Any]) -> int:
        """Let the worker call a function of the grader's from now on; returns the number for `Callback`."""
        number = _FIRST_STANDING + len(self._standing)
        self._standing[number] = function
        return number

    def bind(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Let names of the submission mean functions of the grader's, also in workers to come.

        Raises
        ------
        WorkerEnded
            If the worker ended on it.
        """
        self._bound = {name: Callback(self.register(function)) for name, function in functions.items()}
        self.ask([messages.unbind(), messages.bind(self._bound)], self._limits.load_s)

    def unbind(self) -> None:
        """Give all names their own meaning back."""
        self._bound = {}
        self._standing.clear()
        self.ask([messages.unbind()], self._limits.load_s)

    def renew(self) -> None:
        """End the worker, if there is one: the next request has a new one, with the submission loaded again."""
        self._discard()

    def load(self) -> None:
        """Load the submission now; a failure to load is kept for the calls that follow."""
        try:
            self._ready()
        except WorkerEnded:
            return

    def close(self) -> None:
        """End the worker and remove its folder."""
        self._discard()

    def _ready(self) -> Worker:
        if self._worker is not None and self._worker.ended is None:
            return self._worker
        if self._dead is not None:
            raise WorkerEnded(self._dead)
        if time.monotonic() > self._deadline:
            raise WorkerEnded(self._out_of_time())
        if self.workers_used > self._limits.restarts:
            raise WorkerEnded(_give_up("restarts", f"more than {self._limits.restarts} new processes"))
        self._discard()
        self._worker = self._start()
        if self._bound:
            self._worker.ask({"do": "steps", "steps": [messages.bind(self._bound)]}, self._limits.load_s)
        return self._worker

    def _out_of_time(self) -> Ending:
        return _give_up("total_time", f"more than {self._limits.total_s:g} seconds in all")

    def _start(self) -> Worker:
        began = time.monotonic()
        scratch = self._make_folder()
        is_notebook = self._submission.kind == "notebook"
        request: dict[str, Any] = {
            "kind": self._submission.kind,
            "name": self._name,
            "scratch": str(scratch),
            "entry": str(scratch / self._submission.entry),
            "seed": self._worker_seed(),
            "sockets": [],
            **self._isolation.request(),
        }
        if is_notebook:
            from autograder.host import notebook

            connection_file = notebook.write_connection_file(scratch.parent / "kernel")
            request |= {"connection_file": str(connection_file), "sockets": [str(connection_file.parent)]}
        worker = Worker(self._zygote, request, self._limits)
        self.workers_used += 1
        left = min(self._limits.load_s, self._deadline - time.monotonic())
        entry = scratch / self._submission.entry
        try:
            if is_notebook:
                loaded = notebook.run(worker, connection_file, entry.read_bytes(), self._limits, left)
                loaded["failed"] = [{"cell": item["cell"], **failure(item)} for item in loaded["failed"]]
            else:
                outcome = worker.ask({"do": "load", "path": str(entry)}, left, doing="Importing the module")[
                    0
                ]
                loaded = _module_report(outcome)
        except WorkerEnded as error:
            self._dead = error.ending
            raise
        except BaseException:
            worker.close()
            raise
        if self.loaded is None:
            self.loaded, self.load_s = loaded, time.monotonic() - began
        return worker

    def _worker_seed(self) -> int:
        # Not the run's own: hidden inputs are drawn from that one, and the worker can read what it is given.
        told = f"{self._seed} {self._submission.digest}".encode()
        return int.from_bytes(hashlib.sha256(told).digest()[:4], "big")

    def _make_folder(self) -> Path:
        try:
            made, self._mark = folder.make()
            self._scratch = Path(made)
            home = self._scratch / "work"
            home.mkdir()
            for path, content in {**self._handout, **self._submission.files}.items():
                _store(home / path, content)
        except OSError as error:
            raise MachineFault(f"the submission's folder cannot be made: {error.strerror}") from error
        return home

    def _discard(self) -> None:
        worker, self._worker = self._worker, None
        try:
            if worker is not None:
                worker.close()
                self.cpu_s += float(worker.usage.get("cpu_s") or 0.0)
        finally:
            if self._scratch is not None:
                folder.remove(str(self._scratch))
                self._scratch = None
                os.close(self._mark)


def _store(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        if error.errno in _BAD_PATH:
            name = path.name[:60]
            raise InvalidSubmission(
                f"The file {name!r} cannot be stored ({error.strerror}); rename it."
            ) from error
        raise


def _give_up(reason: str, used: str) -> Ending:
    return Ending(result.TIMEOUT, reason, f"The submission needed {used}; the remaining checks were not run.")


def _module_report(outcome: dict[str, Any]) -> dict[str, Any]:
    """Hold the worker's word on its import to the form that the report has."""
    value = outcome.get("value")
    failed = value.get("failed") if isinstance(value, dict) else None
    if not isinstance(failed, list):
        return {"failed": [{"line": 0, "type": "", "message": "The module could not be run."}]}
    return {"failed": [failure(item) for item in failed[:200] if isinstance(item, dict)]}
