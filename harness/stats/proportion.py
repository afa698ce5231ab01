"""Failure rates and their intervals."""

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Counts:
    """What one point contributes: failures among the judged iterations of one api-delay."""

    api_delay_ms: float
    failures: int
    judged: int


@dataclass(frozen=True, slots=True)
class Proportion:
    """An observed rate with its confidence interval, all in [0, 1]."""

    rate: float
    low: float
    high: float


def wilson(failures: int, trials: int, confidence: float = 0.95) -> Proportion | None:
    """Return the Wilson score interval of a rate, None where there were no trials: nothing is known then, which is not a rate of 0.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). Raises ValueError for
    counts that cannot be.
    """
    if not 0 <= failures <= trials:
        raise ValueError(f"{failures} failures of {trials} trials cannot be")
    if trials == 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = failures / trials
    shrink = 1 + z * z / trials
    centre = (rate + z * z / (2 * trials)) / shrink
    half_width = z / shrink * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    # At the ends the bound is the end itself, which the formula meets only up to rounding.
    low = 0.0 if failures == 0 else centre - half_width
    high = 1.0 if failures == trials else centre + half_width
    return Proportion(rate, low, high)
