"""The one place that reads the system's clock and sleeps; everything else takes a `Clock`.

All instants are integer nanoseconds of CLOCK_MONOTONIC, which the processes of one machine share, so an instant that the firing process
recorded can be compared with one that the verifier recorded.
"""

import asyncio
import os
import time
from datetime import UTC, datetime
from typing import Protocol

from harness.units import NS_PER_MS, NS_PER_S

# uvloop's timers count whole milliseconds and may fire almost one early; asyncio's fire late. The timer is therefore asked for this
# much less, and the loop is polled for the rest, which keeps serving I/O meanwhile.
TIMER_MARGIN_NS = 2 * NS_PER_MS


class Clock(Protocol):
    """What the harness needs of time."""

    def now_ns(self) -> int:
        """Return the monotonic instant in nanoseconds."""
        ...

    def utc(self) -> datetime:
        """Return the wall-clock time, for people to read; never used to measure."""
        ...

    async def sleep_until(self, instant_ns: int) -> None:
        """Return at `instant_ns` or after it, as a coarse timer: late by a few ms on a busy loop, never early."""
        ...

    async def sleep_until_exactly(self, instant_ns: int) -> None:
        """Return as soon after `instant_ns` as the loop allows, never before it; burns up to 2 ms of CPU."""
        ...


def grpc_deadline_s(left_s: float) -> float:
    """Return the instant so long from now by the clock that gRPC counts deadlines by: wall-clock seconds since the Unix epoch."""
    return time.time() + left_s


class SystemClock:
    """The machine's clock."""

    def __init__(self) -> None:
        self._polling = 0
        self._polling_since_ns = 0
        self.polled_ns = 0
        """For how long the loop was polled, however many waited meanwhile: the CPU that exactness costs at most."""

    def now_ns(self) -> int:
        """Return CLOCK_MONOTONIC in nanoseconds."""
        return time.monotonic_ns()

    def utc(self) -> datetime:
        """Return the wall-clock time in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, instant_ns: int) -> None:
        """Sleep by the loop's timer, again where it fired early."""
        while (left_ns := instant_ns - self.now_ns()) > 0:
            await asyncio.sleep(max(left_ns, NS_PER_MS) / NS_PER_S)

    async def sleep_until_exactly(self, instant_ns: int) -> None:
        """Sleep by the loop's timer until shortly before the instant, then poll the loop until it has come."""
        if (left_ns := instant_ns - self.now_ns() - TIMER_MARGIN_NS) > 0:
            await asyncio.sleep(left_ns / NS_PER_S)
        if self._polling == 0:
            self._polling_since_ns = self.now_ns()
        self._polling += 1
        # Or gRPC's threads, where they have this core alone, send nothing while it is polled. Without real-time scheduling the kernel sees
        # to that, and to yield would be to stand back behind everybody else.
        yields = _is_realtime()
        try:
            while self.now_ns() < instant_ns:
                if yields:
                    os.sched_yield()
                await asyncio.sleep(0)
        finally:
            self._polling -= 1
            if self._polling == 0:
                self.polled_ns += self.now_ns() - self._polling_since_ns


def _is_realtime() -> bool:
    """Return whether this thread goes before all that have ordinary scheduling."""
    try:
        return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR
    except (AttributeError, OSError):
        return False
