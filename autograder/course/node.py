"""What runs on a worker of a Dask cluster: hands submissions to grading processes that it keeps.

The limits are the grader's, not Dask's: Dask can neither end a call that hangs nor see the memory of a submission's
process.  So no submission is graded in the Dask worker itself, and what ends a grading process does not end it.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from autograder import __version__
from autograder.course.grading_process import Ended, GradingProcess
from autograder.course.run import TRIES
from autograder.errors import UsageError
from autograder.host.pool import ENGINE_ROOT
from autograder.model.submission import Submission

_NAME = "autograder"


@dataclass(frozen=True)
class Request:
    """One submission to be graded."""

    submission: Submission
    seed: int
    selected: frozenset[str]
    isolation_mode: str
    limit_s: float


@cache
def engine() -> str:
    """Version and digest of this grader: equal where the same files would grade."""
    total = hashlib.sha256()
    for path in sorted(Path(ENGINE_ROOT, "autograder").rglob("*.py")):
        content = path.read_bytes()
        name = path.relative_to(ENGINE_ROOT).as_posix().encode()
        total.update(len(name).to_bytes(8, "big") + name + len(content).to_bytes(8, "big") + content)
    return f"{__version__} ({total.hexdigest()[:12]})"


def grade(wanted: str, request: bytes, parcel: bytes) -> dict[str, Any]:
    """Grade a submission on this worker.

    Parameters
    ----------
    wanted : str
        The `engine` of the one who asks.
    request : bytes
        A pickled `Request`.
    parcel : bytes
        The pickled `Parcel` of the assignment.

    Returns
    -------
    dict
        The report.

    Raises
    ------
    UsageError
        If another version of the grader is installed here.
    Ended
        If the submission ended the process that graded it, each time.
    """
    worker = get_worker()
    if engine() != wanted:
        raise UsageError(
            f"the cluster's worker {worker.address} has autograder {engine()} and this machine {wanted}; "
            "install the same files on both."
        )
    desk = worker.plugins.setdefault(_NAME, Desk())
    assert isinstance(desk, Desk)
    return desk.grade(pickle.loads(request), parcel)


class Desk(WorkerPlugin):
    """The grading processes of a Dask worker, at most one for each of its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[object, GradingProcess]] = []

    def teardown(self, worker: Worker) -> None:
        """End the processes; Dask calls this when the worker is closed."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, process in idle:
            process.close()

    def grade(self, request: Request, parcel: bytes) -> dict[str, Any]:
        """Grade a submission, again if it ends its process."""
        told = hashlib.sha256(parcel).digest(), request.isolation_mode
        for tries_left in reversed(range(TRIES)):
            process = self._idle_one(told) or GradingProcess(pickle.loads(parcel), request.isolation_mode)
            try:
                report = process.grade(
                    request.submission, request.seed, set(request.selected), request.limit_s
                )
            except BaseException as error:
                process.close()
                if not isinstance(error, Ended) or not tries_left:
                    raise
            else:
                break
        with self._lock:
            self._idle.append((told, process))
        return report

    def _idle_one(self, told: tuple[bytes, str]) -> GradingProcess | None:
        """A process that has been told of this assignment already."""
        with self._lock:
            ended = [process for _, process in self._idle if not process.is_alive]
            self._idle = [entry for entry in self._idle if entry[1] not in ended]
            known = [entry for entry in self._idle if entry[0] == told][:1]
            self._idle = [entry for entry in self._idle if entry not in known]
        for process in ended:
            process.close()
        return known[0][1] if known else None
