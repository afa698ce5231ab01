"""What every step of a comparison works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.bulk.confirm import Confirmer
from harness.bulk.findings import Findings, Suspect
from harness.bulk.pair import TablePair
from harness.bulk.ranges import Key
from harness.bulk.request import BulkProgress, BulkTable
from harness.bulk.resume import Progress, ProgressFile
from harness.bulk.signatures import NOTHING, Signature, differing
from harness.clock import Clock
from harness.units import NS_PER_S

# The file grows with what was found: written after each step it would cost more than the comparison.
SAVE_EVERY_NS = 5 * NS_PER_S


@dataclass(slots=True)
class RangeTally:
    """What is known of a range or a page that is not done: its live rows in each store, and how many suspects it has had."""

    postgres_rows: int
    clickhouse_rows: int
    suspects: int = 0


@dataclass(slots=True)
class Work:
    """The stores, what was found, and where progress goes; `begun` holds what is not done, by the number of the range."""

    pairs: Mapping[BulkTable, TablePair]
    confirmer: Confirmer
    findings: Findings
    progress: Progress
    file: ProgressFile
    clock: Clock
    report: Callable[[BulkProgress], None]
    begun: dict[tuple[BulkTable, int], RangeTally]
    _saved_ns: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.confirmer.after_batch = self.save_sometimes

    async def suspect(
        self,
        table: BulkTable,
        tally: RangeTally,
        postgres: Mapping[Key, Signature],
        clickhouse: Mapping[Key, Signature],
    ) -> None:
        """Hand on the scorecards whose signatures differ, and count them. Raises StoreError."""
        now_ns = self.clock.now_ns()
        keys = differing(postgres, clickhouse)
        tally.suspects += len(keys)
        await self.confirmer.add(Suspect(table, key, postgres.get(key, NOTHING), now_ns) for key in keys)

    def count(self, table: BulkTable, number: int) -> None:
        """Take in the numbers of a range or a page that is done."""
        tally, progress = self.begun.pop((table, number)), self.progress.of(table)
        progress.postgres_rows += tally.postgres_rows
        progress.clickhouse_rows += tally.clickhouse_rows
        progress.rows_done += max(tally.postgres_rows, tally.clickhouse_rows)
        progress.suspects += tally.suspects

    def save(self) -> None:
        """Keep the progress, with what is not decided yet. Raises ResultsError."""
        self._saved_ns = self.clock.now_ns()
        self.file.save(self.progress, self.confirmer.pending, self.findings)

    def save_sometimes(self) -> None:
        """Keep the progress, unless that was done a moment ago. Raises ResultsError."""
        if self._saved_ns is None or self.clock.now_ns() - self._saved_ns >= SAVE_EVERY_NS:
            self.save()

    def tell(self, table: BulkTable) -> None:
        """Report a table's progress."""
        done = self.progress.of(table)
        self.report(BulkProgress(table, done.rows_done, max(done.rows_total, done.rows_done), self.findings.count))
