"""The analytics copy: reads scorecards from ClickHouse, many at once, as FINAL shows them and as RAW holds them.

aiochclient asks the short questions. It parses every statement, which costs tens of milliseconds for a list of a thousand keys, so the bulk
reads go over the same HTTP session without it.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import aiohttp
from aiochclient import ChClient, ChClientError

from harness.errors import StoreError
from harness.mapping import ClickHouseMapping, HeaderTable, ScoreTable
from harness.model import ClickHouseRows, Header, Score, Versioned
from harness.observe.clickhouse_address import ClickHouseAddress
from harness.observe.clickhouse_tables import Table, header_table, score_table
from harness.observe.names import ScorecardName
from harness.observe.tabseparated import literal

T = TypeVar("T")

TIMEOUT_S = 60.0
MAX_NAMES = 1000
# Below the server's default max_query_size of 256 KiB, which a read-only user cannot raise.
MAX_KEYS_BYTES = 200_000


class ClickHouseReader:
    """Reads through one HTTP session."""

    def __init__(
        self, session: aiohttp.ClientSession, client: ChClient, address: ClickHouseAddress, mapping: ClickHouseMapping
    ) -> None:
        self._session = session
        self._client = client
        self._address = address
        self._mapping = mapping
        self._where = f"ClickHouse at {address}"
        self._parameters: dict[str, str] = {"database": address.database}
        self._headers: Table[Header]
        self._scores: Table[Score]

    async def check(self) -> None:
        """Learn the tables' types and whether settings may be sent. Raises StoreError, naming what is missing."""
        readonly = await self._fetch("SELECT value FROM system.settings WHERE name = 'readonly'")
        if readonly and readonly[0][0] == "0":
            # Of its own accord; a user who is read-only already may not say so.
            self._parameters["readonly"] = "2"
        version, deleted = self._mapping.version, self._mapping.deleted
        self._headers = header_table(self._mapping.headers, version, deleted, await self._types(self._mapping.headers))
        self._scores = score_table(self._mapping.scores, version, deleted, await self._types(self._mapping.scores))

    async def version(self) -> str:
        """Return the server's version. Raises StoreError."""
        return str((await self._fetch("SELECT version()"))[0][0])

    async def read(self, names: Sequence[ScorecardName]) -> dict[ScorecardName, ClickHouseRows]:
        """Return what ClickHouse holds of each scorecard; four queries for up to a thousand names. Raises StoreError."""
        found: dict[ScorecardName, ClickHouseRows] = {}
        for batch in batches(names):
            found |= await self._read_batch(batch)
        return found

    async def _read_batch(self, names: Sequence[ScorecardName]) -> dict[ScorecardName, ClickHouseRows]:
        final_headers, final_scores, raw_headers, raw_scores = await asyncio.gather(
            self._rows(self._headers, names, final=True),
            self._rows(self._scores, names, final=True),
            self._rows(self._headers, names, final=False),
            self._rows(self._scores, names, final=False),
        )
        return {
            name: ClickHouseRows(
                tuple(final_headers[name]),
                tuple(sorted(final_scores[name], key=lambda row: row.value.criterion)),
                tuple(raw_headers[name]),
                tuple(raw_scores[name]),
                self._headers.time_resolution_us,
            )
            for name in names
        }

    async def _rows(
        self, table: Table[T], names: Sequence[ScorecardName], *, final: bool
    ) -> defaultdict[ScorecardName, list[Versioned[T]]]:
        return _by_name(table, await self._post(table.select(condition(table.key, names), final=final)))

    async def _types(self, table: HeaderTable | ScoreTable) -> dict[str, str]:
        """Return the column types of a table, having made sure that FINAL means something on it."""
        where = f"database = {literal(self._address.database)} AND table = {literal(table.table)}"
        columns = await self._fetch(f"SELECT name, type FROM system.columns WHERE {where}")  # noqa: S608 - literals
        if not columns:
            raise StoreError(
                f"{self._where}: there is no table {table.table!r}, or it may not be read; does [mapping.clickhouse] name it right?"
            )
        engine_where = where.replace("table =", "name =")
        engine = (await self._fetch(f"SELECT engine FROM system.tables WHERE {engine_where}"))[0][0]  # noqa: S608 - literals
        if "Replacing" not in engine and engine not in ("Distributed", "View", "MaterializedView"):
            raise StoreError(
                f"{self._where}: table {table.table!r} is a {engine}, not a ReplacingMergeTree: which version of a row holds is not defined"
            )
        types = dict(columns)
        wanted = [
            *table.key,
            *(v for v in table.model_dump(exclude={"table"}).values() if v is not False),
            self._mapping.version,
        ]
        missing = [name for name in dict.fromkeys(wanted) if name not in types]
        if self._mapping.deleted is not None and self._mapping.deleted not in types:
            missing.append(self._mapping.deleted)
        if missing:
            raise StoreError(
                f"{self._where}: table {table.table!r} has no column {', '.join(missing)}; [mapping.clickhouse] says how columns are named"
            )
        return types

    async def _fetch(self, statement: str) -> list[tuple[Any, ...]]:
        with self._explained():
            return [tuple(row.values()) for row in await self._client.fetch(statement)]

    async def _post(self, statement: str) -> bytes:
        with self._explained():
            async with self._session.post(
                self._address.base_url, params=self._parameters, data=statement.encode()
            ) as answer:
                body = await answer.read()
                if answer.status != 200:
                    raise ChClientError(body.decode(errors="replace"))
                return body

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Map the client's errors to one line."""
        try:
            yield
        except ChClientError as error:
            raise StoreError(f"{self._where}: {_first_line(str(error))}") from None
        except TimeoutError:
            raise StoreError(f"{self._where} did not answer within {TIMEOUT_S:.0f} s") from None
        except aiohttp.ClientError as error:
            raise StoreError(f"{self._where} cannot be reached: {error or type(error).__name__}") from None


@asynccontextmanager
async def open_clickhouse(url: str, mapping: ClickHouseMapping) -> AsyncIterator[ClickHouseReader]:
    """Hold a reader that is not yet checked. Raises UsageError for a URL that is none."""
    address = ClickHouseAddress.parse(url)
    credentials = {"X-ClickHouse-User": address.user, "X-ClickHouse-Key": address.password}
    async with aiohttp.ClientSession(headers=credentials, timeout=aiohttp.ClientTimeout(TIMEOUT_S)) as session:
        client = ChClient(
            session, url=address.base_url, user=address.user, password=address.password, database=address.database
        )
        yield ClickHouseReader(session, client, address, mapping)


def batches(names: Sequence[ScorecardName]) -> Iterator[list[ScorecardName]]:
    """Split names so that each part's keys fit into one query."""
    batch: list[ScorecardName] = []
    size = 0
    for name in names:
        # Doubled, since every character may need a backslash.
        key_size = 2 * len(str(name).encode()) + 4
        if batch and (len(batch) == MAX_NAMES or size + key_size > MAX_KEYS_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(name)
        size += key_size
    if batch:
        yield batch


def condition(key: tuple[str, str, str], names: Sequence[ScorecardName]) -> str:
    """Return the condition for the names, on key columns alone: FINAL may be applied after a condition on others."""
    customer, profile, scorecard = key
    if len({(name.customer, name.profile) for name in names}) == 1:
        ids = ", ".join(literal(name.scorecard) for name in names)
        first = names[0]
        return f"{customer} = {literal(first.customer)} AND {profile} = {literal(first.profile)} AND {scorecard} IN ({ids})"
    keys = ", ".join(f"({literal(n.customer)}, {literal(n.profile)}, {literal(n.scorecard)})" for n in names)
    return f"({customer}, {profile}, {scorecard}) IN ({keys})"


def _by_name(table: Table[T], data: bytes) -> defaultdict[ScorecardName, list[Versioned[T]]]:
    rows: defaultdict[ScorecardName, list[Versioned[T]]] = defaultdict(list)
    for key, row in table.decode(data):
        rows[ScorecardName(*key)].append(row)
    return rows


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:500] if text.strip() else "no reason given"
