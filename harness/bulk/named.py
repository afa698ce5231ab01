"""Chosen scorecards: those updated since a time, or a random sample. PostgreSQL chooses, and both stores are asked by key."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal

from harness.bulk.pair import both
from harness.bulk.ranges import Key
from harness.bulk.request import BulkTable, Sample, Since
from harness.bulk.signatures import rows_in
from harness.bulk.work import RangeTally, Work

PAGE = 1000
# The number of the page that is being compared.
ONLY = 0


async def compare_named(
    work: Work, tables: Sequence[BulkTable], scope: Since | Sample, update_time: str | Literal[False]
) -> None:
    """Compare the scorecards of a scope in the given tables. Raises an ExceptionGroup of StoreErrors."""
    async for keys in _pages(work, scope, update_time):
        for table in tables:
            await _compare_page(work, table, keys)
        # At once, so that the progress holds a page whole or not at all.
        work.progress.after = keys[-1]
        for table in tables:
            work.count(table, ONLY)
        work.save_sometimes()
        for table in tables:
            work.tell(table)
        if work.findings.full:
            return
    for table in tables:
        work.progress.of(table).finished = True


async def _pages(work: Work, scope: Since | Sample, update_time: str | Literal[False]) -> AsyncIterator[list[Key]]:
    headers = work.pairs[BulkTable.HEADERS].postgres
    if isinstance(scope, Sample):
        keys = await headers.draw(scope.size)
        work.progress.of(BulkTable.HEADERS).rows_total = len(keys)
        for start in range(0, len(keys), PAGE):
            yield keys[start : start + PAGE]
        return
    assert update_time is not False
    work.progress.of(BulkTable.HEADERS).rows_total = await headers.count_since(update_time, scope.time)
    while page := await headers.page(work.progress.after, PAGE, update_time, scope.time):
        yield page


async def _compare_page(work: Work, table: BulkTable, keys: list[Key]) -> None:
    pair = work.pairs[table]
    ours, theirs = await both(pair.postgres.signatures_of(keys), pair.clickhouse.signatures_of(keys))
    tally = work.begun[table, ONLY] = RangeTally(rows_in(ours), rows_in(theirs))
    await work.suspect(table, tally, ours, theirs)
