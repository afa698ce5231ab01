"""OpenMetrics text, for a push or for node_exporter's textfile collector.

Gauges alone: node_exporter reads the older Prometheus text, which knows neither `info` nor `stateset`, but both formats know gauges.
"""

import re

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import generate_latest

from harness.report.decisions import decisions_of
from harness.report.document import Point, Report, Spread
from harness.report.naming import scenario_label

COUNTED = ("converged", "diverged", "late", "postgres_wrong", "errors")
VERDICTS = ("pass", "fail", "inconclusive")
MS_PER_S = 1000


def openmetrics_text(report: Report) -> str:
    """Return the exposition; it ends with `# EOF`."""
    metrics = _Metrics(scenario_label(report))
    metrics.set("run_complete", "1 where the run reached its end.", float(report.status == "complete"))
    if report.finished_at is not None:
        finished = report.finished_at.timestamp()
        metrics.set("run_finished_timestamp_seconds", "When the run ended, in Unix time.", finished)
    for verdict in VERDICTS if report.gate.verdict is not None else ():
        metrics.set(
            "gate", "1 for the gate's verdict on the run.", float(verdict == report.gate.verdict), verdict=verdict
        )
    for decision in decisions_of(report):
        delay = {} if decision.api_delay_ms is None else _delay(decision.api_delay_ms)
        passed = float(decision.verdict == "pass")
        name = "gate_point_passed" if delay else "gate_run_passed"
        metrics.set(
            name,
            "1 where this gate passed, 0 where it failed or could not decide.",
            passed,
            gate=decision.gate,
            **delay,
        )
    for point in report.points:
        _add_point(metrics, point)
    exposition: bytes = generate_latest(metrics.registry)
    return exposition.decode()


def _add_point(metrics: "_Metrics", point: Point) -> None:
    delay = _delay(point.api_delay_ms)
    for verdict in COUNTED:
        metrics.set("iterations", "Iterations with this verdict.", getattr(point, verdict), **delay, verdict=verdict)
    if point.failure_rate is not None and point.failure_rate_low is not None and point.failure_rate_high is not None:
        metrics.set("failure_ratio", "Failures / judged iterations.", point.failure_rate, **delay)
        metrics.set("failure_ratio_low", "Lower end of its 95 % interval.", point.failure_rate_low, **delay)
        metrics.set("failure_ratio_high", "Upper end of its 95 % interval.", point.failure_rate_high, **delay)
    for name, count in sorted(point.anomalies.items()):
        metrics.set("anomalies", "Iterations in which the class occurred.", count, **delay, anomaly=name)
    metrics.spread("convergence_seconds", "From the last answer to agreement.", point.convergence_ms, **delay)
    metrics.spread("delay_error_seconds", "Achieved minus requested gap.", point.delay_error_ms, **delay)
    for method in ("create", "update", "submit"):
        spread = getattr(point.rpc_ms, method)
        metrics.spread("rpc_seconds", "Latency from the intended start.", spread, **delay, method=method)


def _delay(api_delay_ms: float) -> dict[str, str]:
    return {"api_delay_ms": f"{api_delay_ms:g}"}


class _Metrics:
    """Gauges by name, each made when its first value is set; every one carries the scenario."""

    def __init__(self, scenario: str) -> None:
        self.registry = CollectorRegistry()
        self._scenario = re.sub(r"[\x00-\x1f]", " ", scenario)
        self._gauges: dict[str, Gauge] = {}

    def set(self, name: str, help_text: str, value: float, **labels: str) -> None:
        """Set one sample."""
        if name not in self._gauges:
            self._gauges[name] = Gauge(
                f"convergence_harness_{name}", help_text, ["scenario", *labels], registry=self.registry
            )
        self._gauges[name].labels(scenario=self._scenario, **labels).set(value)

    def spread(self, name: str, help_text: str, spread: Spread | None, **labels: str) -> None:
        """Set a duration's quantiles, in seconds."""
        for quantile, field in (
            () if spread is None else (("0.5", "p50"), ("0.9", "p90"), ("0.99", "p99"), ("1", "max"))
        ):
            self.set(name, help_text, getattr(spread, field) / MS_PER_S, **labels, quantile=quantile)
