"""The parent's side of the firing processes: start them, hear what was fired, hand permits back."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.clock import Clock
from harness.drive.channel import TargetFacts
from harness.drive.job import Job
from harness.drive.segments import SEGMENT
from harness.drive.target import Target
from harness.drive.worker import CERTIFICATE, FIRED, STATS
from harness.errors import ChildError
from harness.firing_stats import Certificate, WorkerStats
from harness.model import Fired
from harness.plan.schedule import Segment, worker_of
from harness.process import Child
from harness.scenario import Scenario
from harness.units import NS_PER_MS

# Between the word to begin and the first arrival, so that no process hears it late.
START_NOTICE_NS = 20 * NS_PER_MS


@dataclass(slots=True)
class Driver:
    """Firing processes that have tried their target and wait to be told to begin."""

    children: list[Child]
    facts: TargetFacts
    clock: Clock
    stats: list[WorkerStats] = field(default_factory=list)
    """What each said at its end; all of them once everything was fired."""
    dropped: Callable[[int, float], None] = lambda _iteration, _api_delay_ms: None
    """Is told each iteration that is not fired since it would have started too late, and its api-delay."""

    async def certify(self, idle: Child) -> Certificate:
        """Have the first process measure itself against an idle target. Raises ChildError where either dies."""
        await self.children[0].send({"calibrate": idle.ready["address"]})
        return CERTIFICATE.validate_python((await self.children[0].hear())["certificate"])

    async def fire(self) -> AsyncIterator[Fired]:
        """Begin, and yield each iteration when its last call was answered. Raises ChildError where a process dies."""
        await self._tell({"start_ns": self.clock.now_ns() + START_NOTICE_NS})
        async for message in self._heard_until("done"):
            yield FIRED.validate_python(message["fired"])

    async def fire_segment(self, segment: Segment) -> AsyncIterator[Fired]:
        """Fire a part of a run whose plan is made while it runs, and yield as `fire` does; can be called again, and then `finish`."""
        start_ns = self.clock.now_ns() + START_NOTICE_NS
        await self._tell({"segment": SEGMENT.dump_python(segment, mode="json"), "start_ns": start_ns})
        async for message in self._heard_until("fired_segment"):
            yield FIRED.validate_python(message["fired"])

    async def finish(self) -> None:
        """Say that there are no more segments, and hear what each process says at its end."""
        await self._tell({"finish": True})
        async for message in self._heard_until("done"):
            raise ChildError(f"a firing process fired when nothing was asked of it: {message}")

    async def _tell(self, message: dict[str, Any]) -> None:
        for child in self.children:
            await child.send(message)

    async def _heard_until(self, last: str) -> AsyncIterator[dict[str, Any]]:
        """Yield what the processes say until each has said its `last` message, which is not yielded."""
        reading = {asyncio.ensure_future(child.hear()): child for child in self.children}
        try:
            while reading:
                heard, _ = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
                for one in heard:
                    child = reading.pop(one)
                    message = one.result()
                    if "done" in message:
                        self.stats.append(STATS.validate_python(message["done"]))
                    if last in message:
                        continue
                    reading[asyncio.ensure_future(child.hear())] = child
                    if "dropped" in message:
                        self.dropped(*message["dropped"])
                    else:
                        yield message
        finally:
            for one in reading:
                one.cancel()
            await asyncio.gather(*reading, return_exceptions=True)

    async def retire(self, api_delays_ms: list[float]) -> None:
        """Have no process fire any more at these api-delays; what is in flight goes on to its end."""
        await self._tell({"retire": api_delays_ms})

    async def release(self, iterations: Iterable[int]) -> None:
        """Let as many more be admitted as were judged, each by the process that fired it."""
        judged = Counter(worker_of(iteration, len(self.children)) for iteration in iterations)
        for worker, permits in judged.items():
            await self.children[worker].send({"release": permits})


@asynccontextmanager
async def idle_target() -> AsyncIterator["asyncio.Task[Child]"]:
    """Run an idle target for as long as the context lasts; it starts beside whatever else is done meanwhile."""
    with tempfile.TemporaryDirectory(prefix="harness-idle-", ignore_cleanup_errors=True) as folder:
        starting = asyncio.create_task(Child.start("harness.drive.idle_target", {}, Path(folder) / "target.log"))
        try:
            yield starting
        finally:
            with suppress(ChildError):
                await (await starting).stop()


@asynccontextmanager
async def driver(scenario: Scenario, target: Target, clock: Clock) -> AsyncIterator[Driver]:
    """Run the firing processes for as long as the context lasts. Raises TargetError, in the target's words, where it cannot be used."""
    async with AsyncExitStack() as stack:
        children = []
        for worker in range(scenario.firing.workers):
            # One after the other: a target that cannot be used says so once.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-run-", ignore_cleanup_errors=True))
            job = Job(scenario=scenario, target=target, log_folder=Path(folder), worker=worker)
            child = await Child.start("harness.drive.worker", job.model_dump(mode="json"), Path(folder) / "driver.log")
            stack.push_async_callback(child.stop)
            children.append(child)
        yield Driver(children, TargetFacts(**children[0].ready), clock)
