"""How much a comparison of failure rates can find: the exact test's power, the iterations that it needs, the rise that it would see.

The power is summed exactly over all outcomes of both runs, up to `EXACT_UP_TO` iterations; beyond that by the normal approximation.
"""

import math
from statistics import NormalDist

from harness.stats.comparison import OVERALL_WEIGHT, point_weight
from harness.stats.exact import Pair, binomial, p_worse

EXACT_UP_TO = 4000
STEP = 10
"""Recommended numbers are multiples of this."""
RESERVE = 0.02
"""Recommended numbers have so much more power than is wanted: several delays together have a little less than one of their size."""
STEADY_STEPS = 4
"""An exact test's power is a saw-tooth in the number of iterations: it must hold at so many further steps too."""


def power(base_judged: int, run_judged: int, base_rate: float, run_rate: float, level: float) -> float:
    """Return the probability that a rise between two rates is shown at a level by one test of all iterations together, in [0, 1]."""
    if not base_judged or not run_judged:
        return 0.0
    if max(base_judged, run_judged) > EXACT_UP_TO:
        return _normal_power(base_judged, run_judged, base_rate, run_rate, level)
    base, least = binomial(base_judged, base_rate)
    run, run_least = binomial(run_judged, run_rate)
    found, needed = 0.0, 0
    for failures, weight in enumerate(base.tolist(), least):
        if weight < 1e-9:
            continue
        # The more the base failed the more the run must: the boundary only rises.
        while needed <= run_judged and p_worse([Pair(failures, base_judged, needed, run_judged)]) > level:
            needed += 1
        found += weight * float(run[max(needed - run_least, 0) :].sum())
    return min(found, 1.0)


def recommended_iterations(
    points: int = 1,
    runs: int = 1,
    *,
    everywhere: bool = False,
    alpha: float = 0.005,
    base_rate: float = 0.01,
    run_rate: float = 0.03,
    wanted_power: float = 0.9,
) -> int:
    """Return the judged iterations that each api-delay needs in both runs, so that a rise from one rate to another is found.

    That is with the power wanted where it is at one delay alone, or, `everywhere`, where it is at all of them. Raises ValueError where the
    second rate is not the higher one.
    """
    if not 0 <= base_rate < run_rate <= 1:
        raise ValueError("a rise is from a lower rate to a higher one")
    pooled = points if everywhere and points > 1 else 1
    level = alpha * (OVERALL_WEIGHT / runs if pooled > 1 else point_weight(points, runs))

    def enough(total: int) -> bool:
        return power(total, total, base_rate, run_rate, level) >= aim

    aim = min(wanted_power + RESERVE, (1 + wanted_power) / 2)
    total = max(STEP, math.floor(0.9 * _normal_total(base_rate, run_rate, level, aim) / STEP) * STEP)
    steady = 0
    while steady <= STEADY_STEPS:
        steady = steady + 1 if enough(total) else 0
        total += STEP
    first = total - (STEADY_STEPS + 1) * STEP
    return math.ceil(first / pooled / STEP) * STEP


def smallest_rise(
    base_judged: int, run_judged: int, base_rate: float, level: float, wanted_power: float = 0.9
) -> float:
    """Return the lowest rate of the run that is found with the power wanted, to 0.1 percentage points; 1 where none below is."""
    low, high = base_rate, 1.0
    while high - low > 0.001:
        middle = (low + high) / 2
        if power(base_judged, run_judged, base_rate, middle, level) >= wanted_power:
            high = middle
        else:
            low = middle
    return high


def _normal_power(base_judged: int, run_judged: int, base_rate: float, run_rate: float, level: float) -> float:
    error = math.sqrt(base_rate * (1 - base_rate) / base_judged + run_rate * (1 - run_rate) / run_judged)
    # Half an iteration of each run is what an exact test loses for being discrete.
    rise = run_rate - base_rate - 0.5 / base_judged - 0.5 / run_judged
    if error == 0:
        return float(rise > 0)
    return NormalDist().cdf(rise / error - NormalDist().inv_cdf(1 - level))


def _normal_total(base_rate: float, run_rate: float, level: float, wanted_power: float) -> float:
    z = NormalDist().inv_cdf(1 - level) + NormalDist().inv_cdf(wanted_power)
    return z * z * (base_rate * (1 - base_rate) + run_rate * (1 - run_rate)) / (run_rate - base_rate) ** 2
