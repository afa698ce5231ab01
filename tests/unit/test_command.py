"""A command gives one line or a clear reason, shows no secret, and is gone when it took too long."""

import asyncio
import re
import sys
import time
from pathlib import Path

import pytest

from harness.command import LIMIT_BYTES, printed_line
from harness.errors import StoreError, UsageError

SECRET = "postgresql://u:s3cret@h/d"


def python(code: str) -> str:
    return f'{sys.executable} -c "{code}"'


async def line_of(command: str, timeout_s: float = 20) -> str:
    return await printed_line("--pg-command", command, StoreError, timeout_s)


@pytest.mark.parametrize("command", [f"echo {SECRET}", f"printf '\\n  {SECRET}\\r\\n\\n'", f"printf {SECRET}"])
async def test_the_line_comes_without_what_is_around_it(command: str) -> None:
    assert await line_of(command) == SECRET


async def test_there_is_no_shell(tmp_path: Path) -> None:
    assert await line_of(f"echo '$HOME' > {tmp_path}/file") == f"$HOME > {tmp_path}/file"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("no-such-program -x", "'no-such-program -x' cannot be run: No such file or directory; is it on PATH?"),
        ("/etc/passwd", "cannot be run: Permission denied"),
        ("sh -c 'echo one >&2; echo two >&2; exit 7'", "failed with status 7: two"),
        ("false", "failed with status 1: it said nothing"),
        ("sh -c 'kill -9 $$'", "failed with status -9"),
        ("true", "printed nothing, where one line is wanted"),
        ("printf '\\n \\n'", "printed nothing, where one line is wanted"),
        ("printf 'a\\nb\\n'", "printed 2 lines, where one line is wanted"),
        (python(f"print('x' * {LIMIT_BYTES})"), "printed 65,536 bytes or more, where one line is wanted"),
    ],
)
async def test_what_gives_no_line(command: str, reason: str) -> None:
    with pytest.raises(StoreError, match=r"^--pg-command ") as raised:
        await line_of(command)
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("command", "reason"), [("", "'' is no command: it is empty"), ("sh -c 'x", "is no command: no closing quotation")]
)
async def test_what_is_no_command_is_bad_usage(command: str, reason: str) -> None:
    with pytest.raises(UsageError, match=re.escape(reason)):
        await line_of(command)


@pytest.mark.parametrize(
    "command",
    [
        f"sh -c 'echo {SECRET}; exit 1'",
        f"sh -c 'echo {SECRET} >&2; exit 1'",
        "sh -c 'echo PGPASSWORD=s3cret >&2; exit 1'",
        f"printf '{SECRET}\\n{SECRET}\\n'",
        f"/no/{SECRET}",
        f"'{SECRET}",
    ],
)
async def test_no_message_holds_a_password(command: str) -> None:
    with pytest.raises((StoreError, UsageError)) as raised:
        await line_of(command)
    assert "s3cret" not in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_much_on_standard_error_does_not_hold_it_up() -> None:
    flood = python("import sys; sys.stderr.write('x' * 5000000); print('done')")
    assert await line_of(flood) == "done"


def running(mark: str) -> list[str]:
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return [line.decode() for line in lines if mark.encode() in line]


async def gone(mark: str) -> None:
    async with asyncio.timeout(10):
        while running(mark):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("command", ["sleep {}", "sh -c 'sleep {} & wait'", "sh -c 'sleep {} &'"])
async def test_what_takes_too_long_is_ended_with_all_that_it_started(command: str, unique_s: str) -> None:
    started = time.monotonic()
    with pytest.raises(StoreError, match=r"did not end within 0\.3 s; does it wait for an answer\?$"):
        await line_of(command.format(unique_s), 0.3)
    assert time.monotonic() - started < 10
    await gone(unique_s)


async def test_what_is_interrupted_is_ended(unique_s: str) -> None:
    task = asyncio.create_task(line_of(f"sh -c 'sleep {unique_s}'"))
    async with asyncio.timeout(10):
        while not running(unique_s):
            await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(unique_s)


@pytest.fixture
def unique_s() -> str:
    """A time to sleep that no other process sleeps."""
    return f"{1000 + time.monotonic_ns() % 1_000_000_007 / 1e9:.9f}"
