"""The clock's one promise that a test can hold it to on any machine: it is never early."""

import asyncio

import uvloop

from harness.clock import SystemClock
from harness.units import NS_PER_MS


def test_no_sleep_ends_early_on_either_loop() -> None:
    clock = SystemClock()

    async def earliest_ns() -> int:
        margins = []
        for delay_ms in (0, 0.1, 0.9, 1.0, 1.7, 2.3, 5.5):
            for sleep in (clock.sleep_until, clock.sleep_until_exactly):
                instant_ns = clock.now_ns() + round(delay_ms * NS_PER_MS)
                await sleep(instant_ns)
                margins.append(clock.now_ns() - instant_ns)
        return min(margins)

    for factory in (uvloop.new_event_loop, asyncio.new_event_loop):
        with asyncio.Runner(loop_factory=factory) as runner:
            assert runner.run(earliest_ns()) >= 0


def test_an_exact_sleep_lets_the_loop_serve_others() -> None:
    clock = SystemClock()

    async def served() -> int:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        await clock.sleep_until_exactly(clock.now_ns() + NS_PER_MS)
        task.cancel()
        return turns

    assert asyncio.run(served()) > 5
