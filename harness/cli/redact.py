"""Keeps secrets out of what is shown and written."""

import re
import shlex
from collections.abc import Iterator, Sequence

SECRET_FLAGS = ("--token",)
HIDDEN = "***"
_URL_PASSWORD = re.compile(r"(\w+://[^:/@\s]*:)[^@\s]*@")
_DSN_PASSWORD = re.compile(r"(password=)('[^']*'|[^\s&]+)", re.IGNORECASE)


def redacted(text: str) -> str:
    """Return the text with the passwords of URLs and DSNs hidden."""
    return _DSN_PASSWORD.sub(rf"\1{HIDDEN}", _URL_PASSWORD.sub(rf"\1{HIDDEN}@", text))


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
