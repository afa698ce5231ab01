"""However a stack is left, no process, port or file of it stays behind."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest
from processes import alive, command, family, script, until

from harness.embedded.stack import ClickHouseEngine, StackConfig, embedded_stack
from harness.errors import ChildError

HOLD = """
import asyncio, signal, sys
# Also where the tests were started to ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
from harness.embedded.stack import ClickHouseEngine, StackConfig, embedded_stack
async def main():
    async with embedded_stack(StackConfig(service=None, clickhouse=ClickHouseEngine(sys.argv[1]))):
        print("up", flush=True)
        await asyncio.sleep(60)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.fixture(params=list(ClickHouseEngine))
def clickhouse(request: pytest.FixtureRequest) -> ClickHouseEngine:
    engine: ClickHouseEngine = request.param
    if engine is ClickHouseEngine.SERVER:
        request.getfixturevalue("server_installed")
    return engine


def newest_supervisor() -> psutil.Process:
    supervisors = [one for one in family(os.getpid())[1:] if "harness.embedded.supervisor" in command(one)]
    return max(supervisors, key=psutil.Process.create_time)


def left(folder: Path) -> list[str]:
    return [str(path) for path in folder.iterdir()]


async def test_at_the_end_of_its_context(temporary: Path, clickhouse: ClickHouseEngine) -> None:
    async with embedded_stack(StackConfig(None, clickhouse)):
        processes = family(newest_supervisor().pid)
        assert len(processes) > 3
        assert left(temporary)
    # At once, not in the end: who leaves the context may rely on it.
    assert (alive(processes), left(temporary)) == ([], [])


async def test_by_an_error(temporary: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with embedded_stack(StackConfig(None)):
            processes = family(newest_supervisor().pid)
            raise ZeroDivisionError
    assert (alive(processes), left(temporary)) == ([], [])


async def test_by_cancellation(temporary: Path) -> None:
    up = asyncio.Event()

    async def hold() -> None:
        async with embedded_stack(StackConfig(None)):
            up.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await up.wait()
    processes = family(newest_supervisor().pid)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (alive(processes), left(temporary)) == ([], [])


@pytest.mark.parametrize("after_s", [0.05, 0.3, 0.5, 0.7, 0.9])
async def test_by_cancellation_in_the_middle_of_its_start(temporary: Path, after_s: float) -> None:
    before = {process.pid for process in family(os.getpid())}

    async def hold() -> None:
        async with embedded_stack(StackConfig(None)):
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await asyncio.sleep(after_s)
    processes = [process for process in family(os.getpid()) if process.pid not in before]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (alive(processes), left(temporary)) == ([], [])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
async def test_by_a_signal_to_the_one_who_holds_it(
    temporary: Path, clickhouse: ClickHouseEngine, number: signal.Signals
) -> None:
    holder = await script(HOLD, clickhouse.value)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"up\n"
    processes = family(holder.pid)
    assert len(processes) > 4
    # As a terminal's Ctrl-C does, to the whole foreground group.
    os.killpg(holder.pid, number)
    assert await holder.wait() == (130 if number is signal.SIGINT else -signal.SIGKILL)
    assert await until(lambda: not alive(processes)), alive(processes)
    assert await until(lambda: not left(temporary)), left(temporary)


async def test_by_kill_9_of_the_one_who_holds_it_in_the_middle_of_its_start(temporary: Path) -> None:
    holder = await script(HOLD, "embedded")
    assert await until(lambda: any("bin/postgres" in command(process) for process in family(holder.pid)))
    processes = family(holder.pid)
    holder.kill()
    await holder.wait()
    assert await until(lambda: not alive(processes)), alive(processes)
    assert await until(lambda: not left(temporary)), left(temporary)


async def test_by_sigterm_to_the_supervisor(temporary: Path) -> None:
    async with embedded_stack(StackConfig(None)):
        supervisor = newest_supervisor()
        processes = family(supervisor.pid)
        supervisor.terminate()
        assert await until(lambda: not alive(processes)), alive(processes)
    assert left(temporary) == []


@pytest.mark.parametrize("after_s", [0.3, 0.5, 0.7])
async def test_by_sigterm_to_the_supervisor_in_the_middle_of_its_start(temporary: Path, after_s: float) -> None:
    async def hold() -> None:
        async with embedded_stack(StackConfig(None)):
            await asyncio.Event().wait()

    before = {process.pid for process in family(os.getpid())}
    task = asyncio.create_task(hold())
    await asyncio.sleep(after_s)
    processes = [process for process in family(os.getpid()) if process.pid not in before]
    next(process for process in processes if "harness.embedded.supervisor" in command(process)).terminate()
    with pytest.raises(ChildError, match=r"harness\.embedded\.supervisor"):
        await task
    assert await until(lambda: not alive(processes)), alive(processes)
    assert left(temporary) == []


async def test_by_kill_9_of_the_supervisor_and_the_next_start_clears_up(
    temporary: Path, clickhouse: ClickHouseEngine
) -> None:
    async with embedded_stack(StackConfig(None, clickhouse)):
        supervisor = newest_supervisor()
        processes = family(supervisor.pid)
        supervisor.kill()
        assert await until(lambda: not alive(processes)), alive(processes)
    async with embedded_stack(StackConfig(None)):
        pass
    assert left(temporary) == []
