"""A whole table, range by range, several ranges at once."""

import asyncio
from collections.abc import Iterator

from harness.bulk.pair import TablePair, both
from harness.bulk.ranges import KeyRange, cell_bits, cut, range_count, ranges_between, sample_step
from harness.bulk.request import BulkTable
from harness.bulk.resume import TableProgress
from harness.bulk.signatures import differing, looks, rows_in
from harness.bulk.work import RangeTally, Work

RANGES_AT_ONCE = 2


async def compare_whole(work: Work, table: BulkTable) -> None:
    """Compare one table, those of its ranges that are not done yet. Raises an ExceptionGroup of StoreErrors."""
    pair, progress = work.pairs[table], work.progress.of(table)
    if not progress.cut:
        await _cut(pair, progress)
        work.save()
    work.tell(table)
    ranges = enumerate(ranges_between(tuple(progress.boundaries)))
    left = iter([(number, keys) for number, keys in ranges if number not in progress.done])
    async with asyncio.TaskGroup() as group:
        for _ in range(RANGES_AT_ONCE):
            group.create_task(_compare_ranges(work, table, left))
    progress.finished = len(progress.done) == len(progress.boundaries) + 1


async def _cut(pair: TablePair, progress: TableProgress) -> None:
    """Choose the ranges by a sample of the side that has more rows."""
    ours, theirs = await both(pair.postgres.estimate(), pair.clickhouse.count())
    rows = max(ours, theirs)
    ranges = range_count(rows, served=pair.served)
    step = sample_step(rows, ranges)
    if ranges > 1:
        # ClickHouse reads the key's columns alone; PostgreSQL is asked only where ClickHouse has too little to tell.
        sample = await (pair.clickhouse.sample(step) if 2 * theirs > ours else pair.postgres.sample(step))
        progress.boundaries = list(cut(sample, ranges))
    progress.bits = cell_bits(rows, len(progress.boundaries) + 1)
    progress.rows_total, progress.cut = rows, True


async def _compare_ranges(work: Work, table: BulkTable, left: Iterator[tuple[int, KeyRange]]) -> None:
    for number, keys in left:
        if not await _compare_range(work, table, number, keys):
            return
        work.progress.of(table).done.append(number)
        work.count(table, number)
        work.save_sometimes()
        work.tell(table)


async def _compare_range(work: Work, table: BulkTable, number: int, keys: KeyRange) -> bool:
    """Compare one range; return False where it was left early since enough was found."""
    pair, progress = work.pairs[table], work.progress.of(table)
    ours, theirs = await both(pair.postgres.cells(keys, progress.bits), pair.clickhouse.cells(keys, progress.bits))
    tally = work.begun[table, number] = RangeTally(rows_in(ours), rows_in(theirs))
    for cells in looks(differing(ours, theirs), ours, theirs):
        our_scorecards, their_scorecards = await both(
            pair.postgres.signatures(keys, progress.bits, cells), pair.clickhouse.signatures(keys, progress.bits, cells)
        )
        await work.suspect(table, tally, our_scorecards, their_scorecards)
        work.tell(table)
        if work.findings.full:
            return False
    return not work.findings.full
