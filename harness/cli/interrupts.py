"""What Ctrl-C does to this process. Imports nothing that takes a moment, so that it can be said before anything else is imported."""

import atexit
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
MESSAGE = b"harness: interrupted\n"
# As a shell script starts what is to go on in the background: Ctrl-C is for others then.
_IGNORED = signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def prepare() -> None:
    """Let Ctrl-C end this process by its exit code from now on, and do nothing once all of the interpreter's clean-up but the last is done.

    Python sets its own signals back then, and would die of this one.
    """
    end_at_once()
    # What is registered first is called last.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


def end_at_once() -> None:
    """Let Ctrl-C end the process there and then, by its exit code: where there is nothing to clean up, and modules are half imported."""
    _handle(_end)


@contextmanager
def at_once() -> Iterator[None]:
    """Let Ctrl-C end the process there and then while the context lasts, as while modules are imported."""
    before = signal.getsignal(signal.SIGINT)
    _handle(_end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def raised() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, as Python does by itself, while the context lasts."""
    lost, sys.unraisablehook = sys.unraisablehook, _end_if_lost
    _handle(signal.default_int_handler)
    try:
        yield
    finally:
        end_at_once()
        sys.unraisablehook = lost


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    """Let SIGINT be handled so, unless this process was started to ignore it."""
    if not _IGNORED:
        signal.signal(signal.SIGINT, handler)


def _end_if_lost(lost: "sys.UnraisableHookArgs") -> None:
    """End the process where a destructor or a callback from C was interrupted: Python would print a traceback and go on."""
    if isinstance(lost.exc_value, KeyboardInterrupt):
        _end(signal.SIGINT, None)
    sys.__unraisablehook__(lost)


def _end(_signal: int, _frame: FrameType | None) -> None:
    os.write(2, MESSAGE)
    os._exit(INTERRUPTED)
