"""What the tests ask the operating system about processes."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pytest

GONE_S = 10.0


async def until(true: Callable[[], bool]) -> bool:
    """Return whether it comes true within a bound that is generous for a machine under load."""
    deadline = asyncio.get_running_loop().time() + GONE_S
    while not true():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all that descend from it; they are told apart from later ones of the same id."""
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def alive(processes: Sequence[psutil.Process]) -> list[str]:
    return [str(process) for process in processes if _runs(process)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def listening(pid: int) -> set[tuple[str, int]]:
    """Return the addresses that a process listens on, IPv4's written as such where a socket of IPv6 holds them."""
    sockets = psutil.Process(pid).net_connections("inet")
    return {
        (socket.laddr.ip.removeprefix("::ffff:"), socket.laddr.port)
        for socket in sockets
        if socket.status == psutil.CONN_LISTEN
    }


async def script(text: str, *arguments: str) -> asyncio.subprocess.Process:
    """Start a Python program in a session of its own, its output to be read; it must be ended by the caller."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", text, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
        cwd=Path(__file__).parents[3],
    )


def hide(monkeypatch: pytest.MonkeyPatch, folder: Path, package: str) -> None:
    """Let Python processes that are started from now on find no such package, as where only the base package is installed."""
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules[{package!r}] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
