"""`explore.json` as versioned plain data; `harness schema` prints its JSON Schema under $defs/ExploreReport."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from harness.explore.diagram import diagram
from harness.explore.outcome import Explored, Outcome
from harness.explore.schedule import switches
from harness.report.document import AnomalyRecord, Document, Machine, TargetVersions
from harness.report.records import anomaly_record
from harness.scenario import BehaviourName, FaultName
from harness.service.steps import Step

EXPLORE_SCHEMA_VERSION: Literal[1] = 1


class TurnRecord(Document):
    """One step of one call."""

    call: str
    step: Step


class InterleavingRecord(Document):
    """One interleaving and what it left in the stores."""

    number: int
    turns: list[TurnRecord]
    switches: int = Field(description="how often the turn passes from one call to the other")
    scorecard: str
    stale: bool | None = Field(description="ClickHouse does not tell what PostgreSQL holds; null where not played")
    postgres_wrong: bool | None = Field(
        description="no serial order of the calls explains PostgreSQL; null where not played"
    )
    error: str | None = Field(description="why it could not be played to its end")
    anomalies: list[AnomalyRecord]


class CounterExample(Document):
    """The smallest interleaving of a kind: the fewest switches, of equal ones the first."""

    number: int
    diagram: list[str]


class ExploredBehaviour(Document):
    """All interleavings of one behaviour."""

    behaviour: BehaviourName
    steps: list[Step] = Field(description="of each of the two calls, in their order")
    expected: int = Field(description="how many interleavings there are, by the formula")
    exhaustive: bool = Field(description="all of them were played and judged")
    clean: int
    stale: int
    postgres_wrong: int
    errors: int
    smallest_stale: CounterExample | None
    smallest_postgres_wrong: CounterExample | None
    seconds: float
    interleavings: list[InterleavingRecord]


class ExploreReport(Document):
    """`explore.json`: the exploration of one behaviour or of several."""

    schema_version: Literal[1] = EXPLORE_SCHEMA_VERSION
    run_id: str
    status: Literal["complete", "partial", "failed"]
    started_at: datetime
    finished_at: datetime
    harness_version: str
    command: str
    faults: list[FaultName]
    order: Literal["update_first", "submit_first", "both"]
    target: TargetVersions
    machine: Machine
    expect_clean: bool = Field(description="whether a bad interleaving was to fail")
    behaviours: list[ExploredBehaviour] = Field(description="those that were explored to the end")


def behaviour_record(explored: Explored) -> ExploredBehaviour:
    """Return one behaviour's part of the document."""
    return ExploredBehaviour(
        behaviour=explored.behaviour,
        steps=list(explored.steps),
        expected=explored.expected,
        exhaustive=explored.exhaustive,
        clean=explored.number(lambda outcome: outcome.clean),
        stale=explored.number(lambda outcome: outcome.stale),
        postgres_wrong=explored.number(lambda outcome: outcome.postgres_wrong),
        errors=explored.number(lambda outcome: outcome.judgement is None),
        smallest_stale=_counter_example(explored.smallest_stale),
        smallest_postgres_wrong=_counter_example(explored.smallest_postgres_wrong),
        seconds=explored.seconds,
        interleavings=_interleavings(explored.outcomes),
    )


def _counter_example(outcome: Outcome | None) -> CounterExample | None:
    return None if outcome is None else CounterExample(number=outcome.number, diagram=diagram(outcome.schedule))


def _interleavings(outcomes: Sequence[Outcome]) -> list[InterleavingRecord]:
    return [
        InterleavingRecord(
            number=outcome.number,
            turns=[TurnRecord(call=turn.method, step=turn.step) for turn in outcome.schedule],
            switches=switches(outcome.schedule),
            scorecard=outcome.scorecard,
            stale=None if outcome.judgement is None else outcome.stale,
            postgres_wrong=None if outcome.judgement is None else outcome.postgres_wrong,
            error=outcome.error,
            anomalies=[anomaly_record(anomaly) for anomaly in outcome.anomalies],
        )
        for outcome in outcomes
    ]
