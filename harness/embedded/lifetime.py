"""Ties the life of a foreign server to that of the process that started it, and finds what a killed one left behind."""

import ctypes
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PREFIX = "harness-stack-"
OWNER = "owner"
PR_SET_PDEATHSIG = 1
REMOVAL_ATTEMPTS = 50
REMOVAL_PAUSE_S = 0.02


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


def remove(folder: Path) -> None:
    """Remove a folder, its owner's name last, so that what cannot be removed now is found by the next start.

    A server that has just been ended may still be writing: what it adds meanwhile is removed too, within about a second.
    """
    for _ in range(REMOVAL_ATTEMPTS):
        for path in folder.glob("*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != OWNER:
                path.unlink(missing_ok=True)
        if {path.name for path in folder.glob("*")} <= {OWNER}:
            break
        time.sleep(REMOVAL_PAUSE_S)
    else:
        return
    shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove the folders of owners that were killed before they could do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            owner = (folder / OWNER).read_text()
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
        except OSError:
            continue
        # What does not tell its owner is not ours to judge: it may just be being made.
        pid, _, started = owner.partition(" ")
        if pid.isdigit() and started.isdigit() and owner != _identity(int(pid)):
            remove(folder)


def _identity(pid: int) -> str:
    """Return a process's id with its start time, since ids are used again; the id alone where there is no such process."""
    try:
        # The command's name stands in brackets and may hold anything; the start time is the twentieth field after it.
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return str(pid)
    return f"{pid} {started}"
