"""Quantiles keep three digits, and their extremes exactly."""

import random

import pytest

from harness.stats.quantiles import Durations, merged
from harness.units import NS_PER_MS, NS_PER_S


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


def test_samples_that_are_merged_or_written_down_are_as_if_counted_at_once() -> None:
    rng = random.Random(2)
    values = [round(rng.lognormvariate(15, 1)) for _ in range(3_000)]
    parts = [Durations.of_latency() for _ in range(3)]
    whole = Durations.of_latency()
    for number, value in enumerate(values):
        parts[number % 3].add(value)
        whole.add(value)
    together = merged([parts[0], merged(parts[1:])])
    assert together.quantiles() == whole.quantiles()
    read = Durations.decoded(together.encoded()).quantiles()
    exact = whole.quantiles()
    assert read is not None and exact is not None
    assert (read.p50, read.p90, read.p99) == (exact.p50, exact.p90, exact.p99)
    # What is written down knows no more of the extremes than of other values.
    assert (read.min, read.max) == (pytest.approx(exact.min, rel=3e-3), pytest.approx(exact.max, rel=3e-3))
    assert Durations.decoded(merged([]).encoded()).quantiles() is None


def test_a_latency_beyond_what_a_histogram_holds_is_its_highest_value_and_its_maximum_is_exact() -> None:
    latency = Durations.of_latency()
    for duration_ns in (NS_PER_MS, 90 * NS_PER_S, 90 * NS_PER_S):
        latency.add(duration_ns)
    found = latency.quantiles()
    assert found is not None
    assert (found.p50, found.max) == (pytest.approx(60_000, rel=1e-3), 90_000)
