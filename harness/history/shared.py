"""What two runs have in common: their api-delays, and the counts at each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.report.document import Point, Report
from harness.stats.exact import Pair

UNEVEN_SHARE = 0.05
"""Shares of iterations at a delay that differ by less than this, relatively, are alike."""


@dataclass(frozen=True, slots=True)
class SharedDelay:
    """One api-delay of both runs."""

    api_delay_ms: float
    base: Point
    run: Point

    @property
    def pair(self) -> Pair:
        """Failures among what was judged."""
        return Pair(
            self.base.failures,
            self.base.iterations - self.base.errors,
            self.run.failures,
            self.run.iterations - self.run.errors,
        )

    def anomaly(self, name: str) -> Pair:
        """Iterations in which a class of anomaly occurred, among all."""
        return Pair(
            self.base.anomalies.get(name, 0),
            self.base.iterations,
            self.run.anomalies.get(name, 0),
            self.run.iterations,
        )


def shared_delays(base: Report, run: Report) -> list[SharedDelay]:
    """Return the api-delays that both runs have, the shortest first."""
    theirs = {point.api_delay_ms: point for point in run.points}
    return [
        SharedDelay(point.api_delay_ms, point, theirs[point.api_delay_ms])
        for point in sorted(base.points, key=lambda point: point.api_delay_ms)
        if point.api_delay_ms in theirs
    ]


def base_rate(delays: Sequence[SharedDelay]) -> float:
    """Return the base's failure rate over all delays, 0 where it judged nothing."""
    whole = summed(delays)
    return whole.base_failures / whole.base_judged if whole.base_judged else 0.0


def summed(delays: Sequence[SharedDelay]) -> Pair:
    """Return the counts of all delays together."""
    pairs = [delay.pair for delay in delays]
    return Pair(
        sum(pair.base_failures for pair in pairs),
        sum(pair.base_judged for pair in pairs),
        sum(pair.run_failures for pair in pairs),
        sum(pair.run_judged for pair in pairs),
    )


def evenly_spread(delays: Sequence[SharedDelay]) -> bool:
    """Return whether both runs spread their iterations alike over the delays: else the sums differ for that alone."""
    whole = summed(delays)
    if not whole.base_judged or not whole.run_judged:
        return False
    return all(
        math.isclose(
            delay.pair.base_judged / whole.base_judged,
            delay.pair.run_judged / whole.run_judged,
            rel_tol=UNEVEN_SHARE,
        )
        for delay in delays
    )
