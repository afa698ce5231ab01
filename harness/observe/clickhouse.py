"""The analytics copy: reads scorecards from ClickHouse, many at once, as FINAL shows them and as RAW holds them.

aiochclient asks the short questions. It parses every statement, which costs tens of milliseconds for a list of a thousand keys, so the bulk
reads go over the same HTTP session without it.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager, contextmanager
from itertools import repeat
from typing import Any, TypeVar

import aiohttp
from aiochclient import ChClient, ChClientError
from yarl import URL

from harness.errors import StoreError
from harness.mapping import ClickHouseMapping, HeaderTable, ScoreTable
from harness.model import ClickHouseRows, Header, Score, Versioned, maker
from harness.observe.clickhouse_address import ClickHouseAddress
from harness.observe.clickhouse_keys import MAX_KEYS_BYTES, MAX_KEYS_BYTES_WITH_JOURNAL, Condition, batches, condition
from harness.observe.clickhouse_tables import TEXTS, Key, Table, header_table, score_table, unwrapped
from harness.observe.names import ScorecardName
from harness.observe.tabseparated import literal

T = TypeVar("T")
_MAKE_ROWS = maker(ClickHouseRows)

_ENGINE_ARGUMENTS = re.compile(r"ReplacingMergeTree\(([^)]*)\)")

TIMEOUT_S = 60.0
# Whether a list that several clauses have can be given once and go by a name in all of them, as it cannot on servers of long ago.
_NAMED_LIST = "WITH ('a', 'b') AS given_ SELECT * FROM (SELECT 'a' IN given_) FORMAT TabSeparated"

_Rows = list[tuple[Versioned[T], ...]]


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
        # Put together once: for aiohttp to do it takes as long as half of a request.
        self._url = URL(address.base_url).with_query(database=address.database)
        self._names_lists = False
        self._headers: Table[Header]
        self._scores: Table[Score]

    async def check(self) -> None:
        """Learn the tables' types and whether settings may be sent. Raises StoreError, naming what is missing."""
        readonly = await self._fetch("SELECT value FROM system.settings WHERE name = 'readonly'")
        if readonly and readonly[0][0] == "0":
            # Of its own accord; a user who is read-only already may not say so.
            self._url = self._url.update_query(readonly="2")
        self._names_lists = await self._answers(_NAMED_LIST, b"1\n")
        version, deleted = self._mapping.version, self._mapping.deleted
        headers, scores = self._mapping.headers, self._mapping.scores
        header_types, score_types = await self._types(headers), await self._types(scores)
        journals = await self._journal(headers, header_types), await self._journal(scores, score_types)
        # Half a journal proves nothing.
        header_journal, score_journal = journals if None not in journals else (None, None)
        self._headers = header_table(headers, version, deleted, header_types, header_journal)
        self._scores = score_table(scores, version, deleted, score_types, score_journal)
        # What may be seen may yet not be read.
        await self.read([ScorecardName("", "", "")])

    @property
    def types(self) -> dict[str, str]:
        """The type of each compared column, under the names of Header's and Score's fields; known after `check`."""
        return {**self._headers.types, **self._scores.types}

    async def version(self) -> str:
        """Return the server's version. Raises StoreError."""
        return str((await self._fetch("SELECT version()"))[0][0])

    async def read(
        self, names: Sequence[ScorecardName], passing: Set[ScorecardName] = frozenset()
    ) -> dict[ScorecardName, ClickHouseRows]:
        """Return what ClickHouse holds of each scorecard; two queries for up to a thousand names. Raises StoreError.

        Of the `passing` ones RAW is left out where a journal keeps it: they will be looked at again.
        """
        names = tuple(dict.fromkeys(names))
        return dict(zip(names, await self.read_in_order(names, passing), strict=True))

    async def read_in_order(
        self, names: Sequence[ScorecardName], passing: Set[ScorecardName] = frozenset()
    ) -> list[ClickHouseRows]:
        """Return the same in the order of the names. Raises StoreError."""
        found: list[ClickHouseRows] = []
        journal = self._headers.journal is not None
        later = passing if journal else frozenset[ScorecardName]()
        # Asked for four times in each query without names for lists.
        max_bytes = MAX_KEYS_BYTES_WITH_JOURNAL if journal and not self._names_lists else MAX_KEYS_BYTES
        for batch, shown in batches(self._headers.key, names, max_bytes, self._given("shown")):
            raw = [name for name in batch if name not in later] if later else batch
            versions = shown if raw is batch else self._of_some(raw)
            found += await self._read_batch(batch, shown, raw, versions)
        return found

    async def _read_batch(
        self,
        names: Sequence[ScorecardName],
        shown: Condition,
        raw: Sequence[ScorecardName],
        versions: Condition | None,
    ) -> list[ClickHouseRows]:
        """Return the rows that names have by FINAL, and the versions of some of them, in the names' order."""
        places: dict[Key, int] = dict(zip(names, range(len(names)), strict=True))
        if len(places) < len(names):
            # Some are there twice.
            distinct = tuple(dict.fromkeys(names))
            rows = dict(zip(distinct, await self._read_batch(distinct, shown, raw, versions), strict=True))
            return [rows[name] for name in names]
        of_scores = self._of_scores(shown, names, "shown")
        versions_of_scores = None if versions is None else self._of_scores(versions, raw, "raw")
        (final_headers, raw_headers), (final_scores, raw_scores) = await asyncio.gather(
            self._rows(places, self._headers, shown, versions),
            self._rows(places, self._scores, of_scores, versions_of_scores),
        )
        # Where no journal is, nothing is known to be complete.
        complete = (
            repeat(False, len(names)) if self._headers.journal is None else map(frozenset(raw).__contains__, names)
        )
        together = zip(final_headers, final_scores, raw_headers, raw_scores, complete, strict=True)
        return list(map(_MAKE_ROWS, together))

    def _of_scores(self, of_headers: Condition, names: Sequence[ScorecardName], what: str) -> Condition:
        """Return the condition in the scores' table; the same where its key has the same names, as nearly always."""
        if self._scores.key == self._headers.key:
            return of_headers
        return condition(self._scores.key, names, self._given(what))

    def _of_some(self, raw: Sequence[ScorecardName]) -> Condition | None:
        """Return the condition for those of a batch that RAW is read of, None for none."""
        return condition(self._headers.key, raw, self._given("raw")) if raw else None

    def _given(self, what: str) -> str | None:
        """Return how the names of lists begin, None where they can have none."""
        return f"given_{what}_" if self._names_lists else None

    async def _rows(
        self, places: Mapping[Key, int], table: Table[T], shown: Condition, versions: Condition | None
    ) -> tuple[_Rows[T], _Rows[T]]:
        """Return the rows of each key at its place: by FINAL, and the versions."""
        data = await self._post(table.select(shown, versions))
        with self._explained():
            try:
                return _decoded(table, data, shown, places)
            except ValueError as error:
                # A server that had begun to answer puts its exception behind the rows.
                raise ChClientError(data.decode(errors="replace").rstrip("\n").rpartition("\n")[2]) from error

    async def _journal(self, table: HeaderTable | ScoreTable, types: dict[str, str]) -> str | None:
        """Return the table that keeps all that was ever inserted into another, None where there is none with its columns."""
        if self._mapping.journal_suffix is None:
            return None
        name = table.table + self._mapping.journal_suffix
        where = f"database = {literal(self._address.database)} AND table = {literal(name)}"
        columns = dict(await self._fetch(f"SELECT name, type FROM system.columns WHERE {where}"))  # noqa: S608 - literals
        return name if columns and types.items() <= columns.items() else None

    async def _types(self, table: HeaderTable | ScoreTable) -> dict[str, str]:
        """Return the column types of a table, having made sure that FINAL means something on it."""
        where = f"database = {literal(self._address.database)} AND table = {literal(table.table)}"
        columns = await self._fetch(f"SELECT name, type FROM system.columns WHERE {where}")  # noqa: S608 - literals
        if not columns:
            raise StoreError(
                f"{self._where}: there is no table {table.table!r}, or it may not be read; does [mapping.clickhouse] name it right?"
            )
        types = dict(columns)
        wanted = [
            *table.key,
            *(v for v in table.model_dump(exclude={"table"}).values() if v is not False),
            self._mapping.version,
        ]
        if self._mapping.deleted is not None:
            wanted.append(self._mapping.deleted)
        missing = [name for name in dict.fromkeys(wanted) if name not in types]
        if missing:
            raise StoreError(
                f"{self._where}: table {table.table!r} has no column {', '.join(missing)}; [mapping.clickhouse] says how columns are named"
            )
        await self._check_engine(table)
        for name in table.key:
            if not unwrapped(types[name]).startswith(TEXTS):
                raise StoreError(
                    f"{self._where}: key column {name} of table {table.table!r} is a {types[name]}, and only a String can be asked for by "
                    f"any name; let [mapping.clickhouse] name tables whose key columns are Strings"
                )
        return types

    async def _check_engine(self, table: HeaderTable | ScoreTable) -> None:
        """Make sure that the table's engine chooses by the version that the mapping names."""
        where = f"database = {literal(self._address.database)} AND name = {literal(table.table)}"
        found = await self._fetch(f"SELECT engine, engine_full FROM system.tables WHERE {where}")  # noqa: S608 - literals
        engine, definition = found[0] if found else ("table that may not be seen", "")
        if engine == "Distributed":
            return
        if "Replacing" not in engine:
            raise StoreError(
                f"{self._where}: table {table.table!r} is a {engine}, not a ReplacingMergeTree: which version of a row holds is not defined"
            )
        if (version := version_of_engine(definition)) not in (None, self._mapping.version):
            raise StoreError(
                f"{self._where}: table {table.table!r} chooses by its version column {version}, [mapping.clickhouse] "
                f"says version = {self._mapping.version!r}"
            )

    async def _fetch(self, statement: str) -> list[tuple[Any, ...]]:
        with self._explained():
            try:
                return [tuple(row.values()) for row in await self._client.fetch(statement)]
            except (RuntimeError, ValueError, LookupError, AssertionError) as error:
                # What aiochclient makes of an answer that is no ClickHouse's, such as a login page.
                raise ChClientError("the answer is none of ClickHouse's; is this its HTTP port?") from error

    async def _answers(self, statement: str, expected: bytes) -> bool:
        """Return whether the server understands a statement, as its answer shows."""
        try:
            return await self._post(statement) == expected
        except StoreError:
            return False

    async def _post(self, statement: str) -> bytes:
        with self._explained():
            async with self._session.post(self._url, data=statement.encode()) as answer:
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
            raise StoreError(f"{self._where} cannot be reached: {str(error) or type(error).__name__}") from None


@asynccontextmanager
async def open_clickhouse(url: str, mapping: ClickHouseMapping) -> AsyncIterator[ClickHouseReader]:
    """Hold a reader that is not yet checked. Raises UsageError for a URL that is none."""
    address = ClickHouseAddress.parse(url)
    credentials = {"X-ClickHouse-User": address.user, "X-ClickHouse-Key": address.password}
    # ClickHouse sets no cookies, and a jar is asked at each request.
    async with aiohttp.ClientSession(
        headers=credentials, timeout=aiohttp.ClientTimeout(TIMEOUT_S), cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        client = ChClient(
            session, url=address.base_url, user=address.user, password=address.password, database=address.database
        )
        yield ClickHouseReader(session, client, address, mapping)


def version_of_engine(definition: str) -> str | None:
    """Return the version column of a ReplacingMergeTree's definition, None where it has none."""
    arguments = _ENGINE_ARGUMENTS.search(definition)
    columns = [] if arguments is None else [part.strip(" `") for part in arguments[1].split(",")]
    # A replicated table's path and replica stand before it, quoted.
    return next((column for column in columns if column and not column.startswith("'")), None)


def _decoded(table: Table[T], data: bytes, shown: Condition, places: Mapping[Key, int]) -> tuple[_Rows[T], _Rows[T]]:
    """Return the rows of each key at its place; what was not asked for, as a key that its column has padded, is left out."""
    final: list[list[Versioned[T]]] = [[] for _ in places]
    versions: list[list[Versioned[T]]] = [[] for _ in places]
    for key, row, is_final in table.decode(data, shown):
        if (place := places.get(key)) is not None:
            (final if is_final else versions)[place].append(row)
    if table.order is not None:
        for rows in final:
            rows.sort(key=table.order)
    return list(map(tuple, final)), list(map(tuple, versions))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:500] if text.strip() else "no reason given"
