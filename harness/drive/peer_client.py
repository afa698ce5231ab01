"""The firing process's end of a peer: another process that fires the calls that it is told of, `harness.drive.peer`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import TypeAdapter

from harness.drive.job import Job
from harness.model import Call, Method
from harness.plan.schedule import PlannedCall
from harness.process import Child

CALL = TypeAdapter(Call)


@dataclass(frozen=True, slots=True)
class Told:
    """One call that a peer is to make."""

    iteration: int
    number: int
    method: Method
    update: int
    name: str
    instant_ns: int


TOLD = TypeAdapter(Told)


class Peer:
    """A peer that is ready, and the calls that it was told of."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._waiting: dict[tuple[int, int], asyncio.Future[Call]] = {}

    def fire(
        self, iteration: int, number: int, planned: PlannedCall, name: str, instant_ns: int
    ) -> asyncio.Future[Call]:
        """Tell the peer to start a call, the `number`th of an iteration, at an instant; the future gives what came of it."""
        answered: asyncio.Future[Call] = asyncio.get_running_loop().create_future()
        self._waiting[iteration, number] = answered
        told = Told(iteration, number, planned.method, planned.update, name, instant_ns)
        self._child.tell(TOLD.dump_python(told, mode="json"))
        return answered

    async def listen(self) -> None:
        """Take in the peer's answers for as long as it lives. Raises ChildError when it ends."""
        while True:
            message = await self._child.hear()
            answered = self._waiting.pop((message["iteration"], message["number"]))
            answered.set_result(CALL.validate_python(message["call"]))


@asynccontextmanager
async def open_peer(job: Job) -> AsyncIterator[Peer]:
    """Hold a peer; somebody must `listen` to it. Raises ChildError where it does not come up."""
    child = await Child.start("harness.drive.peer", job.model_dump(mode="json"), job.log_folder / "peer.log")
    try:
        yield Peer(child)
    finally:
        await child.stop()
