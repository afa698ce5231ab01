"""Measures what the firing of this machine is good for, by firing: the very loop that a run uses, against a target that does nothing.

The time is spent on how exactly a sleep ends and how late a timer is served; on the CPU that a call takes; and on a ladder of rates, from a
high one (or the one that is asked for, if that is higher) up or down by twos, to find the highest at which the gaps hold. A rung holds
where 99 % of its gaps, or all but one, are within the tolerance, at one of several tries.
"""

import asyncio
import time
from dataclasses import dataclass

from harness.clock import SystemClock
from harness.drive.auth import Bearer
from harness.drive.channel import open_channel
from harness.drive.client import CoachingClient
from harness.drive.dispatcher import Dispatcher
from harness.drive.loop_watch import lateness_of_timers
from harness.drive.target import Target, Tls, TokenSource
from harness.drive.writes import OwnWrites
from harness.firing import FiringSettings, Timing
from harness.firing_stats import Certificate
from harness.model import Fired
from harness.plan.content import content_of
from harness.plan.schedule import build_plan
from harness.scenario import Scenario
from harness.stats.quantiles import Durations
from harness.units import NS_PER_MS, NS_PER_S

# Where polling and timers take turns, which is where gaps go wrong.
DELAYS_MS = (1.0, 2.0, 5.0)
FIRST_RATE_PER_S = 400.0
HIGHEST_RATE_PER_S = 12_800.0
LOWEST_RATE_PER_S = 1.0
MIN_PAIRS = 24
RUNGS = 6
# A shared machine has hiccups: a rung that decides whether a run is refused is given more tries than one above what is asked for.
TRIES = 4
TRIES_BEYOND = 2
TIMER_SHARE = 0.15
CALLS_SHARE = 0.15
CALLS_AT_ONCE = 8
EXACT_SLEEP_NS = 4 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class Rung:
    """What came of firing at one rate."""

    rate_per_s: float
    holds: bool
    gap_error: Durations


class Calibration:
    """One calibration, of the process that it runs in."""

    def __init__(self, scenario: Scenario, client: CoachingClient, clock: SystemClock) -> None:
        self._scenario = scenario
        self._client = client
        self._clock = clock

    async def certificate(self) -> Certificate:
        """Measure for about `calibration_s`; longer where the gaps hold at low rates alone, whose rungs take longer."""
        budget_s = self._scenario.firing.calibration_s
        await self._connect()
        timer_error, loop_lag = await self._timers(TIMER_SHARE * budget_s)
        cpu_per_call_ms = await self._calls(CALLS_SHARE * budget_s)
        rung_s = (1 - TIMER_SHARE - CALLS_SHARE) * budget_s / RUNGS
        best = await self._climb(rung_s, self._clock.now_ns() + round(RUNGS * rung_s * NS_PER_S))
        return Certificate(
            timer_error.quantiles(),
            loop_lag.quantiles(),
            cpu_per_call_ms,
            None if best is None else best.rate_per_s,
            None if best is None else best.gap_error.quantiles(),
        )

    async def _connect(self) -> None:
        """Make the first calls, which cost more than any that follow."""
        await self._calls(0.02)

    async def _timers(self, for_s: float) -> tuple[Durations, Durations]:
        end_ns = self._clock.now_ns() + round(for_s * NS_PER_S)
        lag = Durations()
        watching = asyncio.create_task(lateness_of_timers(self._clock, EXACT_SLEEP_NS, lag))
        error = Durations()
        while self._clock.now_ns() < end_ns:
            instant_ns = self._clock.now_ns() + EXACT_SLEEP_NS
            await self._clock.sleep_until_exactly(instant_ns)
            error.add(self._clock.now_ns() - instant_ns)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        return error, lag

    async def _calls(self, for_s: float) -> float:
        """Return the CPU of one call in ms, as fast as they go: nothing else then takes any."""
        planned = next(build_plan(self._rung_scenario(1, 1.0, (0.0,))))
        content = content_of(0, 0, self._scenario.scores)
        writes = OwnWrites([self._client], self._clock, Timing.ECONOMICAL)
        end_ns, calls, cpu_started_s = self._clock.now_ns() + round(for_s * NS_PER_S), 0, time.process_time()

        async def one_after_the_other() -> None:
            nonlocal calls
            while self._clock.now_ns() < end_ns:
                fired = await writes.fire(planned, "idle", content, 0)
                # Not in one with the wait, over which the count of before would be kept.
                calls += len(fired)

        await asyncio.gather(*(one_after_the_other() for _ in range(CALLS_AT_ONCE)))
        return (time.process_time() - cpu_started_s) / calls * 1e3

    async def _climb(self, rung_s: float, end_ns: int) -> Rung | None:
        """Return the highest rung that held; higher ones are tried for as long as there is time, lower ones until one holds."""
        asked_per_s = self._scenario.rate_per_s / self._scenario.firing.workers
        rate_per_s = min(max(asked_per_s, FIRST_RATE_PER_S), HIGHEST_RATE_PER_S)
        best: Rung | None = None
        while LOWEST_RATE_PER_S <= rate_per_s <= HIGHEST_RATE_PER_S:
            rung = await self._tried(rate_per_s, rung_s, TRIES_BEYOND if rate_per_s > asked_per_s else TRIES)
            if rung.holds:
                best = rung
                rate_per_s *= 2
            elif best is None:
                rate_per_s /= 2
            if best is not None and (not rung.holds or self._clock.now_ns() > end_ns):
                break
        return best

    async def _tried(self, rate_per_s: float, rung_s: float, tries: int) -> Rung:
        """Return a rung that holds at the first of several tries that does, or the last."""
        for _ in range(tries):
            rung = await self._rung(rate_per_s, rung_s)
            if rung.holds:
                break
        return rung

    async def _rung(self, rate_per_s: float, rung_s: float) -> Rung:
        pairs = max(MIN_PAIRS, round(rate_per_s * rung_s))
        scenario = self._rung_scenario(-(-pairs // len(DELAYS_MS)), rate_per_s, DELAYS_MS)
        gap_error, wrong = Durations(), 0

        def count(fired: Fired) -> None:
            nonlocal wrong
            dispatcher.release(1)
            wrong += fired.delay_error_ns is None or scenario.firing.is_off_schedule(fired)
            if fired.delay_error_ns is not None:
                gap_error.add(fired.delay_error_ns)

        dispatcher = Dispatcher(
            self._client,
            OwnWrites([self._client], self._clock, scenario.firing.timing),
            self._clock,
            count,
            scenario=scenario,
            parent="customers/harness/profiles/harness",
            permits=scenario.concurrency,
        )
        await dispatcher.run(build_plan(scenario), self._clock.now_ns())
        return Rung(rate_per_s, wrong <= max(1, scenario.total_iterations // 100), gap_error)

    def _rung_scenario(self, iterations: int, rate_per_s: float, delays_ms: tuple[float, ...]) -> Scenario:
        """Return the run's scenario at another rate and over short delays, which are the harder ones."""
        ours = self._scenario
        firing = FiringSettings(
            timing=ours.firing.timing,
            tolerance_ms=ours.firing.tolerance_ms,
            tolerance_share=ours.firing.tolerance_share,
        )
        return Scenario(
            iterations=iterations,
            api_delay_ms=delays_ms,
            rate_per_s=rate_per_s,
            scores=ours.scores,
            concurrency=100_000,
            create_lead_ms=0,
            call_timeout_s=1.0,
            firing=firing,
        )


async def calibrate(scenario: Scenario, address: str, clock: SystemClock) -> Certificate:
    """Measure this process against the idle target at an address."""
    target = Target(address=address, tls=Tls.OFF)
    async with open_channel(target) as channel:
        client = CoachingClient(channel, Bearer(TokenSource()), clock, timeout_s=1.0)
        return await Calibration(scenario, client, clock).certificate()
