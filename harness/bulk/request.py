"""What is asked of a bulk comparison, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from harness.check.anomalies import Anomaly
from harness.mapping import StoreMapping
from harness.model import Snapshot


class BulkTable(StrEnum):
    """The tables, in the order in which they are compared."""

    HEADERS = "headers"
    SCORES = "scores"


@dataclass(frozen=True, slots=True)
class All:
    """Every scorecard of either store."""


@dataclass(frozen=True, slots=True)
class Since:
    """The scorecards whose update time in PostgreSQL is `time`, which must have a zone, or later; ClickHouse's rows by their keys."""

    time: datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """`size` scorecards that PostgreSQL has, drawn at random; what is in ClickHouse alone is never drawn."""

    size: int


Scope = All | Since | Sample


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """One comparison.

    `postgres` is a DSN, `clickhouse` a URL. `resume` names the file that keeps the progress: taken up where it exists, removed at the end.
    The comparison stops early once `max_differences` scorecards differ. At most `keep` differences are kept with their evidence, the
    others are counted. `statement_timeout_s` bounds every single query.
    """

    postgres: str
    clickhouse: str
    mapping: StoreMapping
    scope: Scope = All()
    tables: tuple[BulkTable, ...] = tuple(BulkTable)
    max_differences: int | None = None
    resume: Path | None = None
    settle_s: float = 2.0
    keep: int = 1000
    statement_timeout_s: float = 300.0


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How far one table is. `rows_total` is an estimate; `differences` counts those confirmed so far, in all tables."""

    table: BulkTable
    rows_done: int
    rows_total: int
    differences: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A scorecard that differs, as the confirming look saw it."""

    snapshot: Snapshot
    anomalies: tuple[Anomaly, ...]


@dataclass(frozen=True, slots=True)
class TableTally:
    """What was compared of one table, by earlier runs too: live rows of each store, and how many scorecards' signatures differed at first.

    `complete` is False where the comparison ended before all of the table was compared; there may be more rows then.
    """

    postgres_rows: int
    clickhouse_rows: int
    suspects: int
    complete: bool = True


class BulkStatus(StrEnum):
    """How a comparison ended."""

    COMPLETE = "complete"
    STOPPED = "stopped"
    """As many scorecards differ as were asked for."""
    PARTIAL = "partial"
    """It was interrupted."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What a comparison found.

    `difference_count` counts the scorecards that differ, `differences` holds the first of them with their evidence. `representation`
    names scorecards whose stored bytes differ and whose values are equal by the declared rules; `unsettled` those that were written
    between all looks, so that nothing can be said of them: neither list is equality proved. Both hold the first names only, the counts
    all. Where `status` is not complete, there may be more of each.
    """

    tables: dict[BulkTable, TableTally]
    differences: tuple[Difference, ...]
    difference_count: int
    representation: tuple[str, ...]
    representation_count: int
    unsettled: tuple[str, ...]
    unsettled_count: int
    status: BulkStatus

    @property
    def complete(self) -> bool:
        """Whether everything was compared."""
        return self.status is BulkStatus.COMPLETE

    @property
    def equal(self) -> bool:
        """Whether everything was compared and nothing differs."""
        return self.complete and self.difference_count == 0 and self.unsettled_count == 0
