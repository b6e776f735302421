"""A process that grades one submission after the other, for whoever started it.

It is a program of its own, not a child by `multiprocessing`: the workers of a Dask cluster run as daemons, which may
have no such children.  The two ends speak over a socket pair; both are the grader's, so that they may pickle.

The one who started it sends an assignment, then submissions, and takes a report for each.  The process ends when that
one ends or hangs up, however that comes about, and when nothing is asked of it for a while.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from autograder.assignment.load import load
from autograder.course.parcel import Parcel
from autograder.course.run import unexpected
from autograder.errors import AutograderError, GraderFault, MachineFault
from autograder.host import folder
from autograder.host.pool import ENGINE_ROOT
from autograder.model.assignment import Assignment
from autograder.model.submission import Submission
from autograder.pipeline import Grader
from autograder.reporting import build

_IDLE_S = 60.0
"""How long it stays when nothing is asked of it."""
_PATIENCE_S = 5.0
"""How long it may take to end when it is told to."""
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from autograder.course import grading_process; "
    "grading_process.main(int(sys.argv[2]))"
)


class Ended(Exception):
    """The process did not come to the end of a submission; says how: ``ended`` or ``took too long``."""


class GradingProcess:
    """A running one.

    Parameters
    ----------
    parcel : Parcel
        The assignment.
    isolation_mode : str
        See `autograder.host.isolation.establish`.

    Raises
    ------
    MachineFault
        If it cannot be started.
    """

    def __init__(self, parcel: Parcel, isolation_mode: str) -> None:
        self._line, theirs = Pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _BOOT, str(ENGINE_ROOT), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env={**os.environ, **{f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}},
                stdin=subprocess.PIPE,  # nothing is written to it: that it is closed tells that we have ended
                start_new_session=True,  # a terminal's Ctrl-C is for the one who started the class
            )
        except OSError as error:
            raise MachineFault(f"no process could be started for the grading: {error}") from error
        finally:
            theirs.close()
        self._first: tuple[Parcel, str] | None = (parcel, isolation_mode)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def grade(self, submission: Submission, seed: int, selected: set[str], limit_s: float) -> dict[str, Any]:
        """Grade a submission.

        Parameters
        ----------
        submission : Submission
        seed : int
        selected : set of str
            Ids of the checks to run.
        limit_s : float
            Wall-clock seconds that it may take.

        Returns
        -------
        dict
            The report.

        Raises
        ------
        Ended
            If the process ends, or does not answer in time; it is of no use then.
        GraderFault
            If the assignment cannot be read where the process runs.
        """
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            self._end()

        # A process that does not read holds up `send`, too, which knows no deadline; its death ends that.
        watch = threading.Timer(limit_s, end)
        watch.start()
        try:
            if self._first:
                self._line.send(self._first)
                self._first = None
            self._line.send((submission, seed, selected))
            answer = self._line.recv()
        except (EOFError, OSError) as error:
            raise Ended("took too long" if is_late.is_set() else "ended") from error
        finally:
            watch.cancel()
        if isinstance(answer, AutograderError):
            raise answer
        report: dict[str, Any] = answer
        return report

    def close(self) -> None:
        """End it, whatever it is doing."""
        self._line.close()
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main(fd: int) -> None:
    """Serve the socket until it is closed, or nothing comes any more."""
    line = Connection(fd)
    base, mark = folder.make()
    threading.Thread(target=_end_with_the_other, args=(base,), daemon=True).start()
    try:
        parcel, isolation_mode = line.recv()
        with Grader(_unpacked(parcel, Path(base)), isolation_mode) as grader:
            while line.poll(_IDLE_S):
                line.send(_grade(grader, *line.recv()))
    except AutograderError as error:
        line.send(error)
    except (EOFError, OSError):  # the other end has hung up
        pass
    finally:
        folder.remove(base)
        os.close(mark)


def _unpacked(parcel: Parcel, base: Path) -> Assignment:
    """The assignment, the same as where it was packed."""
    assignment = load(parcel.lay(base))
    if assignment.digest != parcel.digest:
        raise GraderFault("the assignment's files were changed after the run began; start it again.")
    return assignment


def _grade(grader: Grader, submission: Submission, seed: int, selected: set[str]) -> dict[str, Any]:
    try:
        return grader.grade_submission(submission, seed=seed, selected=selected)
    except Exception as error:  # nobody expected it
        return build.not_graded(grader.assignment, submission.id, unexpected(error), seed=seed)


def _end_with_the_other(base: str) -> None:
    """End this process, in the middle of a submission too, when the one who started it is gone."""
    os.read(0, 1)
    folder.remove(base)
    os._exit(1)
