"""When iterations arrive: pure functions from a count and a rate to offsets in ns from the start, in order, one at a time.

Each offset is computed from its own index where the process allows it, so that no rounding error adds up over a long run, and none is kept,
so that a run's length costs no memory.
"""

import math
import random
from collections.abc import Iterator

from harness.units import NS_PER_S


def constant_arrivals(count: int, rate_per_s: float) -> Iterator[int]:
    """Yield evenly spaced offsets; the first is 0."""
    return (round(index * NS_PER_S / rate_per_s) for index in range(count))


def poisson_arrivals(count: int, rate_per_s: float, rng: random.Random) -> Iterator[int]:
    """Yield the offsets of a Poisson process: the gaps between them are exponential, `1 / rate_per_s` in the mean."""
    offset_ns = 0
    for _ in range(count):
        offset_ns += round(rng.expovariate(rate_per_s) * NS_PER_S)
        yield offset_ns


def burst_arrivals(count: int, rate_per_s: float, size: int) -> Iterator[int]:
    """Yield offsets of which `size` at a time are the same; over many bursts they keep the rate."""
    return (round(index // size * size * NS_PER_S / rate_per_s) for index in range(count))


def ramp_arrivals(count: int, from_per_s: float, to_per_s: float) -> Iterator[int]:
    """Yield offsets whose rate grows, or falls, evenly over time from one to the other.

    The number of arrivals up to time t is a*t + k*t*t/2, with the slope k = (b - a) / T over the time T = 2 * count / (a + b) of them all.
    Solved for t in the form that loses no digits where k is near 0.
    """
    duration_s = 2 * count / (from_per_s + to_per_s)
    slope = (to_per_s - from_per_s) / duration_s
    for index in range(count):
        # Below 0 by rounding alone, at the end of a ramp down to nearly nothing.
        root = math.sqrt(max(from_per_s**2 + 2 * slope * index, 0))
        yield round(2 * index / (from_per_s + root) * NS_PER_S)
