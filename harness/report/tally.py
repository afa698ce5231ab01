"""Counts iterations into the points of a report as their verdicts fall; memory does not grow with the run."""

from collections import Counter
from dataclasses import asdict

from harness.check.conclusion import Conclusion
from harness.model import Fired, Method, Verdict
from harness.report.document import Point, RpcSpreads, Spread
from harness.stats.proportion import wilson
from harness.stats.quantiles import Durations
from harness.units import NS_PER_MS


class PointTally:
    """One api-delay's counts so far."""

    def __init__(self, api_delay_ms: float) -> None:
        self.api_delay_ms = api_delay_ms
        self._verdicts: Counter[Verdict] = Counter()
        self._anomalies: Counter[str] = Counter()
        self._codes: Counter[str] = Counter()
        self._clickhouse_failures = 0
        self._inversions: int | None = None
        self._achieved = Durations()
        self._error = Durations()
        self._server_delay = Durations()
        self._rpc = {method: Durations() for method in Method}
        self._convergence = Durations()

    @property
    def iterations(self) -> int:
        """Iterations with a verdict."""
        return self._verdicts.total()

    @property
    def judged(self) -> int:
        """Iterations with a verdict about convergence."""
        return self.iterations - self._verdicts[Verdict.ERROR]

    @property
    def failures(self) -> int:
        """Iterations whose verdict is a failure."""
        return sum(count for verdict, count in self._verdicts.items() if verdict.is_failure)

    def add(self, conclusion: Conclusion) -> None:
        """Count one iteration."""
        self._verdicts[conclusion.verdict] += 1
        self._anomalies.update({anomaly.anomaly_class.value for anomaly in conclusion.anomalies})
        self._clickhouse_failures += conclusion.clickhouse_failed
        self._count_calls(conclusion.fired)
        if conclusion.convergence_ns is not None:
            self._convergence.add(conclusion.convergence_ns)

    def _count_calls(self, fired: Fired) -> None:
        for call in fired.calls:
            self._codes[call.code] += 1
            self._rpc[call.method].add(call.finished_ns - call.intended_ns)
        if (achieved_ns := fired.achieved_delay_ns) is not None:
            self._achieved.add(achieved_ns)
            self._error.add(achieved_ns - round(fired.api_delay_ms * NS_PER_MS))
        if (gap_ns := fired.server_delay_ns) is not None:
            self._inversions = (self._inversions or 0) + (gap_ns < 0)
            self._server_delay.add(gap_ns)

    def point(self) -> Point:
        """Return the counts as a point of the report."""
        rate = wilson(self.failures, self.judged)
        return Point(
            api_delay_ms=self.api_delay_ms,
            iterations=self.iterations,
            errors=self._verdicts[Verdict.ERROR],
            converged=self._verdicts[Verdict.CONVERGED],
            diverged=self._verdicts[Verdict.DIVERGED],
            late=self._verdicts[Verdict.LATE],
            postgres_wrong=self._verdicts[Verdict.POSTGRES_WRONG],
            failures=self.failures,
            failure_rate=None if rate is None else rate.rate,
            failure_rate_low=None if rate is None else rate.low,
            failure_rate_high=None if rate is None else rate.high,
            clickhouse_failures=self._clickhouse_failures,
            postgres_failures=self._verdicts[Verdict.POSTGRES_WRONG],
            anomalies=dict(sorted(self._anomalies.items())),
            server_inversions=self._inversions,
            call_codes=dict(sorted(self._codes.items())),
            achieved_delay_ms=_spread(self._achieved),
            delay_error_ms=_spread(self._error),
            server_delay_ms=_spread(self._server_delay),
            rpc_ms=RpcSpreads(
                create=_spread(self._rpc[Method.CREATE]),
                update=_spread(self._rpc[Method.UPDATE]),
                submit=_spread(self._rpc[Method.SUBMIT]),
            ),
            convergence_ms=_spread(self._convergence),
        )


def _spread(durations: Durations) -> Spread | None:
    quantiles = durations.quantiles()
    return None if quantiles is None else Spread(**asdict(quantiles))
