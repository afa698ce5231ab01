"""A service without its gRPC whose faults and schedule a test holds: each copy waits in the queue until the test lets it go."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reference_service import PARENT, Stores, draft, scores, until

from harness.scenario import BehaviourName, CopyLatency, FaultName, FaultSettings
from harness.service.behaviours import BEHAVIOURS
from harness.service.clickhouse_writer import ClickHouseWriter
from harness.service.conversion import header_of, name_of, scores_of
from harness.service.copier import Copier
from harness.service.faults.changes import changed_behaviour, table_faults
from harness.service.faults.planted import Planted
from harness.service.records import CREATE, SUBMIT, UPDATE, Entity, Key, Update
from harness.service.replicator import Replicator
from harness.service.store import Store

LATENCY = CopyLatency(median_ms=25, sigma=0, slow_share=0)
UPDATED = Update({"overall_score": 2.5}, scores_of(scores(9.0)), "")


@dataclass(slots=True)
class Queue:
    """A clock on which every sleeper sleeps until the test wakes it, each on its own."""

    asleep: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    sleepers: list[asyncio.Event] = field(default_factory=list)
    wanted_ns: list[int] = field(default_factory=list)

    def now_ns(self) -> int:
        return 0

    def utc(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, instant_ns: int) -> None:
        self.wanted_ns.append(instant_ns)
        self.sleepers.append(asyncio.Event())
        self.asleep.release()
        await self.sleepers[-1].wait()

    sleep_until_exactly = sleep_until


@dataclass(frozen=True, slots=True)
class Pieces:
    """One scorecard's service; `key` is its key."""

    store: Store
    replicator: Replicator
    planted: Planted
    queue: Queue
    key: Key

    async def create(self) -> int:
        """Create the scorecard; return the number of its copy in the queue."""
        return await self._queued(await self.store.create(self.key, header_of(draft()), scores_of(scores(1.0))), CREATE)

    async def update(self) -> int:
        return await self._queued(await self.store.update(self.key, UPDATED), UPDATE)

    async def submit(self) -> int:
        return await self._queued(await self.store.submit(self.key, "coach"), SUBMIT)

    async def created(self) -> None:
        """Create the scorecard and let its copy land."""
        await self.land(await self.create())

    async def land(self, *copies: int) -> None:
        """Let copies go, one after the other, each when the one before it has landed."""
        for copy in copies:
            owed = self._owed()
            self.queue.sleepers[copy].set()

            async def landed(owed: int = owed) -> bool:
                return self._owed() < owed

            await until(landed)

    def outstanding(self) -> bool:
        return bool(self.replicator.outstanding([name_of(self.key)]))

    def affected(self) -> list[FaultName]:
        return self.planted.ledger.affected(self.key)

    async def _queued(self, entity: Entity, method: str) -> int:
        self.replicator.start(name_of(entity.key), entity, method)
        await self.queue.asleep.acquire()
        return len(self.queue.sleepers) - 1

    def _owed(self) -> int:
        return len(self.replicator._tasks)


Make = Callable[..., AbstractAsyncContextManager[Pieces]]


def maker(stores: Stores) -> Make:
    """Return what makes pieces with faults on the stores, or at other places; their settings are keywords."""

    @asynccontextmanager
    async def make(*faults: FaultName, dsn: str = "", url: str = "", **settings: Any) -> AsyncIterator[Pieces]:
        behaviour = changed_behaviour(BEHAVIOURS[BehaviourName.CURE], faults)
        planted = Planted(faults, FaultSettings(**settings))
        queue = Queue()
        async with (
            Store.open(dsn or stores.stack.postgres_dsn, behaviour, planted) as store,
            ClickHouseWriter.open(url or stores.stack.clickhouse_url, table_faults(faults)) as writer,
        ):
            copier = Copier(writer, behaviour, planted)
            replicator = Replicator(store, copier, behaviour, LATENCY, 1, queue, planted)
            if FaultName.ROLLED_BACK_INSERT in faults:
                store.before_commit = copier.write_before_commit
            customer, profile = PARENT.split("/")[1::2]
            yield Pieces(store, replicator, planted, queue, Key(customer, profile, uuid.uuid4().hex))
            for sleeper in queue.sleepers:
                sleeper.set()
            await replicator.drain()

    return make
