"""The firing loop: admits iterations as they arrive and fires each one's calls on time. It does nothing else."""

import asyncio
from collections.abc import Callable, Iterable

from harness.clock import Clock
from harness.drive.client import CoachingClient, create_request
from harness.drive.writes import Writes
from harness.firing_stats import Admission
from harness.model import Call, CallOutcome, Fired, Method
from harness.plan.content import planned_content
from harness.plan.schedule import PlanHash, PlannedIteration
from harness.scenario import Scenario
from harness.units import NS_PER_MS, NS_PER_S

LATE_ARRIVAL_MS = 10.0
# How long an arrival that is far off is waited for at a time, so that one which is retired meanwhile is not waited for to its end.
LOOK_UP_NS = 100 * NS_PER_MS


class Dispatcher:
    """Fires a plan's iterations at their arrivals, at most `permits` of them between arrival and verdict.

    Whoever takes a verdict hands the permit back by `release`; so a slow verifier slows the admission of new iterations,
    never a second call. How far that may put them behind their arrivals is bounded: what would start later is dropped.
    """

    def __init__(
        self,
        client: CoachingClient,
        writes: Writes,
        clock: Clock,
        emit: Callable[[Fired], None],
        *,
        scenario: Scenario,
        parent: str,
        permits: int,
        dropped: Callable[[PlannedIteration], None] = lambda _planned: None,
    ) -> None:
        self._client = client
        self._writes = writes
        self._clock = clock
        self._scenario = scenario
        self._emit = emit
        self._parent = parent
        self._create_lead_ns = round(scenario.create_lead_ms * NS_PER_MS)
        self._max_lateness_ns = round(scenario.firing.max_lateness_s * NS_PER_S)
        self._closed_loop = scenario.closed_loop
        self._permits = asyncio.Semaphore(permits)
        self._dropped = dropped
        self._retired: set[float] = set()
        self.admission = Admission()
        self.plan_hash = PlanHash(scenario.seed)

    def release(self, permits: int) -> None:
        """Hand back the permits of iterations that were judged."""
        for _ in range(permits):
            self._permits.release()

    def retire(self, api_delays_ms: Iterable[float]) -> None:
        """Fire no more at these api-delays; what is in flight goes on to its end."""
        self._retired.update(api_delays_ms)

    async def run(self, plan: Iterable[PlannedIteration], start_ns: int) -> None:
        """Fire every iteration of the plan, whose arrivals count from `start_ns`, and wait for the last answer."""
        async with asyncio.TaskGroup() as group:
            for planned in plan:
                if self._is_retired(planned):
                    if len(self._retired) == len(self._scenario.api_delay_ms):
                        return
                    continue
                await self._permits.acquire()
                if self._is_retired(planned):
                    self._permits.release()
                    continue
                intended_ns = start_ns + planned.arrival_ns
                if self._closed_loop:
                    # Each follows the verdict on the one before: there is no time that it could be behind.
                    intended_ns = max(intended_ns, self._clock.now_ns())
                if self._clock.now_ns() - intended_ns > self._max_lateness_ns:
                    self._drop(planned)
                    await asyncio.sleep(0)
                    continue
                await self._wait_for(planned, intended_ns)
                if self._is_retired(planned):
                    self._permits.release()
                    continue
                self.plan_hash.add(planned)
                self._count_arrival(planned, intended_ns)
                group.create_task(self._iterate(planned, intended_ns))

    def _is_retired(self, planned: PlannedIteration) -> bool:
        return planned.api_delay_ms in self._retired and not planned.warms_up

    async def _wait_for(self, planned: PlannedIteration, intended_ns: int) -> None:
        """Wait for an arrival, or until it is retired."""
        while not self._is_retired(planned) and intended_ns - self._clock.now_ns() > 2 * LOOK_UP_NS:
            await self._clock.sleep_until(self._clock.now_ns() + LOOK_UP_NS)
        if not self._is_retired(planned):
            await self._clock.sleep_until(intended_ns)

    def _drop(self, planned: PlannedIteration) -> None:
        """Count an arrival that would have been too late, and tell of it; nobody is told of a warm-up."""
        self.plan_hash.add(planned)
        self._permits.release()
        if not planned.warms_up:
            self.admission.dropped_arrivals += 1
            self._dropped(planned)

    def _count_arrival(self, planned: PlannedIteration, intended_ns: int) -> None:
        if planned.warms_up:
            self.admission.warm_ups += 1
            return
        lateness_ms = (self._clock.now_ns() - intended_ns) / NS_PER_MS
        self.admission.arrivals += 1
        self.admission.late_arrivals += lateness_ms > LATE_ARRIVAL_MS
        self.admission.max_arrival_lateness_ms = max(self.admission.max_arrival_lateness_ms, lateness_ms)

    async def _iterate(self, planned: PlannedIteration, intended_ns: int) -> None:
        content = planned_content(self._scenario, planned.iteration)
        flight = self._client.make(Method.CREATE, create_request(self._parent, content))
        self._client.fire(flight, intended_ns)
        create, response = await self._client.settle(flight)
        if create.outcome is not CallOutcome.ACKNOWLEDGED:
            self._done(planned, "", create)
            return
        # Counted from when Create was fired, so that an admission that was late keeps the lead whole.
        first_ns = create.started_ns + self._create_lead_ns
        calls = await self._writes.fire(planned, response.name, content, first_ns)
        self._done(planned, response.name, create, *calls)

    def _done(self, planned: PlannedIteration, scorecard: str, *calls: Call) -> None:
        """Tell what was fired; nobody judges a warm-up, whose permit comes back at once."""
        if planned.warms_up:
            self._permits.release()
            return
        self._emit(Fired(planned.iteration, planned.api_delay_ms, planned.order, scorecard, calls))
