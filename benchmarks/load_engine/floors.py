"""The bare floors: what the kernel's timer gives, and what gRPC gives with nothing around it.

With `sleeps` in its job this side sleeps so many times for each delay and makes no call. Else it fires the same calls as the engine
on grpc.aio and uvloop by the shortest loop that can: `asyncio.sleep` for time, no records but the instants, no look at the answers.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import grpc
import uvloop

from benchmarks.load_engine.messages import create_request, id_of, submit_request, update_request
from benchmarks.load_engine.segment import CALL_TIMEOUT_S, Job, Meter, Outcome, Pair, bind, claim
from benchmarks.load_engine.warm import warm_up
from harness.drive.priority import claim_priority
from harness.memory import keep_what_is_made
from harness.process import Parent, serve
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub
from harness.units import NS_PER_MS, NS_PER_S


def sleep_errors(delays_ms: list[float], sleeps: int) -> dict[str, list[int]]:
    """Return how late (ns) `clock_nanosleep` came back, for each delay; the delays take turns.

    `time.sleep` is that call since Python 3.11, with an absolute instant of CLOCK_MONOTONIC.
    """
    errors: dict[str, list[int]] = {str(delay_ms): [] for delay_ms in delays_ms}
    for _ in range(sleeps):
        for delay_ms in delays_ms:
            started_ns = time.monotonic_ns()
            time.sleep(delay_ms / 1e3)
            errors[str(delay_ms)].append(time.monotonic_ns() - started_ns - round(delay_ms * NS_PER_MS))
    return errors


class RawLoop:
    """Pairs on grpc.aio, and when they were fired."""

    def __init__(self, channel: grpc.aio.Channel, job: Job) -> None:
        self._stub = CoachingServiceStub(channel)
        self._job = job
        self.pairs: list[Pair] = []

    async def run(self) -> None:
        """Fire all pairs, at their rate or as fast as they are answered."""
        if self._job.rate_per_s:
            await self._paced()
            return
        numbers = iter(range(self._job.pairs))
        await asyncio.gather(*(self._one_after_another(numbers) for _ in range(self._job.in_flight)))

    async def _paced(self) -> None:
        start_ns = time.monotonic_ns()
        async with asyncio.TaskGroup() as group:
            for number in range(self._job.pairs):
                intended_ns = start_ns + round(number * NS_PER_S / self._job.rate_per_s)
                await asyncio.sleep(max(0, intended_ns - time.monotonic_ns()) / NS_PER_S)
                group.create_task(self._pair(self._job.delay_ms(number), intended_ns))

    async def _one_after_another(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            await self._pair(self._job.delay_ms(number), time.monotonic_ns())

    async def _pair(self, delay_ms: float, intended_ns: int) -> None:
        scorecard = await self._stub.CreateScorecard(create_request(), timeout=CALL_TIMEOUT_S)
        created_ns = time.monotonic_ns()
        update, submit = update_request(scorecard.name), submit_request(scorecard.name)
        first_ns = time.monotonic_ns()
        first = self._stub.UpdateScorecard(update, timeout=CALL_TIMEOUT_S)
        if delay_ms:
            await asyncio.sleep(delay_ms / 1e3)
        second_ns = time.monotonic_ns()
        second = self._stub.SubmitScorecard(submit, timeout=CALL_TIMEOUT_S)
        await first
        await second
        instants = (intended_ns, created_ns, first_ns, second_ns, time.monotonic_ns())
        self.pairs.append(Pair(delay_ms, id_of(scorecard.name), *instants))


async def work(config: dict[str, Any], parent: Parent) -> None:
    """Do one job, of either kind."""
    if "sleeps" in config:
        bind(config["core"])
        claim_priority()
        parent.say({"ready": {}})
        if await parent.read() is not None:
            parent.say({"errors_ns": sleep_errors(config["delays_ms"], config["sleeps"])})
            await parent.gone()
        return
    job = Job.of(config)
    bind(job.core)
    async with grpc.aio.insecure_channel(job.address) as channel:
        await warm_up(channel)
        scheduling = claim(job)
        loop = RawLoop(channel, job)
        keep_what_is_made()
        parent.say({"ready": {}})
        if await parent.read() is None:
            return
        meter = Meter()
        await loop.run()
        spent = meter.spent()
    parent.say(asdict(Outcome(loop.pairs, spent, scheduling)))
    await parent.gone()


if __name__ == "__main__":
    uvloop.run(serve(work))
