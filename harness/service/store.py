"""PostgreSQL: every write of the service, its transaction drawn as the behaviour says."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import asyncpg

from harness.service.behaviours import Behaviour, Delivery, History, Load, Payload, Save, Timestamps
from harness.service.faults.planted import Planted
from harness.service.records import CREATE, SUBMIT, UPDATE, Entity, HeaderRow, Key, ScoreRow, Update
from harness.service.refusals import AlreadyExistsError, AlreadySubmittedError
from harness.service.schema import POSTGRES_DDL
from harness.service.statements import (
    DELETE_OUTBOX,
    SELECT_OUTBOX,
    Connection,
    check_etag,
    insert,
    load,
    save_at_once,
    save_header,
    save_history,
    save_outbox,
    save_scores,
    save_submit,
)
from harness.service.steps import Step, Steps


@dataclass(frozen=True, slots=True)
class Change:
    """What a write call makes of a scorecard: `apply` in memory, `save` in PostgreSQL, returning the row's new revision.

    `scores` are those that the call was given.
    """

    method: str
    apply: Callable[[Entity, datetime], Entity]
    save: Callable[[Connection, Entity], Awaitable[int]]
    scores: tuple[ScoreRow, ...] = ()
    etag: str = ""


class Store:
    """The scorecards in PostgreSQL."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", behaviour: Behaviour, planted: Planted | None = None
    ) -> None:
        self._pool = pool
        self._behaviour = behaviour
        self._planted = Planted() if planted is None else planted
        self.before_commit: Callable[[Entity, str], Awaitable[None]] | None = None
        """Awaited at the end of each write's transaction with the scorecard and the method; what it raises rolls back."""
        self.steps = Steps()

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str, behaviour: Behaviour, planted: Planted | None = None) -> AsyncIterator["Store"]:
        """Hold a store, its tables made where they are not there yet."""
        async with asyncpg.create_pool(dsn, min_size=4, max_size=32, reset=_no_reset) as pool:
            if await pool.fetchval("SELECT to_regclass('scorecards')") is None:
                await pool.execute(POSTGRES_DDL)
            yield cls(pool, behaviour, planted)

    async def get(self, key: Key) -> Entity:
        """Return a scorecard as one snapshot sees it. Raises NotFoundError."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await load(connection, key, locked=False)

    async def create(self, key: Key, header: HeaderRow, scores: Sequence[ScoreRow]) -> Entity:
        """Write a new scorecard. Raises AlreadyExistsError."""
        now = datetime.now(UTC)
        entity = Entity(
            key, replace(header, created_at=now, updated_at=now), tuple(sorted(scores, key=lambda s: s.criterion_id))
        )
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                entity = await self._saved_with_history(connection, entity, CREATE, insert)
                await self._before_commit(connection, entity, CREATE)
        except asyncpg.UniqueViolationError:
            raise AlreadyExistsError from None
        return await self._finished(entity, entity, CREATE)

    async def update(self, key: Key, update: Update) -> Entity:
        """Apply an update and return what the call then holds. Raises NotFoundError or StaleEtagError."""

        async def save(connection: Connection, changed: Entity) -> int:
            revision = await save_header(connection, changed, whole=self._behaviour.save is Save.WHOLE_ROW)
            await save_scores(connection, replace(changed, scores=update.scores))
            return revision

        return await self._write(key, Change(UPDATE, update.applied_to, save, update.scores, update.etag))

    async def submit(self, key: Key, submitter: str) -> Entity:
        """Mark a scorecard as submitted and return what the call then holds. Raises NotFoundError or AlreadySubmittedError."""

        def apply(entity: Entity, now: datetime) -> Entity:
            if entity.header.submitted_at is not None:
                raise AlreadySubmittedError
            return replace(
                entity, header=replace(entity.header, submitted_at=now, submitter_user_id=submitter, updated_at=now)
            )

        return await self._write(key, Change(SUBMIT, apply, save_submit))

    async def _write(self, key: Key, change: Change) -> Entity:
        """Load, change and save a scorecard as the behaviour says; return what the call then holds."""
        async with self._pool.acquire() as connection:
            early = await self._load_early(connection, key, change.method)
            await self.steps.at(Step.BEGIN, key, change.method)
            async with connection.transaction():
                await self._check(connection, key, change)
                await self.steps.at(Step.COMMIT, key, change.method)
                entity = await self._load(connection, key, early)
                if change.etag:
                    await check_etag(connection, key, change.etag)
                now = await self._now(connection, change.method)
                changed = change.apply(self._to_save(entity, early, change.method), now)
                changed = await self._saved(connection, changed, change)
        held = changed
        if early is not None and self._behaviour.payload is Payload.CLOSURE:
            held = replace(change.apply(early, now), revision=changed.revision)
        return await self._finished(changed, held, change.method)

    async def _load_early(self, connection: Connection, key: Key, method: str) -> Entity | None:
        if self._behaviour.load is Load.LOCKED:
            return None
        await self.steps.at(Step.LOAD, key, method)
        return await load(connection, key, locked=False)

    async def _load(self, connection: Connection, key: Key, early: Entity | None) -> Entity:
        if early is not None and self._behaviour.load is Load.BEFORE_TRANSACTION:
            return early
        return await load(connection, key, locked=True)

    async def _check(self, connection: Connection, key: Key, change: Change) -> None:
        """Read what an Update is about to change, in its transaction, where the transaction's start is to be well before its lock."""
        if self._behaviour.timestamps is Timestamps.TRANSACTION_START and change.method == UPDATE:
            await load(connection, key, locked=False)

    async def _now(self, connection: Connection, method: str) -> datetime:
        """Return updated_at. The service's clock is read under the row's lock, where there is one, so that its order is the commits'."""
        match self._behaviour.timestamps:
            case Timestamps.SERVICE:
                return datetime.now(UTC)
            case Timestamps.HOSTS:
                return datetime.now(UTC) + self._planted.skew(method)
            case Timestamps.TRANSACTION_START:
                now: datetime = await connection.fetchval("SELECT now()")
                return now

    def _to_save(self, entity: Entity, early: Entity | None, method: str) -> Entity:
        """Return what a call changes and saves: for an Update that saves the whole row, the header as it was loaded early."""
        if early is None or self._behaviour.save is not Save.WHOLE_ROW or method != UPDATE:
            return entity
        self._planted.clobbers(early, entity)
        return replace(entity, header=early.header)

    async def _saved(self, connection: Connection, entity: Entity, change: Change) -> Entity:
        """Save what a call has changed; return it with its revision."""
        if self._behaviour.save is Save.AT_ONCE:
            entity = replace(entity, revision=await save_at_once(connection, entity, change.scores, change.method))
        else:
            entity = await self._saved_with_history(connection, entity, change.method, change.save)
        await self._before_commit(connection, entity, change.method)
        return entity

    async def _saved_with_history(
        self,
        connection: Connection,
        entity: Entity,
        method: str,
        save: Callable[[Connection, Entity], Awaitable[int]],
    ) -> Entity:
        """Save an entity, and its audit rows where the behaviour has them in the transaction."""
        entity = replace(entity, revision=await save(connection, entity))
        if self._behaviour.history is History.IN_TRANSACTION:
            await save_history(connection, entity, method)
        return entity

    async def _before_commit(self, connection: Connection, entity: Entity, method: str) -> None:
        if self._behaviour.delivery is Delivery.OUTBOX:
            await save_outbox(connection, entity.key)
        if self.before_commit is not None:
            await self.before_commit(entity, method)

    async def _finished(self, saved: Entity, held: Entity, method: str) -> Entity:
        """Write the audit rows now, where the behaviour has them after the commit (a crash before this loses them); return what is held."""
        self._planted.ledger.committed(saved)
        if self._behaviour.history is History.AFTER_COMMIT:
            await self.save_history(saved, method)
        return held

    async def save_history(self, entity: Entity, method: str) -> int:
        """Write the audit rows of a write in a transaction of their own; return the number of its audit row."""
        return await save_history(self._pool, entity, method)

    async def outbox(self, limit: int) -> list[tuple[int, Key]]:
        """Return the oldest rows of the outbox, each with the scorecard that owes a copy."""
        return [(number, Key(*key)) for number, *key in await self._pool.fetch(SELECT_OUTBOX, limit)]

    async def clear_outbox(self, numbers: Sequence[int]) -> None:
        """Take rows out of the outbox."""
        await self._pool.execute(DELETE_OUTBOX, numbers)


async def _no_reset(_: Connection) -> None:
    """Spare the round trip of a reset: no statement of this service leaves anything behind on its connection."""
