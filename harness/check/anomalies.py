"""The classes of what can be wrong, and one finding of them.

A *symptom* says which part is wrong. A *cause* says by which way it became so, and is named only where the evidence decides it
(`harness.check.causes`). A *note* is no failure: what the reader of the report should know all the same.
"""

from dataclasses import dataclass
from enum import StrEnum

MAX_WITNESS = 10


class AnomalyClass(StrEnum):
    """What is wrong with one scorecard; what each cause is recognised by stands in `harness.check.causes`."""

    INDETERMINATE = "indeterminate"
    REPRESENTATION_DIFF = "representation_diff"
    SUBMIT_CLOBBER = "submit_clobber"
    LOST_UPDATE = "lost_update"
    MISSING_ROW = "missing_row"
    ORPHAN_ROW = "orphan_row"
    RESURRECTED_ROW = "resurrected_row"
    DUPLICATE_FINAL = "duplicate_final"
    VERSION_TIE = "version_tie"
    VERSION_INVERSION = "version_inversion"
    STALE_PAYLOAD = "stale_payload"
    LOST_PROPAGATION = "lost_propagation"
    TORN_SCORECARD = "torn_scorecard"
    PHANTOM_VALUE = "phantom_value"
    EVIDENCE_LOST = "evidence_lost"

    # Symptoms alone: which fields differ.
    STALE_SUBMIT_STATE = "stale_submit_state"
    STALE_OVERALL_SCORE = "stale_overall_score"
    STALE_HEADER = "stale_header"
    STALE_UPDATE_TIME = "stale_update_time"
    STALE_SCORE = "stale_score"
    MISSING_SCORE = "missing_score"
    """PostgreSQL has a score that ClickHouse has not."""
    ORPHAN_SCORE = "orphan_score"
    """ClickHouse has a score that PostgreSQL has not."""


FIELDS = frozenset(
    {
        AnomalyClass.STALE_SUBMIT_STATE,
        AnomalyClass.STALE_OVERALL_SCORE,
        AnomalyClass.STALE_HEADER,
        AnomalyClass.STALE_UPDATE_TIME,
        AnomalyClass.STALE_SCORE,
        AnomalyClass.MISSING_SCORE,
        AnomalyClass.ORPHAN_SCORE,
    }
)
"""The classes that say which fields differ and nothing else."""


class Role(StrEnum):
    """What a finding tells."""

    CAUSE = "cause"
    NOTE = "note"
    SYMPTOM = "symptom"


class EventKind(StrEnum):
    """What an event of a witness is."""

    CALL = "call"
    COMMIT = "commit"
    RAW = "raw"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a witness."""

    kind: EventKind
    text: str


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One finding: where, what each store holds there, and what that means.

    `postgres` and `clickhouse` are values as the stores gave them, None for NULL or for what is not there; the explanation tells which.
    A cause has a `witness`: the events that decide it, MAX_WITNESS at most, the rule that they meet the last.
    """

    anomaly_class: AnomalyClass
    field: str
    postgres: object
    clickhouse: object
    explanation: str
    role: Role = Role.SYMPTOM
    witness: tuple[Event, ...] = ()


def failures(anomalies: tuple[Anomaly, ...]) -> tuple[Anomaly, ...]:
    """Return the findings that are no notes."""
    if not anomalies:
        return anomalies
    return tuple(anomaly for anomaly in anomalies if anomaly.role is not Role.NOTE)
