"""The entry to bulk comparison."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from harness.bulk.clickhouse import open_clickhouse_side
from harness.bulk.confirm import Confirmer
from harness.bulk.findings import Findings, Suspect
from harness.bulk.look import FullLook
from harness.bulk.named import compare_named
from harness.bulk.pair import TablePair, make_pair
from harness.bulk.postgres import open_postgres_side
from harness.bulk.request import All, BulkProgress, BulkRequest, BulkResult, BulkTable, Sample, Since, TableTally
from harness.bulk.resume import Progress, ProgressFile, fingerprint
from harness.bulk.whole import compare_whole
from harness.bulk.work import Work
from harness.check.fields import FieldRules
from harness.clock import Clock
from harness.errors import HarnessError, UsageError, first_error
from harness.model import StoreTypes
from harness.observe.clickhouse import open_clickhouse
from harness.observe.postgres import open_postgres
from harness.units import NS_PER_S

MAX_SAMPLE = 100_000


async def compare_tables(
    request: BulkRequest, clock: Clock, report: Callable[[BulkProgress], None] = lambda _: None
) -> BulkResult:
    """Compare whole tables; `report` is told of the progress after each step.

    Raises UsageError for a request that cannot be met, StoreError where a store cannot be read, ResultsError where the progress cannot
    be kept.
    """
    _check(request)
    file = ProgressFile(request.resume)
    progress = file.load(fingerprint(request))
    findings = Findings(max(request.keep, 1), request.max_differences)
    try:
        async with _opened(request, clock) as (look, pairs):
            confirmer = Confirmer(pairs, look, findings, clock, round(request.settle_s * NS_PER_S))
            work = Work(pairs, confirmer, findings, progress, file, clock, report)
            await _compare(request, work)
    except (HarnessError, ExceptionGroup) as raised:
        if (error := first_error(raised)) is None:
            raise
        raise error from None
    if not findings.full:
        file.remove()
    return _result(findings, progress)


def _check(request: BulkRequest) -> None:
    scope = request.scope
    if isinstance(scope, Since) and scope.time.tzinfo is None:
        raise UsageError("the time since which scorecards are compared needs a zone, as in 2026-01-31T00:00:00Z")
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


@asynccontextmanager
async def _opened(request: BulkRequest, clock: Clock) -> AsyncIterator[tuple[FullLook, dict[BulkTable, TablePair]]]:
    """Hold both stores, checked, by connections that cannot write."""
    mapping, timeout_s = request.mapping, request.statement_timeout_s
    async with (
        open_clickhouse(request.clickhouse, mapping.clickhouse) as clickhouse,
        open_postgres(request.postgres, mapping.postgres) as postgres,
    ):
        await clickhouse.check()
        await postgres.check()
        async with (
            open_clickhouse_side(request.clickhouse, timeout_s) as theirs,
            open_postgres_side(request.postgres, mapping.postgres.namespace, timeout_s) as ours,
        ):
            pairs = {table: await make_pair(table, mapping, ours, theirs) for table in BulkTable}
            rules = FieldRules.of(StoreTypes(postgres.types, clickhouse.types))
            yield FullLook(postgres, clickhouse, clock, rules), pairs


async def _compare(request: BulkRequest, work: Work) -> None:
    work.findings.add_earlier(work.progress.counts)
    earlier = [Suspect(table, key, None, work.clock.now_ns()) for table, key in work.progress.open]
    await work.confirmer.add(earlier)
    if isinstance(request.scope, All):
        for table in request.tables:
            if not work.findings.full:
                await compare_whole(work, table)
    else:
        await compare_named(work, request.tables, request.scope, request.mapping.postgres.headers.update_time_us)
    await work.confirmer.finish()
    work.save()


def _result(findings: Findings, progress: Progress) -> BulkResult:
    tallies = {t: TableTally(p.postgres_rows, p.clickhouse_rows, p.suspects) for t, p in progress.tables.items()}
    return BulkResult(
        tables=tallies,
        differences=findings.differences,
        difference_count=findings.count,
        representation=findings.representation.names,
        representation_count=findings.representation.count,
        unsettled=findings.unsettled.names,
        unsettled_count=findings.unsettled.count,
        complete=not findings.full,
    )
