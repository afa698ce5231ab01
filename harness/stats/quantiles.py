"""Quantiles of durations in bounded memory."""

from dataclasses import dataclass

from hdrh.histogram import HdrHistogram

from harness.units import NS_PER_MS

LOWEST_NS = 1_000
HIGHEST_NS = 3_600_000_000_000
SIGNIFICANT_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Quantiles in ms."""

    min: float
    p50: float
    p90: float
    p99: float
    max: float


class Durations:
    """A growing sample of durations in ns, kept as a high-dynamic-range histogram from 1 us to 1 h with three significant digits.

    The smallest and the largest value are exact, so that a negative one is seen.
    """

    def __init__(self) -> None:
        self._histogram = HdrHistogram(LOWEST_NS, HIGHEST_NS, SIGNIFICANT_DIGITS)
        self._min_ns: int | None = None
        self._max_ns: int | None = None

    def add(self, duration_ns: int) -> None:
        """Count one duration."""
        self._histogram.record_value(min(max(duration_ns, 0), HIGHEST_NS))
        self._min_ns = duration_ns if self._min_ns is None else min(self._min_ns, duration_ns)
        self._max_ns = duration_ns if self._max_ns is None else max(self._max_ns, duration_ns)

    def quantiles(self) -> Quantiles | None:
        """Return the quantiles, None where nothing was counted."""
        if self._min_ns is None or self._max_ns is None:
            return None
        # A histogram's bucket can reach beyond the extremes, which are known exactly.
        p50, p90, p99 = (
            min(max(self._histogram.get_value_at_percentile(percent), self._min_ns), self._max_ns) / NS_PER_MS
            for percent in (50, 90, 99)
        )
        return Quantiles(self._min_ns / NS_PER_MS, p50, p90, p99, self._max_ns / NS_PER_MS)
