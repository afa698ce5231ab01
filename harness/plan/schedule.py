"""The plan of a run: every iteration with its arrival, its api-delay and the order of its calls."""

import random
from dataclasses import dataclass

from harness.model import Order
from harness.plan.arrivals import constant_arrivals
from harness.scenario import Scenario


@dataclass(frozen=True, slots=True)
class PlannedIteration:
    """One iteration to be fired; `arrival_ns` is the offset of its Create from the start of the run."""

    iteration: int
    arrival_ns: int
    api_delay_ms: float
    order: Order
    """UPDATE_FIRST or SUBMIT_FIRST: `random` has been drawn."""


def build_plan(scenario: Scenario) -> tuple[PlannedIteration, ...]:
    """Return the iterations in the order of their arrival; the same scenario and seed give the same plan.

    The points are interleaved as a randomised block design: each block holds every api-delay once, in an order of its own, so that a
    drift of the target over the run meets all points alike.
    """
    rng = random.Random(f"plan:{scenario.seed}")  # noqa: S311 - reproducible, not secret
    delays_ms = list(scenario.api_delay_ms)
    arrivals = constant_arrivals(scenario.total_iterations, scenario.rate_per_s)
    plan = []
    for block in range(scenario.iterations):
        rng.shuffle(delays_ms)
        for place, delay_ms in enumerate(delays_ms):
            index = block * len(delays_ms) + place
            plan.append(PlannedIteration(index, arrivals[index], delay_ms, _draw_order(scenario.order, rng)))
    return tuple(plan)


def _draw_order(order: Order, rng: random.Random) -> Order:
    if order is Order.RANDOM:
        return rng.choice((Order.UPDATE_FIRST, Order.SUBMIT_FIRST))
    return order
