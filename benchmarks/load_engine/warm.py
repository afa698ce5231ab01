"""The first calls on a channel, which connect it and fill gRPC's caches; the same for every asyncio side."""

import grpc

from benchmarks.load_engine.messages import create_request
from benchmarks.load_engine.segment import CALL_TIMEOUT_S, WARM_UP_CALLS
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub


async def warm_up(channel: grpc.aio.Channel) -> None:
    """Make some calls, one after the other. Raises grpc.aio.AioRpcError where the target does not answer."""
    stub = CoachingServiceStub(channel)
    for _ in range(WARM_UP_CALLS):
        await stub.CreateScorecard(create_request(), timeout=CALL_TIMEOUT_S)
