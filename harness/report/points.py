"""All points of a run: at which of them an iteration counts, and what all of them hold together."""

from harness.check.conclusion import Conclusion
from harness.firing import FiringSettings, OffSchedule
from harness.model import Fired, Method
from harness.report.document import IterationRecord, MethodLatency, Point
from harness.report.records import iteration_record
from harness.report.tally import PointTally, spread_of
from harness.stats.quantiles import merged
from harness.units import NS_PER_MS

NAMES = {Method.CREATE: "create", Method.UPDATE: "update", Method.SUBMIT: "submit"}


class Points:
    """One tally for each api-delay of a run."""

    def __init__(self, api_delays_ms: tuple[float, ...], firing: FiringSettings) -> None:
        self._tallies = {delay_ms: PointTally(delay_ms) for delay_ms in sorted(api_delays_ms)}
        self._firing = firing
        self.left_out = 0
        """Iterations that count nowhere, since their gap was not what was asked for."""

    def expect(self, api_delay_ms: float) -> None:
        """Make room for one more api-delay, where it has none."""
        if api_delay_ms not in self._tallies:
            self._tallies[api_delay_ms] = PointTally(api_delay_ms)
            self._tallies = dict(sorted(self._tallies.items()))

    def add(self, conclusion: Conclusion) -> IterationRecord:
        """Count one iteration, and return its line."""
        fired = conclusion.fired
        asked = self._tallies[fired.api_delay_ms]
        off_schedule = self._firing.is_off_schedule(fired)
        asked.off_schedule += off_schedule
        tally = self._counting(fired) if off_schedule else asked
        if tally is None:
            self.left_out += 1
        else:
            tally.add(conclusion)
        return iteration_record(conclusion, asked if tally is None else tally, off_schedule=off_schedule)

    @property
    def iterations(self) -> int:
        """Iterations with a verdict that count."""
        return sum(tally.iterations for tally in self._tallies.values())

    @property
    def errors(self) -> int:
        """How many of them say nothing about convergence."""
        return self.iterations - sum(tally.judged for tally in self._tallies.values())

    @property
    def failures(self) -> int:
        """How many of them are failures."""
        return sum(tally.failures for tally in self._tallies.values())

    @property
    def documents(self) -> list[Point]:
        """The points as the report holds them, by api-delay."""
        return [tally.point() for tally in self._tallies.values()]

    @property
    def latency(self) -> dict[str, MethodLatency]:
        """Each method's latency over all api-delays."""
        return {NAMES[method]: self._latency_of(method) for method in Method}

    def _latency_of(self, method: Method) -> MethodLatency:
        rpc = merged(tally.rpc[method] for tally in self._tallies.values())
        service = merged(tally.service[method] for tally in self._tallies.values())
        return MethodLatency(
            rpc_ms=spread_of(rpc.quantiles()),
            service_ms=spread_of(service.quantiles()),
            rpc_histogram=rpc.encoded(),
            service_histogram=service.encoded(),
        )

    def _counting(self, fired: Fired) -> PointTally | None:
        """Return where an iteration counts that is off schedule, None for nowhere."""
        if self._firing.off_schedule is OffSchedule.KEEP:
            return self._tallies[fired.api_delay_ms]
        if self._firing.off_schedule is OffSchedule.LEAVE_OUT:
            return None
        achieved_ms = (fired.achieved_delay_ns or 0) / NS_PER_MS
        return self._tallies[min(self._tallies, key=lambda delay_ms: abs(delay_ms - achieved_ms))]
