"""Ranks that bound a quantile."""

import pytest
from scipy.stats import binom

from harness.stats.order import RankBounds, rank_bounds


@pytest.mark.parametrize("size", [50, 298, 299, 472, 473, 1000, 5000])
def test_each_rank_errs_as_seldom_as_asked_and_the_next_would_not(size: int) -> None:
    bounds = rank_bounds(size, 0.99, 0.05, 0.05)

    def high_errs(rank: int) -> float:
        """The value at a rank is below the p99 where so many values or more are."""
        return float(binom.sf(rank - 1, size, 0.99))

    if bounds.high is None:
        assert high_errs(size) > 0.05
    else:
        assert high_errs(bounds.high) <= 0.05 < high_errs(bounds.high - 1)
    if bounds.low is not None:
        assert 1 - high_errs(bounds.low) <= 0.05 < 1 - high_errs(bounds.low + 1)


def test_known_sizes() -> None:
    assert rank_bounds(298, 0.99, 0.05, 0.05).high is None
    assert rank_bounds(299, 0.99, 0.05, 0.05).high == 299
    assert rank_bounds(0, 0.99, 0.05, 0.05) == RankBounds(None, None)
