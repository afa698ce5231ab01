"""How often an interval of a rate holds the true one: exactly, by summing over every count that can come about."""

import math
from collections.abc import Callable

from harness.stats.binomial import binomial_pmf
from harness.stats.proportion import Proportion

Interval = Callable[[int, int], Proportion | None]
"""From failures and trials to an interval; None where it says nothing."""


def exact_coverage(interval: Interval, rate: float, trials: int) -> float:
    """Return the probability that the interval of a sample of `trials`, at a true rate of `rate`, holds that rate.

    An interval that says nothing holds nothing. R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
    Medicine 17 (1998), computes it so.
    """
    return math.fsum(binomial_pmf(failures, trials, rate) for failures in covering(interval, rate, trials))


def covering(interval: Interval, rate: float, trials: int) -> list[int]:
    """Return the numbers of failures whose interval holds the rate."""
    found = ((failures, interval(failures, trials)) for failures in range(trials + 1))
    return [failures for failures, one in found if one is not None and one.low <= rate <= one.high]
