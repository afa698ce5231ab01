"""The parent's side of the firing process: start it, hear what was fired, hand permits back."""

import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from harness.drive.channel import TargetFacts
from harness.drive.dispatcher import DispatchStats
from harness.drive.target import Target
from harness.drive.worker import FIRED, Job
from harness.model import Fired
from harness.process import Child
from harness.scenario import Scenario

STATS = TypeAdapter(DispatchStats)


@dataclass(slots=True)
class Driver:
    """A firing process that has tried its target and waits to be told to begin."""

    child: Child
    facts: TargetFacts
    stats: DispatchStats | None = None
    """Known once everything was fired."""

    async def fire(self) -> AsyncIterator[Fired]:
        """Begin, and yield each iteration when its last call was answered. Raises ChildError where the process dies."""
        await self.child.send({"start": True})
        while line := await self.child.read():
            message = json.loads(line)
            if "done" in message:
                self.stats = STATS.validate_python(message["done"])
                return
            if "fired" in message:
                yield FIRED.validate_python(message["fired"])
        await self.child.process.wait()
        raise self.child.died()

    async def release(self, judged: int) -> None:
        """Let that many more iterations be admitted."""
        await self.child.send({"release": judged})


@asynccontextmanager
async def driver(scenario: Scenario, target: Target) -> AsyncIterator[Driver]:
    """Run a firing process for as long as the context lasts. Raises TargetError, in the target's words, where it cannot be used."""
    with tempfile.TemporaryDirectory(prefix="harness-run-", ignore_cleanup_errors=True) as folder:
        job = Job(scenario=scenario, target=target, log_folder=Path(folder))
        child = await Child.start("harness.drive.worker", job.model_dump(mode="json"), Path(folder) / "driver.log")
        try:
            yield Driver(child, TargetFacts(**child.ready))
        finally:
            await child.stop()
