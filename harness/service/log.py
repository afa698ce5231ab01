"""This process's log."""

import sys


def tell(text: str) -> None:
    """Write a line to standard error, which the parent keeps as the log."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
