"""The firing loop on a real gRPC server: what is fired, in which order, how far apart, and what is made of the answers."""

import asyncio
from itertools import pairwise

import grpc
import pytest
from trivial_target import TrivialTarget, serving

from harness.clock import SystemClock
from harness.drive.auth import Bearer
from harness.drive.channel import open_channel
from harness.drive.client import CoachingClient
from harness.drive.dispatcher import Dispatcher
from harness.drive.target import Target, TokenSource
from harness.drive.writes import OwnWrites
from harness.firing_stats import Admission
from harness.model import CallOutcome, Fired, Method, Order
from harness.plan.schedule import build_plan
from harness.scenario import Scenario
from harness.units import NS_PER_MS, NS_PER_S


async def fire(target: TrivialTarget, scenario: Scenario, *, judge: bool = True, for_s: float = 20) -> list[Fired]:
    """Fire a scenario; return what was fired."""
    return (await fire_and_admit(target, scenario, judge=judge, for_s=for_s))[0]


async def fire_and_admit(
    target: TrivialTarget, scenario: Scenario, *, judge: bool = True, for_s: float = 20
) -> tuple[list[Fired], Admission]:
    """Fire a scenario, taking every verdict at once; without a judge no permit comes back."""
    fired: list[Fired] = []

    async with serving(target) as address, open_channel(Target(address=address)) as channel:
        clock = SystemClock()

        def emit(one: Fired) -> None:
            fired.append(one)
            if judge:
                dispatcher.release(1)

        client = CoachingClient(channel, Bearer(TokenSource()), clock, scenario.call_timeout_s)
        dispatcher = Dispatcher(
            client,
            OwnWrites([client], clock, scenario.firing.timing),
            clock,
            emit,
            scenario=scenario,
            parent="customers/c/profiles/p",
            permits=scenario.concurrency,
        )
        try:
            await asyncio.wait_for(dispatcher.run(build_plan(scenario), clock.now_ns()), for_s)
        except TimeoutError:
            assert not judge
    return fired, dispatcher.admission


async def test_the_second_call_starts_the_delay_after_the_first_and_never_before() -> None:
    scenario = Scenario(iterations=10, api_delay_ms=[0, 1, 5, 30], rate_per_s=100, create_lead_ms=20)
    target = TrivialTarget()
    fired = await fire(target, scenario)
    assert len(fired) == 40
    for one in fired:
        assert one.achieved_delay_ns is not None
        assert one.achieved_delay_ns >= one.api_delay_ms * NS_PER_MS
        create, first, second = one.calls
        assert (first.method, second.method) == (Method.UPDATE, Method.SUBMIT)
        assert first.started_ns >= create.started_ns + 20 * NS_PER_MS
        assert second.intended_ns == first.started_ns + round(one.api_delay_ms * NS_PER_MS)
        assert all(call.outcome is CallOutcome.ACKNOWLEDGED and call.code == "OK" for call in one.calls)
        assert all(call.started_ns < (call.server_entered_ns or 0) < call.finished_ns for call in one.calls)
    assert len(target.arrivals) == 120


async def test_the_second_call_does_not_wait_for_the_firsts_answer() -> None:
    scenario = Scenario(iterations=1, api_delay_ms=[50], create_lead_ms=0, call_timeout_s=0.5)
    (fired,) = await fire(TrivialTarget(hang={"UpdateScorecard"}), scenario)
    _, first, second = fired.calls
    assert (first.outcome, first.code) == (CallOutcome.INDETERMINATE, "DEADLINE_EXCEEDED")
    assert second.outcome is CallOutcome.ACKNOWLEDGED
    assert second.finished_ns < first.finished_ns
    assert fired.answered_ns == first.finished_ns


async def test_submit_first_fires_submit_first() -> None:
    target = TrivialTarget()
    await fire(target, Scenario(iterations=3, api_delay_ms=[20], order=Order.SUBMIT_FIRST, create_lead_ms=0))
    for number in (1, 2, 3):
        arrived = [method for method, name, _ in target.arrivals if name.endswith(f"/s{number}")]
        assert arrived == ["CreateScorecard", "SubmitScorecard", "UpdateScorecard"]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (grpc.StatusCode.FAILED_PRECONDITION, CallOutcome.REFUSED),
        (grpc.StatusCode.NOT_FOUND, CallOutcome.REFUSED),
        (grpc.StatusCode.UNAVAILABLE, CallOutcome.INDETERMINATE),
        (grpc.StatusCode.INTERNAL, CallOutcome.INDETERMINATE),
        (grpc.StatusCode.UNKNOWN, CallOutcome.INDETERMINATE),
    ],
)
async def test_what_a_code_lets_the_caller_conclude(code: grpc.StatusCode, outcome: CallOutcome) -> None:
    (fired,) = await fire(TrivialTarget(refuse={"SubmitScorecard": code}), Scenario(iterations=1, create_lead_ms=0))
    assert fired.calls[2].outcome is outcome
    assert (fired.calls[2].code, fired.calls[2].detail) == (code.name, "told to")


async def test_a_create_that_fails_fires_no_pair() -> None:
    target = TrivialTarget(refuse={"CreateScorecard": grpc.StatusCode.PERMISSION_DENIED})
    fired = await fire(target, Scenario(iterations=2))
    assert [(one.scorecard, one.writes, len(one.calls)) for one in fired] == [("", (), 1)] * 2
    assert {method for method, _, _ in target.arrivals} == {"CreateScorecard"}


async def test_no_more_than_the_concurrency_between_arrival_and_verdict() -> None:
    scenario = Scenario(iterations=20, api_delay_ms=[0], rate_per_s=1000, concurrency=3, create_lead_ms=0)
    assert len(await fire(TrivialTarget(), scenario, judge=False, for_s=1)) == 3
    assert len(await fire(TrivialTarget(), scenario)) == 20


async def test_arrivals_are_open_loop() -> None:
    scenario = Scenario(iterations=5, api_delay_ms=[0], rate_per_s=50, create_lead_ms=0, call_timeout_s=0.4)
    fired = await fire(TrivialTarget(hang={"UpdateScorecard"}), scenario)
    starts = sorted(one.calls[0].intended_ns for one in fired)
    # All five were fired 20 ms apart, though each one's answer took 400 ms.
    assert [(after - before) / NS_PER_S for before, after in pairwise(starts)] == [0.02] * 4
    assert max(one.calls[0].started_ns for one in fired) < min(one.answered_ns for one in fired)


async def test_each_iteration_of_a_closed_loop_follows_the_verdict_before_and_is_never_late() -> None:
    scenario = Scenario(iterations=4, api_delay_ms=[20], rate_per_s=1000, concurrency=1, create_lead_ms=0)
    fired, admission = await fire_and_admit(TrivialTarget(), scenario)
    for before, after in pairwise(fired):
        assert after.calls[0].intended_ns >= before.answered_ns
    assert (admission.arrivals, admission.late_arrivals, admission.dropped_arrivals) == (4, 0, 0)


async def test_what_would_start_too_late_is_dropped_and_counted() -> None:
    """One permit comes back after 150 ms each time: of twelve arrivals within 110 ms most would start more than 200 ms late."""
    firing = {"max_lateness_s": 0.2}
    scenario = Scenario(
        iterations=12, api_delay_ms=[150], rate_per_s=100, concurrency=2, create_lead_ms=0, firing=firing
    )
    fired, admission = await fire_and_admit(TrivialTarget(), scenario)
    assert admission.dropped_arrivals > 3
    assert admission.arrivals == len(fired) == 12 - admission.dropped_arrivals
    assert all(one.calls[0].started_ns - one.calls[0].intended_ns < 0.25 * NS_PER_S for one in fired)
    assert admission.late_arrivals > 0


async def test_what_warms_up_is_fired_and_told_to_nobody() -> None:
    target = TrivialTarget()
    scenario = Scenario(iterations=3, api_delay_ms=[0], rate_per_s=50, create_lead_ms=0, firing={"warm_up_s": 0.1})
    fired, admission = await fire_and_admit(target, scenario)
    assert [one.iteration for one in sorted(fired, key=lambda one: one.iteration)] == [0, 1, 2]
    assert (admission.warm_ups, admission.arrivals, target.created) == (5, 3, 8)


async def test_latency_counts_from_when_a_call_was_to_start() -> None:
    """Create takes 200 ms, longer than the lead of 50: the first call is late by what the target took, and is charged with it."""
    scenario = Scenario(iterations=1, api_delay_ms=[5], create_lead_ms=50)
    (fired,) = await fire(TrivialTarget(slow={"CreateScorecard": 0.2}), scenario)
    create, first, second = fired.calls
    assert first.intended_ns == create.started_ns + 50 * NS_PER_MS
    assert first.started_ns >= create.started_ns + 200 * NS_PER_MS
    assert second.intended_ns == first.started_ns + 5 * NS_PER_MS
