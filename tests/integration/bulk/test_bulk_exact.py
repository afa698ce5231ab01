"""What the declared rules call different, checksums call different: in types that are no floats, and in odd values."""

import pytest
from bulk_stores import Stores, names

from harness.bulk.request import BulkResult, BulkTable
from harness.errors import StoreError

HEADER = "INSERT INTO scorecards SELECT 'c', 'p', 's', '', '', '', {}, {}, '', to_timestamp(1), to_timestamp(2)"
COPY = "INSERT INTO scorecards SELECT 'c', 'p', 's', '', '', '', {}, {}, '', toDateTime(1), toDateTime(2), 1, 0"
SCORE = "INSERT INTO scores SELECT 'c', 'p', 's', 'k', {}, NULL, NULL, {}, false"
SCORE_COPY = "INSERT INTO scores SELECT 'c', 'p', 's', 'k', {}, NULL, NULL, {}, 0, 1, 0"

NUMBERS = [
    ("numeric", "Nullable(Decimal(38, 18))", "1", "toDecimal128('1.000000000000000001', 18)", False),
    ("numeric", "Nullable(Decimal(38, 18))", "1.0", "toDecimal128('1', 18)", True),
    ("numeric", "Nullable(Decimal(18, 4))", "-0.05", "toDecimal64('-0.05', 4)", True),
    ("numeric", "Nullable(Decimal(18, 4))", "100.00009", "toDecimal64('100', 4)", True),
    ("numeric", "Nullable(Decimal(18, 4))", "100.0001", "toDecimal64('100', 4)", False),
    ("numeric", "Nullable(Decimal(9, 0))", "100", "toDecimal32('100', 0)", True),
    ("bigint", "Nullable(Decimal(18, 4))", "100", "toDecimal64('100', 4)", True),
    ("double precision", "Nullable(Decimal(18, 4))", "0.1", "toDecimal64('0.1', 4)", True),
    ("bigint", "Nullable(Int64)", "9007199254740993", "toInt64(9007199254740992)", False),
    ("bigint", "Nullable(Int64)", "9007199254740993", "toInt64(9007199254740993)", True),
    ("bigint", "Nullable(UInt64)", "-1", "toUInt64(18446744073709551615)", False),
    ("bigint", "Nullable(UInt64)", "9223372036854775807", "toUInt64(9223372036854775807)", True),
    ("bigint", "Nullable(String)", "9007199254740993", "'9007199254740992'", False),
    ("numeric", "Nullable(Float64)", "0.1", "0.1", True),
    ("numeric", "Nullable(Float64)", "NaN", "nan", True),
    ("numeric", "Nullable(Float64)", "1e-400", "0.", True),
    ("numeric", "Nullable(Float64)", "1e400", "1.", False),
    ("numeric", "Nullable(Float64)", "1e400", "inf", False),
    ("numeric", "Nullable(Decimal(38, 18))", "1e400", "toDecimal128('1', 18)", False),
    ("numeric", "Nullable(Decimal(38, 18))", "NaN", "toDecimal128('0', 18)", False),
    ("numeric", "Nullable(Decimal(38, 18))", "1e-400", "toDecimal128('0', 18)", True),
]


async def of_types(stores: Stores, table: str, column: str, ours: str, theirs: str, using: str = "") -> None:
    """Give a column other types in both stores."""
    await stores.postgres(f"ALTER TABLE {table} ALTER {column} TYPE {ours} USING {using or column}::{ours}")
    await stores.clickhouse(f"ALTER TABLE {table} MODIFY COLUMN {column} {theirs}")


@pytest.mark.parametrize(("ours", "theirs", "value", "copy", "agree"), NUMBERS)
async def test_numbers(stores: Stores, ours: str, theirs: str, value: str, copy: str, agree: bool) -> None:
    await of_types(stores, "scorecards", "overall_score", ours, theirs)
    await stores.postgres(HEADER.format(f"'{value}'::{ours}", "NULL"))
    await stores.clickhouse(COPY.format(copy, "NULL"))
    assert_agree(await stores.compare(), agree)


@pytest.mark.parametrize(
    ("ours", "theirs", "value", "copy", "agree"),
    [
        ("smallint", "UInt8", "2", "2", True),
        ("smallint", "UInt8", "2", "1", False),
        ("boolean", "UInt8", "true", "1", True),
        ("boolean", "UInt8", "true", "2", False),
        ("boolean", "UInt8", "false", "1", False),
        ("boolean", "Int32", "true", "1", True),
        ("boolean", "Int32", "true", "2", False),
        ("boolean", "Decimal(9, 2)", "true", "toDecimal32('1.5', 2)", False),
        ("integer", "Int32", "-1", "255", False),
    ],
)
async def test_flags(stores: Stores, ours: str, theirs: str, value: str, copy: str, agree: bool) -> None:
    await of_types(stores, "scores", "not_applicable", ours, theirs, "not_applicable::integer")
    await stores.postgres(HEADER.format("NULL", "NULL"))
    await stores.clickhouse(COPY.format("NULL", "NULL"))
    await stores.postgres(SCORE.format("NULL", f"{value}::{ours}"))
    await stores.clickhouse(SCORE_COPY.format("NULL", copy))
    assert_agree(await stores.compare(), agree)


@pytest.mark.parametrize(
    ("digits", "ticks", "agree"),
    [
        (9, 1_700_000_000_123_456_000, True),
        (9, 1_700_000_000_123_456_789, False),
        (9, 1_700_000_000_123_456_001, False),
        (7, 17_000_000_001_234_560, True),
        (7, 17_000_000_001_234_561, False),
    ],
)
async def test_nanoseconds(stores: Stores, digits: int, ticks: int, agree: bool) -> None:
    if not stores.modern:
        pytest.skip("this version has no DateTime64")
    await stores.clickhouse(f"ALTER TABLE scorecards MODIFY COLUMN submitted_at Nullable(DateTime64({digits}, 'UTC'))")
    await stores.postgres(HEADER.format("NULL", "to_timestamp(1700000000) + interval '123456 microseconds'"))
    await stores.clickhouse(COPY.format("NULL", f"reinterpret(toInt64({ticks}), 'DateTime64({digits}, \\'UTC\\')')"))
    assert_agree(await stores.compare(), agree)


@pytest.mark.parametrize("ours", ["date", "timestamptz"])
@pytest.mark.parametrize(("day", "agree"), [("2024-02-29", True), ("2024-03-01", False)])
async def test_dates(stores: Stores, ours: str, day: str, agree: bool) -> None:
    await of_types(stores, "scorecards", "submitted_at", ours, "Nullable(Date)")
    await stores.postgres(HEADER.format("NULL", f"'2024-02-29'::{ours}"))
    await stores.clickhouse(COPY.format("NULL", f"toDate('{day}')"))
    assert_agree(await stores.compare(), agree)


@pytest.mark.parametrize(
    ("ours", "theirs", "value", "copy", "agree"),
    [
        ("bytea", "Nullable(String)", r"\x6162", r"'\\x6162'", False),
        ("bytea", "Nullable(String)", r"\x6162", "'ab'", True),
        ("text", "Nullable(FixedString(4))", "ab", "toFixedString('ab', 4)", True),
        ("text", "Nullable(FixedString(4))", "ab", "toFixedString('ab ', 4)", False),
        ("text", "Nullable(FixedString(4))", "abcde", "toFixedString('abcd', 4)", False),
        (
            "uuid",
            "Nullable(UUID)",
            "6F0A0E6C-0000-4000-8000-00000000000F",
            "toUUID('6f0a0e6c-0000-4000-8000-00000000000f')",
            True,
        ),
        (
            "text",
            "Nullable(UUID)",
            "6F0A0E6C-0000-4000-8000-00000000000F",
            "toUUID('6f0a0e6c-0000-4000-8000-00000000000f')",
            True,
        ),
        (
            "text",
            "Nullable(UUID)",
            "6F0A0E6C-0000-4000-8000-00000000000F",
            "toUUID('6f0a0e6c-0000-4000-8000-00000000000e')",
            False,
        ),
    ],
)
async def test_texts(stores: Stores, ours: str, theirs: str, value: str, copy: str, agree: bool) -> None:
    if "UUID" in theirs and not stores.modern:
        pytest.skip("this version cannot make a column one of UUIDs")
    await of_types(stores, "scores", "text_value", ours, theirs)
    await stores.postgres(HEADER.format("NULL", "NULL"))
    await stores.clickhouse(COPY.format("NULL", "NULL"))
    await stores.postgres(f"INSERT INTO scores SELECT 'c', 'p', 's', 'k', NULL, NULL, '{value}'::{ours}, false, false")
    await stores.clickhouse(f"INSERT INTO scores SELECT 'c', 'p', 's', 'k', NULL, NULL, {copy}, 0, 0, 1, 0")
    assert_agree(await stores.compare(), agree)


def assert_agree(result: BulkResult, agree: bool) -> None:
    assert names(result) == ([] if agree else ["s"])
    if agree:
        # Nothing was looked at again but what is a representation that no engine makes with a cast.
        assert sum(result.tables[table].suspects for table in BulkTable) == result.representation_count


async def test_types_that_cannot_be_compared_are_refused_in_one_line(stores: Stores) -> None:
    await of_types(stores, "scores", "text_value", "inet", "Nullable(String)")
    with pytest.raises(StoreError) as refused:
        await stores.compare()
    assert str(refused.value) == (
        "column text_value of scores: PostgreSQL's inet cannot be compared with Nullable(String) by checksums; "
        "text_value = false in [mapping.clickhouse.scores] leaves it out"
    )
