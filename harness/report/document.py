"""The result files' contents as versioned plain data: `harness schema` prints the JSON Schema of these.

Durations are ms, rates are in [0, 1], times of day are ISO 8601 in UTC. Values are kept raw; rounding is the renderer's.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.check.anomalies import EventKind, Role
from harness.model import Order, Verdict

SCHEMA_VERSION: Literal[1] = 1


class Document(BaseModel):
    """Base of everything that is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Spread(Document):
    """Quantiles of a duration in ms; null where nothing was measured."""

    min: float
    p50: float
    p90: float
    p99: float
    max: float


class RpcSpreads(Document):
    """Latency of each method's answered calls in ms."""

    create: Spread | None
    update: Spread | None
    submit: Spread | None


class MethodLatency(Document):
    """One method's answered calls over all api-delays, in ms and as histograms that those of other runs can be added to.

    A histogram is HdrHistogram's compressed encoding in base64, of values in ns from 1 us to 60 s with three significant digits.
    """

    rpc_ms: Spread | None = Field(description="from the intended start")
    service_ms: Spread | None = Field(description="from the start as it was")
    rpc_histogram: str
    service_histogram: str


class Point(Document):
    """All iterations of one api-delay."""

    api_delay_ms: float
    iterations: int = Field(description="iterations with a verdict; errors included")
    errors: int
    converged: int
    diverged: int
    late: int
    postgres_wrong: int
    failures: int = Field(description="diverged + late + postgres_wrong")
    failure_rate: float | None = Field(
        description="failures / (iterations - errors); null where nothing could be judged"
    )
    failure_rate_low: float | None = Field(description="lower end of the Wilson 95 % interval")
    failure_rate_high: float | None = Field(description="upper end of the Wilson 95 % interval")
    clickhouse_failures: int = Field(description="iterations in which ClickHouse did not tell what PostgreSQL held")
    postgres_failures: int = Field(description="iterations in which no serial order of the calls explains PostgreSQL")
    anomalies: dict[str, int] = Field(description="per class, the iterations in which it occurred")
    server_inversions: int | None = Field(
        description="pairs whose second call entered the service first; null where the service does not report entries"
    )
    call_codes: dict[str, int] = Field(description="how the calls ended, per gRPC status code")
    off_schedule: int = Field(
        description="iterations whose achieved gap was outside the tolerance; kept, left out or counted elsewhere as the scenario says"
    )
    achieved_delay_ms: Spread | None = Field(description="start-to-start gap measured by the client")
    delay_error_ms: Spread | None = Field(description="achieved minus requested delay")
    server_delay_ms: Spread | None = Field(
        description="the service's own gap between the entries of the first and the second call"
    )
    rpc_ms: RpcSpreads = Field(
        description="from the intended start, so that a target that stops is charged for every call it delays"
    )
    service_ms: RpcSpreads = Field(description="from the start as it was")
    convergence_ms: Spread | None = Field(
        description="from the last answer to the first look that saw the stores agree for good; its resolution is that of the looks"
    )


class GateDecision(Document):
    """What one gate says of one api-delay, or of the whole run."""

    gate: str = Field(description="its name in the scenario's [gates], as max_failure_rate")
    limit: float
    api_delay_ms: float | None = Field(description="null where it is about the whole run")
    verdict: Literal["pass", "fail", "inconclusive"]
    reason: str
    judged: int | None = Field(None, description="iterations that it rests on")


class Gate(Document):
    """The decision on the whole run: fail where one gate fails, pass where all pass."""

    max_failure_rate: float | None
    verdict: Literal["pass", "fail", "inconclusive"] | None = Field(description="null where no gate was asked for")
    reason: str
    decisions: list[GateDecision] = Field([], description="of every gate that was asked for, at every api-delay")
    stopped_early: bool = Field(False, description="the gates were decided before every planned iteration was fired")


class CurvePoint(Document):
    """What the fits say of the failure rate at one api-delay; each rate with its 95 % band."""

    api_delay_ms: float
    isotonic: float = Field(description="the fit that assumes only that a longer delay does not fail more often")
    isotonic_low: float = Field(description="the band holds for all delays at once")
    isotonic_high: float
    logistic: float | None = Field(description="null where fewer than two delays were judged")
    logistic_low: float | None = Field(description="the band holds for each delay by itself")
    logistic_high: float | None


class LogisticFit(Document):
    """logit(rate) = intercept + slope * log(1 + api_delay_ms); Firth's penalised likelihood."""

    intercept: float
    slope: float
    intercept_variance: float
    slope_variance: float
    covariance: float
    lack_of_fit_p: float = Field(description="small where the curve has another shape than this")


class Curve(Document):
    """The failure rate as a function of the api-delay."""

    points: list[CurvePoint] = Field(description="of every api-delay that was judged, rising")
    contradicted: bool = Field(description="the counts rule out that a longer delay never fails more often")
    logistic: LogisticFit | None = Field(description="null where fewer than two delays were judged")


class TargetVersions(Document):
    """What was tested."""

    service: str
    postgres: str
    clickhouse: str


class Machine(Document):
    """What the harness ran on."""

    platform: str
    python: str
    cpus: int
    memory_mb: int | None
    load_average_1m: float | None


class FiringLoop(Document):
    """What one firing process cost and how it kept up, while it fired."""

    wall_s: float
    cpu_s: float
    utilisation: float = Field(description="cpu_s / wall_s")
    polled_share: float = Field(
        description="share of the time in which the loop looked at the clock so that a call would start exactly; idle otherwise"
    )
    lag_ms: Spread | None = Field(description="how late a timer was served that was due every 50 ms")


class Calibration(Document):
    """What the firing of this machine was measured to be capable of, before the run, against a target that does nothing."""

    timer_error_ms: Spread | None = Field(description="how late an exact sleep ends")
    loop_lag_ms: Spread | None = Field(description="how late an ordinary timer is served")
    cpu_per_call_ms: float = Field(description="the firing process's CPU for one call, its gaps not counted")
    max_pair_rate_per_s: float | None = Field(
        description="the highest rate tried at which 99 % of the gaps held their tolerance in one process; null where none did"
    )
    gap_error_ms: Spread | None = Field(description="achieved minus requested gap at that rate")


class Firing(Document):
    """How the calls were fired, and how the firing kept up."""

    arrivals: int
    late_arrivals: int = Field(description="iterations admitted more than 10 ms after their time")
    dropped_arrivals: int = Field(
        description="iterations that would have started more than max_lateness_s late, and were not fired"
    )
    max_arrival_lateness_ms: float
    warm_ups: int = Field(description="iterations fired before anything counted")
    scheduling: Literal["realtime", "raised", "normal"] = Field(
        description="how the firing threads were scheduled, of several the worst"
    )
    plan_hash: str = Field(description="of the iterations taken from the plan; the same for any number of workers")
    loops: list[FiringLoop] = Field(description="one for each worker")


class ThresholdTried(Document):
    """Iterations at one api-delay as a search was told of them: without errors, and without those that were off schedule."""

    api_delay_ms: float
    fired: int
    judged: int
    failures: int


class ThresholdRound(Document):
    """One round of a search, and between which delays it left the threshold; null where there was no end yet."""

    tried: list[ThresholdTried]
    low_ms: float | None
    high_ms: float | None


class Threshold(Document):
    """The answer to `harness threshold`: from which api-delay on the failure rate is below a limit."""

    outcome: Literal["found", "all_safe", "none_safe", "undecided"]
    max_failure_rate: float
    confidence: float
    resolution_ms: float
    min_delay_ms: float
    max_delay_ms: float
    max_iterations: int
    estimate_ms: float | None = Field(
        description="within resolution_ms or 10 % of all of the interval where exact; the likeliest delay alone where not"
    )
    low_ms: float | None = Field(
        description="the largest delay shown to fail at the limit or above it: the threshold is above it; null where none was"
    )
    high_ms: float | None = Field(description="the threshold is here or below; null where it may be above max_delay_ms")
    safe_delay_ms: float | None = Field(
        description="a delay whose failure rate was shown to be below the limit; null where none was"
    )
    exact: bool = Field(description="whether the interval is as narrow as was asked for")
    iterations: int = Field(description="fired for it")
    reason: str
    rounds: list[ThresholdRound]


class Report(Document):
    """`report.json`: one run."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: str
    status: Literal["complete", "partial", "failed"]
    started_at: datetime
    finished_at: datetime | None
    harness_version: str
    command: str
    scenario: dict[str, Any]
    seed: int
    target: TargetVersions
    machine: Machine
    calibration: Calibration | None = Field(description="null where none was made")
    firing: Firing | None
    planned_iterations: int = Field(description="over all points; a partial run has verdicts on fewer")
    points: list[Point]
    latency: dict[str, MethodLatency] = Field(description="per method: create, update, submit")
    gate: Gate
    curve: Curve | None = Field(None, description="null while the run lasts, and where nothing was judged")
    threshold: Threshold | None = Field(None, description="of harness threshold; null in other runs")


class CallRecord(Document):
    """One call of an iteration."""

    method: str
    update: int = Field(description="of an Update, which of the iteration's updates it carried, from 0")
    started_ms: float = Field(description="from the iteration's first call (Create), by the client's monotonic clock")
    intended_ns: int = Field(description="when the plan wanted it to start, from the start of Create")
    started_ns: int = Field(description="when it was handed to the channel, from the start of Create")
    server_entered_ns: int | None = Field(
        description="the service's clock at the handler's entry, from Create's entry; null where it is not reported"
    )
    duration_ms: float
    code: str
    detail: str
    server_entered_ms: float | None = Field(
        description="the service's clock at the handler's entry, from Create's entry"
    )


class EventRecord(Document):
    """One event of a witness."""

    kind: EventKind
    text: str


class AnomalyRecord(Document):
    """One finding."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, serialize_by_alias=True, validate_by_name=True, validate_by_alias=True
    )

    anomaly_class: str = Field(alias="class")
    field: str
    postgres: Any
    clickhouse: Any
    explanation: str
    role: Role = Field(
        description="cause: how it came about, where that is decided; symptom: what differs; note: no failure"
    )
    witness: list[EventRecord] = Field(
        description="of a cause, the events that decide it, ten at most, the rule the last"
    )


class RawVersion(Document):
    """One version of the scorecard's header row in ClickHouse."""

    version: int
    deleted: bool
    overall_score: float | str | None
    submit_time_us: int | float | None
    submitter: str | None
    update_time_us: int | float | None
    part: str = Field(
        description="the data part that held it at the last look, empty where merges had removed it or it is not known"
    )


class IterationRecord(Document):
    """One line of `iterations.jsonl`, written when the verdict fell."""

    iteration: int
    api_delay_ms: float
    scorecard: str
    order: Order
    verdict: Verdict
    reason: str | None = Field(description="why nothing could be judged, with the verdict error")
    anomalies: list[AnomalyRecord]
    achieved_delay_ms: float | None
    off_schedule: bool = Field(description="the achieved gap was outside the tolerance")
    server_inverted: bool | None = Field(
        description="the second call entered the service first; null where it does not tell"
    )
    calls: list[CallRecord]
    convergence_ms: float | None
    last_bad_ms: float | None = Field(
        description="from the last answer to the last look that saw the stores differ: they agree since (last_bad_ms, convergence_ms]"
    )
    raw_versions: list[RawVersion] = Field(
        description="every version that a look at ClickHouse saw before it was merged away"
    )
    judged_so_far: int = Field(
        description="iterations of this api-delay that were judged, this one included, errors not"
    )
    failures_so_far: int
    failure_rate_so_far: float | None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of both files under `$defs`; the root is `report.json`'s."""
    report = Report.model_json_schema(mode="serialization")
    line = IterationRecord.model_json_schema(mode="serialization", by_alias=True)
    report["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    report["$defs"] |= line.pop("$defs", {}) | {"IterationRecord": line}
    return report
