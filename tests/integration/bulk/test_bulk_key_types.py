"""Keys that PostgreSQL holds as uuids or whole numbers, and ClickHouse as their texts."""

from datetime import UTC, datetime

import pytest
from bulk_stores import Stores, names

from harness.bulk import named, whole
from harness.bulk.request import BulkTable, Sample, Since
from harness.errors import StoreError

COLUMNS = ("customer_id", "profile_id", "scorecard_id")
ROWS = 400
OURS, THEIRS = "overall_score::int % 40 = 3", "toInt64(assumeNotNull(overall_score)) % 40 = 3"
UUID = "md5({} || i::text)::uuid"
# Of all lengths, which texts order otherwise than numbers, negative ones, and one with nineteen digits.
NUMBER = "CASE WHEN i = 3 THEN 9223372036854775807 ELSE (i - 5) * (7 ^ (i % 12))::bigint END"
KEYS = {
    "uuid scorecards": ("'customer ' || i % 3", "'profile'", UUID.format("'s'")),
    "uuids alone": (UUID.format("'c'"), UUID.format("'p'"), UUID.format("'s'")),
    "numbers": ("i % 3", "'profile'", f"({NUMBER})::bigint"),
    "all sorts": (UUID.format("'c'"), "(i % 20)::smallint", "i"),
}
TYPES = {
    "uuid scorecards": ("text", "text", "uuid"),
    "uuids alone": ("uuid", "uuid", "uuid"),
    "numbers": ("integer", "text", "bigint"),
    "all sorts": ("uuid", "smallint", "integer"),
}


async def fill(stores: Stores, keys: str) -> None:
    """Write scorecards with such keys, each with a score, to both stores."""
    await stores.postgres("ALTER TABLE scores DROP CONSTRAINT scores_customer_id_profile_id_scorecard_id_fkey")
    for table in ("scores", "scorecards"):
        changes = [f"ALTER {c} TYPE {t} USING {c}::{t}" for c, t in zip(COLUMNS, TYPES[keys], strict=True)]
        await stores.postgres(f"ALTER TABLE {table} {', '.join(changes)}")
    key = ", ".join(KEYS[keys])
    times = "to_timestamp(1700000000 + i), to_timestamp(1700000000 + i)"
    series = f"generate_series(0, {ROWS - 1}) AS i"
    await stores.postgres(f"INSERT INTO scorecards SELECT {key}, 't', 'a', 'c', i, NULL, '', {times} FROM {series}")
    await stores.postgres(f"INSERT INTO scores SELECT {key}, 'k', i, NULL, NULL, false, true FROM {series}")
    written = await stores.owner.fetch(f"SELECT i, {', '.join(f'({part})::text' for part in KEYS[keys])} FROM {series}")
    headers = ", ".join(
        f"('{c}', '{p}', '{s}', 't', 'a', 'c', {i}, NULL, '', {1_700_000_000 + i}, {1_700_000_000 + i}, 1, 0)"
        for i, c, p, s in written
    )
    await stores.clickhouse(f"INSERT INTO scorecards VALUES {headers}")
    scores = ", ".join(f"('{c}', '{p}', '{s}', 'k', {i}, NULL, NULL, 0, 1, 1, 0)" for i, c, p, s in written)
    await stores.clickhouse(f"INSERT INTO scores VALUES {scores}")


@pytest.mark.parametrize("keys", KEYS)
async def test_whole_tables_in_ranges(stores: Stores, monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setattr(whole, "range_count", lambda rows, *, served: 7)
    await fill(stores, keys)
    result = await stores.compare()
    assert result.equal
    assert [result.tables[table].suspects for table in BulkTable] == [0, 0]
    assert [result.tables[table].postgres_rows for table in BulkTable] == [ROWS, ROWS]
    changed = await ids(stores, OURS)
    await stores.supersede("scorecards", THEIRS, agent="'other'")
    # An orphan whose key PostgreSQL's columns cannot hold.
    orphan = (
        "INSERT INTO scorecards SELECT 'zzz', '7f', 'x', '', '', '', NULL, NULL, '', toDateTime(1), toDateTime(2), 1, 0"
    )
    await stores.clickhouse(orphan)
    result = await stores.compare()
    assert sorted(names(result)) == sorted([*changed, "x"])
    assert result.tables[BulkTable.HEADERS].postgres_rows == ROWS
    assert result.tables[BulkTable.HEADERS].clickhouse_rows == ROWS + 1


async def ids(stores: Stores, condition: str) -> list[str]:
    return [row[0] for row in await stores.owner.fetch(f"SELECT scorecard_id::text FROM scorecards WHERE {condition}")]


@pytest.mark.parametrize("keys", KEYS)
async def test_since_and_sample(stores: Stores, monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setattr(named, "PAGE", 17)
    await fill(stores, keys)
    changed = await ids(stores, OURS)
    await stores.supersede("scorecards", THEIRS, agent="'other'")
    since = Since(datetime.fromtimestamp(1_700_000_000 + 200, UTC))
    result = await stores.compare(scope=since)
    assert set(names(result)) == set(await ids(stores, f"{OURS} AND overall_score >= 200"))
    assert result.tables[BulkTable.HEADERS].postgres_rows == ROWS - 200
    result = await stores.compare(scope=Sample(ROWS))
    assert sorted(names(result)) == sorted(changed)
    assert result.tables[BulkTable.SCORES].clickhouse_rows == ROWS


async def test_an_index_serves_ranges_of_uuids(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    await stores.postgres("ALTER TABLE scores DROP CONSTRAINT scores_customer_id_profile_id_scorecard_id_fkey")
    for table in ("scores", "scorecards"):
        changes = [f"ALTER {c} TYPE uuid USING {c}::uuid" for c in COLUMNS]
        await stores.postgres(f"ALTER TABLE {table} {', '.join(changes)}")
    served_by_index: list[bool] = []

    def range_count(rows: int, *, served: bool) -> int:
        served_by_index.append(served)
        return 1

    monkeypatch.setattr(whole, "range_count", range_count)
    assert (await stores.compare()).equal
    assert served_by_index == [True, True]


@pytest.mark.parametrize("kind", ["UUID", "Int64"])
async def test_clickhouses_keys_must_be_texts(stores: Stores, kind: str) -> None:
    await stores.clickhouse("DROP TABLE scores")
    await stores.clickhouse(
        f"CREATE TABLE scores (customer_id String, profile_id String, scorecard_id {kind}, criterion_id String, "
        "numeric_value Nullable(Float64), ai_value Nullable(Float64), text_value Nullable(String), not_applicable UInt8, "
        "ai_scored UInt8, version UInt64, deleted UInt8) ENGINE = ReplacingMergeTree(version) "
        "ORDER BY (customer_id, profile_id, scorecard_id, criterion_id)"
    )
    with pytest.raises(StoreError) as refused:
        await stores.compare()
    assert f"key column scorecard_id of table 'scores' is a {kind}" in str(refused.value)
    assert "\n" not in str(refused.value)
