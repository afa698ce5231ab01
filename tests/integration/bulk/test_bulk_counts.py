"""How many scorecards differ: exact at any number, in one run or in several."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from bulk_stores import Stores, names
from fakes import FakeClock

from harness.bulk import confirm, ranges, signatures
from harness.bulk.look import FullLook
from harness.bulk.ranges import Key
from harness.bulk.request import BulkTable

ROWS = 300


async def plant_in_both_tables(stores: Stores) -> None:
    """Every scorecard differs, in its header and in a score."""
    await stores.fill(ROWS)
    await stores.supersede("scorecards", "1", agent="'other'")
    await stores.supersede("scores", "criterion_id = 'criterion-2'", text_value="'other'")


class CancellingClock(FakeClock):
    """Cancels a task, as Ctrl-C does, at one of the waits."""

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.left = wait
        self.task: asyncio.Task[object] | None = None

    async def sleep_until(self, instant_ns: int) -> None:
        self.left -= 1
        if self.left == 0:
            assert self.task is not None
            self.task.cancel()
        await super().sleep_until(instant_ns)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Key]:
    """Every scorecard that was looked at in full, as often as it was."""
    seen: list[Key] = []
    at = FullLook.at

    async def noted(look: FullLook, keys: Sequence[Key]) -> object:
        seen.extend(keys)
        return await at(look, keys)

    monkeypatch.setattr(FullLook, "at", noted)
    return seen


@pytest.mark.parametrize("keep", [7, 1000])
async def test_a_scorecard_that_differs_in_both_tables_counts_once(
    stores: Stores, keep: int, looked: list[Key]
) -> None:
    await plant_in_both_tables(stores)
    result = await stores.compare(keep=keep)
    assert (result.difference_count, len(result.differences)) == (ROWS, min(keep, ROWS))
    assert {table: tally.suspects for table, tally in result.tables.items()} == dict.fromkeys(BulkTable, ROWS)
    assert len(looked) == ROWS


async def test_after_max_differences_the_rest_is_found_as_by_a_fresh_run(
    stores: Stores, tmp_path: Path, looked: list[Key], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signatures, "MAX_ROWS_A_LOOK", 50)
    file = tmp_path / "progress.json"
    await plant_in_both_tables(stores)
    fresh = await stores.compare(keep=7)
    looked.clear()
    for most in (5, 5, 40):
        stopped = await stores.compare(keep=7, max_differences=most, resume=file)
        assert (stopped.complete, stopped.difference_count) == (False, most)
    result = await stores.compare(keep=7, resume=file)
    assert (result.difference_count, len(result.differences)) == (ROWS, 7)
    assert (result.tables, result.complete) == (fresh.tables, True)
    # Those that are shown are looked at again by each run, since the file does not hold what is shown of them.
    assert len(looked) <= ROWS + 3 * 2 * 7
    assert not file.exists()


@pytest.mark.parametrize("wait", [1, 2, 5])
@pytest.mark.parametrize("range_rows", [40, 1 << 19])
async def test_after_an_interruption_the_rest_is_found_as_by_a_fresh_run(
    stores: Stores, tmp_path: Path, wait: int, range_rows: int, looked: list[Key], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGE_ROWS", range_rows)
    monkeypatch.setattr(confirm, "BATCH", 30)
    file = tmp_path / "progress.json"
    await plant_in_both_tables(stores)
    fresh = await stores.compare(keep=7)
    looked.clear()
    clock = CancellingClock(wait)
    clock.task = asyncio.create_task(stores.compare(clock, keep=7, resume=file))
    with pytest.raises(asyncio.CancelledError):
        await clock.task
    before = len(looked)
    assert file.exists()
    result = await stores.compare(keep=7, resume=file)
    assert (result.difference_count, len(result.differences)) == (ROWS, 7)
    assert (result.tables, result.complete) == (fresh.tables, True)
    assert len(looked) <= ROWS + 2 * 7
    assert before == (wait - 1) * 30


async def test_a_key_that_is_no_text_is_found_again_after_a_stop(stores: Stores, tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    await stores.fill(20)
    await stores.supersede("scorecards", "1", agent="'other'")
    await stores.clickhouse(
        b"INSERT INTO scorecards SELECT 'c', 'p', unhex('fffe'), '', '', '', NULL, NULL, '', toDateTime(1), toDateTime(2), 1, 0"
    )
    await stores.compare(max_differences=3, resume=file)
    result = await stores.compare(resume=file)
    assert result.difference_count == len(set(names(result))) == 21


async def test_what_has_agreed_since_is_no_difference(stores: Stores, tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    await stores.fill(20)
    await stores.supersede("scorecards", "1", agent="'other'")
    await stores.compare(max_differences=3, resume=file)
    await stores.postgres("UPDATE scorecards SET agent = 'other'")
    assert (await stores.compare(resume=file)).difference_count == 0


async def test_a_table_that_was_left_early_says_so(stores: Stores) -> None:
    await plant_in_both_tables(stores)
    stopped = await stores.compare(max_differences=5)
    tally = stopped.tables[BulkTable.HEADERS]
    assert (tally.postgres_rows, tally.clickhouse_rows, tally.complete) == (ROWS, ROWS, False)
    whole = await stores.compare()
    assert all(tally.complete for tally in whole.tables.values())
