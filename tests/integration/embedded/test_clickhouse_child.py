"""The ClickHouse process of its own: how it comes up, and that it leaves no query unanswered and no core behind when it goes."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from clickhouse_http import Client
from processes import hide

from harness.errors import ChildError
from harness.process import Child

MODULE = "harness.embedded.clickhouse"
RUNNING = "SELECT count() FROM system.processes WHERE query LIKE '%sleeper%' AND query NOT LIKE '%processes%'"


def config(folder: Path) -> dict[str, object]:
    users = [{"name": f"user{readonly}", "password": "secret", "readonly": readonly} for readonly in (0, 1, 2)]
    return {"path": str(folder / "data"), "database": "coaching", "users": users}


@pytest.fixture
async def child(tmp_path: Path) -> AsyncIterator[Child]:
    child = await Child.start(MODULE, config(tmp_path), tmp_path / "log")
    try:
        yield child
    finally:
        await child.stop()


def client(session: aiohttp.ClientSession, child: Child, user: str = "user0") -> Client:
    return Client.at(session, f"http://{user}:secret@127.0.0.1:{child.ready['port']}/")


async def sleeping(client: Client, count: int, seconds: float) -> list["asyncio.Task[object]"]:
    """Start so many queries that take so long, and return when all of them run."""

    async def text() -> object:
        return (await client.post(f"SELECT sleep({seconds}), 'sleeper'")).text

    tasks = [asyncio.create_task(text()) for _ in range(count)]
    while int((await client.post(RUNNING)).text) < count:
        assert not any(task.done() for task in tasks)
    return tasks


async def test_it_tells_its_version_and_makes_its_database(session: aiohttp.ClientSession, child: Child) -> None:
    assert (await client(session, child).post("SELECT version()")).text == f"{child.ready['version']}\n"
    assert "coaching\n" in (await client(session, child).post("SHOW DATABASES")).text


async def test_it_is_reached_from_this_machine_alone(child: Child) -> None:
    """Every address of its listening sockets is the loopback's."""
    inodes = {
        link.readlink().name.removeprefix("socket:[").removesuffix("]")
        for link in Path(f"/proc/{child.process.pid}/fd").iterdir()
        if link.is_symlink() and link.readlink().name.startswith("socket:")
    }
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    listening = {row[1] for row in rows if row[3] == "0A" and row[9] in inodes}
    assert listening == {f"0100007F:{child.ready['port']:04X}"}


async def test_a_user_of_readonly_1_may_not_even_set_a_setting(session: aiohttp.ClientSession, child: Child) -> None:
    strict = client(session, child, "user1")
    assert (await strict.post("SELECT 1")).text == "1\n"
    assert (await strict.post("SELECT 1", max_threads="1")).code == 164
    assert (await strict.post("SELECT 1 SETTINGS max_threads = 1")).code == 164
    assert (await client(session, child, "user2").post("SELECT 1", max_threads="1")).text == "1\n"


@pytest.mark.parametrize("end", ["sigterm", "closed input"])
async def test_running_queries_are_answered_before_it_ends(
    session: aiohttp.ClientSession, child: Child, end: str
) -> None:
    tasks = await sleeping(client(session, child), 4, 1)
    if end == "sigterm":
        child.process.send_signal(signal.SIGTERM)
    else:
        assert child.process.stdin is not None
        child.process.stdin.close()
    assert await asyncio.gather(*tasks) == ["0\tsleeper\n"] * 4
    assert await child.process.wait() == 0


async def test_a_large_answer_is_sent_whole_before_it_ends(session: aiohttp.ClientSession, child: Child) -> None:
    large = "SELECT repeat('x', 1000000), sleep(1) AS sleeper FROM numbers(50)"
    asking = asyncio.create_task(client(session, child).post(large))
    while (await client(session, child).post(RUNNING)).text == "0\n":
        assert not asking.done()
    child.process.send_signal(signal.SIGTERM)
    assert len((await asking).body) == 50 * (1_000_000 + len("\t0\n"))
    assert await child.process.wait() == 0


@pytest.mark.parametrize("end", ["sigterm", "closed input"])
async def test_it_ends_though_queries_keep_coming(session: aiohttp.ClientSession, child: Child, end: str) -> None:
    async def keep_asking(seconds: float) -> None:
        while True:
            await client(session, child).post(f"SELECT sleep({seconds})")

    # Of different lengths, so that at no moment none of them runs.
    clients = [asyncio.create_task(keep_asking(0.2 + number / 50)) for number in range(7)]
    await client(session, child).post("SELECT sleep(1)")
    if end == "sigterm":
        child.process.send_signal(signal.SIGTERM)
    else:
        assert child.process.stdin is not None
        child.process.stdin.close()
    try:
        assert await asyncio.wait_for(child.process.wait(), 10) == 0
    finally:
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


async def test_what_was_acknowledged_is_there_after_kill_9(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    child = await Child.start(MODULE, config(tmp_path), tmp_path / "log")
    writer = client(session, child)
    await writer.post("CREATE TABLE coaching.t (a UInt32) ENGINE = MergeTree ORDER BY a")
    assert (await writer.insert("INSERT INTO coaching.t FORMAT TSV", b"1\n2\n")).status == 200
    child.process.kill()
    await child.process.wait()
    again = await Child.start(MODULE, config(tmp_path), tmp_path / "log")
    try:
        assert (await client(session, again).post("SELECT a FROM coaching.t ORDER BY a")).text == "1\n2\n"
    finally:
        await again.stop()


async def test_without_its_wheel_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, tmp_path, "chdb")
    with pytest.raises(ChildError, match=r"\[embedded\]"):
        await Child.start(MODULE, config(tmp_path), tmp_path / "log")
