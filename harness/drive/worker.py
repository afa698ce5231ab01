"""The firing process: `python -m harness.drive.worker`, a child as `harness.process` describes.

Its configuration is a `Job`. It answers with the target's facts when the target was tried, then writes a `{"fired": ...}` line for every
iteration as its last call is answered, and a `{"done": ...}` line at the end. It is told `{"start": true}` to begin and `{"release": n}`
whenever n iterations were judged.
"""

import asyncio
import gc
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import uvloop
from pydantic import BaseModel, TypeAdapter

from harness.clock import SystemClock
from harness.drive.auth import Bearer
from harness.drive.channel import open_channel, try_target
from harness.drive.client import CoachingClient
from harness.drive.dispatcher import Dispatcher
from harness.drive.priority import claim_priority
from harness.drive.target import Target
from harness.model import Fired
from harness.plan.content import content_of
from harness.plan.schedule import PlannedIteration, build_plan
from harness.process import Parent, serve
from harness.scenario import Scenario

FIRED = TypeAdapter(Fired)


class Job(BaseModel):
    """What the firing process is to do. It removes `log_folder` in the end, since it outlives a parent that is killed."""

    scenario: Scenario
    target: Target
    log_folder: Path


async def work(config: dict[str, object], parent: Parent) -> None:
    """Do the job that the parent hands over, and leave nothing behind."""
    job = Job.model_validate(config)
    try:
        await _do(job, parent)
    finally:
        shutil.rmtree(job.log_folder, ignore_errors=True)


async def _do(job: Job, parent: Parent) -> None:
    """Try the target, fire the plan, and report each iteration."""
    scenario, clock = job.scenario, SystemClock()
    bearer = Bearer(job.target.token)
    resource_parent = f"customers/{scenario.target.customer}/profiles/{scenario.target.profile}"
    await bearer.fetch()
    async with open_channel(job.target) as channel, bearer.kept_fresh(clock):
        facts = await try_target(channel, job.target, bearer, resource_parent)
        dispatcher = Dispatcher(
            CoachingClient(channel, bearer, clock, scenario.call_timeout_s),
            clock,
            lambda iteration: content_of(scenario.seed, iteration, scenario.scores),
            lambda fired: parent.write(b'{"fired":' + FIRED.dump_json(fired) + b"}\n"),
            parent=resource_parent,
            create_lead_ms=scenario.create_lead_ms,
            concurrency=scenario.concurrency,
        )
        plan = build_plan(scenario)
        dispatcher.stats.scheduling = claim_priority()
        # What was made so far lives to the end: the collector need not look at it again while calls are timed.
        gc.collect()
        gc.freeze()
        parent.say({"ready": {"version": facts.version, "reports_copies": facts.reports_copies}})
        if await parent.read() is None:
            return
        async with asyncio.TaskGroup() as group:
            firing = group.create_task(_fire(dispatcher, plan, parent))
            await _obey(parent, dispatcher)
            firing.cancel()


async def _fire(dispatcher: Dispatcher, plan: Sequence[PlannedIteration], parent: Parent) -> None:
    await dispatcher.run(plan)
    parent.say({"done": asdict(dispatcher.stats)})


async def _obey(parent: Parent, dispatcher: Dispatcher) -> None:
    """Hand back permits as the parent says, until it closes the pipe or is gone."""
    while (message := await parent.read()) is not None:
        dispatcher.release(int(message["release"]))


if __name__ == "__main__":
    uvloop.run(serve(work))
