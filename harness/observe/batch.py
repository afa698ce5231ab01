"""Both stores behind one snapshot type."""

import asyncio
from collections.abc import AsyncIterator, Sequence, Set
from contextlib import asynccontextmanager
from itertools import repeat

from harness.clock import Clock
from harness.mapping import StoreMapping
from harness.model import Snapshot, StoreTypes, maker
from harness.observe.clickhouse import ClickHouseReader, open_clickhouse
from harness.observe.names import ScorecardName
from harness.observe.postgres import PostgresReader, open_postgres

_MAKE_SNAPSHOT = maker(Snapshot)


class StoreReaders:
    """A reader for each store."""

    def __init__(self, postgres: PostgresReader, clickhouse: ClickHouseReader, clock: Clock) -> None:
        self.postgres = postgres
        self.clickhouse = clickhouse
        self.clock = clock

    async def read(self, scorecards: Sequence[str], passing: Set[str] = frozenset()) -> list[Snapshot]:
        """Return a snapshot of each scorecard, given by resource names, in their order; PostgreSQL is read first. Raises StoreError.

        Of the `passing` ones, which are looked at again, RAW is left out where a journal keeps it until then.
        """
        names = list(map(ScorecardName.parse, scorecards))
        return await self._read(scorecards, names, set(map(ScorecardName.parse, passing)))

    async def read_names(self, names: Sequence[ScorecardName]) -> list[Snapshot]:
        """Return a snapshot of each scorecard in full, in their order, also of one whose key no resource name has. Raises StoreError."""
        return await self._read(list(map(str, names)), names, frozenset())

    async def _read(
        self, scorecards: Sequence[str], names: Sequence[ScorecardName], later: Set[ScorecardName]
    ) -> list[Snapshot]:
        started_ns = self.clock.now_ns()
        postgres = await self.postgres.read_in_order(names)
        clickhouse = await self.clickhouse.read_in_order(names, later)
        finished_ns = self.clock.now_ns()
        between = repeat(started_ns, len(names)), repeat(finished_ns, len(names))
        return list(map(_MAKE_SNAPSHOT, zip(scorecards, *between, postgres, clickhouse, strict=True)))

    @property
    def types(self) -> StoreTypes:
        """The types of the compared columns; known after `check`."""
        return StoreTypes(self.postgres.types, self.clickhouse.types)

    async def versions(self) -> tuple[str, str]:
        """Return the versions of PostgreSQL and ClickHouse. Raises StoreError."""
        return await self.postgres.version(), await self.clickhouse.version()

    async def check(self) -> None:
        """Make sure that both stores can be read. Raises StoreError, naming what is missing."""
        await asyncio.gather(self.postgres.check(), self.clickhouse.check())


@asynccontextmanager
async def open_readers(
    postgres: str, clickhouse: str, mapping: StoreMapping, clock: Clock
) -> AsyncIterator[StoreReaders]:
    """Hold readers of both stores, checked. Raises StoreError or UsageError."""
    async with (
        open_clickhouse(clickhouse, mapping.clickhouse) as clickhouse_reader,
        open_postgres(postgres, mapping.postgres) as postgres_reader,
    ):
        readers = StoreReaders(postgres_reader, clickhouse_reader, clock)
        await readers.check()
        yield readers
