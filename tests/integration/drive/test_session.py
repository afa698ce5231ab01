"""The firing processes as a run has them: what they fire together, over which connections, and what they say of themselves."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import pytest
from trivial_target import TrivialTarget, serving

from harness.clock import SystemClock
from harness.drive.session import Driver, driver, idle_target
from harness.drive.target import Target, Tls
from harness.errors import ChildError
from harness.firing_stats import WorkerStats
from harness.model import CallOutcome, Fired, Method
from harness.plan.schedule import PlanHash, Segment, build_plan
from harness.scenario import Scenario
from harness.units import NS_PER_MS


async def fire(driver: Driver) -> list[Fired]:
    """Fire everything, taking each verdict at once."""
    fired = []
    async for one in driver.fire():
        fired.append(one)
        await driver.release([one.iteration])
    return fired


async def run(target: TrivialTarget, scenario: Scenario) -> tuple[list[Fired], list[WorkerStats]]:
    """Fire a scenario by processes of their own; return what was fired and what the processes say."""
    async with (
        serving(target) as address,
        driver(scenario, Target(address=address, tls=Tls.OFF), SystemClock()) as running,
    ):
        fired = await asyncio.wait_for(fire(running), 60)
        return sorted(fired, key=lambda one: one.iteration), running.stats


def plan_hash(scenario: Scenario) -> int:
    whole = PlanHash(scenario.seed)
    for planned in build_plan(scenario):
        whole.add(planned)
    return whole.value


async def test_any_number_of_workers_fires_the_same_calls() -> None:
    def scenario(workers: int) -> Scenario:
        firing = {"workers": workers, "arrivals": "poisson"}
        return Scenario(
            iterations=10,
            api_delay_ms=[0, 3],
            order="random",
            rate_per_s=200,
            create_lead_ms=0,
            concurrency=7,
            firing=firing,
        )

    planned = list(build_plan(scenario(1)))
    for workers in (1, 2, 4):
        fired, stats = await run(TrivialTarget(), scenario(workers))
        assert [(one.iteration, one.api_delay_ms, one.order) for one in fired] == [
            (one.iteration, one.api_delay_ms, one.order) for one in planned
        ]
        assert len(stats) == workers
        together = 0
        for worker in stats:
            together ^= worker.plan_hash
            assert worker.admission.arrivals > 0
        assert together == plan_hash(scenario(workers)) == plan_hash(scenario(1))


async def test_arrivals_of_all_workers_count_from_one_instant() -> None:
    scenario = Scenario(iterations=16, api_delay_ms=[0], rate_per_s=100, create_lead_ms=0, firing={"workers": 2})
    fired, _ = await run(TrivialTarget(), scenario)
    begun_ns = {
        one.calls[0].intended_ns - planned.arrival_ns for one, planned in zip(fired, build_plan(scenario), strict=True)
    }
    assert len(begun_ns) == 1


@pytest.mark.parametrize("topology", ["same_channel", "two_channels", "two_processes"])
async def test_calls_go_over_what_the_topology_says_and_never_early(topology: str) -> None:
    target = TrivialTarget()
    scenario = Scenario(
        iterations=6, api_delay_ms=[0, 1, 20], rate_per_s=100, create_lead_ms=0, firing={"topology": topology}
    )
    fired, _ = await run(target, scenario)
    assert len(fired) == 18
    for one in fired:
        assert one.achieved_delay_ns is not None
        # Two processes start their calls by one clock, each never early; the gap errs by as much as the first is late.
        assert topology == "two_processes" or one.achieved_delay_ns >= one.api_delay_ms * NS_PER_MS
        assert all(call.outcome is CallOutcome.ACKNOWLEDGED for call in one.calls)
        assert all(call.started_ns >= call.intended_ns for call in one.calls)
        _, first, second = one.calls
        assert second.started_ns - first.started_ns == pytest.approx(one.api_delay_ms * NS_PER_MS, abs=50 * NS_PER_MS)
    (update,) = target.peers["UpdateScorecard"]
    (submit,) = target.peers["SubmitScorecard"]
    assert (update == submit) == (topology == "same_channel")


async def test_a_list_of_calls_is_fired_at_its_offsets_from_the_first() -> None:
    target = TrivialTarget()
    scenario = Scenario(iterations=3, calls="update@0,update@10,submit@30,update@30", create_lead_ms=0)
    fired, _ = await run(target, scenario)
    for one in fired:
        _, first, *others = one.calls
        assert [call.method for call in (first, *others)] == [
            Method.UPDATE,
            Method.UPDATE,
            Method.SUBMIT,
            Method.UPDATE,
        ]
        assert [call.intended_ns - first.started_ns for call in others] == [
            10 * NS_PER_MS,
            30 * NS_PER_MS,
            30 * NS_PER_MS,
        ]
        assert all(call.started_ns >= call.intended_ns for call in others)


async def test_each_process_says_what_it_cost_and_how_it_kept_up() -> None:
    scenario = Scenario(iterations=30, api_delay_ms=[5], rate_per_s=60, create_lead_ms=0)
    _, (exact,) = await run(TrivialTarget(), scenario)
    economical = Scenario.model_validate(scenario.model_dump() | {"firing": {"timing": "economical"}})
    _, (cheap,) = await run(TrivialTarget(), economical)
    for one in (exact, cheap):
        assert 0.4 < one.loop.wall_s < 20
        assert 0 < one.loop.cpu_s < one.loop.wall_s * 2
        assert one.loop.lag_ms is not None and one.loop.lag_ms.min >= 0
    # Two ms before each of thirty calls at the most, unless they were late anyway; and none of it where that is turned off.
    assert 0 < exact.loop.polled_s < 0.2 * exact.loop.wall_s
    assert cheap.loop.polled_s == 0


async def test_a_machine_is_measured_before_it_fires() -> None:
    scenario = Scenario(iterations=1, api_delay_ms=[0], create_lead_ms=0, firing={"calibration_s": 0.3})
    async with (
        serving(target := TrivialTarget()) as address,
        driver(scenario, Target(address=address, tls=Tls.OFF), SystemClock()) as running,
        idle_target() as idle,
    ):
        certificate = await running.certify(await idle)
        # Nobody's target is loaded for that.
        assert not target.created
        assert len(await fire(running)) == 1
    assert certificate.timer_error_ms is not None and certificate.timer_error_ms.min >= 0
    assert 0.01 < certificate.cpu_per_call_ms < 20
    assert certificate.max_pair_rate_per_s is None or certificate.max_pair_rate_per_s >= 1
    assert (certificate.gap_error_ms is None) == (certificate.max_pair_rate_per_s is None)
    assert certificate.gap_error_ms is None or certificate.gap_error_ms.min >= 0


@pytest.mark.parametrize(
    ("topology", "victim_is"), [("same_channel", "harness.drive.worker"), ("two_processes", "harness.drive.peer")]
)
async def test_a_process_that_dies_ends_the_firing_with_its_name(topology: str, victim_is: str) -> None:
    scenario = Scenario(
        iterations=500, api_delay_ms=[0], rate_per_s=50, create_lead_ms=0, firing={"topology": topology}
    )
    with pytest.raises(ChildError, match=f"{victim_is} ended unexpectedly"):
        async with (
            serving(TrivialTarget()) as address,
            driver(scenario, Target(address=address, tls=Tls.OFF), SystemClock()) as running,
        ):
            worker = running.children[0].process.pid
            victim = _child_of(worker) if topology == "two_processes" else worker
            os.kill(victim, signal.SIGKILL)
            await asyncio.wait_for(fire(running), 30)


def _child_of(pid: int) -> int:
    """The one process that another has started."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                return int(stat.parent.name)
    raise AssertionError("it has started none")


async def retired_after(driver: Driver, count: int, delays_ms: list[float]) -> list[Fired]:
    """Fire, and retire some api-delays once so many iterations were fired, taking each verdict at once."""
    fired = []
    async for one in driver.fire():
        fired.append(one)
        if len(fired) == count:
            await driver.retire(delays_ms)
        await driver.release([one.iteration])
    return fired


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"concurrency": 1},
        {"firing": {"workers": 2, "warm_up_s": 0.05}},
        {"firing": {"arrivals": "poisson"}, "order": "random"},
    ],
)
async def test_no_more_is_fired_at_a_delay_that_is_retired(settings: dict[str, object]) -> None:
    scenario = Scenario.model_validate(
        {"iterations": 60, "api_delay_ms": [0, 3], "rate_per_s": 100, "create_lead_ms": 0} | settings
    )
    async with (
        serving(TrivialTarget()) as address,
        driver(scenario, Target(address=address, tls=Tls.OFF), SystemClock()) as running,
    ):
        fired = await asyncio.wait_for(retired_after(running, 8, [3.0]), 30)
    assert 1 <= sum(one.api_delay_ms == 3 for one in fired) < 20
    others = sorted(one.iteration for one in fired if one.api_delay_ms == 0)
    assert others == sorted(p.iteration for p in build_plan(scenario) if p.iteration >= 0 and p.api_delay_ms == 0)
    assert sum(worker.admission.arrivals for worker in running.stats) == len(fired)


async def test_firing_ends_at_once_where_every_delay_is_retired() -> None:
    """The next arrivals are five seconds apart, and are not waited for; nor is a plan of ten million gone through."""
    scenario = Scenario(iterations=5_000_000, api_delay_ms=[0, 3], rate_per_s=0.2, create_lead_ms=0)
    async with (
        serving(TrivialTarget()) as address,
        driver(scenario, Target(address=address, tls=Tls.OFF), SystemClock()) as running,
    ):
        fired = await asyncio.wait_for(retired_after(running, 1, [0.0, 3.0]), 3)
    assert len(fired) == 1
    assert len(running.stats) == 1


async def test_what_is_dropped_is_told_with_its_delay() -> None:
    scenario = Scenario(
        iterations=12,
        api_delay_ms=[150],
        rate_per_s=100,
        concurrency=2,
        create_lead_ms=0,
        firing={"max_lateness_s": 0.2},
    )
    dropped: list[tuple[int, float]] = []
    async with (
        serving(TrivialTarget()) as address,
        driver(scenario, Target(address=address, tls=Tls.OFF), SystemClock()) as running,
    ):
        running.dropped = lambda iteration, api_delay_ms: dropped.append((iteration, api_delay_ms))
        fired = await asyncio.wait_for(fire(running), 30)
    assert len(dropped) > 3
    assert {delay_ms for _, delay_ms in dropped} == {150.0}
    assert sorted([one.iteration for one in fired] + [iteration for iteration, _ in dropped]) == list(range(12))


async def test_segments_are_fired_one_after_the_other_by_the_same_processes() -> None:
    scenario = Scenario(rate_per_s=200, create_lead_ms=0, firing={"workers": 2})
    segments = [Segment(0, ((0.0, 5), (3.0, 4))), Segment(9, ((7.0, 6),))]
    async with (
        serving(TrivialTarget()) as address,
        driver(scenario, Target(address=address, tls=Tls.OFF), SystemClock()) as running,
    ):
        rounds = [[one async for one in running.fire_segment(segment)] for segment in segments]
        assert running.stats == []
        await running.finish()
    assert [sorted(one.iteration for one in fired) for fired in rounds] == [list(range(9)), list(range(9, 15))]
    assert {one.api_delay_ms for one in rounds[1]} == {7.0}
    assert sum(stats.admission.arrivals for stats in running.stats) == 15
