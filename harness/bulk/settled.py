"""Scorecards given by name, each in full, with the second look that whole tables have too (`harness.bulk.confirm`).

What agrees at the first look is done. What differs is looked at again after the settle time, and is judged where PostgreSQL's rows were the
same at the look before, at this one and after it: ClickHouse has had that long to follow. Where they changed there is another look; what
changes between all of them is not settled.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from harness.bulk.confirm import BATCH, LOOKS
from harness.bulk.look import FullLook
from harness.bulk.ranges import Key
from harness.bulk.request import Difference
from harness.check.anomalies import Anomaly, failures
from harness.check.fields import FieldRules
from harness.clock import Clock
from harness.mapping import StoreMapping
from harness.model import Scorecard, Snapshot
from harness.observe.batch import open_readers
from harness.observe.names import ScorecardName

# While one batch's settle time runs, others are read; no more, so that memory stays bounded.
BATCHES_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Examined:
    """A scorecard as its last look saw it, and what is wrong with it; of what is not `settled` nothing is judged."""

    snapshot: Snapshot
    anomalies: tuple[Anomaly, ...]
    settled: bool = True

    @property
    def agrees(self) -> bool:
        """Whether nothing that was seen is a failure, be the scorecard in a store or not."""
        return not failures(self.anomalies)


@dataclass(frozen=True)
class Examiner:
    """Looks at scorecards until each can be judged. `settle_ns` is the time between two looks, 0 for a single look."""

    look: FullLook
    settle_ns: int
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def examine(self, names: Sequence[str]) -> AsyncGenerator[list[Examined]]:
        """Yield the scorecards in the order of their names, a batch at a time; closing the iterator ends what is under way.

        A look at a batch is one PostgreSQL query and two ClickHouse queries. Raises StoreError.
        """
        tasks: deque[asyncio.Task[list[Examined]]] = deque()
        try:
            for start in range(0, len(names), BATCH):
                keys = [ScorecardName.parse(name) for name in names[start : start + BATCH]]
                tasks.append(asyncio.create_task(self._batch(keys)))
                if len(tasks) == BATCHES_AT_ONCE:
                    yield await tasks.popleft()
            while tasks:
                yield await tasks.popleft()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _batch(self, keys: Sequence[Key]) -> list[Examined]:
        async with self._one_at_a_time:
            found = await self.look.at(keys)
        again = [key for key in keys if failures(found[key].anomalies)] if self.settle_ns else []
        for _ in range(LOOKS):
            if not again:
                break
            seen_ns = max(found[key].snapshot.read_finished_ns for key in again)
            await self.look.readers.clock.sleep_until(seen_ns + self.settle_ns)
            again = await self._look_again(again, found)
        unsettled = frozenset(again)
        return [Examined(found[key].snapshot, found[key].anomalies, key not in unsettled) for key in keys]

    async def _look_again(self, keys: Sequence[Key], found: dict[Key, Difference]) -> list[Key]:
        """Put a new look in the place of the one before; return those that differ and were written meanwhile."""
        async with self._one_at_a_time:
            looks = await self.look.at(keys)
            differing = [key for key in keys if failures(looks[key].anomalies)]
            # Read after the look: what is unchanged by now was unchanged during it.
            now = await self.look.readers.postgres.read([ScorecardName(*key) for key in differing]) if differing else {}
        before = {key: found[key].snapshot.postgres for key in keys}
        found.update(looks)
        return [
            key
            for key in differing
            if not _same(before[key], looks[key].snapshot.postgres)
            or not _same(before[key], now.get(ScorecardName(*key)))
        ]


def _same(one: Scorecard | None, other: Scorecard | None) -> bool:
    # A value that is not a number is not even equal to itself.
    return one == other or repr(one) == repr(other)


@asynccontextmanager
async def open_examiner(
    postgres: str, clickhouse: str, mapping: StoreMapping, clock: Clock, settle_ns: int
) -> AsyncIterator[Examiner]:
    """Hold both stores, checked. Raises StoreError or UsageError."""
    async with open_readers(postgres, clickhouse, mapping, clock) as readers:
        yield Examiner(FullLook(readers, FieldRules.of(readers.types)), settle_ns)
