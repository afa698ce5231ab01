"""A firing process: `python -m harness.drive.worker`, a child as `harness.process` describes.

Its configuration is a `Job`. It answers with the target's facts when the target was tried, then writes a `{"fired": ...}` line for every
iteration as its last call is answered, and a `{"done": ...}` line at the end. It is told `{"calibrate": address}`, if at all, to measure
itself against an idle target there, which it answers with a `{"certificate": ...}` line; `{"start_ns": t}` to begin, t being the instant
from which all arrivals count; `{"release": n}` whenever n of its iterations were judged; and `{"retire": [api_delay_ms, ...]}` when it is
to fire no more at these. For an iteration that would have started too late it writes `{"dropped": [iteration, api_delay_ms]}`.

Where the plan is made while it runs, it is told `{"segment": {...}, "start_ns": t}` instead to begin, which it answers with a
`{"fired_segment": first_iteration}` line when its share of that segment was fired; again for each further segment; and
`{"finish": true}` in the end.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager

import uvloop
from pydantic import TypeAdapter

from harness.clock import SystemClock
from harness.drive.auth import Bearer
from harness.drive.calibration import calibrate
from harness.drive.channel import open_channel, try_target
from harness.drive.client import CoachingClient
from harness.drive.dispatcher import Dispatcher
from harness.drive.job import Job
from harness.drive.loop_watch import watched_loop
from harness.drive.peer_client import open_peer
from harness.drive.priority import claim_priority
from harness.drive.segments import Segments
from harness.drive.writes import OwnWrites, SharedWrites, Writes
from harness.firing import Topology
from harness.firing_stats import Certificate, Scheduling, WorkerStats
from harness.memory import keep_what_is_made
from harness.model import Fired
from harness.plan.schedule import build_plan, share_of
from harness.process import Parent, serve

FIRED = TypeAdapter(Fired)
STATS = TypeAdapter(WorkerStats)
CERTIFICATE = TypeAdapter(Certificate)


async def work(config: dict[str, object], parent: Parent) -> None:
    """Do the job that the parent hands over, and leave nothing behind."""
    job = Job.model_validate(config)
    try:
        await _do(job, parent)
    finally:
        shutil.rmtree(job.log_folder, ignore_errors=True)


async def _do(job: Job, parent: Parent) -> None:
    """Try the target, fire this process's share of the plan, and report each iteration."""
    scenario, clock = job.scenario, SystemClock()
    bearer = Bearer(job.target.token)
    await bearer.fetch()
    async with open_channel(job.target) as channel, bearer.kept_fresh(clock), AsyncExitStack() as stack:
        facts = await try_target(channel, job.target, bearer, job.resource_parent)
        client = CoachingClient(channel, bearer, clock, scenario.call_timeout_s)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        writes = await stack.enter_async_context(_writes(job, client, bearer, clock, group))
        dispatcher = Dispatcher(
            client,
            writes,
            clock,
            lambda fired: parent.write(b'{"fired":' + FIRED.dump_json(fired) + b"}\n"),
            scenario=scenario,
            parent=job.resource_parent,
            permits=job.permits,
            dropped=lambda planned: parent.say({"dropped": [planned.iteration, planned.api_delay_ms]}),
        )
        scheduling = claim_priority()
        keep_what_is_made()
        parent.say({"ready": {"version": facts.version, "reports_copies": facts.reports_copies}})
        message = await parent.read()
        if message is not None and "calibrate" in message:
            certificate = await calibrate(scenario, str(message["calibrate"]), clock)
            parent.say({"certificate": CERTIFICATE.dump_python(certificate, mode="json")})
            message = await parent.read()
        if message is None:
            return
        segments = Segments(job)
        if "segment" in message:
            segments.add(message)
            run = segments.run(dispatcher, parent)
        else:
            plan = share_of(build_plan(scenario), job.worker, scenario.firing.workers)
            run = dispatcher.run(plan, int(message["start_ns"]))
        firing = group.create_task(_fire(run, dispatcher, scheduling, clock, parent))
        await _obey(parent, dispatcher, segments)
        firing.cancel()


@asynccontextmanager
async def _writes(
    job: Job, client: CoachingClient, bearer: Bearer, clock: SystemClock, group: asyncio.TaskGroup
) -> AsyncIterator[Writes]:
    """Hold what fires the calls after Create, as the topology says."""
    timing = job.scenario.firing.timing
    match job.scenario.firing.topology:
        case Topology.SAME_CHANNEL:
            yield OwnWrites([client], clock, timing)
        case Topology.TWO_CHANNELS:
            async with open_channel(job.target) as second:
                other = CoachingClient(second, bearer, clock, job.scenario.call_timeout_s)
                yield OwnWrites([client, other], clock, timing)
        case Topology.TWO_PROCESSES:
            async with open_peer(job) as peer:
                listening = group.create_task(peer.listen())
                yield SharedWrites(client, peer, clock, timing)
                listening.cancel()


async def _fire(
    run: Awaitable[None], dispatcher: Dispatcher, scheduling: Scheduling, clock: SystemClock, parent: Parent
) -> None:
    async with watched_loop(clock) as watch:
        await run
        stats = WorkerStats(dispatcher.admission, scheduling, watch.use, dispatcher.plan_hash.value)
    parent.say({"done": STATS.dump_python(stats, mode="json")})


async def _obey(parent: Parent, dispatcher: Dispatcher, segments: Segments) -> None:
    """Hand back permits, retire api-delays and fire further segments as the parent says, until it closes the pipe or is gone."""
    while (message := await parent.read()) is not None:
        if "retire" in message:
            dispatcher.retire(map(float, message["retire"]))
        elif "segment" in message:
            segments.add(message)
        elif "finish" in message:
            segments.finish()
        else:
            dispatcher.release(int(message["release"]))


if __name__ == "__main__":
    uvloop.run(serve(work))
