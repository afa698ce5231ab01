"""Runs a command of the user's for the one line that it prints, which is a secret: a token, a DSN, a URL.

It runs without a shell and without standard input, in a session of its own, so that it can be ended with all that it started. What it
prints is in no message; the last line of its standard error is, the passwords in it hidden.
"""

import asyncio
import contextlib
import os
import shlex
import signal

from harness.errors import HarnessError, UsageError
from harness.redact import redacted

TIMEOUT_S = 30.0
# No line that is wanted is longer, and a command that never stops printing is not to fill the memory.
LIMIT_BYTES = 65_536
COMPLAINT_CHARACTERS = 300


async def printed_line(flag: str, command: str, failure: type[HarnessError], timeout_s: float = TIMEOUT_S) -> str:
    """Return the one line that the command given by `flag` prints, without blanks around it.

    Raises `failure` where it prints none, and UsageError where it is no command at all.
    """
    name = f"{flag} {redacted(command)!r}"
    try:
        status, printed, complaint = await _run(_words(name, command), timeout_s)
    except TimeoutError:
        raise failure(f"{name} did not end within {timeout_s:g} s; does it wait for an answer?") from None
    except OSError as error:
        raise failure(f"{name} cannot be run: {error.strerror or error}; is it on PATH?") from None
    if status != 0:
        raise failure(f"{name} failed with status {status}: {_last_line(complaint)}")
    if len(printed) == LIMIT_BYTES:
        raise failure(f"{name} printed {LIMIT_BYTES:,} bytes or more, where one line is wanted")
    lines = printed.decode(errors="replace").strip().splitlines()
    if len(lines) != 1:
        raise failure(f"{name} printed {f'{len(lines)} lines' if lines else 'nothing'}, where one line is wanted")
    return lines[0]


def _words(name: str, command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"{name} is no command: {str(error).lower()}") from None
    if not words:
        raise UsageError(f"{name} is no command: it is empty")
    return words


async def _run(words: list[str], timeout_s: float) -> tuple[int, bytes, bytes]:
    """Return a command's exit status, what it printed and the end of its standard error. Raises OSError or TimeoutError."""
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        async with asyncio.timeout(timeout_s):
            printed, complaint = await asyncio.gather(_start_of(process.stdout), _end_of(process.stderr))
            return await process.wait(), printed, complaint
    except BaseException:
        await _kill(process)
        raise


async def _kill(process: asyncio.subprocess.Process) -> None:
    """End a command with all that it started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    # What it started in another session may hold its pipes open for as long as it likes.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), 1)


async def _start_of(stream: asyncio.StreamReader) -> bytes:
    """Return the start of what a stream gives; it is read to its end all the same, so that its writer is not held up."""
    data = b""
    while chunk := await stream.read(LIMIT_BYTES):
        data += chunk[: LIMIT_BYTES - len(data)]
    return data


async def _end_of(stream: asyncio.StreamReader) -> bytes:
    data = b""
    while chunk := await stream.read(LIMIT_BYTES):
        data = (data + chunk)[-LIMIT_BYTES:]
    return data


def _last_line(complaint: bytes) -> str:
    lines = redacted(complaint.decode(errors="replace")).strip().splitlines()
    return lines[-1].strip()[:COMPLAINT_CHARACTERS] if lines else "it said nothing"
