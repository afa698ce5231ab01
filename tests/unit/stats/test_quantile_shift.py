"""The ratio of two quantiles: its interval covers it, and where there is too little there is none."""

import math

import numpy as np
import pytest

from harness.stats.quantile_shift import Weighted, quantile_range, quantile_shift, weighted


def test_a_quantile_is_bounded_by_values_of_the_sample() -> None:
    found = quantile_range(weighted(range(1, 1001)), 0.5, 0.95)
    assert found is not None and (found.value, found.low, found.high) == (500, 469, 532)
    assert quantile_range(weighted(range(1, 101)), 0.99, 0.95) is None


def test_a_histogram_is_the_same_sample() -> None:
    plain = weighted([1.0] * 70 + [2.0] * 200 + [9.0] * 300)
    held = Weighted([1.0, 2.0, 9.0], [70, 200, 300])
    for quantile in (0.1, 0.5):
        assert quantile_range(plain, quantile, 0.99) == quantile_range(held, quantile, 0.99)


def test_where_there_is_nothing_or_a_quantile_is_0_there_is_no_ratio() -> None:
    some = weighted([1.0, 2.0])
    assert quantile_shift(weighted([]), some, 0.5, 0.95) is None
    assert quantile_shift(weighted([0.0, 0.0]), some, 0.5, 0.95) is None
    found = quantile_shift(some, some, 0.5, 0.95)
    assert found is not None and (found.ratio, found.low) == (1, None)


@pytest.mark.parametrize("quantile", [0.5, 0.99])
def test_the_interval_covers_the_true_ratio_of_independent_samples(quantile: float) -> None:
    random = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        base, run = (np.exp(random.normal(math.log(scale), 0.5, 1500)).tolist() for scale in (10, 12))
        found = quantile_shift(weighted(base), weighted(run), quantile, 0.95)
        assert found is not None and found.low is not None and found.high is not None
        covered += found.low <= 1.2 <= found.high
    # 95 % of 200 are 190; fewer than 180 have a probability below 0.2 %.
    assert covered >= 180
