"""A peer of the firing process: `python -m harness.drive.peer`, a child as `harness.process` describes.

It fires the calls that it is told of, each at an instant of the clock that all processes share, over a channel of its own. Its
configuration is the firing process's `Job`. It reads a line for each call and answers it with the call's record.
"""

import asyncio
import contextlib

import uvloop

from harness.clock import SystemClock
from harness.drive.auth import Bearer
from harness.drive.channel import open_channel
from harness.drive.client import CoachingClient
from harness.drive.job import Job
from harness.drive.peer_client import CALL, TOLD, Told
from harness.drive.priority import claim_priority
from harness.drive.writes import Sleep, fire_at, sleep_of
from harness.memory import keep_what_is_made
from harness.plan.content import planned_content
from harness.plan.schedule import PlannedCall
from harness.process import Parent, serve

CONNECTING_S = 5.0


async def work(config: dict[str, object], parent: Parent) -> None:
    """Fire what the parent says until it is gone."""
    job, clock = Job.model_validate(config), SystemClock()
    bearer = Bearer(job.target.token)
    await bearer.fetch()
    async with open_channel(job.target) as channel, bearer.kept_fresh(clock), asyncio.TaskGroup() as calls:
        client = CoachingClient(channel, bearer, clock, job.scenario.call_timeout_s)
        sleep = sleep_of(clock, job.scenario.firing.timing)
        # The threads that are to have it as well exist once there is a connection; a target that is gone is told of by the calls.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(channel.channel_ready(), CONNECTING_S)
        claim_priority()
        keep_what_is_made()
        parent.say({"ready": {}})
        while (message := await parent.read()) is not None:
            calls.create_task(_fire(job, client, sleep, parent, TOLD.validate_python(message)))


async def _fire(job: Job, client: CoachingClient, sleep: Sleep, parent: Parent, told: Told) -> None:
    content = planned_content(job.scenario, told.iteration)
    planned = PlannedCall(told.method, 0, told.update)
    call = await fire_at(client, planned, told.name, content, told.instant_ns, sleep)
    answer = {"iteration": told.iteration, "number": told.number, "call": CALL.dump_python(call, mode="json")}
    parent.say(answer)


if __name__ == "__main__":
    uvloop.run(serve(work))
