"""What a column does to a value only where a rule says that it may, and what no rule excuses: seen on both stores."""

from typing import Any

import pytest
from value_stores import ValueClickHouse, ValuePostgres, decode

from harness.check.values import Loss, Outcome, Rule, compare

ENUM = "Enum8('z' = 5, 'a' = -1)"
# What PostgreSQL's NULL becomes where the column is not given: type, a value that is no default, whether it takes a recent server.
DEFAULTS = {
    "String": ("text", "x"),
    "FixedString(3)": ("text", "x"),
    "UInt8": ("boolean", True),
    "Int64": ("bigint", 1),
    "Float64": ("double precision", 5e-324),
    "Decimal(9, 2)": ("numeric(9,2)", 1),
    "UUID": ("uuid", "00000000-0000-0000-0000-000000000001"),
    "Date": ("date", "1970-01-02"),
    "DateTime('Asia/Kolkata')": ("timestamptz", 1_000_000),
    "Array(Int8)": ("integer[]", [0]),
    ENUM: ("enum", "z"),
}
MODERN_DEFAULTS = {
    "Bool": ("boolean", True),
    "LowCardinality(String)": ("text", "x"),
    "Date32": ("date", "1970-01-01"),
    "DateTime64(6, 'UTC')": ("timestamptz", 1),
    "IPv4": ("inet", "1.2.3.4"),
    "IPv6": ("inet", "1.2.3.4"),
}


async def test_null_is_a_columns_default_only_where_that_is_declared(clickhouse: ValueClickHouse) -> None:
    types = DEFAULTS | (MODERN_DEFAULTS if clickhouse.modern else {})
    await clickhouse.create(list(types))
    await clickhouse.send("INSERT INTO v (id) VALUES (1)")
    ((*cells,),) = await clickhouse.read(list(types))
    for (kind, (postgres, other)), cell in zip(types.items(), cells, strict=True):
        default, rule = decode(cell, kind), Rule.of(postgres, kind, Loss.NULL_DEFAULT)
        assert compare(None, default, rule).loss is Loss.NULL_DEFAULT
        assert compare(None, default, rule).outcome is Outcome.REPRESENTATION, kind
        assert compare(None, default, Rule.of(postgres, kind)).outcome is Outcome.DIFFERENT, kind
        assert compare(None, other, rule).outcome is Outcome.DIFFERENT, kind
        assert (
            compare(None, default, Rule.of(postgres, kind, Loss.NULL_DEFAULT, default=other)).outcome
            is Outcome.DIFFERENT
        )


async def test_a_columns_own_default_is_told_by_the_rule(clickhouse: ValueClickHouse) -> None:
    await clickhouse.create(["String DEFAULT 'none'", "Int32 DEFAULT 7"])
    await clickhouse.send("INSERT INTO v (id) VALUES (1)")
    ((name, number),) = await clickhouse.read(["String", "Int32"])
    rule = Rule.of("text", "String", Loss.NULL_DEFAULT, default="none")
    assert compare(None, decode(name, "String"), rule).outcome is Outcome.REPRESENTATION
    assert compare(None, "", rule).outcome is Outcome.DIFFERENT
    rule = Rule.of("integer", "Int32", Loss.NULL_DEFAULT, default=7)
    assert compare(None, decode(number, "Int32"), rule).outcome is Outcome.REPRESENTATION


# PostgreSQL's type and value, ClickHouse's type, what is written there, and what the old server leaves of it: the same, or None
# where it wraps round, which no rule excuses.
CLAMPED = [
    ("timestamptz", "1969-12-31 23:59:59.5+00", "DateTime('UTC')", "'1969-12-31 23:59:59'", None),
    ("timestamptz", "2200-01-01 00:00:00+00", "DateTime('UTC')", "'2200-01-01 00:00:00'", None),
    ("timestamptz", "2106-02-07 06:28:16+00", "DateTime('UTC')", "'2106-02-07 06:28:16'", None),
    ("date", "1900-01-01", "Date", "'1900-01-01'", Loss.CLAMPED),
    ("date", "2200-01-01", "Date", "'2200-01-01'", None),
    ("double precision", "1e300", "Float32", "1e300", Loss.CLAMPED),
    ("numeric", "-1e39", "Float32", "-1e39", Loss.CLAMPED),
]


async def test_the_end_of_a_range_stands_for_what_lies_beyond_only_where_that_is_declared(
    postgres: ValuePostgres, clickhouse: ValueClickHouse
) -> None:
    types, kinds = [case[0] for case in CLAMPED], [case[2] for case in CLAMPED]
    await postgres.create(types)
    ((*held,),) = await postgres.write(types, [[case[1] for case in CLAMPED]])
    await clickhouse.create(kinds)
    await clickhouse.send(f"INSERT INTO v VALUES (1, {', '.join(case[3] for case in CLAMPED)})")
    ((*cells,),) = await clickhouse.read(kinds)
    for (kind, _, column, _, on_old), value, cell in zip(CLAMPED, held, cells, strict=True):
        undeclared = compare(value, decode(cell, column), Rule.of(kind, column))
        declared = compare(value, decode(cell, column), Rule.of(kind, column, Loss.CLAMPED))
        assert undeclared.outcome is Outcome.DIFFERENT, (column, value, cell)
        expected = Outcome.REPRESENTATION if clickhouse.modern or on_old else Outcome.DIFFERENT
        assert declared.outcome is expected, (column, value, cell)


# What a careless copier leaves: PostgreSQL's type and text, ClickHouse's type and what was written, and whether it takes a recent server.
WRONG = [
    ("text", "\ufffd", "String", "unhex('ff')", False),
    ("text", "ÿ", "String", "unhex('ff')", False),
    ("text", "é", "String", "unhex('65cc81')", False),
    ("text", "a", "String", "'a '", False),
    ("text", "a", "FixedString(2)", "'a '", False),
    ("text", "", "Nullable(String)", "NULL", False),
    ("text", None, "Nullable(String)", "''", False),
    ("double precision", "0", "Nullable(Float64)", "NULL", False),
    ("double precision", None, "Nullable(Float64)", "0", False),
    ("double precision", "NaN", "Float64", "0", False),
    ("double precision", "0", "Float64", "nan", False),
    ("double precision", "Infinity", "Float64", "-inf", False),
    ("double precision", "0.29", "Decimal(9, 2)", "'0.28'", False),
    ("numeric(10,3)", "1.239", "Decimal(9, 2)", "'1.24'", False),
    ("numeric(10,3)", "-1.231", "Decimal(9, 2)", "'-1.24'", False),
    ("numeric", "0.1", "Float64", "0.10000000000000002", False),
    ("double precision", "0.1", "Float32", "0.10000001", False),
    ("real", "0.1", "Float64", "0.10000000000000002", False),
    ("real", "0.1", "Float64", "0.1000000015", False),
    ("boolean", "true", "UInt8", "2", False),
    ("boolean", "false", "UInt8", "1", False),
    ("integer", "300", "UInt8", "44", False),
    ("bytea", "\\x6100", "String", "'a'", False),
    ("bytea", "\\x61", "String", "'\\\\x61'", False),
    ("integer[]", ["1"], "Array(Int8)", "[1, 1]", False),
    ("integer[]", ["1", None], "Array(Nullable(Int8))", "[1, 0]", False),
    ("uuid", "61f0c404-5cb3-11e7-907b-a6006ad3dba0", "String", "'61F0C404-5CB3-11E7-907B-A6006AD3DBA0'", False),
    ("jsonb", '{"a": 1}', "String", """'{"a":1}'""", False),
    ("timestamptz", "2024-01-01 00:00:00.9+00", "DateTime('UTC')", "'2024-01-01 00:00:01'", False),
    ("timestamptz", "2024-01-01 00:00:00+00", "DateTime('Asia/Kolkata')", "'2024-01-01 00:00:00'", False),
    ("date", "2024-01-02", "Date", "'2024-01-01'", False),
    ("timestamptz", "2024-01-01 00:00:00.1239+00", "DateTime64(3, 'UTC')", "'2024-01-01 00:00:00.124'", True),
    ("timestamptz", "2024-01-01 00:00:00.123456+00", "DateTime64(9, 'UTC')", "'2024-01-01 00:00:00.123456001'", True),
    ("timestamptz", "2024-01-01 00:00:00.123456+00", "DateTime64(6, 'UTC')", "'2024-01-01 00:00:00.123'", True),
    ("boolean", "true", "Bool", "false", True),
    ("inet", "10.0.0.1/8", "IPv4", "'10.0.0.1'", True),
]


async def test_what_a_careless_copier_leaves_is_different(postgres: ValuePostgres, clickhouse: ValueClickHouse) -> None:
    cases = [case for case in WRONG if clickhouse.modern or not case[4]]
    types, kinds = [case[0] for case in cases], [case[2] for case in cases]
    await postgres.create(types)
    ((*held,),) = await postgres.write(types, [[case[1] for case in cases]])
    await clickhouse.create(kinds)
    await clickhouse.send(f"INSERT INTO v VALUES (1, {', '.join(case[3] for case in cases)})")
    ((*cells,),) = await clickhouse.read(kinds)
    for (kind, text, column, _, _), value, cell in zip(cases, held, cells, strict=True):
        found = compare(value, decode(cell, column), Rule.of(kind, column))
        assert found.outcome is Outcome.DIFFERENT, (kind, text, column, cell, found)


@pytest.mark.parametrize(
    ("kind", "value", "spelt"),
    [
        ("uuid", "61f0c404-5cb3-11e7-907b-a6006ad3dba0", "61F0C404-5CB3-11E7-907B-A6006AD3DBA0"),
        ("jsonb", '{"a": 1, "b": [1.50, true]}', '{"b":[1.5,true],"a":1}'),
        ("numeric(9,2)", "1.50", "1.5"),
        ("boolean", "true", "t"),
    ],
)
async def test_another_spelling_is_the_same_only_where_that_is_declared(
    postgres: ValuePostgres, clickhouse: ValueClickHouse, kind: str, value: Any, spelt: str
) -> None:
    await postgres.create([kind])
    ((held,),) = await postgres.write([kind], [[value]])
    await clickhouse.write(["String"], [[spelt]])
    ((cell,),) = await clickhouse.read(["String"])
    assert compare(held, decode(cell, "String"), Rule.of(kind, "String")).outcome is Outcome.DIFFERENT
    found = compare(held, decode(cell, "String"), Rule.of(kind, "String", Loss.SPELLING))
    assert (found.outcome, found.loss) == (Outcome.REPRESENTATION, Loss.SPELLING)
