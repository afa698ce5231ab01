"""What the rules call different has other canonical bytes, in both stores, for every pair of types that bulk comparison takes."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_values_in_stores import rows
from value_cases import CASES, Case
from value_stores import ValueClickHouse, ValuePostgres, decode

from harness.bulk.canonical import Field, postgres_row
from harness.bulk.canonical_clickhouse import clickhouse_row
from harness.bulk.forms import form_of
from harness.check.value_types import ColumnType, Kind
from harness.check.values import Outcome, Rule, compare
from harness.errors import StoreError
from harness.observe.postgres_tables import TYPES

EXAMPLES = 15
COMMON = {
    *(("text", "String"), ("text", "Nullable(String)"), ("boolean", "UInt8"), ("boolean", "Bool")),
    *(("double precision", "Float64"), ("double precision", "Nullable(Float64)"), ("real", "Float32")),
    *(("smallint", "Int16"), ("integer", "Nullable(Int32)"), ("bigint", "Int64"), ("bigint", "UInt64")),
    *(("numeric(9,4)", "Decimal(9, 4)"), ("numeric(12,4)", "Decimal(12, 2)"), ("uuid", "UUID"), ("date", "Date")),
    *(("timestamp", "Nullable(DateTime64(6, 'UTC'))"), ("timestamptz", "DateTime64(3, 'UTC')")),
    *(("timestamptz", "DateTime('UTC')"), ("timestamptz", "DateTime64(9, 'UTC')"), ("text", "FixedString(24)")),
}
"""Where a value and its copy must have the same bytes."""
NUMBERS = [
    "0",
    "1",
    "-1",
    "2",
    "0.5",
    "-0.05",
    "1.000000000000000001",
    "1e-19",
    "9007199254740993",
    "9223372036854775807",
]
ODD = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "1e-400",
    "1.7976931348623157e308",
    "1.8e308",
    "4.9e-324",
    "2e-324",
]
WHOLE = ["0", "1", "-1", "2", "255", "256", "9007199254740992", "9007199254740993", "-9223372036854775808"]
FLOATS = [
    "0",
    "-0.0",
    "1",
    "0.1",
    "0.30000000000000004",
    "9007199254740992",
    "1e20",
    "5e-324",
    "NaN",
    "Infinity",
    "-Infinity",
]
DECIMALS = [
    "0",
    "1",
    "-1",
    "0.5",
    "-0.05",
    "0.1",
    "0.3",
    "1.000000000000000001",
    "9007199254740992",
    "9007199254740993",
]
INTEGERS = ["0", "1", "-1", "2", "127", "9007199254740992", "9007199254740993", "-9223372036854775808"]
SINGLES = ["0", "1", "2", "0.1", "0.30000000000000004", "9007199254740992", "1e20", "nan", "inf", "-inf"]
TEXTS = ["", "a", "a ", "ab", "1", "1.0", "true", "t", "\\x61", "NaN", "é"]
STAMPS = ["1970-01-01 00:00:00", "2023-11-14 22:13:20.123456", "1969-12-31 23:59:59.999999", "2023-11-14"]
NANOS = ["0", "1", "-1", "-1000", "1700000000123456000", "1700000000123456789", "1700000000123456001"]
UUIDS = [
    "6f0a0e6c-0000-4000-8000-00000000000f",
    "6F0A0E6C-0000-4000-8000-00000000000F",
    "6f0a0e6c000040008000000000000000",
]


GRID: list[tuple[str, str, list[str], list[str]]] = [
    ("numeric", "Decimal(38, 18)", NUMBERS + ODD, [f"toDecimal128('{v}', 18)" for v in DECIMALS]),
    ("numeric", "Int64", NUMBERS + ODD, [f"toInt64('{v}')" for v in INTEGERS]),
    ("numeric", "Float64", NUMBERS + ODD, [f"toFloat64('{v}')" for v in SINGLES]),
    ("numeric", "Float32", NUMBERS + ODD, [f"toFloat32('{v}')" for v in SINGLES]),
    ("numeric", "String", NUMBERS + ODD, [f"'{v}'" for v in (*TEXTS[:10], "0.5", "-0.050")]),
    ("bigint", "Int64", WHOLE, [f"toInt64('{v}')" for v in INTEGERS]),
    ("bigint", "UInt64", WHOLE, ["0", "1", "2", "18446744073709551615", "9223372036854775808", "9007199254740992"]),
    ("bigint", "UInt8", WHOLE, ["0", "1", "2", "255"]),
    ("bigint", "Decimal(38, 18)", WHOLE, [f"toDecimal128('{v}', 18)" for v in DECIMALS]),
    ("bigint", "Float64", WHOLE, [f"toFloat64('{v}')" for v in SINGLES]),
    ("bigint", "String", WHOLE, [f"'{v}'" for v in (*WHOLE, *TEXTS)]),
    ("boolean", "UInt8", ["true", "false"], ["0", "1", "2", "255"]),
    ("boolean", "Int32", ["true", "false"], ["0", "1", "2", "-1", "256"]),
    ("boolean", "Float64", ["true", "false"], [f"toFloat64('{v}')" for v in SINGLES]),
    ("boolean", "Decimal(9, 2)", ["true", "false"], [f"toDecimal32('{v}', 2)" for v in ("0", "1", "1.5", "0.01", "2")]),
    ("boolean", "String", ["true", "false"], [f"'{v}'" for v in ("true", "t", "1", "0", "false", "f", "")]),
    ("double precision", "Float64", FLOATS, [f"toFloat64('{v}')" for v in SINGLES]),
    ("double precision", "Float32", FLOATS, [f"toFloat32('{v}')" for v in SINGLES]),
    ("double precision", "Decimal(38, 18)", FLOATS, [f"toDecimal128('{v}', 18)" for v in DECIMALS]),
    ("double precision", "Int64", FLOATS, [f"toInt64('{v}')" for v in INTEGERS]),
    ("real", "Float64", FLOATS[:6], [f"toFloat64('{v}')" for v in SINGLES]),
    ("real", "Decimal(38, 18)", FLOATS[:6], [f"toDecimal128('{v}', 18)" for v in DECIMALS]),
    ("text", "String", TEXTS, [f"'{v}'" for v in TEXTS[:8]]),
    ("text", "FixedString(3)", [*TEXTS, "abcd"], [f"'{v}'" for v in ("", "a", "a ", "ab", "abc", "a\\0b")]),
    ("char(3)", "String", ["", "a", "ab"], [f"'{v}'" for v in ("", "a", "a ", "a  ", "ab", "ab ")]),
    ("bytea", "String", ["\\x", "\\x61", "\\x5c783631", "\\x6100"], [f"'{v}'" for v in ("", "a", "\\\\x61", "a\\0")]),
    ("bytea", "FixedString(3)", ["\\x", "\\x61", "\\x6100", "\\x61626364"], [f"'{v}'" for v in ("", "a", "abc", "a\\0b")]),
    ("jsonb", "String", ["{}", '{"a": 1}', "1.0", "true"], [f"'{v}'" for v in ("{}", '{"a":1}', '{"a": 1}', "1.0", "1")]),
    ("uuid", "String", UUIDS, [f"'{v}'" for v in UUIDS]),
    ("text", "UUID", UUIDS, [f"toUUID('{v}')" for v in UUIDS[:1]]),
    ("timestamptz", "DateTime('UTC')", STAMPS, ["0", "1", "1700000000", "1699920000"]),
    ("timestamptz", "Date", STAMPS, ["0", "1", "19675"]),
    ("date", "Date", STAMPS[3:], ["0", "1", "19675"]),
]  # fmt: skip
GRID_MODERN: list[tuple[str, str, list[str], list[str]]] = [
    ("timestamptz", "DateTime64(9, 'UTC')", STAMPS, [f"reinterpret(toInt64({v}), 'DateTime64(9, \\'UTC\\')')" for v in NANOS]),
    ("timestamptz", "DateTime64(6, 'UTC')", STAMPS, [f"reinterpret(toInt64({v}), 'DateTime64(6, \\'UTC\\')')" for v in NANOS[:4]]),
    ("timestamptz", "DateTime64(3, 'UTC')", STAMPS, [f"reinterpret(toInt64({v}), 'DateTime64(3, \\'UTC\\')')" for v in NANOS[:4]]),
    ("date", "Date32", STAMPS[3:], ["'1970-01-01'", "'1969-12-31'", "'2023-11-14'"]),
    ("numeric", "Decimal(76, 40)", NUMBERS + ODD, [f"toDecimal256('{v}', 40)" for v in DECIMALS]),
    ("bigint", "Int128", WHOLE, [f"toInt128('{v}')" for v in WHOLE]),
    ("boolean", "Bool", ["true", "false"], ["true", "false"]),
    ("smallint", "Bool", ["0", "1", "2"], ["true", "false"]),
    ("numeric", "Bool", ["0", "1", "2", "1.5"], ["true", "false"]),
    ("inet", "IPv4", ["1.2.3.4", "1.2.3.4/24", "1.2.3.5"], ["'1.2.3.4'", "'1.2.3.5'"]),
    ("inet", "IPv6", ["1.2.3.4", "::1", "::ffff:1.2.3.4", "::1/64"], ["'::1'", "'::ffff:1.2.3.4'", "'1::'"]),
    ("text", "IPv6", ["1.2.3.4", "::1", "0::1", "::ffff:1.2.3.4", "::ffff:102:304"], ["'::1'", "'::ffff:1.2.3.4'"]),
]  # fmt: skip


checked: Counter[str] = Counter()


def field_of(number: int, ours: str, theirs: str) -> Field | None:
    """Return a column as bulk comparison takes it, None where it refuses the types."""
    our_type = ColumnType.postgres(ours)
    try:
        form = form_of(our_type, ColumnType.clickhouse(theirs), time=our_type.kind is Kind.INSTANT)
    except StoreError:
        return None
    return Field(f"c{number}", ours, f"c{number}", theirs, form)


async def cells_of(
    postgres: ValuePostgres, clickhouse: ValueClickHouse, fields: Sequence[Field]
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the canonical bytes of each value of both tables, a column's by itself."""
    modern = clickhouse.modern
    ours = ", ".join(f"encode({postgres_row([field], trims=modern)}, 'hex')" for field in fields)
    theirs = ", ".join(f"lower(hex({clickhouse_row([field], swaps=modern)}))" for field in fields)
    our_cells = [tuple(row) for row in await postgres.connection.fetch(f"SELECT {ours} FROM v AS t ORDER BY id")]
    data = await clickhouse.send(f"SELECT {theirs} FROM v ORDER BY id FORMAT TabSeparated")
    return our_cells, [tuple(line.split("\t")) for line in data.decode().split("\n")[:-1]]


def check(field: Field, case: tuple[str, str], value: Any, copy: Any, ours: str, theirs: str) -> None:
    outcome = compare(value, copy, Rule.of(field.postgres_type, field.clickhouse_type)).outcome
    checked[outcome] += 1
    checked[f"{field.postgres_type} {field.clickhouse_type}"] += 1
    if outcome is Outcome.DIFFERENT:
        assert ours != theirs, f"{case}: {value!r} and {copy!r} are different, and both are {ours}"
    elif case in COMMON:
        assert ours == theirs, f"{case}: {value!r} and {copy!r} are {outcome}, but {ours} and {theirs}"


@pytest.fixture(scope="module")
async def cases(postgres: ValuePostgres, clickhouse: ValueClickHouse) -> tuple[Case, ...]:
    """The pairs of types that the engine has and bulk comparison takes."""
    names = [case for case in CASES if clickhouse.modern or not case.modern]
    found = tuple(case for case in names if field_of(0, case.rule_name or case.postgres, case.clickhouse) is not None)
    await postgres.execute(
        "DROP TABLE IF EXISTS v; DROP TYPE IF EXISTS letter; CREATE TYPE letter AS ENUM ('a', 'A', 'a ', '')"
    )
    await postgres.create([case.postgres for case in found])
    return found


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
async def test_copies_and_neighbours(
    postgres: ValuePostgres, clickhouse: ValueClickHouse, cases: tuple[Case, ...], data: st.DataObject
) -> None:
    values, neighbours = data.draw(rows(cases))
    held = await postgres.write([case.postgres for case in cases], [values, neighbours])
    types = [case.clickhouse for case in cases]
    second = [v if o is None and not case.nullable else o for case, v, o in zip(cases, *held, strict=True)]
    await clickhouse.write(types, [held[0], second])
    copied = await clickhouse.read(types)
    named = await postgres.connection.fetch(TYPES, "v")
    fields = [f for n, case in enumerate(cases) if (f := field_of(n, dict(named)[f"c{n}"], case.clickhouse))]
    assert len(fields) == len(cases)
    ours, theirs = await cells_of(postgres, clickhouse, fields)
    for n, (case, field) in enumerate(zip(cases, fields, strict=True)):
        for one in range(2):
            for other in range(2):
                copy = decode(copied[other][n], case.clickhouse)
                check(field, (case.postgres, case.clickhouse), held[one][n], copy, ours[one][n], theirs[other][n])


async def test_everything_beside_everything(postgres: ValuePostgres, clickhouse: ValueClickHouse) -> None:
    """Values at the ends and beside them, each of one store with each of the other: not copies alone."""
    for ours, theirs, values, copies in GRID + GRID_MODERN * clickhouse.modern:
        await postgres.create([ours])
        held = await postgres.write([ours], [[value] for value in (*values, None)])
        await clickhouse.create([f"Nullable({theirs})"])
        for number_, copy in enumerate((*copies, "NULL")):
            await clickhouse.send(f"INSERT INTO v SELECT {number_}, {copy}")
        copied = await clickhouse.read([f"Nullable({theirs})"])
        kind = dict(await postgres.connection.fetch(TYPES, "v"))["c0"]
        field = field_of(0, kind, f"Nullable({theirs})")
        assert field is not None, (ours, theirs)
        our_cells, their_cells = await cells_of(postgres, clickhouse, [field])
        for (value,), (our_cell,) in zip(held, our_cells, strict=True):
            for (cell,), (their_cell,) in zip(copied, their_cells, strict=True):
                check(field, (ours, theirs), value, decode(cell, theirs), our_cell, their_cell)


async def test_enough_was_checked() -> None:
    """Some hundred pairs over all types; the properties have run before this."""
    if not checked:
        pytest.skip("the properties were not run")
    print(dict(checked))
    assert checked[Outcome.DIFFERENT] >= 1000
    assert checked[Outcome.EQUAL] + checked[Outcome.REPRESENTATION] >= 500
