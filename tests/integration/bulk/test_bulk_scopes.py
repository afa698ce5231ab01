"""Parts of the tables: since a time, a sample, and what an interrupted comparison left."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bulk_stores import Stores, names

from harness.bulk import named, ranges
from harness.bulk.request import BulkProgress, BulkTable, Sample, Since
from harness.errors import UsageError

SINCE = Since(datetime.fromtimestamp(1_700_000_200, UTC))

# Of the years 10000 and 0 in UTC.
FAR = [Since(datetime.fromisoformat(time)) for time in ("9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00")]


class InterruptedError_(Exception):
    """The user's Ctrl-C."""


async def test_since(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "PAGE", 17)
    await stores.fill(300)
    await stores.supersede("scorecards", "scorecard_id = lower(hex(MD5('199')))", agent="'too early'")
    await stores.supersede("scorecards", "scorecard_id = lower(hex(MD5('200')))", agent="'other'")
    await stores.supersede("scores", "scorecard_id = lower(hex(MD5('299')))", deleted="1")
    result = await stores.compare(scope=SINCE)
    ids = {row[0] for row in await stores.owner.fetch("SELECT md5(i::text) FROM unnest(ARRAY[200, 299]) AS i")}
    assert set(names(result)) == ids
    assert result.tables[BulkTable.HEADERS].postgres_rows == 100
    assert result.tables[BulkTable.SCORES].postgres_rows == 200


async def test_since_takes_the_update_time_from_postgresql_alone(stores: Stores) -> None:
    """A stale copy still has the old time: it must be found by its key."""
    await stores.fill(100)
    await stores.postgres("UPDATE scorecards SET updated_at = to_timestamp(1700001000) WHERE scorecard_id = md5('5')")
    result = await stores.compare(scope=SINCE)
    assert len(result.differences) == 1
    assert result.tables[BulkTable.HEADERS].postgres_rows == 1


async def test_since_with_times_without_a_zone(stores: Stores) -> None:
    await stores.fill(300)
    await stores.postgres("ALTER TABLE scorecards ALTER updated_at TYPE timestamp USING updated_at AT TIME ZONE 'UTC'")
    result = await stores.compare(scope=SINCE)
    assert result.equal
    assert result.tables[BulkTable.HEADERS].postgres_rows == 100


async def test_a_sample(stores: Stores) -> None:
    await stores.fill(300)
    result = await stores.compare(scope=Sample(40))
    assert result.equal
    assert result.tables[BulkTable.HEADERS].postgres_rows == 40
    assert result.tables[BulkTable.SCORES].clickhouse_rows == 80
    await stores.supersede("scorecards", "1", agent="'other'")
    assert (await stores.compare(scope=Sample(40))).difference_count == 40


@pytest.mark.parametrize("scope", [Since(datetime(2026, 1, 1)), *FAR, Sample(0), Sample(1_000_000)])
async def test_scopes_that_cannot_be(stores: Stores, scope: Since | Sample) -> None:
    with pytest.raises(UsageError):
        await stores.compare(scope=scope)


async def test_an_interrupted_comparison_is_taken_up(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGE_ROWS", 40)
    file = tmp_path / "progress.json"
    await stores.fill(300)
    await stores.supersede("scorecards", "agent = 'agent-1'", agent="'other'")
    expected = sorted(
        row[0] for row in await stores.owner.fetch("SELECT scorecard_id FROM scorecards WHERE agent = 'agent-1'")
    )
    steps: list[BulkProgress] = []

    def interrupt(progress: BulkProgress) -> None:
        steps.append(progress)
        if progress.rows_done > 100:
            raise InterruptedError_

    with pytest.raises(BaseExceptionGroup):
        await stores.compare(report=interrupt, resume=file)
    kept = json.loads(file.read_text())
    assert len(kept["tables"]["headers"]["done"]) >= 2
    assert kept["open"]

    again: list[BulkProgress] = []
    result = await stores.compare(report=again.append, resume=file)
    assert again[0].rows_done >= steps[-1].rows_done > 0
    assert sorted(names(result)) == expected
    assert result.tables[BulkTable.HEADERS].postgres_rows == 300
    assert not file.exists()


async def test_an_interrupted_comparison_by_time_is_taken_up(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "PAGE", 10)
    file = tmp_path / "progress.json"
    await stores.fill(300)
    await stores.supersede("scorecards", "agent = 'agent-1'", agent="'other'")
    steps: list[BulkProgress] = []

    def interrupt(progress: BulkProgress) -> None:
        steps.append(progress)
        if len(steps) == 9:
            raise InterruptedError_

    with pytest.raises(InterruptedError_):
        await stores.compare(report=interrupt, resume=file, scope=SINCE)
    result = await stores.compare(resume=file, scope=SINCE)
    assert result.difference_count == 20
    assert result.tables[BulkTable.HEADERS].postgres_rows == 100


async def test_a_file_of_another_comparison_is_refused(stores: Stores, tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    await stores.fill(30)
    await stores.supersede("scorecards", "1", agent="'other'")
    stopped = await stores.compare(resume=file, max_differences=1)
    assert not stopped.complete
    assert file.exists()
    with pytest.raises(UsageError, match="another comparison"):
        await stores.compare(resume=file, scope=SINCE)
    assert (await stores.compare(resume=file)).difference_count == 30
    file.write_text("{}")
    with pytest.raises(UsageError, match="does not hold"):
        await stores.compare(resume=file)
