"""Quantiles keep three digits, and their extremes exactly."""

import random

import pytest

from harness.stats.quantiles import Durations
from harness.units import NS_PER_MS


def test_quantiles_are_within_a_thousandth_of_the_exact_ones() -> None:
    rng = random.Random(1)
    sample = sorted(round(rng.lognormvariate(14, 1.5)) for _ in range(10_001))
    durations = Durations()
    for value in sample:
        durations.add(value)
    found = durations.quantiles()
    assert found is not None
    for percent, value in {50: found.p50, 90: found.p90, 99: found.p99}.items():
        exact_ms = sample[round(percent / 100 * 10_000)] / NS_PER_MS
        assert value == pytest.approx(exact_ms, rel=2e-3, abs=1e-3)
    assert (found.min, found.max) == (sample[0] / NS_PER_MS, sample[-1] / NS_PER_MS)


def test_a_negative_duration_shows_in_the_minimum() -> None:
    durations = Durations()
    for value in (-2_500, 40_000, 41_000):
        durations.add(value)
    found = durations.quantiles()
    assert found is not None
    assert found.min == -0.0025


def test_nothing_counted_is_no_quantile() -> None:
    assert Durations().quantiles() is None
