"""The benchmark's target, called by a real gRPC client."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from benchmarks.load_engine.h2 import Responder
from benchmarks.load_engine.messages import create_request, id_of, submit_request, update_request
from benchmarks.load_engine.target import Arrivals
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub


@pytest.fixture
async def target() -> AsyncIterator[tuple[CoachingServiceStub, Arrivals]]:
    arrivals = Arrivals()
    responders: list[Responder] = []

    def responder() -> Responder:
        responders.append(Responder(arrivals.answer))
        return responders[-1]

    server = await asyncio.get_running_loop().create_server(responder, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield CoachingServiceStub(channel), arrivals
    server.close()
    await asyncio.wait_for(asyncio.gather(*(one.closed.wait() for one in responders)), 10)


async def test_every_call_is_answered_and_a_pair_is_found_again(target: tuple[CoachingServiceStub, Arrivals]) -> None:
    stub, arrivals = target
    name = (await stub.CreateScorecard(create_request())).name
    assert (await stub.UpdateScorecard(update_request(name))).name
    assert (await stub.SubmitScorecard(submit_request(name))).name
    assert (await stub.GetScorecard(pb.GetScorecardRequest(name=name))).name
    ((found, (update_ns, submit_ns)),) = arrivals.take().items()
    assert found == id_of(name)
    assert update_ns is not None and submit_ns is not None and update_ns < submit_ns
    assert arrivals.take() == {}


async def test_scorecards_have_names_of_their_own(target: tuple[CoachingServiceStub, Arrivals]) -> None:
    stub, _ = target
    made = await asyncio.gather(*(stub.CreateScorecard(create_request()) for _ in range(200)))
    assert len({scorecard.name for scorecard in made}) == 200


async def test_requests_beyond_a_frame_and_a_window_are_taken_whole(
    target: tuple[CoachingServiceStub, Arrivals],
) -> None:
    stub, arrivals = target
    name = (await stub.CreateScorecard(create_request())).name
    long = update_request(name)
    long.scorecard.agent = "a" * 40_000
    for _ in range(20):
        await stub.UpdateScorecard(long, timeout=10)
    assert set(arrivals.take()) == {id_of(name)}
