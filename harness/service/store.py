"""PostgreSQL: every write of the service, its transaction drawn as the behaviour says."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeAlias

import asyncpg

from harness.service.behaviours import Behaviour, History, Load, Save
from harness.service.records import Entity, HeaderRow, Key, ScoreRow, Update, etag_of
from harness.service.schema import POSTGRES_DDL

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

HEADER_COLUMNS = "template, agent, creator, overall_score, submitted_at, submitter_user_id, created_at, updated_at"
SCORE_COLUMNS = "criterion_id, numeric_value, ai_value, text_value, not_applicable, ai_scored"
KEY = "customer_id = $1 AND profile_id = $2 AND scorecard_id = $3"
SCORES_GIVEN = "unnest($4::text[], $5::float8[], $6::float8[], $7::text[], $8::bool[], $9::bool[])"

SELECT_HEADER = f"SELECT {HEADER_COLUMNS} FROM scorecards WHERE {KEY}"  # noqa: S608 - constants, as all below
SELECT_SCORES = f"SELECT {SCORE_COLUMNS} FROM scores WHERE {KEY} ORDER BY criterion_id"  # noqa: S608
INSERT_HEADER = f"""
    INSERT INTO scorecards (customer_id, profile_id, scorecard_id, {HEADER_COLUMNS})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"""  # noqa: S608
UPSERT_SCORES = f"""
    INSERT INTO scores (customer_id, profile_id, scorecard_id, {SCORE_COLUMNS})
    SELECT $1, $2, $3, * FROM {SCORES_GIVEN}
    ON CONFLICT (customer_id, profile_id, scorecard_id, criterion_id) DO UPDATE SET
        numeric_value = excluded.numeric_value, ai_value = excluded.ai_value, text_value = excluded.text_value,
        not_applicable = excluded.not_applicable, ai_scored = excluded.ai_scored"""  # noqa: S608
SAVE_WHOLE_ROW = f"""
    UPDATE scorecards SET template = $4, agent = $5, creator = $6, overall_score = $7, submitted_at = $8, submitter_user_id = $9,
        created_at = $10, updated_at = $11
    WHERE {KEY}"""  # noqa: S608
SAVE_OMIT_SUBMIT = (
    f"UPDATE scorecards SET template = $4, agent = $5, creator = $6, overall_score = $7, updated_at = $8 WHERE {KEY}"  # noqa: S608
)
SAVE_SUBMIT = f"UPDATE scorecards SET submitted_at = $4, submitter_user_id = $5, updated_at = $6 WHERE {KEY} AND submitted_at IS NULL"  # noqa: S608
LOCK_ETAG = f"SELECT updated_at FROM scorecards WHERE {KEY} FOR UPDATE"  # noqa: S608
INSERT_HISTORY = f"""
    WITH header AS (
        INSERT INTO historic_scorecards (customer_id, profile_id, scorecard_id, {HEADER_COLUMNS}, method)
        VALUES ($1, $2, $3, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        RETURNING historic_id
    )
    INSERT INTO historic_scores (customer_id, profile_id, scorecard_id, {SCORE_COLUMNS}, historic_id)
    SELECT $1, $2, $3, given.*, header.historic_id FROM header, {SCORES_GIVEN} AS given"""  # noqa: S608


class NotFoundError(Exception):
    """There is no such scorecard."""


class AlreadyExistsError(Exception):
    """There is such a scorecard."""


class AlreadySubmittedError(Exception):
    """A scorecard is submitted once."""


class StaleEtagError(Exception):
    """The scorecard has changed since the caller read it."""


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
            async with self._transaction(entity, "CreateScorecard") as connection:
                await connection.execute(INSERT_HEADER, *_key(key), *_header(entity.header))
                await _save_scores(connection, entity)
        except asyncpg.UniqueViolationError:
            raise AlreadyExistsError from None
        return await self._with_history(entity, "CreateScorecard")

    async def update(self, key: Key, update: Update) -> Entity:
        """Apply an update and return what the call then holds. Raises NotFoundError or StaleEtagError."""
        async with self._pool.acquire() as connection:
            loaded = await self._load_early(connection, key)
            async with connection.transaction():
                entity = await _load(connection, key, locked=True) if loaded is None else loaded
                if update.etag:
                    await _check_etag(connection, key, update.etag)
                changed = update.applied_to(entity, _now())
                await self._save(connection, changed)
                await _save_scores(connection, replace(changed, scores=update.scores))
                if self._behaviour.history is History.IN_TRANSACTION:
                    await _save_history(connection, changed, "UpdateScorecard")
        return await self._with_history(changed, "UpdateScorecard")

    async def submit(self, key: Key, submitter: str) -> Entity:
        """Mark a scorecard as submitted and return what the call then holds. Raises NotFoundError or AlreadySubmittedError."""
        async with self._pool.acquire() as connection:
            loaded = await self._load_early(connection, key)
            async with connection.transaction():
                entity = await _load(connection, key, locked=True) if loaded is None else loaded
                if entity.header.submitted_at is not None:
                    raise AlreadySubmittedError
                now = _now()
                header = replace(entity.header, submitted_at=now, submitter_user_id=submitter, updated_at=now)
                changed = replace(entity, header=header)
                # Another Submit may have come since this one loaded the scorecard.
                if await connection.execute(SAVE_SUBMIT, *_key(key), now, submitter, now) == "UPDATE 0":
                    raise AlreadySubmittedError
                if self._behaviour.history is History.IN_TRANSACTION:
                    await _save_history(connection, changed, "SubmitScorecard")
        return await self._with_history(changed, "SubmitScorecard")

    @asynccontextmanager
    async def _transaction(self, entity: Entity, method: str) -> AsyncIterator[Connection]:
        """Hold a transaction that ends with the audit rows, where the behaviour has them inside."""
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection
            if self._behaviour.history is History.IN_TRANSACTION:
                await _save_history(connection, entity, method)

    async def _load_early(self, connection: Connection, key: Key) -> Entity | None:
        return await _load(connection, key, locked=False) if self._behaviour.load is Load.BEFORE_TRANSACTION else None

    async def _save(self, connection: Connection, entity: Entity) -> None:
        header = entity.header
        if self._behaviour.save is Save.WHOLE_ROW:
            await connection.execute(SAVE_WHOLE_ROW, *_key(entity.key), *_header(header))
        else:
            values = (header.template, header.agent, header.creator, header.overall_score, header.updated_at)
            await connection.execute(SAVE_OMIT_SUBMIT, *_key(entity.key), *values)

    async def _with_history(self, entity: Entity, method: str) -> Entity:
        """Write the audit rows now, where the behaviour has them after the commit; a crash before this loses them."""
        if self._behaviour.history is History.AFTER_COMMIT:
            await _save_history(self._pool, entity, method)
        return entity


async def _load(connection: Connection, key: Key, *, locked: bool) -> Entity:
    row = await connection.fetchrow(SELECT_HEADER + (" FOR UPDATE" if locked else ""), *_key(key))
    if row is None:
        raise NotFoundError
    scores = await connection.fetch(SELECT_SCORES, *_key(key))
    return Entity(key, HeaderRow(*row), tuple(ScoreRow(*score) for score in scores))


async def _check_etag(connection: Connection, key: Key, etag: str) -> None:
    """Hold the etag against the row as it is under its lock: what was loaded earlier may be old."""
    updated_at = await connection.fetchval(LOCK_ETAG, *_key(key))
    if updated_at is None or etag_of(updated_at) != etag:
        raise StaleEtagError


async def _save_scores(connection: Connection, entity: Entity) -> None:
    if entity.scores:
        await connection.execute(UPSERT_SCORES, *_key(entity.key), *_columns(entity.scores))


async def _save_history(connection: "Connection | asyncpg.Pool[asyncpg.Record]", entity: Entity, method: str) -> None:
    await connection.execute(
        INSERT_HISTORY, *_key(entity.key), *_columns(entity.scores), *_header(entity.header), method
    )


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
