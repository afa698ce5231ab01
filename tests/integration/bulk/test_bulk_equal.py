"""Equal tables give no difference, and their checksums are equal without a second look."""

import pytest
from bulk_keys import SPELLINGS, order_keys_by, write
from bulk_stores import Stores

from harness.bulk import ranges
from harness.bulk.postgres import PostgresTable
from harness.bulk.request import BulkResult, BulkTable, TableTally


def tallies(result: BulkResult) -> list[TableTally]:
    return [result.tables[table] for table in BulkTable]


async def test_equal_tables(stores: Stores) -> None:
    await stores.fill(500)
    result = await stores.compare()
    assert result.equal
    assert tallies(result) == [TableTally(500, 500, 0), TableTally(1000, 1000, 0)]


async def test_equal_tables_are_read_once(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells themselves agree, so that nothing has to be looked into."""
    monkeypatch.delattr(PostgresTable, "signatures")
    await stores.fill(500)
    assert (await stores.compare()).equal


async def test_empty_tables(stores: Stores) -> None:
    result = await stores.compare()
    assert result.equal
    assert tallies(result) == [TableTally(0, 0, 0), TableTally(0, 0, 0)]


async def test_superseded_and_deleted_rows_do_not_count(stores: Stores) -> None:
    await stores.fill(100)
    await stores.supersede("scorecards", "1", agent="'stale'")
    await stores.supersede("scorecards", "1", agent="'fresh'")
    await stores.postgres("UPDATE scorecards SET agent = 'fresh'")
    await stores.postgres("DELETE FROM scorecards WHERE template = 'template-3'")
    gone = "scorecard_id IN (SELECT scorecard_id FROM scorecards FINAL WHERE template = 'template-3')"
    await stores.supersede("scores", gone, deleted="1")
    await stores.supersede("scorecards", gone, deleted="1")
    result = await stores.compare()
    assert result.equal
    assert tallies(result) == [TableTally(86, 86, 0), TableTally(172, 172, 0)]


@pytest.mark.parametrize("collation", [None, "en_US.utf8", "C.utf8"])
async def test_every_row_is_in_exactly_one_range(
    stores: Stores, collation: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGE_ROWS", 16)
    monkeypatch.setattr(ranges, "UNSERVED_RANGES", 12)
    if collation is not None:
        await order_keys_by(stores, "libc", collation)
    await stores.fill(200)
    for spelling in SPELLINGS:
        await write(stores, spelling)
    told = []
    result = await stores.compare(report=told.append)
    assert result.equal
    total = 200 + len(SPELLINGS)
    assert tallies(result) == [TableTally(total, total, 0), TableTally(400, 400, 0)]
    steps = [progress.rows_done for progress in told if progress.table is BulkTable.HEADERS]
    assert len(steps) > 10
    assert steps == sorted(set(steps))
    assert steps[-1] == total
