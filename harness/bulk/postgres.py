"""PostgreSQL's side of a bulk comparison: counts, keys and signatures, in read-only transactions."""

# ruff: noqa: S608 - the mapping takes identifiers alone, values are parameters or escaped literals

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

import asyncpg

from harness.bulk.postgres_keys import KeyColumns
from harness.bulk.ranges import Key, KeyRange, digits_in, digits_of
from harness.bulk.signatures import MASK, Signature
from harness.errors import StoreError
from harness.mapping import HeaderTable, ScoreTable
from harness.observe.postgres_tables import TYPES

CONNECTIONS = 4
CONNECT_TIMEOUT_S = 10.0
# Of uuids, whose texts' bytes are ordered as they are; of a database whose locale is C, of the collation itself, or of the one locale that
# is C by another name.
_BYTE_ORDERED = """
SELECT count(*) = 3 FROM pg_attribute a
LEFT JOIN pg_collation c ON c.oid = a.attcollation
JOIN pg_database d ON d.datname = current_database()
WHERE a.attrelid = $1::text::regclass AND a.attname = ANY($2::text[]) AND (
    a.atttypid = 'uuid'::regtype OR c.collname IN ('C', 'POSIX') OR c.collname = 'default' AND (
        d.datlocprovider = 'c' AND d.datcollate IN ('C', 'POSIX')
        OR d.datlocprovider = 'b' AND to_jsonb(d) ->> 'datlocale' IN ('C', 'C.UTF-8')))
"""


class PostgresTable:
    """One table; `row` is the expression of a row's canonical bytes, `key` its key's columns."""

    def __init__(self, side: "PostgresSide", table: HeaderTable | ScoreTable, row: str, key: KeyColumns) -> None:
        self._side = side
        self._name = f'"{side.namespace}"."{table.table}"'
        self._from = f"{self._name} AS t"
        self._key = key
        self._signature = f"count(*), bit_xor(('x' || md5({row}))::bit(64)::bigint)"
        self._where = f"{side.where}, table {table.table}"

    async def cells(self, keys: KeyRange, bits: int) -> dict[int, Signature]:
        """Return the signature of each cell of a range that has rows. Raises StoreError."""
        condition, values = self._key.within(keys)
        rows = await self._fetch(
            f"SELECT {self._cell(bits)}, {self._signature} FROM {self._from}{condition} GROUP BY 1", *values
        )
        return {cell: (count, hashes & MASK) for cell, count, hashes in rows}

    async def signatures(self, keys: KeyRange, bits: int, cells: Sequence[int]) -> dict[Key, Signature]:
        """Return the signature of each scorecard in some cells of a range. Raises StoreError."""
        condition, values = self._key.within(keys)
        joint = f"{condition} AND" if condition else " WHERE"
        # By the first hexadecimal digits of the hash, which are there sooner than the cell's number.
        condition = f'{joint} {self._digits(digits_in(bits))} COLLATE "C" = ANY(${len(values) + 1}::text[])'
        return await self._signatures(condition, *values, digits_of(cells, bits))

    async def signatures_of(self, keys: Sequence[Key]) -> dict[Key, Signature]:
        """Return the signatures of the given scorecards that have rows. Raises StoreError."""
        on = self._key.are(("k.c", "k.p", "k.s"))
        join = f" JOIN unnest($1::text[], $2::text[], $3::text[]) AS k(c, p, s) ON {on}"
        return await self._signatures(join, *(list(part) for part in zip(*keys, strict=True)))

    async def sample(self, step: int) -> list[Key]:
        """Return about one key in `step`, in no order. Raises StoreError."""
        rows = await self._fetch(f"SELECT {self._key.texts} FROM {self._from} WHERE random() < 1.0 / $1::int", step)
        return [tuple(row) for row in rows]

    async def draw(self, size: int) -> list[Key]:
        """Return `size` keys drawn at random, all where there are fewer. Raises StoreError."""
        rows = await self._fetch(f"SELECT {self._key.texts} FROM {self._from} ORDER BY random() LIMIT $1::int", size)
        return [tuple(row) for row in rows]

    async def page(self, after: Key | None, size: int, column: str, since: datetime) -> list[Key]:
        """Return the next keys whose time column is `since` or later, in PostgreSQL's own order. Raises StoreError."""
        condition = f'WHERE t."{column}" >= $1::timestamptz' + ("" if after is None else f" AND {self._key.after(2)}")
        sql = f"SELECT {self._key.texts} FROM {self._from} {condition} ORDER BY {self._key.own} LIMIT {size:d}"
        return [tuple(row) for row in await self._fetch(sql, since, *(after or ()))]

    async def estimate(self) -> int:
        """Return about how many rows there are, as the server last counted them, and counted now where it never did. Raises StoreError."""
        rows = await self._fetch("SELECT reltuples::bigint FROM pg_class WHERE oid = $1::text::regclass", self._name)
        return int(rows[0][0]) if rows and rows[0][0] > 0 else await self._count("")

    async def count_since(self, column: str, since: datetime) -> int:
        """Return the number of rows whose time column is `since` or later. Raises StoreError."""
        return await self._count(f' WHERE t."{column}" >= $1::timestamptz', since)

    async def _count(self, condition: str, *values: Any) -> int:
        return int((await self._fetch(f"SELECT count(*) FROM {self._from}{condition}", *values))[0][0])

    def _cell(self, bits: int) -> str:
        return f"('x' || {self._digits(digits_in(bits))})::bit({bits:d})::int"

    def _digits(self, count: int) -> str:
        # textsend gives UTF-8 whatever the database's encoding is.
        return f"left(md5(textsend({self._key.scorecard}::text)), {count:d})"

    async def _signatures(self, condition: str, *values: Any) -> dict[Key, Signature]:
        sql = f"SELECT {self._key.texts}, {self._signature} FROM {self._from}{condition} GROUP BY {self._key.own}"
        rows = await self._fetch(sql, *values)
        return {(c, p, s): (count, hashes & MASK) for c, p, s, count, hashes in rows}

    async def _fetch(self, sql: str, *values: Any) -> list["asyncpg.Record"]:
        with explained(self._where):
            return await self._side.fetch(sql, *values)


class PostgresSide:
    """Connections that cannot write."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", namespace: str, where: str) -> None:
        self._pool = pool
        self.namespace = namespace
        self.where = where

    async def fetch(self, sql: str, *values: Any) -> list["asyncpg.Record"]:
        """Run one query in a read-only transaction of its own."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            return await connection.fetch(sql, *values)

    async def types(self, table: HeaderTable | ScoreTable) -> dict[str, str]:
        """Return the type of each column of a table. Raises StoreError where it is not there or may not be read."""
        with explained(self.where):
            return dict(await self.fetch(TYPES, f'"{self.namespace}"."{table.table}"'))  # type: ignore[arg-type]

    async def byte_ordered(self, table: HeaderTable | ScoreTable) -> bool:
        """Return whether the key's columns are ordered by their bytes, so that an index can serve ranges of ClickHouse's order."""
        with explained(self.where):
            name = f'"{self.namespace}"."{table.table}"'
            return bool((await self.fetch(_BYTE_ORDERED, name, list(table.key)))[0][0])


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Map the driver's errors to one line."""
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise StoreError(f"{where}: {error}; a longer statement timeout may help") from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise StoreError(f"{where}: {error or type(error).__name__}") from None


@asynccontextmanager
async def open_postgres_side(dsn: str, namespace: str, timeout_s: float) -> AsyncIterator[PostgresSide]:
    """Hold connections to a server that was reached before. Raises StoreError."""
    settings = {
        "application_name": "harness",
        "default_transaction_read_only": "on",
        # A column without a zone is compared with an instant as if it were in this one.
        "timezone": "UTC",
        # As many digits of a float as tell it from all others.
        "extra_float_digits": "1",
        "statement_timeout": str(round(timeout_s * 1000)),
        # Compiling pays for itself late in an expression over a quarter of a million rows.
        "jit": "off",
    }
    with explained("PostgreSQL"):
        pool = await asyncpg.create_pool(
            dsn, min_size=1, max_size=CONNECTIONS, timeout=CONNECT_TIMEOUT_S, server_settings=settings
        )
    try:
        yield PostgresSide(pool, namespace, "PostgreSQL")
    finally:
        # Closing politely waits for what runs; what hangs is cut off.
        try:
            await asyncio.wait_for(pool.close(), 5)
        except TimeoutError:
            pool.terminate()
