"""Planted differences are found, each of them, and nothing else is accused."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from bulk_stores import Stores, names

from harness.bulk import signatures
from harness.bulk.request import BulkTable
from harness.check.anomalies import AnomalyClass

ROWS = 300
Plant = Callable[[Stores, str], Coroutine[Any, Any, Any]]


def in_clickhouse(table: str, **changes: str) -> Plant:
    """A newer version in ClickHouse alone."""
    return lambda stores, condition: stores.supersede(table, condition, **changes)


def in_postgres(change: str) -> Plant:
    """A statement in PostgreSQL alone, of the chosen scorecard."""
    return lambda stores, condition: stores.postgres(f"{change} WHERE {condition}")


PLANTS: dict[str, tuple[AnomalyClass, Plant]] = {
    "agent": (AnomalyClass.STALE_HEADER, in_clickhouse("scorecards", agent="'other'")),
    "agent's blank": (AnomalyClass.STALE_HEADER, in_clickhouse("scorecards", agent="concat(agent, ' ')")),
    "overall score": (AnomalyClass.STALE_OVERALL_SCORE, in_postgres("UPDATE scorecards SET overall_score = 1e-300")),
    "zero for null": (AnomalyClass.STALE_OVERALL_SCORE, in_clickhouse("scorecards", overall_score="0")),
    "submit time": (AnomalyClass.STALE_SUBMIT_STATE, in_clickhouse("scorecards", submitted_at="NULL")),
    "submitter": (AnomalyClass.STALE_SUBMIT_STATE, in_postgres("UPDATE scorecards SET submitter_user_id = 'x'")),
    "update time": (
        AnomalyClass.STALE_UPDATE_TIME,
        in_postgres("UPDATE scorecards SET updated_at = updated_at + interval '1 second'"),
    ),
    "no header": (AnomalyClass.MISSING_ROW, in_clickhouse("scorecards", deleted="1")),
    "no scorecard": (AnomalyClass.ORPHAN_ROW, in_postgres("DELETE FROM scorecards")),
    "score": (AnomalyClass.STALE_SCORE, in_postgres("UPDATE scores SET numeric_value = 7")),
    "empty for null": (AnomalyClass.STALE_SCORE, in_clickhouse("scores", text_value="ifNull(text_value, '')")),
    "flag": (AnomalyClass.STALE_SCORE, in_clickhouse("scores", not_applicable="1")),
    "no score": (AnomalyClass.MISSING_SCORE, in_clickhouse("scores", deleted="1")),
    "orphan score": (
        AnomalyClass.ORPHAN_SCORE,
        in_postgres("DELETE FROM scores USING (SELECT) AS _"),
    ),
}


async def pick(stores: Stores, condition: str = "overall_score IS NULL AND submitted_at IS NOT NULL") -> str:
    """Return a scorecard's id."""
    sql = f"SELECT scorecard_id FROM scorecards WHERE {condition} ORDER BY md5(scorecard_id) LIMIT 1"
    return str(await stores.owner.fetchval(sql))


@pytest.mark.parametrize("plant", PLANTS)
async def test_one_planted_difference(stores: Stores, plant: str) -> None:
    await stores.fill(ROWS)
    anomaly_class, change = PLANTS[plant]
    scorecard = await pick(stores)
    await change(stores, f"scorecard_id = '{scorecard}'")
    result = await stores.compare()
    assert names(result) == [scorecard]
    assert result.difference_count == 1
    assert anomaly_class in [anomaly.anomaly_class for anomaly in result.differences[0].anomalies]
    assert not result.equal
    assert result.complete


async def test_many_differences_in_every_cell(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "MAX_ROWS_A_LOOK", 50)
    await stores.fill(ROWS)
    await stores.supersede("scorecards", "agent = 'agent-1'", agent="'other'")
    ids = [row[0] for row in await stores.owner.fetch("SELECT scorecard_id FROM scorecards WHERE agent = 'agent-1'")]
    result = await stores.compare()
    assert sorted(names(result)) == sorted(ids)
    assert result.tables[BulkTable.HEADERS].suspects == len(ids)
    assert result.tables[BulkTable.SCORES].suspects == 0


async def test_clickhouse_is_empty(stores: Stores) -> None:
    await stores.fill(ROWS)
    await stores.clickhouse("TRUNCATE TABLE scorecards")
    await stores.clickhouse("TRUNCATE TABLE scores")
    result = await stores.compare()
    assert result.difference_count == ROWS
    assert {d.anomalies[0].anomaly_class for d in result.differences} == {AnomalyClass.MISSING_ROW}


async def test_a_score_without_a_header_anywhere(stores: Stores) -> None:
    await stores.fill(10)
    await stores.clickhouse("INSERT INTO scores SELECT 'c', 'p', 'lost', 'k', NULL, NULL, NULL, 0, 0, 1, 0")
    result = await stores.compare()
    assert names(result) == ["lost"]


async def test_a_key_that_is_no_text(stores: Stores) -> None:
    await stores.fill(10)
    await stores.clickhouse(
        b"INSERT INTO scorecards SELECT 'c', 'p', unhex('fffe'), '', '', '', NULL, NULL, '', toDateTime(1), toDateTime(2), 1, 0"
    )
    result = await stores.compare()
    assert result.difference_count == 1
    assert result.differences[0].anomalies[0].anomaly_class is AnomalyClass.ORPHAN_ROW


async def test_a_key_with_slashes(stores: Stores) -> None:
    await stores.fill(10)
    await stores.postgres(
        "INSERT INTO scorecards SELECT 'c/d', '', 'a/scorecards/b', '', '', '', NULL, NULL, '', to_timestamp(1), to_timestamp(2)"
    )
    result = await stores.compare()
    assert result.difference_count == 1
    assert result.differences[0].anomalies[0].anomaly_class is AnomalyClass.MISSING_ROW


async def test_beyond_what_is_kept_differences_are_counted(stores: Stores) -> None:
    await stores.fill(ROWS)
    await stores.supersede("scorecards", "1", agent="'other'")
    result = await stores.compare(keep=7)
    assert len(result.differences) == 7
    assert result.difference_count == ROWS


async def test_the_comparison_stops_at_so_many(stores: Stores) -> None:
    await stores.fill(ROWS)
    await stores.supersede("scorecards", "1", agent="'other'")
    result = await stores.compare(max_differences=5)
    assert not result.complete
    assert not result.equal
    assert result.difference_count >= 5
    assert BulkTable.SCORES not in result.tables
