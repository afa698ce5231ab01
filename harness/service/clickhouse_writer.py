"""Writes rows to ClickHouse by group commit: while one insert into a table is under way the next rows gather, and go together.

Production writers batch too, and one-row inserts would be this machine's limit. A row's write is acknowledged when its insert is.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
from aiochclient import ChClient, ChClientError

from harness.service.schema import NO_TABLE_FAULTS, TableFaults, clickhouse_ddl, journal_ddl

TIMEOUT_S = 30.0
ATTEMPTS = 4
FIRST_PAUSE_S = 0.05

Row = tuple[Any, ...]


class TableWriter:
    """One table's inserts, one at a time; with `grouped` false each write is an insert of its own."""

    def __init__(self, client: ChClient, statement: str, *, grouped: bool = True) -> None:
        self._client = client
        self._statement = statement
        self._grouped = grouped
        self._waiting: list[tuple[Sequence[Row], asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, rows: Sequence[Row]) -> None:
        """Insert rows, in their order and after all that were given before; return when the insert was acknowledged."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, done))
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        await done

    async def _drain(self) -> None:
        while self._waiting:
            size = len(self._waiting) if self._grouped else 1
            group, self._waiting = self._waiting[:size], self._waiting[size:]
            try:
                await self._insert([row for rows, _ in group for row in rows])
            except Exception as error:
                for _, done in group:
                    if not done.done():  # whoever waited may have given up
                        done.set_exception(error)
            else:
                for _, done in group:
                    if not done.done():
                        done.set_result(None)
        self._task = None

    async def _insert(self, rows: Sequence[Row]) -> None:
        """Insert, again after a pause where that failed; the same rows twice are harmless in this engine."""
        pause_s = FIRST_PAUSE_S
        for attempt in range(ATTEMPTS):
            try:
                await self._client.execute(self._statement, *rows)
                return
            except (aiohttp.ClientError, ChClientError, TimeoutError):
                if attempt == ATTEMPTS - 1:
                    raise
            await asyncio.sleep(pause_s)
            pause_s *= 2


class ClickHouseWriter:
    """The two tables of the copy. `whole_seconds` says that times are kept without a fraction, which the server then refuses."""

    def __init__(self, client: ChClient, *, whole_seconds: bool, grouped: bool = True) -> None:
        self.headers = TableWriter(client, "INSERT INTO scorecards VALUES", grouped=grouped)
        self.scores = TableWriter(client, "INSERT INTO scores VALUES", grouped=grouped)
        self.whole_seconds = whole_seconds

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, faults: TableFaults = NO_TABLE_FAULTS) -> AsyncIterator["ClickHouseWriter"]:
        """Hold a writer to `http://user:password@host:port/database`, its tables made where they are not there yet."""
        parts = urlsplit(url)
        place = {
            "url": f"{parts.scheme}://{parts.hostname}:{parts.port}/",
            "user": unquote(parts.username or "default"),
            "password": unquote(parts.password or ""),
            "database": parts.path.strip("/") or "default",
        }
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT_S)) as session:
            asker = ChClient(session, **place)
            precise = await _datetime64(asker)
            if not await asker.fetch("SHOW TABLES LIKE 'scorecards'"):
                for statement in (*clickhouse_ddl(datetime64=precise, faults=faults), *journal_ddl(bounded=precise)):
                    await asker.execute(statement)
            known = await asker.fetch("SELECT name FROM system.settings WHERE name = 'optimize_on_insert'")
            # Otherwise two versions of a row that meet in one insert are merged before anybody can see them.
            settings = {"optimize_on_insert": 0} if known else {}
            client = ChClient(session, **place, **settings)
            yield cls(client, whole_seconds=not precise, grouped=faults.grouped)


async def _datetime64(client: ChClient) -> bool:
    """Return whether the server has the type DateTime64."""
    try:
        await client.fetch("SELECT toDateTime64('2020-01-01 00:00:00', 6)")
    except ChClientError:
        return False
    return True
