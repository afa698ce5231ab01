"""Both stores with the same rows, made by SQL in each engine."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
from fakes import FakeClock

from harness.bulk.compare import compare_tables
from harness.bulk.request import BulkProgress, BulkRequest, BulkResult
from harness.clock import Clock
from harness.embedded.stack import Stack
from harness.mapping import PostgresMapping, StoreMapping
from harness.service.schema import POSTGRES_DDL, clickhouse_ddl

POSTGRES_HEADERS = """
INSERT INTO scorecards SELECT 'Customer_' || (i % 3), 'profile ' || (i % 5), md5(i::text), 'template-' || (i % 7),
    'agent-' || (i % 5), 'é' || (i % 11), CASE WHEN i % 4 = 0 THEN NULL ELSE (i % 1000) / 10.0::float8 END,
    CASE WHEN i % 3 = 0 THEN NULL ELSE to_timestamp(1700000000 + i) + interval '123456 microseconds' END,
    CASE WHEN i % 3 = 0 THEN '' ELSE 'user' END, to_timestamp(1700000000 + i) + interval '1 microsecond', to_timestamp(1700000000 + i)
FROM generate_series(0, $1::int - 1) AS i
"""
POSTGRES_SCORES = """
INSERT INTO scores SELECT customer_id, profile_id, scorecard_id, 'criterion-' || c, CASE WHEN c = 1 THEN NULL ELSE c / 4.0 END, NULL,
    CASE WHEN c = 2 THEN 'text' END, c = 1, c <> 1 FROM scorecards, generate_series(1, 2) AS c
"""
KEY = "concat('Customer_', toString(i % 3)), concat('profile ', toString(i % 5)), lower(hex(MD5(toString(i))))"
CLICKHOUSE_HEADERS = """
INSERT INTO scorecards SELECT {key}, concat('template-', toString(i % 7)), concat('agent-', toString(i % 5)),
    concat('é', toString(i % 11)), if(i % 4 = 0, NULL, (i % 1000) / 10.), if(i % 3 = 0, NULL, {submitted}),
    if(i % 3 = 0, '', 'user'), {created}, {updated}, 1, 0
FROM (SELECT number AS i FROM system.numbers LIMIT {rows})
"""
CLICKHOUSE_SCORES = """
INSERT INTO scores SELECT {key}, concat('criterion-', toString(c)), if(c = 1, NULL, c / 4.), NULL, if(c = 2, 'text', NULL), c = 1, c != 1,
    1, 0 FROM (SELECT number AS i, arrayJoin([1, 2]) AS c FROM (SELECT number FROM system.numbers LIMIT {rows}))
"""


@dataclass(frozen=True, slots=True)
class Stores:
    """A schema and a database of one test's own. SCHEMA in a statement for PostgreSQL stands for the schema."""

    stack: Stack
    schema: str
    database: str
    modern: bool
    owner: "asyncpg.Connection[asyncpg.Record]"
    session: aiohttp.ClientSession = field(repr=False)

    @property
    def mapping(self) -> StoreMapping:
        return StoreMapping(postgres=PostgresMapping(namespace=self.schema))

    @property
    def request(self) -> BulkRequest:
        """Everything, by the users who may only read."""
        url = self.url(self.stack.clickhouse_reader_url)
        return BulkRequest(self.stack.postgres_reader_dsn, url, self.mapping)

    def url(self, url: str) -> str:
        return f"{url.rpartition('/')[0]}/{self.database}"

    async def compare(
        self, clock: Clock | None = None, report: Callable[[BulkProgress], None] = lambda _: None, **changes: Any
    ) -> BulkResult:
        return await compare_tables(replace(self.request, **changes), clock or FakeClock(), report)

    async def fill(self, rows: int) -> None:
        """Write the same scorecards to both stores, each with two scores."""
        await self.owner.execute(POSTGRES_HEADERS.replace("$1", str(rows)))
        await self.owner.execute(POSTGRES_SCORES)
        submitted, created, updated = (self._time(micros) for micros in (123456, 1, 0))
        await self.clickhouse(
            CLICKHOUSE_HEADERS.format(key=KEY, submitted=submitted, created=created, updated=updated, rows=rows)
        )
        await self.clickhouse(CLICKHOUSE_SCORES.format(key=KEY, rows=rows))

    def _time(self, micros: int) -> str:
        if not self.modern:
            return "toDateTime(1700000000 + i)"
        return f"fromUnixTimestamp64Micro(toInt64((1700000000 + i) * 1000000 + {micros}), 'UTC')"

    async def postgres(self, statement: str, *values: Any) -> str:
        return await self.owner.execute(statement, *values)

    async def clickhouse(self, statement: str | bytes) -> bytes:
        return await _send(self.session, self.stack.clickhouse_url, self.database, statement)

    async def write_then_copy(self, wait: int) -> None:
        """Write every header in PostgreSQL at the first wait, and let the copies come at the second."""
        if wait == 1:
            await self.postgres("UPDATE scorecards SET agent = 'newer'")
        elif wait == 2:
            await self.supersede("scorecards", "1", agent="'newer'")

    async def supersede(self, table: str, condition: str, **changes: str) -> None:
        """Write a newer version of some of ClickHouse's rows, with some columns changed to SQL expressions."""
        columns = (
            (
                await self.clickhouse(
                    f"SELECT name FROM system.columns WHERE database = '{self.database}' AND table = '{table}'"
                )
            )
            .decode()
            .split()
        )
        changes = {"version": "version + 1", **changes}
        values = ", ".join(changes.get(column, column) for column in columns)
        # The plain column names of the inner query keep an expression from seeing another's alias.
        await self.clickhouse(
            f"INSERT INTO {table} SELECT {values} FROM (SELECT * FROM {table} FINAL) WHERE {condition}"
        )


async def _send(session: aiohttp.ClientSession, url: str, database: str | None, statement: str | bytes) -> bytes:
    parts = urlsplit(url)
    headers = {"X-ClickHouse-User": parts.username or "", "X-ClickHouse-Key": parts.password or ""}
    parameters = {} if database is None else {"database": database}
    body = statement.encode() if isinstance(statement, str) else statement
    async with session.post(
        f"http://{parts.hostname}:{parts.port}/", params=parameters, headers=headers, data=body
    ) as answer:
        data = await answer.read()
        assert answer.status == 200, data.decode(errors="replace")
        return data


@asynccontextmanager
async def new_stores(stack: Stack, *, modern: bool) -> AsyncIterator[Stores]:
    """Hold stores with the reference service's tables, empty."""
    name = f"bulk_{uuid.uuid4().hex}"
    owner = await asyncpg.connect(stack.postgres_dsn, server_settings={"search_path": name})
    try:
        async with aiohttp.ClientSession() as session:
            await owner.execute(f'CREATE SCHEMA "{name}"; {POSTGRES_DDL}')
            await _send(session, stack.clickhouse_url, None, f"CREATE DATABASE {name}")
            stores = Stores(stack, name, name, modern, owner, session)
            for statement in clickhouse_ddl(datetime64=modern):
                await stores.clickhouse(statement)
            yield stores
            await _send(session, stack.clickhouse_url, None, f"DROP DATABASE {name}")
            await owner.execute(f'DROP SCHEMA "{name}" CASCADE')
    finally:
        await owner.close()


def names(result: BulkResult) -> list[str]:
    """The ids of the scorecards that differ."""
    return [difference.snapshot.scorecard.rpartition("/")[2] for difference in result.differences]
