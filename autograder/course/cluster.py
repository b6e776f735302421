"""Grades a class on a Dask cluster: submissions travel there as bytes, and reports come back to be written here.

Dask decides which worker takes which submission and gives those of a lost worker to another; how long a submission may
take and how often it may end its process is decided by the grader (`autograder.course.node`).  No more submissions are
under way than the cluster has threads, so that those that wait are neither read nor held by anybody.
"""

from __future__ import annotations

import logging
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask
from distributed import CancelledError, Client, Future, KilledWorker, LocalCluster, wait
from distributed.comm.core import CommClosedError

from autograder.course import node, parcel
from autograder.course.grading_process import Ended
from autograder.course.run import Job, Way, given_up, keep, not_graded, patience_s, unexpected
from autograder.errors import AutograderError, MachineFault, UsageError
from autograder.intake.read import read
from autograder.model.assignment import Assignment
from autograder.model.attempt import Attempt
from autograder.reporting import build

_CONNECT_S = 6.0
_LOOK_EVERY_S = 2.0
"""How often it is looked whether workers have come or gone while nothing is finished."""


def on(address: str, say: Callable[[str], None]) -> Way:
    """A way of grading: on the cluster at an address.

    Parameters
    ----------
    address : str
        Of a scheduler, ``tcp://host:8786``; the ``.json`` file that a scheduler has written; or ``local:4`` for a
        cluster of four workers that is started on this machine and ended with the run.
    say : callable
        Takes a sentence on what is waited for.

    Raises
    ------
    UsageError
        If it is no address.
    """
    if address.partition(":")[0] == "local":
        _local_workers(address)

    def graded(
        attempts: Sequence[Attempt], job: Job, assignment: Assignment, output: Path, jobs: int
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        if attempts:
            with _connected(address, jobs) as client:
                yield from _Run(client, address, attempts, job, assignment, output, jobs, say).reports()

    return graded


def _local_workers(address: str) -> int:
    count = address.removeprefix("local:")
    if not count.isdecimal() or not int(count):
        raise UsageError(
            f"--scheduler {address}: say how many workers are to be started here, as in local:4."
        )
    return int(count)


@contextmanager
def _connected(address: str, jobs: int) -> Iterator[Client]:
    """A client of the cluster, which is started first if it is a local one."""
    # Dask would tell each step of losing a worker and trying again; what it comes to is told in our own words.
    for name in [n for n in logging.root.manager.loggerDict if n.partition(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if address.startswith("local:"):
        with _local(min(_local_workers(address), jobs)) as cluster, Client(cluster) as client:
            yield client
        return
    try:
        if address.endswith(".json"):
            found = Client(scheduler_file=_existing(address), timeout=_CONNECT_S)
        else:
            found = Client(address, timeout=_CONNECT_S)
    except UsageError:
        raise
    except Exception as error:
        # Whatever listens there may answer anything, and Dask believes it: a web server, and it asks for exabytes.
        raise UsageError(
            f"--scheduler {address}: no Dask scheduler answers there ({_first_line(error)}); see that it runs and can "
            "be reached from here, or let one be started with --scheduler local:4."
        ) from error
    with found as client:
        yield client


def _local(workers: int) -> LocalCluster:
    """A cluster on this machine, whose workers leave it to us what a Ctrl-C means."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited by what is started meanwhile
    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,  # the submissions' processes have limits of their own
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def _existing(file: str) -> str:
    if not Path(file).is_file():  # Dask would wait for it to come
        raise UsageError(f"--scheduler {file}: there is no such file; a scheduler writes it when it starts.")
    return file


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


class _Run:
    """Attempts on their way to the cluster and back."""

    def __init__(
        self,
        client: Client,
        address: str,
        attempts: Sequence[Attempt],
        job: Job,
        assignment: Assignment,
        output: Path,
        jobs: int,
        say: Callable[[str], None],
    ) -> None:
        self._client, self._address, self._say = client, address, say
        self._attempts, self._job, self._assignment = attempts, job, assignment
        self._output, self._jobs = output, jobs
        self._waiting = deque(range(len(attempts)))
        self._running: dict[Future[Any], int] = {}
        self._here, self._told = build.environment(), list[dict[str, str]]()

    def reports(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each report, written here, as it comes."""
        packed = pickle.dumps(parcel.pack(self._job.folder, self._assignment.digest))
        # A task, not scattered data: should the workers that hold it be lost, the scheduler makes it again.
        homework = self._client.submit(_same(), packed, pure=False)
        has_said = False
        while self._waiting or self._running:
            threads = self._threads()
            if not threads and not has_said:
                self._say("No worker of the cluster is there yet; waiting for one.")
                has_said = True
            while self._waiting and len(self._running) < min(self._jobs, max(1, threads)):
                index = self._waiting.popleft()
                refused = self._send(index, homework)
                if refused is not None:
                    yield index, self._kept(index, refused)
            for future in self._finished():
                index = self._running.pop(future)
                yield index, self._kept(index, self._received(future, index))

    def _threads(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except OSError as error:
            raise self._gone() from error

    def _send(self, index: int, homework: Future[bytes]) -> dict[str, Any] | None:
        """Have an attempt graded; or its report, if it cannot be read."""
        attempt, job = self._attempts[index], self._job
        try:
            submission = read(attempt.path, self._assignment)
        except AutograderError as error:
            return not_graded(attempt, job, self._assignment, error)
        except Exception as error:  # nobody expected it, and it is this submission's only
            return not_graded(attempt, job, self._assignment, unexpected(error))
        request = node.Request(
            submission, job.seed, frozenset(job.selected), job.isolation_mode, patience_s(self._assignment)
        )
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):  # we know
            future = self._client.submit(
                _grade(), node.engine(), pickle.dumps(request), homework, pure=False, priority=-index
            )
        self._running[future] = index
        return None

    def _finished(self) -> list[Future[Any]]:
        if not self._running:
            return []
        try:
            done, _ = wait(list(self._running), timeout=_LOOK_EVERY_S, return_when="FIRST_COMPLETED")
        except TimeoutError:
            return []
        except (CancelledError, OSError) as error:
            raise self._gone() from error
        return sorted(done, key=lambda future: self._running[future])

    def _received(self, future: Future[Any], index: int) -> dict[str, Any]:
        fault: AutograderError
        try:
            report: dict[str, Any] = future.result()
        except Ended as error:
            fault = given_up(str(error))
        except KilledWorker as error:
            lost = error.allowed_failures + 1
            fault = MachineFault(
                f"the cluster lost {lost} workers that graded this submission; grade it again."
            )
        except MachineFault as error:
            fault = error
        except (CancelledError, CommClosedError) as error:
            raise self._gone() from error
        except AutograderError:  # another version there, or files that were changed: it is so for all of them
            raise
        except ImportError as error:
            raise UsageError(
                f"the workers of {self._address} cannot import the grader ({error}); install this folder there: "
                "pip install '.[cluster]'."
            ) from error
        except Exception as error:  # nobody expected it
            fault = unexpected(error)
        else:
            self._compare(report["environment"])
            return report
        return not_graded(self._attempts[index], self._job, self._assignment, fault)

    def _compare(self, there: dict[str, str]) -> None:
        """Say it, once, if the cluster is another environment than this machine: digits may differ."""
        differing = {name: value for name, value in there.items() if self._here.get(name) != value}
        if differing and differing not in self._told:
            self._told.append(differing)
            self._say(
                "warning: the cluster grades with "
                + ", ".join(f"{name} {value}" for name, value in differing.items())
                + "; here it is "
                + ", ".join(str(self._here.get(name)) for name in differing)
                + ". Each report says its own."
            )

    def _kept(self, index: int, report: dict[str, Any]) -> dict[str, Any]:
        keep(report, self._attempts[index], self._output)
        return report

    def _gone(self) -> MachineFault:
        return MachineFault(
            f"the scheduler at {self._address} is gone. What is graded is kept: give the same command again."
        )


# Functions that are made inside of others travel as code, not by their name: the scheduler, which looks into what it
# is given, needs no grader then, and a worker without one says so.


def _same() -> Callable[[bytes], bytes]:
    def assignment(packed: bytes) -> bytes:
        return packed

    return assignment


def _grade() -> Callable[[str, bytes, bytes], dict[str, Any]]:
    def grade(engine: str, request: bytes, homework: bytes) -> dict[str, Any]:
        from autograder.course import node

        return node.grade(engine, request, homework)

    return grade
