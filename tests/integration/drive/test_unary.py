"""Calls that are made ahead behave as grpc.aio's own: every test runs on both, against a real server."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import SimpleNamespace

import grpc
import pytest
from trivial_target import TrivialTarget, serving

from harness.clock import SystemClock
from harness.drive.channel import OPTIONS
from harness.drive.unary import Maker, _CoreMaker, maker_of
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub

NAME = "customers/c/profiles/p/scorecards/s"
TOKEN = (("authorization", "Bearer secret"),)
Stubs = tuple[TrivialTarget, Callable[[str], Maker]]


@pytest.fixture(params=["core", "public"])
async def stub(request: pytest.FixtureRequest) -> AsyncIterator[Stubs]:
    """A target, and what returns the maker of a method's calls, of each kind."""
    target = TrivialTarget(hang={"SubmitScorecard"})
    async with serving(target) as address, grpc.aio.insecure_channel(address, OPTIONS) as channel:
        methods = CoachingServiceStub(channel)

        def maker(name: str) -> Maker:
            method = getattr(methods, name)
            # A partial holds nothing of what a grpc.aio method does.
            return maker_of(method if request.param == "core" else partial(method), SystemClock())

        assert isinstance(maker("CreateScorecard"), _CoreMaker) is (request.param == "core")
        yield target, maker


async def test_nothing_is_sent_before_the_call_is_started(stub: Stubs) -> None:
    target, maker = stub
    made = maker("CreateScorecard")(pb.CreateScorecardRequest(parent="p"), (), 5.0)
    await asyncio.sleep(0.05)
    assert target.arrivals == []
    made.start()
    assert (await made.answer()).response.name == "p/scorecards/s1"


async def test_an_answer_has_the_service_s_words_and_when_it_came(stub: Stubs) -> None:
    target, maker = stub
    target.token = "secret"
    made = maker("UpdateScorecard")(pb.UpdateScorecardRequest(), TOKEN, 5.0)
    made.start()
    before_ns = time.monotonic_ns()
    await asyncio.sleep(0.2)
    answer = await made.answer()
    assert (answer.code, answer.detail) == (grpc.StatusCode.OK, "")
    assert ("x-handler-entered-ns", str(target.arrivals[0][2])) in tuple(answer.trailing)
    # Noted when it came, and not when somebody asked.
    assert before_ns < answer.finished_ns < before_ns + 150_000_000


async def test_a_refusal_has_its_code_and_words_and_the_entry(stub: Stubs) -> None:
    target, maker = stub
    target.token = "secret"
    made = maker("UpdateScorecard")(pb.UpdateScorecardRequest(), (), 5.0)
    made.start()
    answer = await made.answer()
    assert (answer.response, answer.code) == (None, grpc.StatusCode.UNAUTHENTICATED)
    assert answer.detail == "the bearer token is not valid"
    assert [key for key, _ in answer.trailing] == ["x-handler-entered-ns"]


async def test_a_call_that_hangs_ends_at_its_deadline(stub: Stubs) -> None:
    _, maker = stub
    made = maker("SubmitScorecard")(pb.SubmitScorecardRequest(name=NAME), (), 0.2)
    started_s = time.monotonic()
    made.start()
    assert (await made.answer()).code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert 0.15 < time.monotonic() - started_s < 2


async def test_a_deadline_counts_from_when_the_call_is_to_be_started(stub: Stubs) -> None:
    _, maker = stub
    made = maker("UpdateScorecard")(pb.UpdateScorecardRequest(), (), 0.2, ahead_s=0.4)
    await asyncio.sleep(0.4)
    made.start()
    assert (await made.answer()).code is grpc.StatusCode.OK


async def test_a_call_that_nobody_waits_for_any_more_is_cancelled_at_the_service(stub: Stubs) -> None:
    target, maker = stub
    made = maker("SubmitScorecard")(pb.SubmitScorecardRequest(name=NAME), (), 30.0)
    made.start()
    waiting = asyncio.create_task(made.answer())
    while not target.arrivals:
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(target.given_up.wait(), 5)


async def test_a_target_that_is_not_there_is_unavailable() -> None:
    async with grpc.aio.insecure_channel("unix:/nowhere") as channel:
        for method in (CoachingServiceStub(channel).GetScorecard, partial(CoachingServiceStub(channel).GetScorecard)):
            made = maker_of(method, SystemClock())(pb.GetScorecardRequest(name=NAME), (), 5.0)
            made.start()
            answer = await made.answer()
            assert answer.code is grpc.StatusCode.UNAVAILABLE
            assert "nowhere" in answer.detail


def test_interceptors_see_every_call() -> None:
    held = SimpleNamespace(_interceptors=[object()])
    assert not isinstance(maker_of(held, SystemClock()), _CoreMaker)
