"""How a worker ended decides the status of the check, from the grader's own evidence."""

import signal

import pytest

from autograder.host import ending
from autograder.model.result import STATUSES


@pytest.mark.parametrize(
    ("usage", "status", "reason", "message"),
    [
        ({}, "crashed", "unknown", "f ended the process."),
        ({"status": None}, "crashed", "unknown", "f ended the process."),
        ({"status": -9, "was_killed": True}, "crashed", "unknown", "f ended the process."),
        ({"status": 0}, "crashed", "exit", "f ended the process (exit status 0)."),
        ({"status": 3, "was_killed": False}, "crashed", "exit", "f ended the process (exit status 3)."),
        ({"status": -signal.SIGKILL}, "crashed", "signal", "f crashed the process (SIGKILL)."),
        ({"status": -signal.SIGSEGV}, "crashed", "signal", "f crashed the process (SIGSEGV)."),
        ({"status": -63}, "crashed", "signal", "f crashed the process (signal 63)."),
        (
            {"status": -signal.SIGXCPU},
            "timeout",
            "cpu_time",
            "f used more processor time than allowed and was stopped.",
        ),
        ({"status": -signal.SIGXFSZ}, "crashed", "file_size", "f wrote a file larger than allowed."),
    ],
    ids=str,
)
def test_the_exit_of_a_worker_is_explained(usage, status, reason, message):
    assert ending.died(usage, "f") == ending.Ending(status, reason, message)


@pytest.mark.parametrize(
    ("found", "status", "reason", "message"),
    [
        (
            ending.timed_out(2.5, "f"),
            "timeout",
            "wall_time",
            "f took longer than 2.5 seconds and was stopped.",
        ),
        (ending.flooded(64 << 20, "f"), "crashed", "output", "printed more than"),
        (ending.broke_protocol("why", "f"), "malformed", "protocol", "f did not answer as expected (why)."),
        (ending.filled_disk("f"), "crashed", "disk", "f "),
    ],
    ids=lambda v: getattr(v, "reason", None),
)
def test_what_the_grader_ended_is_explained(found, status, reason, message):
    assert (found.status, found.reason) == (status, reason)
    assert message in found.message
    assert found.status in STATUSES
