"""What every step of a comparison works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.bulk.confirm import Confirmer
from harness.bulk.findings import Findings, Suspect
from harness.bulk.pair import TablePair
from harness.bulk.ranges import Key
from harness.bulk.request import BulkProgress, BulkTable
from harness.bulk.resume import Progress, ProgressFile
from harness.bulk.signatures import NOTHING, Signature, differing
from harness.clock import Clock


@dataclass(frozen=True, slots=True)
class Work:
    """The stores, what was found, and where progress goes."""

    pairs: Mapping[BulkTable, TablePair]
    confirmer: Confirmer
    findings: Findings
    progress: Progress
    file: ProgressFile
    clock: Clock
    report: Callable[[BulkProgress], None]

    async def suspect(
        self, table: BulkTable, postgres: Mapping[Key, Signature], clickhouse: Mapping[Key, Signature]
    ) -> int:
        """Hand on the scorecards whose signatures differ, and return how many. Raises StoreError."""
        now_ns = self.clock.now_ns()
        keys = differing(postgres, clickhouse)
        await self.confirmer.add(Suspect(table, key, postgres.get(key, NOTHING), now_ns) for key in keys)
        return len(keys)

    def save(self) -> None:
        """Keep the progress, with what is not decided yet."""
        self.file.save(self.progress, self.confirmer.pending, self.findings)

    def tell(self, table: BulkTable) -> None:
        """Report a table's progress."""
        done = self.progress.of(table)
        self.report(BulkProgress(table, done.rows_done, max(done.rows_total, done.rows_done), self.findings.count))
