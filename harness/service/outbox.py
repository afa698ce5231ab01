"""The copies by a transactional outbox: each write leaves a row in its own transaction, and one relay works the rows off in their order.

Where a task of the service's memory is lost with its process, a row is not: the relay of the next process finds it. A row says only that
a scorecard was written; what is copied is the scorecard as one snapshot has it afterwards, under that snapshot's revision, so that
a row that is worked off twice, as after a crash, does no harm.
"""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import aiohttp
import asyncpg
from aiochclient import ChClientError

from harness.clock import Clock
from harness.scenario import CopyLatency
from harness.service.conversion import name_of
from harness.service.copier import Copier
from harness.service.latency import draw_delay_ms
from harness.service.log import tell
from harness.service.records import Entity, Key
from harness.service.refusals import NotFoundError
from harness.service.store import Store
from harness.units import NS_PER_MS, NS_PER_S

ROWS_AT_ONCE = 500
PAUSE_S = 0.5
DRAIN_TIMEOUT_S = 10.0


class Outbox:
    """Relays the rows, and knows which scorecards have some."""

    def __init__(self, store: Store, copier: Copier, latency: CopyLatency, seed: int, clock: Clock) -> None:
        self._store = store
        self._copier = copier
        self._latency = latency
        self._seed = seed
        self._clock = clock
        self._outstanding: Counter[str] = Counter()
        self._rounds = itertools.count()
        self._written = asyncio.Event()
        # What a process before this one has left.
        self._written.set()
        self._idle = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, store: Store, copier: Copier, latency: CopyLatency, seed: int, clock: Clock
    ) -> AsyncIterator["Outbox"]:
        """Hold a relay that works."""
        outbox = cls(store, copier, latency, seed, clock)
        task = asyncio.create_task(outbox._relay())
        try:
            yield outbox
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def start(self, name: str, entity: Entity, method: str) -> None:
        """Take in that a write has left its row."""
        self._outstanding[name] += 1
        self._idle.clear()
        self._written.set()

    def outstanding(self, names: Iterable[str]) -> list[str]:
        """Return those of the names that still owe a copy."""
        # Below 0 where the relay has found a row before its call was done.
        return [name for name in names if self._outstanding[name] > 0]

    async def drain(self) -> None:
        """Wait until every row is worked off, for ten seconds at most; the rest keeps until the next start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_TIMEOUT_S):
                await self._idle.wait()

    async def _relay(self) -> None:
        while True:
            await self._written.wait()
            self._written.clear()
            try:
                while rows := await self._store.outbox(ROWS_AT_ONCE):
                    await self._work_off(rows)
                if not self._written.is_set():
                    self._idle.set()
            except (asyncpg.PostgresError, OSError, aiohttp.ClientError, ChClientError, ExceptionGroup) as error:
                tell(f"the outbox has to wait, a store fails: {error!r}")
                await self._clock.sleep_until(self._clock.now_ns() + round(PAUSE_S * NS_PER_S))
                self._written.set()

    async def _work_off(self, rows: list[tuple[int, Key]]) -> None:
        """Copy the scorecards of some rows, each once, and take the rows away."""
        entities = await asyncio.gather(*(self._read(key) for key in dict.fromkeys(key for _, key in rows)))
        delay_ms = draw_delay_ms(self._latency, self._seed, f"round {next(self._rounds)}", "outbox")
        await self._clock.sleep_until(self._clock.now_ns() + round(delay_ms * NS_PER_MS))
        async with asyncio.TaskGroup() as group:
            for entity in filter(None, entities):
                group.create_task(self._copier.write(entity, "outbox"))
        await self._store.clear_outbox([number for number, _ in rows])
        self._outstanding.subtract(name_of(key) for _, key in rows)
        for key in {key for _, key in rows}:
            if not self._outstanding[name_of(key)]:
                del self._outstanding[name_of(key)]

    async def _read(self, key: Key) -> Entity | None:
        try:
            return await self._store.get(key)
        except NotFoundError:
            return None
