"""The reference service as a child process, and both stores as a test reads them: by SQL, without the code that is under test."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from harness.embedded.stack import Stack
from harness.process import Child
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub
from harness.proto.harness.reference.v1 import copies_pb2
from harness.proto.harness.reference.v1.copies_pb2_grpc import CopiesStub

TOKEN = "to:ken/+=="
PARENT = "customers/c/profiles/p"
AUTHORIZED = (("authorization", f"Bearer {TOKEN}"),)
TIMEOUT_S = 20.0
AT_ONCE = {"median_ms": 0.01, "sigma": 0.0, "slow_share": 0.0}
SLOWLY = {"median_ms": 500.0, "sigma": 0.0, "slow_share": 0.0}

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stores:
    """The two stores of a stack. `postgres` is one connection, not in a transaction."""

    stack: Stack = field(repr=False)
    postgres: Connection = field(repr=False)
    session: aiohttp.ClientSession = field(repr=False)

    async def ask(self, statement: str) -> str:
        """Run a statement on ClickHouse and return the answer."""
        place = urlsplit(self.stack.clickhouse_url)
        headers = {"X-ClickHouse-User": place.username or "", "X-ClickHouse-Key": place.password or ""}
        url = f"http://{place.hostname}:{place.port}/"
        database = {"database": place.path.strip("/")}
        async with self.session.post(url, params=database, headers=headers, data=statement) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return text

    async def raw(self, table: str, scorecard_id: str) -> list[Row]:
        """Return every version that ClickHouse holds, the lowest first."""
        return await self._clickhouse(table, scorecard_id, "ORDER BY version")

    async def final(self, table: str, scorecard_id: str) -> list[Row]:
        """Return what ClickHouse shows, without version and tombstone; scores in the order of their criteria."""
        order = "ORDER BY criterion_id" if table == "scores" else ""
        rows = await self._clickhouse(f"{table} FINAL", scorecard_id, order)
        assert all(row.pop("deleted") == 0 for row in rows)
        return [{name: value for name, value in row.items() if name != "version"} for row in rows]

    async def rows(self, table: str, scorecard_id: str) -> list[Row]:
        """Return what PostgreSQL holds, in the text that ClickHouse renders the same values in, without the revision."""
        order = {"scores": "ORDER BY criterion_id", "scorecards": ""}[table]
        found = await self.postgres.fetch(f"SELECT * FROM {table} WHERE scorecard_id = $1 {order}", scorecard_id)
        return [_rendered_row(row) for row in found]

    async def final_of(self, table: str, scorecard_ids: list[str]) -> dict[str, list[Row]]:
        """Return what ClickHouse shows of many scorecards, as `final` does of one."""
        listed = ", ".join(f"'{scorecard_id}'" for scorecard_id in scorecard_ids)
        order = "ORDER BY criterion_id" if table == "scores" else ""
        columns = "* EXCEPT (version, deleted)"
        where = f"WHERE scorecard_id IN ({listed}) AND NOT deleted {order}"
        text = await self.ask(f"SELECT {columns} FROM (SELECT * FROM {table} FINAL) {where} FORMAT JSONEachRow")
        return _by_scorecard([json.loads(line) for line in text.splitlines()])

    async def rows_of(self, table: str, scorecard_ids: list[str]) -> dict[str, list[Row]]:
        """Return what PostgreSQL holds of many scorecards, as `rows` does of one."""
        order = "ORDER BY criterion_id" if table == "scores" else ""
        found = await self.postgres.fetch(f"SELECT * FROM {table} WHERE scorecard_id = ANY($1) {order}", scorecard_ids)
        return _by_scorecard([_rendered_row(row) for row in found])

    async def differing(self, scorecard_ids: list[str]) -> list[str]:
        """Return the scorecards that the two stores do not show alike, in any column of either table."""
        found = set()
        for table in ("scorecards", "scores"):
            shown, held = await self.final_of(table, scorecard_ids), await self.rows_of(table, scorecard_ids)
            assert held.keys() == set(scorecard_ids)
            found |= {name for name in scorecard_ids if shown.get(name) != held[name]}
        return sorted(found)

    async def row(self, scorecard_id: str) -> Row:
        """Return PostgreSQL's header with its own types."""
        row = await self.postgres.fetchrow("SELECT * FROM scorecards WHERE scorecard_id = $1", scorecard_id)
        assert row is not None
        return dict(row)

    async def history(self, scorecard_id: str) -> list[Row]:
        """Return the audit rows, the oldest first, each with its scores' criteria and values."""
        query = """
            SELECT h.*, (SELECT jsonb_object_agg(criterion_id, numeric_value) FROM historic_scores AS s
                         WHERE s.historic_id = h.historic_id)::text AS scores
            FROM historic_scorecards AS h WHERE scorecard_id = $1 ORDER BY historic_id"""
        return [
            dict(row) | {"scores": json.loads(row["scores"] or "{}")}
            for row in await self.postgres.fetch(query, scorecard_id)
        ]

    async def _clickhouse(self, table: str, scorecard_id: str, order: str) -> list[Row]:
        where = f"WHERE scorecard_id = '{scorecard_id}'"
        text = await self.ask(f"SELECT * FROM {table} {where} {order} FORMAT JSONEachRow")
        return [json.loads(line) for line in text.splitlines()]


def _by_scorecard(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["scorecard_id"], []).append(row)
    return found


def _rendered_row(row: Mapping[str, Any]) -> Row:
    return {name: _rendered(value) for name, value in row.items() if name != "revision"}


def _rendered(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if hasattr(value, "tzinfo") else value


@dataclass(frozen=True, slots=True)
class Service:
    """A running service and a client of it."""

    child: Child = field(repr=False)
    log: Path
    channel: grpc.aio.Channel = field(repr=False)

    @property
    def coaching(self) -> Any:
        """The stub without a token."""
        return CoachingServiceStub(self.channel)

    @property
    def copies(self) -> Any:
        return CopiesStub(self.channel)

    def call(self, method: str, request: Any) -> Any:
        """Start a call with the token."""
        return getattr(self.coaching, method)(request, metadata=AUTHORIZED, timeout=TIMEOUT_S)

    def create(self, scorecard_id: str = "", parent: str = PARENT, **fields: Any) -> Any:
        request = pb.CreateScorecardRequest(parent=parent, scorecard_id=scorecard_id, scorecard=draft(**fields))
        return self.call("CreateScorecard", request)

    def get(self, scorecard_id: str) -> Any:
        return self.call("GetScorecard", pb.GetScorecardRequest(name=name_of(scorecard_id)))

    def update(self, scorecard_id: str, *paths: str, **fields: Any) -> Any:
        scorecard = pb.Scorecard(name=name_of(scorecard_id), **fields)
        mask = FieldMask(paths=paths or list(fields))
        return self.call("UpdateScorecard", pb.UpdateScorecardRequest(scorecard=scorecard, update_mask=mask))

    def submit(self, scorecard_id: str, submitter: str = "coach") -> Any:
        return self.call("SubmitScorecard", pb.SubmitScorecardRequest(name=name_of(scorecard_id), submitter=submitter))

    async def outstanding(self, *scorecard_ids: str) -> list[str]:
        """Return those of the scorecards that owe a copy, by their resource names."""
        request = copies_pb2.ListOutstandingRequest(names=map(name_of, scorecard_ids))
        answer = await self.copies.ListOutstanding(request, metadata=AUTHORIZED, timeout=TIMEOUT_S)
        return list(answer.names)

    async def settled(self, *scorecard_ids: str) -> None:
        """Wait until no scorecard owes a copy."""

        async def none_left() -> bool:
            return not await self.outstanding(*scorecard_ids)

        await until(none_left)


@asynccontextmanager
async def reference_service(stack: Stack, log: Path, **config: Any) -> AsyncIterator[Service]:
    """Hold a service on the stack's stores; `config` changes its configuration."""
    child = await Child.start("harness.service", service_config(stack) | config, log)
    try:
        async with grpc.aio.insecure_channel(child.ready["target"]) as channel:
            yield Service(child, log, channel)
    finally:
        await child.stop()


def service_config(stack: Stack) -> dict[str, Any]:
    """Return the configuration of `fix3` whose copies hardly wait."""
    places = {"postgres_dsn": stack.postgres_dsn, "clickhouse_url": stack.clickhouse_url}
    return places | {"behaviour": "fix3", "seed": 1, "token": TOKEN, "latency": AT_ONCE}


def name_of(scorecard_id: str) -> str:
    return f"{PARENT}/scorecards/{scorecard_id}"


def draft(**fields: Any) -> pb.Scorecard:
    """Return a draft with two scores, everything in it set, `fields` apart."""
    plain: Mapping[str, Any] = {
        "template": "template",
        "agent": "agent",
        "creator": "creator",
        "overall_score": 1.5,
        "scores": scores(1.0),
    }
    return pb.Scorecard(**(dict(plain) | fields))


def scores(value: float) -> list[pb.Score]:
    """Return one score with everything set and one with as little as can be."""
    full = pb.Score(criterion="a", numeric_value=value, ai_value=0.1, text_value="it's\t\\ é☃", ai_scored=True)
    return [full, pb.Score(criterion="b", not_applicable=True)]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds, for ten seconds at most."""
    async with asyncio.timeout(10):
        while not await holds():
            await asyncio.sleep(0.005)


async def lock_waiters(connection: Connection, count: int) -> None:
    """Wait until so many sessions wait for a lock in PostgreSQL."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

    async def enough() -> bool:
        return int(await connection.fetchval(query)) == count

    await until(enough)


@asynccontextmanager
async def locked_row(stack: Stack, scorecard_id: str) -> AsyncIterator[Connection]:
    """Hold the row lock of a scorecard until the block ends; whoever writes it meanwhile queues."""
    lock = "SELECT FROM scorecards WHERE scorecard_id = $1 FOR UPDATE"
    async with transaction(stack) as connection:
        await connection.execute(lock, scorecard_id)
        yield connection


@asynccontextmanager
async def locked_history(stack: Stack) -> AsyncIterator[Connection]:
    """Keep everyone from writing audit rows until the block ends."""
    async with transaction(stack) as connection:
        await connection.execute("LOCK TABLE historic_scorecards IN EXCLUSIVE MODE")
        yield connection


@asynccontextmanager
async def transaction(stack: Stack) -> AsyncIterator[Connection]:
    """Hold a transaction on a connection of its own, which is committed when the block ends."""
    connection = await asyncpg.connect(stack.postgres_dsn)
    try:
        async with connection.transaction():
            yield connection
    finally:
        await connection.close()
