"""Whether the memory of a long run is flat: an hour of load, or more, in seconds.

    python -m benchmarks.long_run [--hours H] [--rate R] [--json FILE]

The plan, the dispatcher, the tallies and the lines of a run are the real ones; the clock jumps to whatever is waited for next, and calls
are answered after two simulated ms without a network. Memory is what the process has resident, read after each tenth of the run: what a run
keeps of an iteration is gone when its verdict has fallen, so the end of the run should hold no more than its start.
"""

import argparse
import asyncio
import gc
import heapq
import itertools
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.check.conclusion import Conclusion
from harness.drive.client import Flight
from harness.drive.dispatcher import Dispatcher
from harness.firing import FiringSettings
from harness.model import Call, CallOutcome, Content, Fired, Method, Verdict
from harness.plan.schedule import PlannedIteration, build_plan
from harness.report.points import Points
from harness.scenario import Scenario
from harness.units import NS_PER_MS

ANSWER_NS = 2 * NS_PER_MS
SECONDS_PER_HOUR = 3600


class JumpingClock:
    """A clock that stands still until everything waits, and then is at the first instant that something waits for."""

    def __init__(self) -> None:
        self._now_ns = 0
        self._numbers = itertools.count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    def now_ns(self) -> int:
        """Return the simulated instant."""
        return self._now_ns

    def utc(self) -> datetime:
        """Return no time of day at all."""
        return datetime.fromtimestamp(0, UTC)

    async def sleep_until(self, instant_ns: int) -> None:
        """Wait for the simulated instant."""
        if instant_ns > self._now_ns:
            reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (instant_ns, next(self._numbers), reached))
            await reached

    sleep_until_exactly = sleep_until

    async def run(self) -> None:
        """Move on whenever nothing is left to do at an instant, until cancelled."""
        while True:
            # Everything that an instant has woken goes on, and what that wakes, before the next one comes.
            for _ in range(6):
                await asyncio.sleep(0)
            if self._waiting:
                self._now_ns, _, reached = heapq.heappop(self._waiting)
                reached.set_result(None)


UNSENT: Any = None
"""In place of a call on a channel."""


class AnsweringClient:
    """Answers each call after a while, in the shape of `harness.drive.client.CoachingClient`."""

    def __init__(self, clock: JumpingClock) -> None:
        self._clock = clock

    def make(self, method: Method, _: Any, update: int = 0, ahead_ns: int = 0) -> Flight:
        """Return a call that nobody will send."""
        return Flight(method, update, UNSENT)

    def fire(self, flight: Flight, intended_ns: int) -> None:
        """Note when it would have been sent."""
        flight.intended_ns, flight.started_ns = intended_ns, self._clock.now_ns()

    async def settle(self, flight: Flight) -> tuple[Call, Any]:
        """Wait for the answer."""
        finished_ns = flight.started_ns + ANSWER_NS
        await self._clock.sleep_until(finished_ns)
        instants = (flight.intended_ns, flight.started_ns, finished_ns)
        call = Call(flight.method, *instants, "OK", "", CallOutcome.ACKNOWLEDGED, None, flight.update)
        return call, argparse.Namespace(name="customers/c/profiles/p/scorecards/s")


class AnsweredWrites:
    """Fires the calls after Create."""

    def __init__(self, client: AnsweringClient, clock: JumpingClock) -> None:
        self._client = client
        self._clock = clock

    async def fire(self, planned: PlannedIteration, _: str, __: Content, first_ns: int) -> tuple[Call, ...]:
        """Fire each at its offset from the first."""
        flights = [self._client.make(call.method, None, call.update) for call in planned.calls]
        for call, flight in zip(planned.calls, flights, strict=True):
            await self._clock.sleep_until(first_ns + call.offset_ns)
            self._client.fire(flight, first_ns + call.offset_ns)
        return tuple([(await self._client.settle(flight))[0] for flight in flights])


def resident_mb() -> float:
    """Return the memory that this process has resident."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


async def measure(scenario: Scenario) -> list[float]:
    """Return the resident memory after each tenth of a run."""
    clock = JumpingClock()
    client = AnsweringClient(clock)
    points = Points(scenario.api_delay_ms, FiringSettings())
    judged, memory_mb, every = 0, [], scenario.total_iterations // 10

    def judge(fired: Fired) -> None:
        nonlocal judged
        verdict = Verdict.DIVERGED if fired.iteration % 7 == 0 else Verdict.CONVERGED
        points.add(Conclusion(fired, verdict, None, (), verdict.is_failure, (), fired.iteration % 1000 * NS_PER_MS))
        dispatcher.release(1)
        judged += 1
        if judged % every == 0:
            memory_mb.append(resident_mb())
            print(f"{judged:,} iterations, {clock.now_ns() / 1e9:,.0f} s simulated: {memory_mb[-1]:.1f} MB", flush=True)

    dispatcher = Dispatcher(
        client,  # type: ignore[arg-type] # the same shape
        AnsweredWrites(client, clock),
        clock,
        judge,
        scenario=scenario,
        parent="customers/c/profiles/p",
        permits=scenario.concurrency,
    )
    moving = asyncio.create_task(clock.run())
    await dispatcher.run(build_plan(scenario), 0)
    moving.cancel()
    assert sum(point.iterations for point in points.documents) == scenario.total_iterations
    return memory_mb


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=1.0, help="simulated")
    parser.add_argument("--rate", type=float, default=100.0, help="iterations per second")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    delays = (0.0, 1.0, 5.0, 20.0, 100.0)
    iterations = round(options.hours * SECONDS_PER_HOUR * options.rate / len(delays))
    scenario = Scenario(iterations=iterations, api_delay_ms=delays, rate_per_s=options.rate, order="random", scores=4)
    memory_mb = asyncio.run(measure(scenario))
    grown_mb = memory_mb[-1] - memory_mb[1]
    print(f"from the second tenth to the last: {grown_mb:+.1f} MB, {memory_mb[-1] / memory_mb[1]:.3f} times")
    if options.json is not None:
        options.json.write_text(json.dumps({"iterations": scenario.total_iterations, "memory_mb": memory_mb}, indent=2))


if __name__ == "__main__":
    main()
