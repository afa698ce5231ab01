"""Keeps secrets out of the command line that a report shows."""

import shlex
from collections.abc import Iterator, Sequence

from harness.redact import HIDDEN, redacted

SECRET_FLAGS = ("--token",)


def redacted_command(argv: Sequence[str]) -> str:
    """Return the command as it was typed, its secrets hidden."""
    return "harness " + shlex.join(_redacted_arguments(argv[1:]))


def _redacted_arguments(arguments: Sequence[str]) -> Iterator[str]:
    hide_next = False
    for argument in arguments:
        flag, equals, _ = argument.partition("=")
        if hide_next:
            yield HIDDEN
        elif flag in SECRET_FLAGS and equals:
            yield f"{flag}={HIDDEN}"
        else:
            yield redacted(argument)
        hide_next = argument in SECRET_FLAGS
