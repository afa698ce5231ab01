"""What two runs have in common: their api-delays, and the counts at each."""

from dataclasses import dataclass

from harness.report.document import Point, Report
from harness.stats.exact import Pair


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
