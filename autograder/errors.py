"""Whose fault a failure is, and the exit status that says so.

A student's failure is a value (`model.result.CheckResult`), never an exception that escapes.  What is
raised here stops a grading without a score:

`UsageError`
    The command line or the submission's path is wrong; one sentence tells what to do.  Exit 2.
`InvalidSubmission`
    There is a submission, but none that can be graded (no file, two candidates, unreadable).  Exit 2.
`GraderFault`
    A check, the rubric, the reference or the engine is wrong.  Exit 3.
`MachineFault`
    The machine could not do its part (no process, no disk); the submission may be graded again.  Exit 4.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit status of the command line."""

    GRADED = 0
    BELOW_MINIMUM = 1
    USAGE = 2
    GRADER = 3
    MACHINE = 4


class AutograderError(Exception):
    """A failure with one sentence for the user; the message is that sentence."""

    exit_code = ExitCode.GRADER


class Refused(Exception):
    """What a submission sent is not what was asked for; no failure of anybody else."""


class UsageError(AutograderError):
    """The user asked for something that cannot be done."""

    exit_code = ExitCode.USAGE


class InvalidSubmission(AutograderError):
    """The submission cannot be read or is ambiguous."""

    exit_code = ExitCode.USAGE


class GraderFault(AutograderError):
    """The grader itself is at fault: no score may be given."""

    exit_code = ExitCode.GRADER


class MachineFault(AutograderError):
    """The machine is at fault: nothing is scored, the submission may be graded again."""

    exit_code = ExitCode.MACHINE
