"""How far a quantile of a duration moved from one run to another, as a ratio with its interval.

The interval knows the chance of which calls were measured, and nothing of the machine: calls of one run share its noise, so that
two runs of the same service can differ by more than it says. Hence a shift is never "worse" by its interval alone, but where the
whole interval lies beyond a tolerance that the user names.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Weighted:
    """A sample as ascending values and how often each occurs, as a histogram holds it."""

    values: Sequence[float]
    counts: Sequence[int]

    @property
    def total(self) -> int:
        """How many values there are."""
        return sum(self.counts)

    def at_rank(self, rank: int) -> float:
        """Return the value of a rank from 1; ranks beyond the ends are the ends."""
        seen = 0
        for value, count in zip(self.values, self.counts, strict=True):
            seen += count
            if seen >= rank:
                return value
        return self.values[-1]


@dataclass(frozen=True, slots=True)
class QuantileRange:
    """A quantile with an interval made of order statistics, in the sample's unit."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Shift:
    """A quantile in both samples, in their unit, and run's divided by base's; its interval is None where a sample is too small for one."""

    base: float
    run: float
    low: float | None = None
    high: float | None = None

    @property
    def ratio(self) -> float:
        """Run's quantile divided by base's."""
        return self.run / self.base


def weighted(values: Sequence[float]) -> Weighted:
    """Return a plain sample as values and counts."""
    ordered = sorted(values)
    return Weighted(ordered, [1] * len(ordered))


def quantile_range(sample: Weighted, quantile: float, confidence: float) -> QuantileRange | None:
    """Return a quantile with its distribution-free interval, None where the sample is too small to bound it on both sides.

    The ranks are those of the binomial distribution by its normal approximation, rounded outwards. Source: G. J. Hahn and W. Q. Meeker,
    "Statistical Intervals", section 5.2.
    """
    total = sample.total
    half = NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(total * quantile * (1 - quantile))
    low, high = math.floor(total * quantile - half), math.ceil(total * quantile + half) + 1
    if low < 1 or high > total:
        return None
    return QuantileRange(
        sample.at_rank(math.ceil(total * quantile)), max(sample.at_rank(low), 0.0), sample.at_rank(high)
    )


def quantile_shift(base: Weighted, run: Weighted, quantile: float, confidence: float) -> Shift | None:
    """Return the ratio of two samples' quantiles, None where there is none: an empty sample, or a quantile of 0.

    Two intervals become one by the method of variance estimates recovery, on the logarithms. Source: G. Y. Zou and A. Donner,
    "Construction of confidence limits about effect measures: a general approach", Statistics in Medicine 27 (2008).
    """
    if not base.total or not run.total:
        return None
    ranks = (max(1, math.ceil(sample.total * quantile)) for sample in (base, run))
    before, after = (sample.at_rank(rank) for sample, rank in zip((base, run), ranks, strict=True))
    if before <= 0 or after <= 0:
        return None
    ours, theirs = quantile_range(run, quantile, confidence), quantile_range(base, quantile, confidence)
    if ours is None or theirs is None or min(ours.low, theirs.low) <= 0:
        return Shift(before, after)
    down = math.hypot(math.log(ours.value / ours.low), math.log(theirs.high / theirs.value))
    up = math.hypot(math.log(ours.high / ours.value), math.log(theirs.value / theirs.low))
    ratio = after / before
    return Shift(before, after, ratio * math.exp(-down), ratio * math.exp(up))
