"""The classes of what can be wrong, and one finding of them.

A class says which part is wrong (its symptom); why it came to be so is another question, which only evidence can answer.
"""

from dataclasses import dataclass
from enum import StrEnum


class AnomalyClass(StrEnum):
    """What is wrong with one scorecard."""

    SUBMIT_CLOBBER = "submit_clobber"
    """Submit was acknowledged, yet PostgreSQL's submit time or submitter is not what it left."""
    LOST_UPDATE = "lost_update"
    """No serial order of the acknowledged calls explains PostgreSQL's row."""
    MISSING_ROW = "missing_row"
    """In PostgreSQL, not in ClickHouse."""
    ORPHAN_ROW = "orphan_row"
    """In ClickHouse, not in PostgreSQL."""
    DUPLICATE_FINAL = "duplicate_final"
    """FINAL gives more than one row of a key."""
    STALE_SUBMIT_STATE = "stale_submit_state"
    STALE_OVERALL_SCORE = "stale_overall_score"
    STALE_HEADER = "stale_header"
    STALE_UPDATE_TIME = "stale_update_time"
    STALE_SCORE = "stale_score"
    MISSING_SCORE = "missing_score"
    """PostgreSQL has a score that ClickHouse has not."""
    ORPHAN_SCORE = "orphan_score"
    """ClickHouse has a score that PostgreSQL has not."""
    VERSION_TIE = "version_tie"
    """Two contents at the highest version: which of them FINAL shows is an accident."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One finding: where, what each store holds there, and what that means.

    `postgres` and `clickhouse` are values as the stores gave them, None for NULL or for what is not there; the explanation tells which.
    """

    anomaly_class: AnomalyClass
    field: str
    postgres: object
    clickhouse: object
    explanation: str
