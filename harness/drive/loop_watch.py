"""Watches the firing loop itself: how late it serves, and how much of a core it takes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.clock import Clock, SystemClock
from harness.firing_stats import LoopUse
from harness.stats.quantiles import Durations
from harness.units import NS_PER_MS, NS_PER_S

PERIOD_NS = 50 * NS_PER_MS


class LoopWatch:
    """Measures the loop that it runs on; `use` is what it has seen so far."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self._lag = Durations()
        self._started_ns, self._started_cpu_s, self._started_polled_ns = (
            clock.now_ns(),
            time.process_time(),
            clock.polled_ns,
        )

    @property
    def use(self) -> LoopUse:
        """What the loop cost since this was made."""
        return LoopUse(
            wall_s=(self._clock.now_ns() - self._started_ns) / NS_PER_S,
            cpu_s=time.process_time() - self._started_cpu_s,
            polled_s=(self._clock.polled_ns - self._started_polled_ns) / NS_PER_S,
            lag_ms=self._lag.quantiles(),
        )

    async def watch(self) -> None:
        """Measure until cancelled."""
        await lateness_of_timers(self._clock, PERIOD_NS, self._lag)


async def lateness_of_timers(clock: Clock, period_ns: int, lateness: Durations) -> None:
    """Add to a sample how late each of a row of timers is served, until cancelled."""
    while True:
        due_ns = clock.now_ns() + period_ns
        await clock.sleep_until(due_ns)
        lateness.add(clock.now_ns() - due_ns)


@asynccontextmanager
async def watched_loop(clock: SystemClock) -> AsyncIterator[LoopWatch]:
    """Measure for as long as the context lasts."""
    watch = LoopWatch(clock)
    watching = asyncio.create_task(watch.watch())
    try:
        yield watch
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
