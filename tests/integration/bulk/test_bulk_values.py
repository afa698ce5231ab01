"""Every kind of value has the same canonical bytes in both engines, or a declared rule makes the difference none."""

import struct

import pytest
from bulk_stores import Stores

from harness.bulk import look
from harness.bulk.request import BulkTable

NUMBERS = [
    "0",
    "-0.0",
    "NaN",
    "Infinity",
    "-Infinity",
    "0.1",
    "1e-308",
    "5e-324",
    "1.7976931348623157e308",
    "-1",
    "256",
    None,
]
TEXTS = [
    "",
    " ",
    "a ",
    "\\",
    "'",
    '"',
    "\t",
    "\n",
    "\r\n",
    "\\N",
    "NULL",
    "é",
    "e\u0301",
    "語",
    "😀",
    "x" * 70_000,
    None,
]
TIMES_US = [0, 1, 999_999, 1_000_000, 1_700_000_000_123_456, 4_000_000_000_999_999]


def number(value: str | None) -> str:
    """The very bytes, since old versions read some numbers inexactly."""
    return "NULL" if value is None else f"reinterpretAsFloat64(unhex('{struct.pack('<d', float(value)).hex()}'))"


def literal(value: str | None) -> str:
    escaped = (value or "").replace("\\", "\\\\").replace("'", "\\'")
    return "NULL" if value is None else f"'{escaped}'"


async def test_numbers_texts_and_flags(stores: Stores) -> None:
    await stores.fill(1)
    insert = "INSERT INTO scores SELECT customer_id, profile_id, scorecard_id, {}, {}, {}, {}, {}, {}"
    cases = [(n, None) for n in NUMBERS] + [(None, t) for t in TEXTS]
    for index, (value, text) in enumerate(cases):
        ours = insert.format(
            "$1::text", "$2::text::float8", "$2::text::float8", "$3::text", "$4::boolean", "NOT $4::boolean"
        )
        await stores.postgres(f"{ours} FROM scorecards", str(index), value, text, index % 2 == 0)
        flags = "1, 0" if index % 2 == 0 else "0, 1"
        theirs = insert.format(f"'{index}'", number(value), number(value), literal(text), flags, "1, 0")
        await stores.clickhouse(f"{theirs} FROM scorecards")
    result = await stores.compare()
    assert result.equal
    assert result.tables[BulkTable.SCORES].suspects == 0
    assert result.tables[BulkTable.SCORES].clickhouse_rows == len(cases) + 2


async def test_times(stores: Stores) -> None:
    await stores.fill(0)
    for index, value_us in enumerate(TIMES_US):
        ours = f"to_timestamp({value_us // 1_000_000}) + interval '{value_us % 1_000_000} microseconds'"
        await stores.postgres(
            f"INSERT INTO scorecards SELECT 'c', 'p', '{index}', '', '', '', NULL, {ours}, '', {ours}, {ours}"
        )
        theirs = (
            f"fromUnixTimestamp64Micro(toInt64({value_us}), 'UTC')"
            if stores.modern
            else f"toDateTime({value_us // 1_000_000})"
        )
        await stores.clickhouse(
            f"INSERT INTO scorecards SELECT 'c', 'p', '{index}', '', '', '', NULL, {theirs}, '', {theirs}, {theirs}, 1, 0"
        )
    result = await stores.compare()
    assert result.equal
    assert result.tables[BulkTable.HEADERS].suspects == 0


@pytest.mark.parametrize(("precision", "agree"), [(0, True), (3, True), (4, True), (6, True)])
async def test_times_are_compared_at_the_columns_resolution(stores: Stores, precision: int, agree: bool) -> None:
    """A copy that cuts digits off is equal in what the column can hold; one that rounds is not."""
    if not stores.modern:
        pytest.skip("this version has no DateTime64")
    await stores.fill(0)
    for column in ("created_at", "updated_at"):
        await stores.clickhouse(f"ALTER TABLE scorecards MODIFY COLUMN {column} DateTime64({precision}, 'UTC')")
    await stores.clickhouse(
        f"ALTER TABLE scorecards MODIFY COLUMN submitted_at Nullable(DateTime64({precision}, 'UTC'))"
    )
    early = "'1969-12-31 23:59:58.987654+00'::timestamptz"
    await stores.postgres(f"INSERT INTO scorecards SELECT 'c', 'p', 's', '', '', '', NULL, NULL, '', {early}, {early}")
    # Whole units of the column, rounded down, since the column holds them as an integer.
    value = -1_012_346 // 10 ** (6 - precision)
    theirs = f"reinterpret(toInt64({value}), 'DateTime64({precision}, \\'UTC\\')')"
    await stores.clickhouse(
        f"INSERT INTO scorecards SELECT 'c', 'p', 's', '', '', '', NULL, NULL, '', {theirs}, {theirs}, 1, 0"
    )
    result = await stores.compare()
    assert result.tables[BulkTable.HEADERS].suspects == 0
    assert result.equal is agree
    off = f"reinterpret(toInt64({value + 1}), 'DateTime64({precision}, \\'UTC\\')')"
    await stores.supersede("scorecards", "1", updated_at=off)
    assert (await stores.compare()).difference_count == 1


async def test_other_types_of_the_same_values(stores: Stores) -> None:
    """Types that a real service's tables have, on both sides."""
    if not stores.modern:
        pytest.skip("this version cannot hold all of these")
    await stores.fill(50)
    await stores.postgres("ALTER TABLE scorecards ALTER agent TYPE varchar(40), ALTER overall_score TYPE numeric(6, 1)")
    await stores.postgres("ALTER TABLE scorecards ALTER created_at TYPE timestamp USING created_at AT TIME ZONE 'UTC'")
    await stores.postgres(
        "ALTER TABLE scores ALTER not_applicable TYPE smallint USING not_applicable::int, ALTER numeric_value TYPE real"
    )
    for column, kind in {
        "template": "LowCardinality(String)",
        "creator": "Nullable(String)",
        "overall_score": "Nullable(Decimal(9, 1))",
    }.items():
        await stores.clickhouse(f"ALTER TABLE scorecards MODIFY COLUMN {column} {kind}")
    await stores.clickhouse(
        "ALTER TABLE scores MODIFY COLUMN ai_scored Bool, MODIFY COLUMN numeric_value Nullable(Float32)"
    )
    await stores.clickhouse("ALTER TABLE scores MODIFY COLUMN text_value LowCardinality(Nullable(String))")
    result = await stores.compare()
    assert result.equal
    assert [result.tables[table].suspects for table in BulkTable] == [0, 0]


async def test_bytes_that_differ_though_no_rule_does_are_not_passed_over(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stores.fill(20)
    await stores.supersede("scorecards", "agent = 'agent-1'", agent="'other'")
    monkeypatch.setattr(look, "judged_all", lambda snapshots, _: [() for _ in snapshots])
    result = await stores.compare()
    assert result.difference_count == 0
    assert result.representation_count == len(result.representation) == 4


async def test_a_column_that_a_store_does_not_have_is_not_compared(stores: Stores) -> None:
    await stores.fill(20)
    await stores.supersede("scorecards", "1", agent="'other'")
    theirs = stores.mapping.clickhouse
    theirs = theirs.model_copy(update={"headers": theirs.headers.model_copy(update={"agent": False})})
    result = await stores.compare(mapping=stores.mapping.model_copy(update={"clickhouse": theirs}))
    assert result.equal
    assert result.tables[BulkTable.HEADERS].suspects == 0
