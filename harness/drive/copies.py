"""Asks a target that can tell which copies to ClickHouse are still outstanding, and on which scorecards a planted fault took effect."""

from collections.abc import AsyncIterator, Collection, Set
from contextlib import asynccontextmanager

import grpc

from harness.drive.auth import Bearer
from harness.drive.channel import open_channel
from harness.drive.target import Target
from harness.errors import TargetError
from harness.proto.harness.reference.v1 import copies_pb2
from harness.proto.harness.reference.v1.copies_pb2_grpc import CopiesStub

TIMEOUT_S = 10.0


class OutstandingCopies:
    """The target's knowledge of its own asynchronous work."""

    def __init__(self, channel: grpc.aio.Channel, bearer: Bearer) -> None:
        self._stub = CopiesStub(channel)
        self._bearer = bearer

    async def settled(self, names: Collection[str]) -> Set[str]:
        """Return those of the scorecards that owe no copy any more; none of them where the target does not answer."""
        try:
            request = copies_pb2.ListOutstandingRequest(names=names)
            answer = await self._stub.ListOutstanding(request, metadata=self._bearer.metadata, timeout=TIMEOUT_S)
        except grpc.aio.AioRpcError:
            return frozenset()
        return set(names) - set(answer.names)

    async def affected(self, names: Collection[str]) -> dict[str, frozenset[str]]:
        """Return those of the scorecards on which planted faults took effect, with the faults. Raises TargetError."""
        try:
            request = copies_pb2.ListAffectedRequest(names=names)
            answer = await self._stub.ListAffected(request, metadata=self._bearer.metadata, timeout=TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            reason = f"the target cannot say where planted faults took effect: {error.code().name}: {error.details()}"
            raise TargetError(reason) from None
        return {one.name: frozenset(one.faults) for one in answer.affected}


@asynccontextmanager
async def outstanding_copies(target: Target) -> AsyncIterator[OutstandingCopies]:
    """Hold a channel of its own to the target, beside the one on which calls are timed. Raises TargetError."""
    bearer = Bearer(target.token)
    await bearer.fetch()
    async with open_channel(target) as channel:
        yield OutstandingCopies(channel, bearer)
