"""Bounds of a quantile by order statistics: distribution-free, exact."""

from dataclasses import dataclass
from functools import lru_cache

from harness.stats.binomial import at_least, at_most


@dataclass(frozen=True, slots=True)
class RankBounds:
    """Ranks in a sorted sample, from 1, that bound a quantile from below and from above; None where the sample is too small for one."""

    low: int | None
    high: int | None


@lru_cache(maxsize=256)
def rank_bounds(size: int, quantile: float, low_error: float, high_error: float) -> RankBounds:
    """Return the tightest ranks such that the value at `low` lies above the quantile with a probability of at most `low_error`, and
    that at `high` lies below it with at most `high_error`.

    The number of values above the quantile is binomial: H. A. David, H. N. Nagaraja, "Order Statistics" (2003), 7.1.
    """
    above = 1 - quantile
    fewest = 0
    while fewest < size and at_most(fewest, size, above) <= high_error:
        fewest += 1
    most = max(int(size * above), 1)
    while most <= size and at_least(most, size, above) > low_error:
        most += 1
    return RankBounds(low=None if most > size else size - most + 1, high=size - fewest + 1 if fewest else None)
