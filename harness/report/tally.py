"""Counts iterations into the points of a report as their verdicts fall; memory does not grow with the run."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from harness.check.conclusion import Conclusion
from harness.model import Fired, Method, Verdict
from harness.report.document import Point, RpcSpreads, Spread
from harness.stats.proportion import wilson
from harness.stats.quantiles import Durations, Quantiles


class PointTally:
    """One api-delay's counts so far."""

    def __init__(self, api_delay_ms: float) -> None:
        self.api_delay_ms = api_delay_ms
        self.off_schedule = 0
        """Iterations of this api-delay whose achieved gap was outside the tolerance, wherever they were counted."""
        self._verdicts: Counter[Verdict] = Counter()
        self._anomalies: Counter[str] = Counter()
        self._codes: Counter[str] = Counter()
        self._clickhouse_failures = 0
        self._inversions: int | None = None
        self._achieved = Durations()
        self._error = Durations()
        self._server_delay = Durations()
        self.rpc = {method: Durations.of_latency() for method in Method}
        """Latency of each method's answered calls, from the intended start."""
        self.service = {method: Durations.of_latency() for method in Method}
        """The same from the start as it was."""
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
            self.rpc[call.method].add(call.finished_ns - call.intended_ns)
            self.service[call.method].add(call.finished_ns - call.started_ns)
        for sample, gap_ns in (
            (self._achieved, fired.achieved_delay_ns),
            (self._error, fired.delay_error_ns),
            (self._server_delay, fired.server_delay_ns),
        ):
            if gap_ns is not None:
                sample.add(gap_ns)
        if fired.server_inverted is not None:
            self._inversions = (self._inversions or 0) + fired.server_inverted

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
            off_schedule=self.off_schedule,
            achieved_delay_ms=_spread(self._achieved),
            delay_error_ms=_spread(self._error),
            server_delay_ms=_spread(self._server_delay),
            rpc_ms=_spreads(self.rpc),
            service_ms=_spreads(self.service),
            convergence_ms=_spread(self._convergence),
        )


def _spreads(durations: Mapping[Method, Durations]) -> RpcSpreads:
    return RpcSpreads(
        create=_spread(durations[Method.CREATE]),
        update=_spread(durations[Method.UPDATE]),
        submit=_spread(durations[Method.SUBMIT]),
    )


def _spread(durations: Durations) -> Spread | None:
    return spread_of(durations.quantiles())


def spread_of(quantiles: Quantiles | None) -> Spread | None:
    """Return quantiles as the document holds them."""
    return None if quantiles is None else Spread(**asdict(quantiles))
