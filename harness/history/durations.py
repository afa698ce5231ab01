"""Shifts of call latency, from the histograms in the reports, and of the time to agreement, from the iterations' lines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.history.document import DurationShift
from harness.history.runs import RunFolder
from harness.report.document import Point, Report
from harness.report.results import ITERATIONS
from harness.stats.quantile_shift import Shift, Weighted, quantile_shift, weighted
from harness.stats.quantiles import Durations

QUANTILES = (0.5, 0.99)
METHODS: tuple[Literal["create", "update", "submit"], ...] = ("create", "update", "submit")
What = Literal["create", "update", "submit", "convergence"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One duration of one run; `values` is None where only its quantiles are known."""

    values: Weighted | None
    known_ms: tuple[float, ...] | None


def duration_shifts(
    base: RunFolder, run: RunFolder, delays_ms: Sequence[float], confidence: float, max_increase: float | None
) -> list[DurationShift]:
    """Return the shifts of the median and the 99 % quantile: each method's latency, the time to agreement over all delays and at each."""
    found: list[DurationShift] = []
    for method in METHODS:
        before, after = _latency(base.report, method), _latency(run.report, method)
        found += _shifts(method, None, (before, after), confidence, max_increase)
    ours, theirs = _convergence(base), _convergence(run)
    pooled = _pooled(ours, delays_ms), _pooled(theirs, delays_ms)
    found += _shifts("convergence", None, pooled, confidence, max_increase)
    for delay_ms in delays_ms if len(delays_ms) > 1 else ():
        samples = _at(base, ours, delay_ms), _at(run, theirs, delay_ms)
        # What is counted is the time over all delays; these show where it moved.
        found += _shifts("convergence", delay_ms, samples, confidence, None)
    return found


def counted_shifts(runs: int) -> int:
    """Return how many shifts can be worse, among which the error rate of their intervals is shared."""
    return runs * len(QUANTILES) * (len(METHODS) + 1)


def _shifts(
    what: What, delay_ms: float | None, samples: tuple[Sample, Sample], confidence: float, max_increase: float | None
) -> Iterator[DurationShift]:
    for index, quantile in enumerate(QUANTILES):
        shift = _shift(index, *samples, confidence)
        if shift is not None:
            yield DurationShift(
                what=what,
                api_delay_ms=delay_ms,
                quantile=quantile,
                base_ms=shift.base,
                run_ms=shift.run,
                ratio=shift.ratio,
                ratio_low=shift.low,
                ratio_high=shift.high,
                worse=None if max_increase is None else shift.low is not None and shift.low > 1 + max_increase,
            )


def _shift(index: int, base: Sample, run: Sample, confidence: float) -> Shift | None:
    if base.values is not None and run.values is not None:
        return quantile_shift(base.values, run.values, QUANTILES[index], confidence)
    if base.known_ms is not None and run.known_ms is not None and base.known_ms[index] > 0:
        return Shift(base.known_ms[index], run.known_ms[index])
    return None


def _latency(report: Report, method: str) -> Sample:
    latency = report.latency.get(method)
    if latency is None:
        return Sample(None, None)
    known = None if latency.rpc_ms is None else (latency.rpc_ms.p50, latency.rpc_ms.p99)
    try:
        return Sample(_values(Durations.decoded(latency.rpc_histogram)), known)
    # The library raises whatever its decoding stumbles over.
    except Exception:
        return Sample(None, known)


def _values(durations: Durations) -> Weighted:
    pairs = durations.recorded_ms()
    return Weighted([value for value, _ in pairs], [count for _, count in pairs])


def _convergence(run: RunFolder) -> dict[float, list[float]] | None:
    """Return the times to agreement by delay in ms, None where the lines cannot be read. A line that was cut off is left out."""
    times: dict[float, list[float]] = {}
    try:
        with (run.path / ITERATIONS).open("rb") as lines:
            for line in lines:
                try:
                    record = json.loads(line)
                    delay_ms, time_ms = record["api_delay_ms"], record["convergence_ms"]
                    if time_ms is not None:
                        times.setdefault(float(delay_ms), []).append(float(time_ms))
                except (ValueError, TypeError, KeyError):
                    continue
    except OSError:
        return None
    return times


def _pooled(times: dict[float, list[float]] | None, delays_ms: Sequence[float]) -> Sample:
    if times is None:
        return Sample(None, None)
    return Sample(weighted([time for delay_ms in delays_ms for time in times.get(delay_ms, ())]), None)


def _at(run: RunFolder, times: dict[float, list[float]] | None, delay_ms: float) -> Sample:
    spread = _point(run.report, delay_ms).convergence_ms
    known = None if spread is None else (spread.p50, spread.p99)
    return Sample(None if times is None else weighted(times.get(delay_ms, ())), known)


def _point(report: Report, delay_ms: float) -> Point:
    return next(point for point in report.points if point.api_delay_ms == delay_ms)
