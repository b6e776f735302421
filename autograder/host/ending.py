"""How a worker ended, and what that means for the student."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from autograder.model import result


@dataclass(frozen=True)
class Ending:
    """Why a worker is gone, from the grader's own evidence."""

    status: str
    """A status of `autograder.model.result`."""
    reason: str
    message: str


class WorkerEnded(Exception):
    """The worker is gone; `ending` says why."""

    def __init__(self, ended: Ending) -> None:
        super().__init__(ended.message)
        self.ending = ended


def timed_out(timeout_s: float, doing: str) -> Ending:
    """It was killed since its time was up."""
    return Ending(
        result.TIMEOUT, "wall_time", f"{doing} took longer than {timeout_s:g} seconds and was stopped."
    )


def flooded(limit_bytes: int, doing: str) -> Ending:
    """It was killed since it printed without end."""
    size = f"{limit_bytes / 1e6:g} MB"
    return Ending(result.CRASHED, "output", f"{doing} printed more than {size} and was stopped.")


def filled_disk(doing: str) -> Ending:
    """It was killed since its files took more room than agreed."""
    return Ending(result.CRASHED, "disk", f"{doing} wrote more files than allowed and was stopped.")


def broke_protocol(what: str, doing: str) -> Ending:
    """It sent something else than an answer."""
    return Ending(result.MALFORMED, "protocol", f"{doing} did not answer as expected ({what}).")


def died(usage: dict[str, Any], doing: str) -> Ending:
    """It ended by itself, or by a limit that the kernel enforces.

    Parameters
    ----------
    usage : dict
        What the zygote reports of the process it reaped: ``status`` is an exit code or minus a signal,
        ``was_killed`` tells that it closed its line without ending.
    doing : str
        What it was asked to do, for the message.
    """
    status = usage.get("status")
    if status is None or usage.get("was_killed"):
        return Ending(result.CRASHED, "unknown", f"{doing} ended the process.")
    if status >= 0:
        return Ending(result.CRASHED, "exit", f"{doing} ended the process (exit status {status}).")
    if -status == signal.SIGXCPU:
        return Ending(
            result.TIMEOUT, "cpu_time", f"{doing} used more processor time than allowed and was stopped."
        )
    if -status == signal.SIGXFSZ:
        return Ending(result.CRASHED, "file_size", f"{doing} wrote a file larger than allowed.")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return Ending(result.CRASHED, "signal", f"{doing} crashed the process ({name}).")
