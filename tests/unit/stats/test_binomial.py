"""Binomial tails against scipy's."""

import pytest
from scipy.stats import binom

from harness.stats.binomial import at_least, at_most, binomial_pmf


@pytest.mark.parametrize(("trials", "rate"), [(1, 0.5), (20, 0.3), (628, 0.01), (100_000, 1e-4), (50, 0.0), (50, 1.0)])
@pytest.mark.parametrize("successes", [0, 1, 7, 19, 50])
def test_as_scipy_has_them(successes: int, trials: int, rate: float) -> None:
    assert binomial_pmf(successes, trials, rate) == pytest.approx(
        binom.pmf(successes, trials, rate), rel=1e-8, abs=1e-12
    )
    assert at_most(successes, trials, rate) == pytest.approx(binom.cdf(successes, trials, rate), rel=1e-8, abs=1e-12)
    assert at_least(successes, trials, rate) == pytest.approx(
        binom.sf(successes - 1, trials, rate), rel=1e-8, abs=1e-12
    )
