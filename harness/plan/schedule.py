"""The plan of a run: every iteration with its arrival, and each of its calls with when it starts. Made one at a time, kept nowhere."""

import hashlib
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import pack

from harness.firing import ArrivalProcess
from harness.model import Method, Order
from harness.plan.arrivals import burst_arrivals, constant_arrivals, poisson_arrivals, ramp_arrivals
from harness.scenario import Scenario
from harness.units import NS_PER_MS, NS_PER_S


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call after Create: when it starts, counted from the start of the first, and for an Update which of the content's it carries."""

    method: Method
    offset_ns: int
    update: int = 0


@dataclass(frozen=True, slots=True)
class PlannedIteration:
    """One iteration to be fired; `arrival_ns` is the offset of its Create from the start of the run.

    Those of the warm-up, whose numbers are negative, are fired and not judged.
    """

    iteration: int
    arrival_ns: int
    api_delay_ms: float
    order: Order
    """UPDATE_FIRST or SUBMIT_FIRST: `random` has been drawn."""
    calls: tuple[PlannedCall, ...]

    @property
    def warms_up(self) -> bool:
        """Whether it is there for the target alone."""
        return self.iteration < 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A further part of a run whose plan is made while it runs: `counts` gives (api-delay in ms, iterations) pairs.

    Its iterations are numbered from `first_iteration` on, so that their content is that of the run's seed.
    """

    first_iteration: int
    counts: tuple[tuple[float, int], ...]

    @property
    def iterations(self) -> int:
        """How many there are over all api-delays."""
        return sum(count for _, count in self.counts)


def build_segment(scenario: Scenario, segment: Segment) -> Iterator[PlannedIteration]:
    """Yield a segment's iterations in the order of their arrival, counted from its start; its api-delays are mixed at random.

    The scenario says all else. Its warm-up goes before the first segment.
    """
    delays_ms = [delay_ms for delay_ms, count in segment.counts for _ in range(count)]
    start_ns = 0
    if segment.first_iteration == 0:
        yield from _warm_ups(scenario, [delay_ms for delay_ms, _ in segment.counts])
        start_ns = round(scenario.firing.warm_up_s * NS_PER_S)
    stream = f"{scenario.seed}:{segment.first_iteration}"
    rng = random.Random(f"segment:{stream}")  # noqa: S311 - reproducible, not secret
    rng.shuffle(delays_ms)
    arrivals = _arrivals(scenario, len(delays_ms), stream)
    for index, (delay_ms, arrival_ns) in enumerate(zip(delays_ms, arrivals, strict=True), segment.first_iteration):
        order = _draw_order(scenario.order, rng)
        yield PlannedIteration(index, start_ns + arrival_ns, delay_ms, order, _pair(delay_ms, order))


def build_plan(scenario: Scenario) -> Iterator[PlannedIteration]:
    """Yield the iterations in the order of their arrival; the same scenario and seed give the same plan.

    The points are interleaved as a randomised block design: each block holds every api-delay once, in an order of its own, so that a
    drift of the target over the run meets all points alike. Those of the warm-up come first, so many as the rate has in its time.
    """
    listed = _listed(scenario)
    yield from _warm_ups(scenario, scenario.api_delay_ms)
    rng = random.Random(f"plan:{scenario.seed}")  # noqa: S311 - reproducible, not secret
    start_ns = round(scenario.firing.warm_up_s * NS_PER_S)
    delays_ms = list(scenario.api_delay_ms)
    arrivals = enumerate(_arrivals(scenario, scenario.total_iterations, str(scenario.seed)))
    for _ in range(scenario.iterations):
        rng.shuffle(delays_ms)
        for delay_ms, (index, arrival_ns) in zip(delays_ms, arrivals, strict=False):
            order = _draw_order(scenario.order, rng)
            calls = listed or _pair(delay_ms, order)
            yield PlannedIteration(index, start_ns + arrival_ns, delay_ms, order, calls)


def share_of(plan: Iterable[PlannedIteration], worker: int, workers: int) -> Iterator[PlannedIteration]:
    """Yield what one of several firing processes fires: all of them together fire the plan, each iteration once."""
    return (planned for planned in plan if worker_of(planned.iteration, workers) == worker)


def worker_of(iteration: int, workers: int) -> int:
    """Return which of several firing processes fires an iteration."""
    return iteration % workers


_METHODS = {method: number for number, method in enumerate(Method)}


class PlanHash:
    """A fingerprint of the iterations that were taken from a plan, whatever process took them and in which order."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._sum = 0

    def add(self, planned: PlannedIteration) -> None:
        """Count one iteration in."""
        calls = [part for c in planned.calls for part in (_METHODS[c.method], c.offset_ns, c.update)]
        packed = pack(
            f"<Qqqd{len(calls)}q", self._seed, planned.iteration, planned.arrival_ns, planned.api_delay_ms, *calls
        )
        self._sum ^= int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest())

    @property
    def value(self) -> int:
        """The fingerprint; those of parts that share nothing make that of the whole by exclusive or."""
        return self._sum


def _warm_ups(scenario: Scenario, delays_ms: Sequence[float]) -> Iterator[PlannedIteration]:
    """Yield the iterations before anything counts, over some api-delays in turn."""
    listed, order = _listed(scenario), _fixed(scenario.order)
    warm_ups = math.ceil(scenario.firing.warm_up_s * scenario.rate_per_s)
    for index, arrival_ns in enumerate(constant_arrivals(warm_ups, scenario.rate_per_s)):
        delay_ms = delays_ms[index % len(delays_ms)]
        yield PlannedIteration(index - warm_ups, arrival_ns, delay_ms, order, listed or _pair(delay_ms, order))


def _arrivals(scenario: Scenario, count: int, stream: str) -> Iterator[int]:
    """Yield when `count` iterations arrive; `stream` names what is drawn for it."""
    rate_per_s, firing = scenario.rate_per_s, scenario.firing
    match firing.arrivals:
        case ArrivalProcess.CONSTANT:
            return constant_arrivals(count, rate_per_s)
        case ArrivalProcess.POISSON:
            rng = random.Random(f"arrivals:{stream}")  # noqa: S311 - reproducible, not secret
            return poisson_arrivals(count, rate_per_s, rng)
        case ArrivalProcess.BURST:
            return burst_arrivals(count, rate_per_s, firing.burst_size)
        case ArrivalProcess.RAMP:
            return ramp_arrivals(count, firing.ramp_from_per_s, rate_per_s)


@lru_cache
def _pair(delay_ms: float, order: Order) -> tuple[PlannedCall, ...]:
    methods = [Method.UPDATE, Method.SUBMIT]
    if order is Order.SUBMIT_FIRST:
        methods.reverse()
    return PlannedCall(methods[0], 0), PlannedCall(methods[1], round(delay_ms * NS_PER_MS))


def _listed(scenario: Scenario) -> tuple[PlannedCall, ...]:
    updates = iter(range(len(scenario.calls)))
    return tuple(
        PlannedCall(
            call.method, round(call.offset_ms * NS_PER_MS), next(updates) if call.method is Method.UPDATE else 0
        )
        for call in scenario.calls
    )


def _draw_order(order: Order, rng: random.Random) -> Order:
    if order is Order.RANDOM:
        return rng.choice((Order.UPDATE_FIRST, Order.SUBMIT_FIRST))
    return order


def _fixed(order: Order) -> Order:
    """Return the order of a call that nobody judges; nothing is drawn for it."""
    return Order.UPDATE_FIRST if order is Order.RANDOM else order
