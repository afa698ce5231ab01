"""Quantiles of exact samples, which are few enough here to be kept."""

import math
from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank quantile: the smallest value that at least `share` of all are not above. NaN of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def ratio(above: float, below: float) -> float:
    """Return how many times `below` goes into `above`; infinity where it is 0, as an error at the wire can be."""
    return above / below if below else math.inf


def summary(errors_ms: Sequence[float]) -> dict[str, float]:
    """Return what is told of errors: `min` and `negative` with their sign, the quantiles and `max` of their size.

    Too early is as wrong as too late, and must not make a p99 look better.
    """
    sizes = [abs(error) for error in errors_ms]
    return {
        "pairs": len(errors_ms),
        "negative": sum(error < 0 for error in errors_ms),
        "min": min(errors_ms, default=math.nan),
        "p50": quantile(sizes, 0.5),
        "p99": quantile(sizes, 0.99),
        "max": max(sizes, default=math.nan),
    }
