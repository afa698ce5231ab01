"""Both stores as a test writes them: exact values by SQL, without the code that is under test."""

import io
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
import asyncpg

from harness.clock import SystemClock
from harness.mapping import HEADER_FIELDS, ClickHouseMapping, PostgresMapping, StoreMapping
from harness.model import Header, Score, Scorecard, Versioned
from harness.observe.batch import StoreReaders, open_readers
from harness.observe.clickhouse import ClickHouseReader, open_clickhouse
from harness.observe.names import ScorecardName
from harness.observe.postgres import PostgresReader, open_postgres
from harness.service.schema import clickhouse_ddl

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
US_PER_S = 1_000_000
PLAIN = Header("qa", "agent-1", "creator-1", 0.5, None, "", 1_700_000_000_000_001, 1_700_000_001_999_999)
"""A header without anything special."""


def score(criterion: str, value: float | None = 1.0, text: str | None = None) -> Score:
    """Return a score that says little more than its value."""
    return Score(criterion, value, None, text, not_applicable=False, ai_scored=True)


@dataclass(frozen=True, slots=True)
class Postgres:
    """One schema with the reference service's tables, empty at first. `owner` may do anything there."""

    owner: "asyncpg.Connection[asyncpg.Record]"
    dsn: str
    reader_dsn: str
    schema: str

    @property
    def mapping(self) -> PostgresMapping:
        return PostgresMapping(namespace=self.schema)

    async def execute(self, statement: str) -> None:
        """Run a statement in which SCHEMA stands for the schema."""
        await self.owner.execute(statement.replace("SCHEMA", f'"{self.schema}"'))

    async def write(self, scorecards: dict[ScorecardName, Scorecard]) -> None:
        headers = [(*_key(name), *_postgres_header(s.header)) for name, s in scorecards.items()]
        scores = [(*_key(name), *_score_values(score)) for name, s in scorecards.items() for score in s.scores]
        # The service's own columns behind those that are mapped have defaults.
        mapping = PostgresMapping().headers
        columns = [*mapping.key, *(getattr(mapping, name) for name in HEADER_FIELDS)]
        await self.owner.copy_records_to_table("scorecards", schema_name=self.schema, records=headers, columns=columns)
        await self.owner.copy_records_to_table("scores", schema_name=self.schema, records=scores)

    def reader(self, mapping: PostgresMapping | None = None) -> AbstractAsyncContextManager[PostgresReader]:
        return open_postgres(self.reader_dsn, self.mapping if mapping is None else mapping)


@dataclass(frozen=True, slots=True)
class ClickHouse:
    """One server; `modern` says whether it knows DateTime64."""

    session: aiohttp.ClientSession = field(repr=False)
    port: int
    password: str
    modern: bool

    def url(self, user: str, database: str, password: str | None = None) -> str:
        password = self.password if password is None else password
        return f"http://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    async def send(self, statement: str, data: bytes | None = None, **parameters: str) -> bytes:
        """Run a statement as the owner; `data` is what an INSERT takes."""
        headers = {"X-ClickHouse-User": "owner", "X-ClickHouse-Key": self.password}
        parameters |= {} if data is None else {"query": statement}
        body = io.BytesIO(statement.encode() if data is None else data)
        url = f"http://127.0.0.1:{self.port}/"
        async with self.session.post(url, params=parameters, headers=headers, data=body) as answer:
            result = await answer.read()
            assert answer.status == 200, result.decode(errors="replace")
            return result


@dataclass(frozen=True, slots=True)
class Analytics:
    """One ClickHouse database with the reference service's tables, empty at first."""

    server: ClickHouse
    database: str

    @property
    def url(self) -> str:
        """The URL of the user who may only read, but change settings."""
        return self.url_of("reader2")

    def url_of(self, user: str, password: str | None = None) -> str:
        return self.server.url(user, self.database, password)

    async def send(self, statement: str, data: bytes | None = None) -> bytes:
        return await self.server.send(statement, data, database=self.database)

    async def write(
        self,
        name: ScorecardName,
        headers: Sequence[Versioned[Header]] = (),
        scores: Sequence[Versioned[Score]] = (),
    ) -> None:
        """Insert rows, all headers in one insert and all scores in another."""
        if headers:
            await self.insert("scorecards", b"".join(self.header_row(name, row) for row in headers))
        if scores:
            await self.insert("scores", b"".join(self.score_row(name, row) for row in scores))

    async def recreate(self, table: str, old: str, new: str) -> None:
        """Make a table anew, empty, with other words in its definition."""
        (definition,) = (d for d in clickhouse_ddl(datetime64=self.server.modern) if f"TABLE {table} " in d)
        assert old in definition
        await self.send(f"DROP TABLE {table}")
        await self.send(definition.replace(old, new))
        await self.send("SYSTEM STOP MERGES")

    async def insert(self, table: str, rows: bytes) -> None:
        """Insert rows of a table in RowBinary, which nothing parses, escapes or rounds."""
        await self.send(f"INSERT INTO {table} FORMAT RowBinary", rows)

    def header_row(self, name: ScorecardName, row: Versioned[Header]) -> bytes:
        header = row.value
        return b"".join(
            (
                *map(_text, (*_key(name), header.template, header.agent, header.creator)),
                _nullable(header.overall_score, _float),
                _nullable(header.submit_time_us, self._time),
                _text(header.submitter),
                self._time(header.create_time_us),
                self._time(header.update_time_us),
                _versioned(row),
            )
        )

    @staticmethod
    def score_row(name: ScorecardName, row: Versioned[Score]) -> bytes:
        score = row.value
        return b"".join(
            (
                *map(_text, (*_key(name), score.criterion)),
                _nullable(score.numeric_value, _float),
                _nullable(score.ai_value, _float),
                _nullable(score.text_value, _text),
                bytes((score.not_applicable, score.ai_scored)),
                _versioned(row),
            )
        )

    def reader(self, mapping: ClickHouseMapping | None = None, url: str | None = None) -> "_Opening":
        """Hold a reader that was checked, or fail as that does."""
        return _checked(self.url if url is None else url, ClickHouseMapping() if mapping is None else mapping)

    def _time(self, value_us: int) -> bytes:
        return struct.pack("<q", value_us) if self.server.modern else struct.pack("<I", value_us // US_PER_S)


_Opening = AbstractAsyncContextManager[ClickHouseReader]


@asynccontextmanager
async def _checked(url: str, mapping: ClickHouseMapping) -> AsyncIterator[ClickHouseReader]:
    async with open_clickhouse(url, mapping) as reader:
        await reader.check()
        yield reader


def open_both(postgres: Postgres, clickhouse: Analytics) -> AbstractAsyncContextManager[StoreReaders]:
    """Hold readers of both stores, by the users who may only read."""
    mapping = StoreMapping(postgres=postgres.mapping)
    return open_readers(postgres.reader_dsn, clickhouse.url, mapping, SystemClock())


def _key(name: ScorecardName) -> tuple[str, str, str]:
    return name.customer, name.profile, name.scorecard


def _score_values(score: Score) -> tuple[Any, ...]:
    return (
        score.criterion,
        score.numeric_value,
        score.ai_value,
        score.text_value,
        score.not_applicable,
        score.ai_scored,
    )


def _postgres_header(header: Header) -> tuple[Any, ...]:
    submitted_at = None if header.submit_time_us is None else _datetime(header.submit_time_us)
    times = submitted_at, header.submitter, _datetime(header.create_time_us), _datetime(header.update_time_us)
    return header.template, header.agent, header.creator, header.overall_score, *times


def _datetime(value_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=value_us)


def _text(value: str) -> bytes:
    data = value.encode(errors="surrogateescape")
    size, length = b"", len(data)
    while length > 127:
        size, length = size + bytes((length & 127 | 128,)), length >> 7
    return size + bytes((length,)) + data


def _float(value: float) -> bytes:
    return struct.pack("<d", value)


def _nullable(value: Any, encode: Any) -> bytes:
    return b"\1" if value is None else b"\0" + encode(value)


def _versioned(row: Versioned[Any]) -> bytes:
    return struct.pack("<QB", row.version, row.deleted)
