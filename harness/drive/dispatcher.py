"""The firing loop: admits iterations as they arrive and fires each one's calls on time. It does nothing else."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.clock import Clock
from harness.drive.client import CoachingClient, create_request, submit_request, update_request
from harness.drive.priority import Scheduling
from harness.model import Call, CallOutcome, Content, Fired, Method, Order
from harness.plan.schedule import PlannedIteration
from harness.units import NS_PER_MS


@dataclass(slots=True)
class DispatchStats:
    """How the firing loop itself kept up."""

    arrivals: int = 0
    late_arrivals: int = 0
    """Arrivals that were admitted more than 10 ms after their time, for want of a permit or of CPU."""
    max_arrival_lateness_ms: float = 0.0
    scheduling: Scheduling = Scheduling.NORMAL


LATE_ARRIVAL_MS = 10.0


class Dispatcher:
    """Fires a plan's iterations at their arrivals, at most `concurrency` between arrival and verdict.

    Whoever takes a verdict hands the permit back by `release`; so a slow verifier slows the admission of new iterations,
    never a second call.
    """

    def __init__(
        self,
        client: CoachingClient,
        clock: Clock,
        content: Callable[[int], Content],
        emit: Callable[[Fired], None],
        *,
        parent: str,
        create_lead_ms: float,
        concurrency: int,
    ) -> None:
        self._client = client
        self._clock = clock
        self._content = content
        self._emit = emit
        self._parent = parent
        self._create_lead_ns = round(create_lead_ms * NS_PER_MS)
        self._permits = asyncio.Semaphore(concurrency)
        self.stats = DispatchStats()

    def release(self, permits: int) -> None:
        """Hand back the permits of iterations that were judged."""
        for _ in range(permits):
            self._permits.release()

    async def run(self, plan: Sequence[PlannedIteration]) -> None:
        """Fire the whole plan and return when the last call was answered."""
        start_ns = self._clock.now_ns()
        async with asyncio.TaskGroup() as group:
            for planned in plan:
                await self._permits.acquire()
                intended_ns = start_ns + planned.arrival_ns
                await self._clock.sleep_until(intended_ns)
                self._count_arrival(intended_ns)
                group.create_task(self._iterate(planned, intended_ns))

    def _count_arrival(self, intended_ns: int) -> None:
        lateness_ms = (self._clock.now_ns() - intended_ns) / NS_PER_MS
        self.stats.arrivals += 1
        self.stats.late_arrivals += lateness_ms > LATE_ARRIVAL_MS
        self.stats.max_arrival_lateness_ms = max(self.stats.max_arrival_lateness_ms, lateness_ms)

    async def _iterate(self, planned: PlannedIteration, intended_ns: int) -> None:
        content = self._content(planned.iteration)
        flight = self._client.fire(Method.CREATE, create_request(self._parent, content), intended_ns)
        create, response = await self._client.settle(flight)
        if create.outcome is not CallOutcome.ACKNOWLEDGED:
            self._emit(_fired(planned, "", create))
            return
        # Counted from when Create was fired, so that an admission that was late keeps the lead whole.
        await self._clock.sleep_until(create.started_ns + self._create_lead_ns)
        first, second = await self._fire_pair(planned, response.name, content)
        self._emit(_fired(planned, response.name, create, first, second))

    async def _fire_pair(self, planned: PlannedIteration, name: str, content: Content) -> tuple[Call, Call]:
        """Fire the two calls, the second `api_delay` after the start of the first whatever has become of that one."""
        methods = [(Method.UPDATE, update_request(name, content)), (Method.SUBMIT, submit_request(name, content))]
        if planned.order is Order.SUBMIT_FIRST:
            methods.reverse()
        first = self._client.fire(*methods[0])
        second_ns = first.started_ns + round(planned.api_delay_ms * NS_PER_MS)
        await self._clock.sleep_until_exactly(second_ns)
        second = self._client.fire(*methods[1], second_ns)
        (first_call, _), (second_call, _) = await asyncio.gather(
            self._client.settle(first), self._client.settle(second)
        )
        return first_call, second_call


def _fired(planned: PlannedIteration, scorecard: str, *calls: Call) -> Fired:
    return Fired(planned.iteration, planned.api_delay_ms, planned.order, scorecard, calls)
