"""PostgreSQL: every write of the service, its transaction drawn as the behaviour says."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias

import asyncpg

from harness.service import statements
from harness.service.behaviours import Behaviour, History, Load, Save
from harness.service.records import Entity, HeaderRow, Key, ScoreRow, Update, etag_of
from harness.service.schema import POSTGRES_DDL

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"


class NotFoundError(Exception):
    """There is no such scorecard."""


class AlreadyExistsError(Exception):
    """There is such a scorecard."""


class AlreadySubmittedError(Exception):
    """A scorecard is submitted once."""


class StaleEtagError(Exception):
    """The scorecard has changed since the caller read it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a write call makes of a scorecard: `apply` in memory, `save` in PostgreSQL, returning the row's new revision."""

    method: str
    apply: Callable[[Entity, datetime], Entity]
    save: Callable[[Connection, Entity], Awaitable[int]]
    etag: str = ""


class Store:
    """The scorecards in PostgreSQL."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", behaviour: Behaviour) -> None:
        self._pool = pool
        self._behaviour = behaviour

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str, behaviour: Behaviour) -> AsyncIterator["Store"]:
        """Hold a store, its tables made where they are not there yet."""
        async with asyncpg.create_pool(dsn, min_size=4, max_size=32, reset=_no_reset) as pool:
            if await pool.fetchval("SELECT to_regclass('scorecards')") is None:
                await pool.execute(POSTGRES_DDL)
            yield cls(pool, behaviour)

    async def get(self, key: Key) -> Entity:
        """Return a scorecard as one snapshot sees it. Raises NotFoundError."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await _load(connection, key, locked=False)

    async def create(self, key: Key, header: HeaderRow, scores: Sequence[ScoreRow]) -> Entity:
        """Write a new scorecard. Raises AlreadyExistsError."""
        now = _now()
        entity = Entity(
            key, replace(header, created_at=now, updated_at=now), tuple(sorted(scores, key=lambda s: s.criterion_id))
        )
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                entity = await self._saved(connection, entity, "CreateScorecard", _insert)
        except asyncpg.UniqueViolationError:
            raise AlreadyExistsError from None
        return await self._with_history(entity, "CreateScorecard")

    async def update(self, key: Key, update: Update) -> Entity:
        """Apply an update and return what the call then holds. Raises NotFoundError or StaleEtagError."""

        async def save(connection: Connection, changed: Entity) -> int:
            revision = await self._save_header(connection, changed)
            await _save_scores(connection, replace(changed, scores=update.scores))
            return revision

        return await self._write(key, Change("UpdateScorecard", update.applied_to, save, update.etag))

    async def submit(self, key: Key, submitter: str) -> Entity:
        """Mark a scorecard as submitted and return what the call then holds. Raises NotFoundError or AlreadySubmittedError."""

        def apply(entity: Entity, now: datetime) -> Entity:
            if entity.header.submitted_at is not None:
                raise AlreadySubmittedError
            return replace(
                entity, header=replace(entity.header, submitted_at=now, submitter_user_id=submitter, updated_at=now)
            )

        return await self._write(key, Change("SubmitScorecard", apply, _save_submit))

    async def _write(self, key: Key, change: Change) -> Entity:
        """Load, change and save a scorecard as the behaviour says; return what the call then holds."""
        async with self._pool.acquire() as connection:
            early = await self._load_early(connection, key)
            async with connection.transaction():
                entity = await _load(connection, key, locked=True) if early is None else early
                if change.etag:
                    await _check_etag(connection, key, change.etag)
                changed = change.apply(entity, _now())
                changed = await self._saved(connection, changed, change.method, change.save)
        return await self._with_history(changed, change.method)

    async def _load_early(self, connection: Connection, key: Key) -> Entity | None:
        return await _load(connection, key, locked=False) if self._behaviour.load is Load.BEFORE_TRANSACTION else None

    async def _saved(
        self,
        connection: Connection,
        entity: Entity,
        method: str,
        save: Callable[[Connection, Entity], Awaitable[int]],
    ) -> Entity:
        """Save an entity, and its audit rows where the behaviour has them in the transaction; return it with its revision."""
        entity = replace(entity, revision=await save(connection, entity))
        if self._behaviour.history is History.IN_TRANSACTION:
            await _save_history(connection, entity, method)
        return entity

    async def _save_header(self, connection: Connection, entity: Entity) -> int:
        header = entity.header
        if self._behaviour.save is Save.WHOLE_ROW:
            return await _revision(connection, statements.SAVE_WHOLE_ROW, *_key(entity.key), *_header(header))
        values = (header.template, header.agent, header.creator, header.overall_score, header.updated_at)
        return await _revision(connection, statements.SAVE_OMIT_SUBMIT, *_key(entity.key), *values)

    async def _with_history(self, entity: Entity, method: str) -> Entity:
        """Write the audit rows now, where the behaviour has them after the commit; a crash before this loses them."""
        if self._behaviour.history is History.AFTER_COMMIT:
            await _save_history(self._pool, entity, method)
        return entity


async def _load(connection: Connection, key: Key, *, locked: bool) -> Entity:
    row = await connection.fetchrow(statements.SELECT_HEADER + (" FOR UPDATE" if locked else ""), *_key(key))
    if row is None:
        raise NotFoundError
    # A statement of its own: its snapshot is taken when the lock is held, so it sees what whoever held it before has committed.
    scores = await connection.fetch(statements.SELECT_SCORES, *_key(key))
    *header, revision = row
    return Entity(key, HeaderRow(*header), tuple(ScoreRow(*score) for score in scores), revision)


async def _check_etag(connection: Connection, key: Key, etag: str) -> None:
    """Hold the etag against the row as it is under its lock: what was loaded earlier may be old."""
    updated_at = await connection.fetchval(statements.LOCK_ETAG, *_key(key))
    if updated_at is None or etag_of(updated_at) != etag:
        raise StaleEtagError


async def _insert(connection: Connection, entity: Entity) -> int:
    revision = await _revision(connection, statements.INSERT_HEADER, *_key(entity.key), *_header(entity.header))
    await _save_scores(connection, entity)
    return revision


async def _save_submit(connection: Connection, entity: Entity) -> int:
    header = entity.header
    values = (header.submitted_at, header.submitter_user_id, header.updated_at)
    try:
        return await _revision(connection, statements.SAVE_SUBMIT, *_key(entity.key), *values)
    except NotFoundError:
        # Another Submit has come since this one loaded the scorecard.
        raise AlreadySubmittedError from None


async def _revision(connection: Connection, statement: str, *values: object) -> int:
    """Run a statement that writes one scorecard and return the revision that it got. Raises NotFoundError where it wrote none."""
    revision: int | None = await connection.fetchval(statement, *values)
    if revision is None:
        raise NotFoundError
    return revision


async def _save_scores(connection: Connection, entity: Entity) -> None:
    if entity.scores:
        await connection.execute(statements.UPSERT_SCORES, *_key(entity.key), *_columns(entity.scores))


async def _save_history(connection: "Connection | asyncpg.Pool[asyncpg.Record]", entity: Entity, method: str) -> None:
    values = (*_columns(entity.scores), *_header(entity.header), entity.revision, method)
    await connection.execute(statements.INSERT_HISTORY, *_key(entity.key), *values)


async def _no_reset(_: Connection) -> None:
    """Spare the round trip of a reset: no statement of this service leaves anything behind on its connection."""


def _now() -> datetime:
    """Return the service's clock. Taken under the row's lock, where there is one, so that its order is that of the commits."""
    return datetime.now(UTC)


def _key(key: Key) -> tuple[str, str, str]:
    return key.customer_id, key.profile_id, key.scorecard_id


def _header(header: HeaderRow) -> tuple[object, ...]:
    return tuple(getattr(header, name) for name in HeaderRow.__slots__)


def _columns(scores: Sequence[ScoreRow]) -> tuple[list[object], ...]:
    """Return the scores turned on their side, an array a column."""
    return tuple([getattr(score, name) for score in scores] for name in ScoreRow.__slots__)
