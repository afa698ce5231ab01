"""Ties the life of a foreign server to that of the process that started it, and finds what a killed one left behind."""

import ctypes
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

PREFIX = "harness-stack-"
OWNER = "owner"
PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Return a function to be run in a child between fork and exec: the kernel then sends it that signal when its parent dies.

    It must run after the child has changed its user, which clears the setting. Linux only; elsewhere it does nothing.
    """
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return lambda: None
    return lambda: prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) and None


def new_folder() -> Path:
    """Return a new temporary folder that names this process as its owner; any user may pass through it, none but this one list it."""
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)
    (folder / OWNER).write_text(_identity(os.getpid()))
    return folder


def remove_abandoned() -> None:
    """Remove the folders of owners that were killed before they could do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            owner = (folder / OWNER).read_text()
        except OSError:
            continue  # not ours to judge: another user's, or just being made
        if owner != _identity(int(owner.split()[0])):
            shutil.rmtree(folder, ignore_errors=True)


def _identity(pid: int) -> str:
    """Return a process's id with its start time, since ids are used again; the id alone where there is no such process."""
    try:
        # The command's name stands in brackets and may hold anything; the start time is the twentieth field after it.
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return str(pid)
    return f"{pid} {started}"
