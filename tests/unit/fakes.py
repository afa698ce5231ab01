"""A clock that a test moves, and stores that a test fills."""

import asyncio
from collections.abc import Callable, Sequence, Set
from datetime import UTC, datetime

from harness.errors import StoreError
from harness.model import Snapshot
from harness.units import NS_PER_MS


class FakeClock:
    """Time passes only when something sleeps; each sleeper is woken exactly at its instant, in order."""

    def __init__(self) -> None:
        self.now = 0

    def now_ns(self) -> int:
        return self.now

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    async def sleep_until(self, instant_ns: int) -> None:
        await asyncio.sleep(0)
        self.now = max(self.now, instant_ns)

    async def sleep_until_exactly(self, instant_ns: int) -> None:
        await self.sleep_until(instant_ns)


class FakeReaders:
    """Stores whose content is a function of the scorecard and the time in ms; None means that they cannot be read."""

    def __init__(self, clock: FakeClock, content: Callable[[str, float], Snapshot | None]) -> None:
        self._clock = clock
        self._content = content
        self.batches: list[list[str]] = []
        self.passing: list[Set[str]] = []

    async def read(self, scorecards: Sequence[str], passing: Set[str]) -> list[Snapshot]:
        self.batches.append(list(scorecards))
        self.passing.append(passing)
        found = [self._content(scorecard, self._clock.now / NS_PER_MS) for scorecard in scorecards]
        if None in found:
            raise StoreError("the store is away")
        return [snapshot for snapshot in found if snapshot is not None]
