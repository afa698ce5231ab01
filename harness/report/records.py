"""One iteration's evidence as a line of `iterations.jsonl`."""

from harness.check.anomalies import Anomaly
from harness.check.conclusion import Conclusion
from harness.model import Call, Header, Versioned
from harness.report.document import AnomalyRecord, CallRecord, EventRecord, IterationRecord, RawVersion
from harness.report.plain import plain
from harness.report.tally import PointTally
from harness.units import NS_PER_MS


def iteration_record(conclusion: Conclusion, tally: PointTally, *, off_schedule: bool) -> IterationRecord:
    """Return the line of an iteration; `tally` is its point's, this iteration already counted."""
    fired = conclusion.fired
    return IterationRecord(
        iteration=fired.iteration,
        api_delay_ms=fired.api_delay_ms,
        scorecard=fired.scorecard,
        order=fired.order,
        verdict=conclusion.verdict,
        reason=conclusion.reason,
        anomalies=[anomaly_record(anomaly) for anomaly in conclusion.anomalies],
        achieved_delay_ms=_ms(fired.achieved_delay_ns),
        off_schedule=off_schedule,
        server_inverted=fired.server_inverted,
        calls=[_call(call, fired.calls[0]) for call in fired.calls],
        convergence_ms=_ms(conclusion.convergence_ns),
        last_bad_ms=_ms(conclusion.last_bad_after_ns),
        raw_versions=[_raw(row) for row in conclusion.raw_headers],
        judged_so_far=tally.judged,
        failures_so_far=tally.failures,
        failure_rate_so_far=tally.failures / tally.judged if tally.judged else None,
    )


def _ms(duration_ns: int | None) -> float | None:
    return None if duration_ns is None else duration_ns / NS_PER_MS


def _call(call: Call, first: Call) -> CallRecord:
    entered_ns = None
    if call.server_entered_ns is not None and first.server_entered_ns is not None:
        entered_ns = call.server_entered_ns - first.server_entered_ns
    return CallRecord(
        method=call.method,
        update=call.update,
        started_ms=(call.started_ns - first.started_ns) / NS_PER_MS,
        intended_ns=call.intended_ns - first.started_ns,
        started_ns=call.started_ns - first.started_ns,
        server_entered_ns=entered_ns,
        duration_ms=(call.finished_ns - call.started_ns) / NS_PER_MS,
        code=call.code,
        detail=call.detail,
        server_entered_ms=_ms(entered_ns),
    )


def anomaly_record(anomaly: Anomaly) -> AnomalyRecord:
    """Return a finding as the documents hold it."""
    return AnomalyRecord(
        anomaly_class=anomaly.anomaly_class.value,
        field=anomaly.field,
        postgres=plain(anomaly.postgres),
        clickhouse=plain(anomaly.clickhouse),
        explanation=anomaly.explanation,
        role=anomaly.role,
        witness=[EventRecord(kind=event.kind, text=plain(event.text)) for event in anomaly.witness],
    )


def _raw(row: Versioned[Header]) -> RawVersion:
    header = row.value
    return RawVersion(
        version=row.version,
        deleted=row.deleted,
        overall_score=plain(header.overall_score),
        submit_time_us=plain(header.submit_time_us),
        submitter=plain(header.submitter),
        update_time_us=plain(header.update_time_us),
        part=row.part,
    )
