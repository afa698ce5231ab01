"""Quantiles of durations in bounded memory."""

from collections.abc import Iterable
from dataclasses import dataclass

from hdrh.histogram import HdrHistogram

from harness.units import NS_PER_MS

LOWEST_NS = 1_000
HIGHEST_NS = 3_600_000_000_000
LATENCY_HIGHEST_NS = 60_000_000_000
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
    """A growing sample of durations in ns, kept as a high-dynamic-range histogram from 1 us to `highest_ns` with three significant digits.

    The smallest and the largest value are exact, so that a negative one is seen. Memory does not grow with the sample.
    """

    def __init__(self, highest_ns: int = HIGHEST_NS) -> None:
        self._highest_ns = highest_ns
        self._histogram = HdrHistogram(LOWEST_NS, highest_ns, SIGNIFICANT_DIGITS)
        self._min_ns: int | None = None
        self._max_ns: int | None = None

    @classmethod
    def of_latency(cls) -> "Durations":
        """Return a sample of a call's latencies, which reach to 60 s."""
        return cls(LATENCY_HIGHEST_NS)

    @classmethod
    def decoded(cls, text: str) -> "Durations":
        """Return the sample that `encoded` gave; its extremes are then as exact as its other values."""
        durations = cls.of_latency()
        durations._histogram.decode_and_add(text)
        if durations._histogram.get_total_count():
            durations._min_ns = durations._histogram.get_min_value()
            durations._max_ns = durations._histogram.get_max_value()
        return durations

    def encoded(self) -> str:
        """Return the sample as text, in HdrHistogram's own compressed format, base64."""
        return bytes(self._histogram.encode()).decode()

    def merge(self, other: "Durations") -> None:
        """Count everything in that another sample holds."""
        self._histogram.add(other._histogram)
        for value in (other._min_ns, other._max_ns):
            if value is not None:
                self._min_ns = value if self._min_ns is None else min(self._min_ns, value)
                self._max_ns = value if self._max_ns is None else max(self._max_ns, value)

    def add(self, duration_ns: int) -> None:
        """Count one duration."""
        self._histogram.record_value(min(max(duration_ns, 0), self._highest_ns))
        self._min_ns = duration_ns if self._min_ns is None else min(self._min_ns, duration_ns)
        self._max_ns = duration_ns if self._max_ns is None else max(self._max_ns, duration_ns)

    def recorded_ms(self) -> list[tuple[float, int]]:
        """Return every value held, in ms and ascending, and how often it was counted."""
        return [
            (step.value_iterated_to / NS_PER_MS, step.count_added_in_this_iter_step)
            for step in self._histogram.get_recorded_iterator()
        ]

    def at_rank_ms(self, rank: int) -> float | None:
        """Return the value at a rank of the sorted sample, from 1, in ms, to three digits; None beyond the sample's end."""
        count = self._histogram.get_total_count()
        if not 0 < rank <= count:
            return None
        # The middle of the rank's share, so that rounding takes neither neighbour.
        return float(self._histogram.get_value_at_percentile(100 * (rank - 0.5) / count)) / NS_PER_MS

    def quantiles(self) -> Quantiles | None:
        """Return the quantiles, None where nothing was counted."""
        if self._min_ns is None or self._max_ns is None:
            return None
        # A histogram's bucket can reach beyond the extremes, which are known exactly.
        # All of them in one pass, which is half the cost: a report of nine points has ninety samples, every two seconds.
        found = self._histogram.get_percentile_to_value_dict([50, 90, 99])
        p50, p90, p99 = (min(max(value, self._min_ns), self._max_ns) / NS_PER_MS for value in found.values())
        return Quantiles(self._min_ns / NS_PER_MS, p50, p90, p99, self._max_ns / NS_PER_MS)


def merged(samples: Iterable[Durations]) -> Durations:
    """Return all latencies of several samples as one."""
    whole = Durations.of_latency()
    for sample in samples:
        whole.merge(sample)
    return whole
