"""Every error that a user can meet, each with the exit code that the command line ends with.

Driver and library errors are mapped to these at the edge where they arise; what is not one of these is a bug.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """How the command ends; a contract with the jobs that call it."""

    OK = 0
    GATE_FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    INCONCLUSIVE = 4
    INTERRUPTED = 130


class HarnessError(Exception):
    """An error with a message for the user: one line, what is wrong and how to mend it."""

    exit_code = ExitCode.UNREACHABLE


class UsageError(HarnessError):
    """The command line, a setting or a scenario file asks for what cannot be done."""

    exit_code = ExitCode.USAGE


class TargetError(HarnessError):
    """The gRPC target cannot be reached, or refuses the caller."""


class StoreError(HarnessError):
    """PostgreSQL or ClickHouse cannot be reached or read."""


class ChildError(HarnessError):
    """A process that the harness started did not come up, or died."""


class ResultsError(HarnessError):
    """The results folder cannot be written or read."""

    exit_code = ExitCode.USAGE


def first_error(error: BaseException) -> HarnessError | None:
    """Return an error that a user can meet, or the first of a group of them, however deep it stands; None where there is none.

    A user can mend one thing at a time.
    """
    if isinstance(error, HarnessError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next((found for one in error.exceptions if (found := first_error(one)) is not None), None)
    return None
