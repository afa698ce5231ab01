"""What the gates decided, at each api-delay and on the whole run, whichever way the document tells it."""

from typing import Literal

from harness.report.document import GateDecision, Point, Report

OUTCOMES = {
    "found": "safe delay found",
    "all_safe": "safe at every delay",
    "none_safe": "safe at no delay",
    "undecided": "undecided",
}


def decisions_of(report: Report) -> list[GateDecision]:
    """Return the decisions that stand in the report.

    Where none do, as in a report of before there were several gates and in a run that saw too many errors, those that the points' intervals
    make of the failure rate allowed.
    """
    gate = report.gate
    if gate.decisions or gate.max_failure_rate is None:
        return gate.decisions
    return [_by_interval(point, gate.max_failure_rate) for point in report.points]


def _by_interval(point: Point, limit: float) -> GateDecision:
    """Return fail where the whole interval is above the limit, pass where none of it is."""
    low, high = point.failure_rate_low, point.failure_rate_high
    verdict: Literal["pass", "fail", "inconclusive"] = "inconclusive"
    reason = f"nothing was judged at {point.api_delay_ms:g} ms"
    if low is not None and high is not None:
        verdict = "fail" if low > limit else "pass" if high <= limit else "inconclusive"
        judged = point.iterations - point.errors
        reason = (
            f"{point.failures} of {judged} failed at {point.api_delay_ms:g} ms: {rate_text(point)}, {limit:.3%} allowed"
        )
    return GateDecision(
        gate="max_failure_rate", limit=limit, api_delay_ms=point.api_delay_ms, verdict=verdict, reason=reason
    )


def headline(report: Report) -> str:
    """Return what came of the run in one word or two: its gate's verdict, and its status where it did not run to its end."""
    verdict: str = "not gated" if report.gate.verdict is None else report.gate.verdict
    if report.threshold is not None:
        verdict = OUTCOMES[report.threshold.outcome]
    return verdict if report.status == "complete" else f"{verdict} ({report.status})"


def rate_text(point: Point) -> str:
    """Return a point's failure rate with its interval, in words for a reader."""
    if point.failure_rate is None or point.failure_rate_low is None or point.failure_rate_high is None:
        return "not judged"
    return f"{point.failure_rate:.2%} ({point.failure_rate_low:.2%} to {point.failure_rate_high:.2%})"


def anomaly_text(anomalies: dict[str, int]) -> str:
    """Return the anomaly classes with their counts, the most frequent first."""
    return ", ".join(
        f"{name} {count}" for name, count in sorted(anomalies.items(), key=lambda item: (-item[1], item[0]))
    )
