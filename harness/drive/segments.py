"""A firing process's side of a run whose plan is made while it runs: the segments that it was told to fire, one after the other."""

import asyncio
from typing import Any

from pydantic import TypeAdapter

from harness.drive.dispatcher import Dispatcher
from harness.drive.job import Job
from harness.plan.schedule import Segment, build_segment, share_of
from harness.process import Parent

SEGMENT = TypeAdapter(Segment)


class Segments:
    """What is still to be fired; as many segments as the parent tells of, until it says that there are no more."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._waiting: asyncio.Queue[tuple[Segment, int] | None] = asyncio.Queue()

    def add(self, message: dict[str, Any]) -> None:
        """Take in a segment, and from when on its arrivals count."""
        self._waiting.put_nowait((SEGMENT.validate_python(message["segment"]), int(message["start_ns"])))

    def finish(self) -> None:
        """Take in that no more will come."""
        self._waiting.put_nowait(None)

    async def run(self, dispatcher: Dispatcher, parent: Parent) -> None:
        """Fire this process's share of each, and say so when the last call of one was answered."""
        scenario = self._job.scenario
        while (told := await self._waiting.get()) is not None:
            segment, start_ns = told
            plan = share_of(build_segment(scenario, segment), self._job.worker, scenario.firing.workers)
            await dispatcher.run(plan, start_ns)
            parent.say({"fired_segment": segment.first_iteration})
