"""The entry to bulk comparison."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from harness.bulk.clickhouse import open_clickhouse_side
from harness.bulk.confirm import Confirmer
from harness.bulk.findings import Findings
from harness.bulk.look import FullLook
from harness.bulk.named import compare_named
from harness.bulk.pair import TablePair, make_pair
from harness.bulk.postgres import open_postgres_side
from harness.bulk.request import (
    All,
    BulkProgress,
    BulkRequest,
    BulkResult,
    BulkStatus,
    BulkTable,
    Sample,
    Since,
    TableTally,
)
from harness.bulk.resume import ProgressFile, TableProgress, fingerprint
from harness.bulk.whole import compare_whole
from harness.bulk.work import RangeTally, Work
from harness.check.fields import FieldRules
from harness.clock import Clock
from harness.errors import HarnessError, StoreError, UsageError, first_error
from harness.observe.batch import open_readers
from harness.units import NS_PER_S

MAX_SAMPLE = 100_000


class Comparison:
    """One comparison; `result` is true to what was found at any time, also after an interruption.

    `report` is told of the progress after each step. Raises UsageError for a request that cannot be met.
    """

    def __init__(
        self, request: BulkRequest, clock: Clock, report: Callable[[BulkProgress], None] = lambda _: None
    ) -> None:
        _check(request)
        self._request = request
        self._clock = clock
        self._report = report
        self._file = ProgressFile(request.resume)
        self._findings = Findings(max(request.keep, 1), request.max_differences)
        self._progress = self._file.load(fingerprint(request), self._findings)
        self._begun: dict[tuple[BulkTable, int], RangeTally] = {}
        self._ended = False

    async def execute(self) -> None:
        """Compare. Raises StoreError where a store cannot be read, ResultsError where the progress cannot be kept."""
        # In a task of its own: a TaskGroup that fails leaves its mark on the task that it stands in, as if that were cancelled.
        task, work = asyncio.current_task(), asyncio.create_task(self._execute())
        try:
            await work
        except StoreError:
            if task is not None and task.cancelling():
                # What breaks while everything is being ended says nothing of the stores.
                raise asyncio.CancelledError from None
            raise

    @property
    def result(self) -> BulkResult:
        """What was found so far."""
        findings = self._findings
        ended = BulkStatus.STOPPED if findings.full else BulkStatus.COMPLETE
        return BulkResult(
            tables={table: self._tally(table, progress) for table, progress in self._progress.tables.items()},
            differences=findings.differences,
            difference_count=findings.count,
            representation=findings.representation.names,
            representation_count=findings.representation.count,
            unsettled=findings.unsettled.names,
            unsettled_count=findings.unsettled.count,
            status=ended if self._ended else BulkStatus.PARTIAL,
        )

    async def _execute(self) -> None:
        try:
            async with _opened(self._request, self._clock) as (look, pairs):
                await self._compare(pairs, look)
        except (HarnessError, ExceptionGroup) as raised:
            if (error := first_error(raised)) is None:
                raise
            raise error from None
        self._ended = True
        if not self._findings.full:
            self._file.remove()

    async def _compare(self, pairs: Mapping[BulkTable, TablePair], look: FullLook) -> None:
        request, settle_ns = self._request, round(self._request.settle_s * NS_PER_S)
        confirmer = Confirmer(pairs, look, self._findings, self._clock, settle_ns)
        work = Work(
            pairs,
            confirmer,
            self._findings,
            self._progress,
            self._file,
            self._clock,
            self._report,
            self._begun,
        )
        try:
            await confirmer.add(self._progress.suspects(self._clock.now_ns()))
            if isinstance(request.scope, All):
                for table in request.tables:
                    if not self._findings.full:
                        await compare_whole(work, table)
            else:
                update_time = request.mapping.postgres.headers.update_time_us
                await compare_named(work, request.tables, request.scope, update_time)
            await confirmer.finish()
        finally:
            work.save()

    def _tally(self, table: BulkTable, progress: TableProgress) -> TableTally:
        begun = [tally for (its_table, _), tally in self._begun.items() if its_table is table]
        return TableTally(
            progress.postgres_rows + sum(tally.postgres_rows for tally in begun),
            progress.clickhouse_rows + sum(tally.clickhouse_rows for tally in begun),
            progress.suspects + sum(tally.suspects for tally in begun),
            progress.finished,
        )


async def compare_tables(
    request: BulkRequest, clock: Clock, report: Callable[[BulkProgress], None] = lambda _: None
) -> BulkResult:
    """Compare whole tables to the end. Raises what a `Comparison` does."""
    comparison = Comparison(request, clock, report)
    await comparison.execute()
    return comparison.result


def _check(request: BulkRequest) -> None:
    scope = request.scope
    if isinstance(scope, Since) and scope.time.tzinfo is None:
        raise UsageError("the time since which scorecards are compared needs a zone, as in 2026-01-31T00:00:00Z")
    if isinstance(scope, Since) and not _in_utc(scope.time):
        raise UsageError(f"the time {scope.time.isoformat()} is in no year from 1 to 9999 of UTC")
    if isinstance(scope, Since) and request.mapping.postgres.headers.update_time_us is False:
        raise UsageError("[mapping.postgres] names no column of the update time, so scorecards cannot be chosen by it")
    if isinstance(scope, Sample) and not 0 < scope.size <= MAX_SAMPLE:
        raise UsageError(f"a sample has 1 to {MAX_SAMPLE:,} scorecards; for more compare all")
    if isinstance(scope, Sample) and request.resume is not None:
        raise UsageError("a sample is drawn anew each time and cannot be resumed")
    if request.max_differences is not None and request.max_differences < 1:
        raise UsageError("the number of differences to stop at is 1 or more")
    if not request.tables:
        raise UsageError("there is no table to compare")


def _in_utc(time: datetime) -> bool:
    """Return whether a time can be said in UTC, as the driver does."""
    try:
        time.astimezone(UTC)
    except OverflowError:
        return False
    return True


@asynccontextmanager
async def _opened(request: BulkRequest, clock: Clock) -> AsyncIterator[tuple[FullLook, dict[BulkTable, TablePair]]]:
    """Hold both stores, checked, by connections that cannot write."""
    mapping, timeout_s = request.mapping, request.statement_timeout_s
    async with (
        # Checked before anything else is opened.
        open_readers(request.postgres, request.clickhouse, mapping, clock) as readers,
        open_clickhouse_side(request.clickhouse, timeout_s) as theirs,
        open_postgres_side(request.postgres, mapping.postgres.namespace, timeout_s) as ours,
    ):
        pairs = {table: await make_pair(table, mapping, ours, theirs) for table in BulkTable}
        yield FullLook(readers, FieldRules.of(readers.types)), pairs
