"""The two stores of a benchmark: started, filled, and asked as their owner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp
import asyncpg

from benchmarks.bulk_tables import MERGE, fill_clickhouse, fill_postgres
from harness.embedded.stack import ClickHouseEngine, Stack, StackConfig, embedded_stack
from harness.service.schema import POSTGRES_DDL, clickhouse_ddl


class Stores:
    """A stack without a service."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession, engine: ClickHouseEngine) -> None:
        self.stack = stack
        self._session = session
        self._modern = engine is ClickHouseEngine.EMBEDDED

    async def fill(self, rows: int, scores: int, versions: int = 1) -> None:
        """Make `rows` scorecards with `scores` scores each; ClickHouse is given each `versions` times, and merged where that is once."""
        await self.postgres(POSTGRES_DDL, *fill_postgres(rows, scores))
        await self.clickhouse(*clickhouse_ddl(datetime64=self._modern))
        for version in range(1, versions + 1):
            await self.clickhouse(*fill_clickhouse(rows, scores, version, datetime64=self._modern))
        if versions == 1:
            await self.clickhouse(*MERGE)

    async def postgres(self, *statements: str) -> list["asyncpg.Record"]:
        """Run statements as the owner, and return the last one's rows."""
        connection = await asyncpg.connect(self.stack.postgres_dsn)
        for statement in statements[:-1]:
            await connection.execute(statement)
        rows = await connection.fetch(statements[-1])
        await connection.close()
        return rows

    async def clickhouse(self, *statements: str) -> bytes:
        """Run statements as the owner, and return the last one's answer."""
        data = b""
        for statement in statements:
            async with self._asked(statement) as answer:
                data = await answer.read()
        return data

    async def clickhouse_drained(self, statement: str) -> None:
        """Run a statement, and throw what it answers away piece by piece."""
        async with self._asked(statement) as answer:
            async for _ in answer.content.iter_chunked(1 << 20):
                pass

    @asynccontextmanager
    async def _asked(self, statement: str) -> AsyncIterator[aiohttp.ClientResponse]:
        url = urlsplit(self.stack.clickhouse_url)
        headers = {"X-ClickHouse-User": url.username or "", "X-ClickHouse-Key": url.password or ""}
        place, database = f"http://{url.hostname}:{url.port}/", {"database": url.path[1:]}
        async with self._session.post(place, params=database, headers=headers, data=statement) as answer:
            assert answer.status == 200, await answer.text()
            yield answer


@asynccontextmanager
async def open_stores(engine: ClickHouseEngine) -> AsyncIterator[Stores]:
    """Hold empty stores."""
    async with (
        embedded_stack(StackConfig(None, engine)) as stack,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(None)) as session,
    ):
        yield Stores(stack, session, engine)
