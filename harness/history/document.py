"""What `harness compare --json` and `harness history --json` print. Rates are in [0, 1], durations in ms, times of day ISO 8601 in UTC."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from harness.report.document import Document, TargetVersions

Standing = Literal["worse", "not_worse", "inconclusive"]


class RunName(Document):
    """Which run it is."""

    run_id: str
    folder: str
    started_at: datetime
    status: Literal["complete", "partial"]
    scenario: str = Field(description="what the user called it")
    fingerprint: str = Field(description="of the scenario's content, seed and gates apart")


class RateShift(Document):
    """The failure rates of both runs at one api-delay, or over all that they share."""

    api_delay_ms: float | None = Field(description="null over all api-delays")
    base_failures: int
    base_judged: int
    run_failures: int
    run_judged: int
    difference: float | None = Field(
        description="run's rate minus base's; null where one judged nothing, and over all api-delays that differ in how many were judged"
    )
    difference_low: float | None = Field(description="lower end of Newcombe's 95 % interval")
    difference_high: float | None
    p_value: float = Field(description="exact, one-sided, of a rise")
    corrected_p_value: float = Field(description="by Holm, over all api-delays and all runs of this comparison")
    verdict: Literal["worse", "better", "no_difference_shown", "not_judged"]


class DurationShift(Document):
    """How far a quantile of a duration moved."""

    what: Literal["create", "update", "submit", "convergence"] = Field(
        description="a method's latency from the intended start, or the time to agreement"
    )
    api_delay_ms: float | None = Field(description="null over all api-delays")
    quantile: float
    base_ms: float
    run_ms: float
    ratio: float = Field(description="run_ms / base_ms, each from the sample itself")
    ratio_low: float | None = Field(description="null where a sample is too small, or only its quantiles are known")
    ratio_high: float | None
    worse: bool | None = Field(
        description="the whole interval is above the increase allowed; null where none was asked for"
    )


class AnomalyShift(Document):
    """In how many iterations a class of anomaly occurred, over the api-delays that both runs have."""

    anomaly_class: str
    base_count: int
    run_count: int
    change: Literal["appeared", "vanished", "more", "fewer", "same"]
    corrected_p_value: float = Field(description="of a rise, by Holm over all classes of this run")
    shown: bool = Field(description="the rise is significant")


class Change(Document):
    """A setting or a version that the two runs have otherwise."""

    field: str
    base: Any
    run: Any


class RunComparison(Document):
    """One run held against the base."""

    run: RunName
    verdict: Standing
    reason: str
    points: list[RateShift]
    overall: RateShift | None = Field(description="over all api-delays that both have; null where that is one or none")
    smallest_rise: float | None = Field(
        description="rate at every api-delay to which a rise from the base's would be found with 90 % power; null: nothing shared"
    )
    durations: list[DurationShift]
    anomalies: list[AnomalyShift]
    changes: list[Change]
    notes: list[str]


class Advice(Document):
    """How many judged iterations each api-delay needs in both runs, to find a rise from 1 % to 3 % with 90 % power."""

    at_one_delay: int
    at_every_delay: int


class Comparison(Document):
    """Runs held against a base."""

    schema_version: Literal[1] = 1
    base: RunName | None = Field(description="null where there is none yet")
    alpha: float = Field(description="chance of a single false worse among all failure rates compared here")
    max_latency_increase: float | None = Field(
        description="as a share, 0.2 for 20 %; null where latency is only reported"
    )
    verdict: Literal["worse", "not_worse", "inconclusive", "no_baseline"]
    reason: str
    runs: list[RunComparison]
    advice: Advice | None = Field(description="null where no two runs share an api-delay")


class SeriesPoint(Document):
    """One api-delay of one run."""

    api_delay_ms: float
    judged: int
    failures: int
    failure_rate: float | None
    failure_rate_low: float | None
    failure_rate_high: float | None
    convergence_p99_ms: float | None


class SeriesRun(Document):
    """One run of the history."""

    run_id: str
    folder: str
    started_at: datetime
    status: Literal["complete", "partial", "failed"]
    scenario: str
    fingerprint: str
    gate: Literal["pass", "fail", "inconclusive"] | None
    target: TargetVersions
    points: list[SeriesPoint]


class SkippedFolder(Document):
    """What is in the results folder and could not be read."""

    name: str
    reason: str


class Series(Document):
    """All runs of a results folder, the newest last."""

    schema_version: Literal[1] = 1
    results: str
    runs: list[SeriesRun]
    skipped: list[SkippedFolder]
