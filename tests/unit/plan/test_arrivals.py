"""When iterations arrive: each process keeps its rate, and none keeps anything else."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.plan.arrivals import burst_arrivals, poisson_arrivals, ramp_arrivals
from harness.units import NS_PER_S


def test_those_of_a_poisson_process_come_at_the_rate_and_know_nothing_of_each_other() -> None:
    offsets = list(poisson_arrivals(20_000, 100.0, random.Random(1)))
    gaps_s = [(after - before) / NS_PER_S for before, after in pairwise([0, *offsets])]
    mean_s = sum(gaps_s) / len(gaps_s)
    # Of an exponential distribution mean and deviation are the same; both within 5 %, seven of their own deviations.
    assert mean_s == pytest.approx(0.01, rel=0.05)
    assert (sum((gap - mean_s) ** 2 for gap in gaps_s) / len(gaps_s)) ** 0.5 == pytest.approx(0.01, rel=0.05)
    neighbours = sum((a - mean_s) * (b - mean_s) for a, b in pairwise(gaps_s)) / len(gaps_s) / mean_s**2
    assert abs(neighbours) < 0.05


def test_those_of_a_burst_come_at_once_and_keep_the_rate() -> None:
    assert list(burst_arrivals(7, 10.0, 3)) == [0, 0, 0, 300_000_000, 300_000_000, 300_000_000, 600_000_000]


@given(st.integers(2, 500), st.floats(0.5, 1000), st.floats(0.5, 1000))
def test_those_of_a_ramp_come_at_a_rate_that_changes_evenly(count: int, from_per_s: float, to_per_s: float) -> None:
    offsets_s = [offset / NS_PER_S for offset in ramp_arrivals(count, from_per_s, to_per_s)]
    assert offsets_s == sorted(offsets_s)
    assert offsets_s[0] == 0
    duration_s = 2 * count / (from_per_s + to_per_s)
    slope = (to_per_s - from_per_s) / duration_s
    for index, offset_s in enumerate(offsets_s):
        # The integral of the rate up to an arrival is how many came before it.
        assert from_per_s * offset_s + slope * offset_s**2 / 2 == pytest.approx(index, abs=1e-5 * count + 1e-6)
    assert offsets_s[-1] < duration_s


def test_a_ramp_from_a_rate_to_the_same_is_constant() -> None:
    assert list(ramp_arrivals(4, 2.0, 2.0)) == [0, 500_000_000, 1_000_000_000, 1_500_000_000]
