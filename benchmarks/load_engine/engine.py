"""This engine's side: the harness's own firing code, set up as its firing process sets it up. uvloop.

Nothing here fires a call or times one; `dispatch` is the only place that knows how a `Dispatcher` is made and run.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import grpc
import uvloop

from benchmarks.load_engine.messages import PARENT, id_of
from benchmarks.load_engine.segment import CALL_TIMEOUT_S, Job, Meter, Outcome, Pair, bind, claim
from benchmarks.load_engine.warm import warm_up
from harness.clock import SystemClock
from harness.drive.auth import Bearer
from harness.drive.channel import open_channel
from harness.drive.client import CoachingClient
from harness.drive.dispatcher import Dispatcher
from harness.drive.loop_watch import watched_loop
from harness.drive.target import Target, TokenSource
from harness.drive.writes import OwnWrites
from harness.firing import FiringSettings
from harness.memory import keep_what_is_made
from harness.model import CallOutcome, Fired, Method, Order
from harness.plan.arrivals import constant_arrivals
from harness.plan.schedule import PlannedCall, PlannedIteration
from harness.process import Parent, serve
from harness.scenario import Scenario
from harness.units import NS_PER_MS

NEVER_LATE_S = 3600.0
"""At saturation every pair is behind its arrival, and none is to be dropped for it."""


async def dispatch(channel: grpc.aio.Channel, job: Job, emit: Callable[[Fired], None]) -> None:
    """Fire the job through the harness's dispatcher; `emit` is called with each pair when it was answered.

    A rate means that no permit is ever waited for. Without one, all arrivals are at once and each answered pair's permit admits the next.
    The content of each pair is made while firing and the loop is watched, as in a run.
    """
    clock = SystemClock()
    permits = job.pairs if job.rate_per_s else job.in_flight
    scenario = Scenario(
        create_lead_ms=0.0, call_timeout_s=CALL_TIMEOUT_S, firing=FiringSettings(max_lateness_s=NEVER_LATE_S)
    )
    client = CoachingClient(channel, Bearer(TokenSource()), clock, scenario.call_timeout_s)

    def answered(fired: Fired) -> None:
        emit(fired)
        dispatcher.release(1)

    dispatcher = Dispatcher(
        client,
        OwnWrites([client], clock, scenario.firing.timing),
        clock,
        answered,
        scenario=scenario,
        parent=PARENT,
        permits=permits,
    )
    plan = _plan(job)
    async with watched_loop(clock):
        await dispatcher.run(plan, clock.now_ns())


def _plan(job: Job) -> tuple[PlannedIteration, ...]:
    arrivals = constant_arrivals(job.pairs, job.rate_per_s) if job.rate_per_s else (0,) * job.pairs
    return tuple(
        PlannedIteration(number, arrival_ns, job.delay_ms(number), Order.UPDATE_FIRST, _calls(job.delay_ms(number)))
        for number, arrival_ns in enumerate(arrivals)
    )


def _calls(delay_ms: float) -> tuple[PlannedCall, PlannedCall]:
    return PlannedCall(Method.UPDATE, 0), PlannedCall(Method.SUBMIT, round(delay_ms * NS_PER_MS))


def pair_of(fired: Fired) -> Pair | None:
    """Return one pair's record, None where a call of it failed."""
    if not fired.writes or any(call.outcome is not CallOutcome.ACKNOWLEDGED for call in fired.calls):
        return None
    first, second = fired.writes
    create = fired.calls[0]
    finished_ns = max(first.finished_ns, second.finished_ns)
    instants = (create.intended_ns, create.finished_ns, first.started_ns, second.started_ns, finished_ns)
    return Pair(fired.api_delay_ms, id_of(fired.scorecard), *instants)


async def work(config: dict[str, Any], parent: Parent) -> None:
    """Do one job."""
    job = Job.of(config)
    bind(job.core)
    fired: list[Fired] = []
    async with open_channel(Target(address=job.address)) as channel:
        await warm_up(channel)
        scheduling = claim(job)
        keep_what_is_made()
        parent.say({"ready": {}})
        if await parent.read() is None:
            return
        meter = Meter()
        await dispatch(channel, job, fired.append)
        spent = meter.spent()
    pairs = [pair for one in fired if (pair := pair_of(one)) is not None]
    parent.say(asdict(Outcome(pairs, spent, scheduling, job.pairs - len(pairs))))
    await parent.gone()


if __name__ == "__main__":
    uvloop.run(serve(work))
