"""Types are parsed or refused by name; each rule decides what it says, and nothing that is no value of its type passes for equal."""

import math
import struct
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from ipaddress import ip_address, ip_interface
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.check.values import ColumnType, Kind, Loss, Outcome, Rule, compare
from harness.errors import StoreError

SINGLE = 0.10000000149011612  # 0.1 as a Float32
A_UUID = "61f0c404-5cb3-11e7-907b-a6006ad3dba0"


def outcome(postgres: str, clickhouse: str, ours: object, theirs: object, *also: Loss) -> Outcome:
    return compare(ours, theirs, Rule.of(postgres, clickhouse, *also)).outcome


def loss(postgres: str, clickhouse: str, ours: object, theirs: object, *also: Loss) -> Loss | None:
    found = compare(ours, theirs, Rule.of(postgres, clickhouse, *also))
    assert found.outcome is Outcome.REPRESENTATION
    return found.loss


POSTGRES_KINDS = {
    Kind.NUMBER: [
        "smallint",
        "int4",
        "bigint",
        "boolean",
        "numeric",
        "numeric(10,2)",
        "numeric(3,-2)",
        "NUMERIC(10, 2)",
    ],
    Kind.FLOAT: ["real", "float4", "double precision", "float8"],
    Kind.TEXT: ["text", "character varying(20)", "varchar", "character(5)", "bpchar", "name", '"char"', "enum"],
    Kind.BYTES: ["bytea"],
    Kind.JSON: ["json", "jsonb"],
    Kind.UUID: ["uuid"],
    Kind.INSTANT: [
        "date",
        "timestamptz",
        "timestamp(3) without time zone",
        "timestamp with time zone",
        "timestamptz(0)",
    ],
    Kind.ADDRESS: ["inet", "cidr"],
    Kind.ARRAY: ["integer[]", "_int4", "numeric(10,2)[]", "text[][]"],
}
CLICKHOUSE_KINDS = {
    Kind.NUMBER: ["Int8", "UInt256", "Bool", "Decimal(9,4)", "Decimal(76, 38)", "Decimal64(4)", "Nullable(UInt8)"],
    Kind.FLOAT: ["Float32", "Nullable(Float64)"],
    Kind.TEXT: [
        "String",
        "LowCardinality(Nullable(String))",
        "FixedString(8)",
        "Enum8('a' = 1)",
        "Nullable(Enum16('(' = -5))",
    ],
    Kind.UUID: ["UUID"],
    Kind.INSTANT: [
        "Date",
        "Date32",
        "DateTime",
        "DateTime('UTC')",
        "DateTime64(3)",
        "Nullable(DateTime64(9, 'Asia/Kolkata'))",
    ],
    Kind.ADDRESS: ["IPv4", "Nullable(IPv6)"],
    Kind.ARRAY: ["Array(String)", "Array(Array(Nullable(Decimal(9, 2))))"],
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in POSTGRES_KINDS.items() for name in names])
def test_postgresqls_types(kind: Kind, name: str) -> None:
    assert ColumnType.postgres(name).kind is kind


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in CLICKHOUSE_KINDS.items() for name in names])
def test_clickhouses_types(kind: Kind, name: str) -> None:
    parsed = ColumnType.clickhouse(name)
    assert (parsed.kind, parsed.name) == (kind, name)
    assert parsed.nullable == (name.startswith("Nullable") or ("(Nullable" in name and kind is not Kind.ARRAY))


def test_what_a_type_says_beside_its_kind() -> None:
    assert ColumnType.clickhouse("Decimal(9,4)").scale == ColumnType.clickhouse("Decimal32(4)").scale == 4
    assert ColumnType.clickhouse("Decimal(9)").scale == ColumnType.clickhouse("Decimal").scale == 0
    assert ColumnType.clickhouse("DateTime64(3, 'Etc/GMT+6')").resolution_us == 1_000
    assert ColumnType.clickhouse("DateTime64(9)").resolution_us == Fraction(1, 1000)
    assert ColumnType.clickhouse("DateTime").resolution_us == 1_000_000
    assert ColumnType.clickhouse(r"Enum8('it\'s' = 5, 'b, (c' = -6)").default == b"b, (c"


@pytest.mark.parametrize(
    "name", ["", "hstore", "interval", "time", "point", "money", "hstore[]", "text; drop", "int4range"]
)
def test_an_unknown_type_of_postgresql_is_an_error_that_names_it(name: str) -> None:
    with pytest.raises(StoreError, match=f"PostgreSQL type {name.removesuffix('[]')}"):
        ColumnType.postgres(name)


UNKNOWN = [
    "",
    "Map(String, Int8)",
    "Tuple(Int8)",
    "JSON",
    "Array(Map(Int8, Int8))",
    "Nullable(Nothing)",
    "FixedString",
    "Int7",
    "a b",
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_type_of_clickhouse_is_an_error_that_names_it(name: str) -> None:
    with pytest.raises(StoreError, match="ClickHouse type") as error:
        ColumnType.clickhouse(name)
    assert name in str(error.value)


STRANGERS = [
    ("text", "Int8"),
    ("timestamptz", "String"),
    ("real", "String"),
    ("uuid", "Int64"),
    ("bytea", "UUID"),
    ("date", "UInt16"),
]
STRANGERS += [("integer[]", "Int32"), ("integer", "Array(Int32)"), ("integer[]", "String"), ("text[]", "Array(Int8)")]


@pytest.mark.parametrize(("postgres", "clickhouse"), STRANGERS)
def test_types_that_have_no_values_in_common_are_an_error_that_names_both(postgres: str, clickhouse: str) -> None:
    with pytest.raises(StoreError) as error:
        Rule.of(postgres, clickhouse)
    assert postgres in str(error.value)
    assert clickhouse in str(error.value)


NO_VALUES = [
    ("numeric", "Decimal(9, 2)", Decimal(1), 1.0),
    ("numeric", "Decimal(9, 2)", 1.0, 1.0),
    ("integer", "Int32", 1, "one"),
    ("integer", "Int32", 1, "true"),
    ("double precision", "Float64", 1.0, True),
    ("double precision", "Float64", 1.0, Decimal(1)),
    ("double precision", "Float64", 1.0, ""),
    ("bytea", "String", "\\x61", "\\x61"),
    ("bytea[]", "Array(String)", ["\\x61"], ["\\x61"]),
    ("text", "String", 1, "1"),
    ("uuid", "UUID", "x", "x"),
    ("timestamptz", "DateTime", "2024-01-01 00:00:00", "2024-01-01 00:00:00"),
    ("timestamptz", "DateTime", 1.5, 1),
    ("timestamptz", "DateTime", True, 1),
    ("inet", "IPv4", "1.2.3.4", "1.2.3"),
    ("integer[]", "Array(Int32)", "{1}", "[1]"),
    ("integer[]", "Array(Int32)", [1], ["x"]),
    # Not even where both stores give the same.
    ("text", "UUID", "x", "x"),
    ("integer", "Decimal(9, 2)", "x", "x"),
    ("double precision", "Float64", "x", "x"),
    ("double precision", "Float64", True, True),
    ("uuid", "UUID", 1, 1),
    ("timestamptz", "DateTime", UUID(A_UUID), UUID(A_UUID)),
    ("text", "String", 1, 1),
]


@pytest.mark.parametrize(("postgres", "clickhouse", "ours", "theirs"), NO_VALUES)
def test_what_is_no_value_of_its_type_is_an_error(postgres: str, clickhouse: str, ours: object, theirs: object) -> None:
    with pytest.raises(StoreError, match="does not stand for a value"):
        outcome(postgres, clickhouse, ours, theirs)


EQUALS = [
    ("boolean", "UInt8", True, 1),
    ("boolean", "Bool", False, "false"),
    ("boolean", "UInt8", "t", True),
    ("integer", "Decimal(9, 2)", 1, "1.00"),
    ("numeric", "Float64", Decimal("0.5"), 0.5),
    ("numeric", "Float64", Decimal("NaN"), math.nan),
    ("numeric", "Float64", Decimal("-Infinity"), -math.inf),
    ("double precision", "Float64", 0.0, -0.0),
    ("double precision", "Float64", math.nan, "nan"),
    ("double precision", "Decimal(9, 2)", 0.25, Decimal("0.25")),
    ("double precision", "Float32", 0.25, 0.25),
    ("real", "Float32", "0.1", SINGLE),
    ("real", "Float64", SINGLE, SINGLE),
    ("text", "String", "\udcff", b"\xff"),
    ("text", "FixedString(4)", "é", b"\xc3\xa9\0\0"),
    ("text", "FixedString(4)", "ab", b"ab"),
    ("bytea", "FixedString(4)", b"ab\0\0", "ab"),
    ("character(4)", "String", "é   ", "é"),
    ("character(4)", "String", "é", "é   "),
    ("bpchar", "FixedString(4)", "a  ", "a  \0"),
    ("bytea", "String", b"\xff\0", "\udcff\0"),
    ("bytea", "FixedString(2)", b"\xff\0", "\udcff\0"),
    ("uuid", "UUID", UUID(A_UUID), A_UUID.upper()),
    ("uuid", "String", UUID(A_UUID), A_UUID),
    ("text", "UUID", A_UUID, UUID(A_UUID)),
    ("numeric(9,2)", "String", Decimal("1.50"), "1.50"),
    ("boolean", "String", True, "true"),
    ("inet", "String", ip_interface("1.2.3.4/32"), "1.2.3.4"),
    ("inet", "IPv6", ip_interface("::1/128"), "::1"),
    ("text", "IPv4", "1.2.3.4", ip_address("1.2.3.4")),
    ("jsonb", "String", '{"a": 1}', '{"a": 1}'),
    ("date", "Date", date(1970, 1, 2), "1970-01-02"),
    ("date", "DateTime", date(1970, 1, 2), 86_400_000_000),
    ("timestamptz", "DateTime64(6)", datetime(1970, 1, 1, 0, 0, 1, 5, UTC), 1_000_005),
    ("timestamp", "DateTime64(6)", datetime(1970, 1, 1, 0, 0, 1, 5), 1_000_005),
    ("timestamptz", "DateTime64(9)", 7, Fraction(7_000, 1_000)),
    ("integer[]", "Array(Array(Int32))", [[1], [2]], [["1"], ["2"]]),
    ("text[]", "Array(Nullable(String))", [None, ""], [None, b""]),
    ("text", "Nullable(String)", None, None),
]


@pytest.mark.parametrize(("postgres", "clickhouse", "ours", "theirs"), EQUALS)
def test_equal(postgres: str, clickhouse: str, ours: object, theirs: object) -> None:
    assert outcome(postgres, clickhouse, ours, theirs) is Outcome.EQUAL


LOSSES = [
    (Loss.RESOLUTION, "timestamptz", "DateTime", 1_999_999, 1_000_000),
    (Loss.RESOLUTION, "timestamptz", "DateTime64(3)", -1, -1_000),
    (Loss.RESOLUTION, "timestamptz", "Date", 86_400_000_001, "1970-01-02"),
    (Loss.RESOLUTION, "timestamptz", "DateTime", (2**32 - 1) * 1_000_000 + 5, (2**32 - 1) * 1_000_000),
    (Loss.TOWARDS_EPOCH, "timestamptz", "DateTime64(3)", -1, 0),
    (Loss.TOWARDS_EPOCH, "timestamptz", "DateTime64(3)", -1_500, -1_000),
    (Loss.ROUNDING, "double precision", "Float32", 0.1, SINGLE),
    (Loss.ROUNDING, "real", "Float64", SINGLE, 0.1),
    # A `real` printed with as few as six digits, and with as many as nine.
    (Loss.ROUNDING, "real", "Float64", 0.000990952947176993, 0.000990953),
    (Loss.ROUNDING, "real", "Float64", SINGLE, 0.100000001),
    (Loss.ROUNDING, "numeric", "Float64", Decimal("0.1"), 0.1),
    (Loss.ROUNDING, "bigint", "Float64", 2**53 + 1, float(2**53)),
    # Rounded once, and by way of the Float64 that lies half way between two Float32.
    (Loss.ROUNDING, "numeric", "Float32", Decimal("1.00000017881393432617187499"), 1.0000001192092896),
    (Loss.ROUNDING, "numeric", "Float32", Decimal("1.00000017881393432617187499"), 1.000000238418579),
    (Loss.ROUNDING, "numeric", "Float32", Decimal("1.00000005960464477539062501"), 1.0000001192092896),
    (Loss.ROUNDING, "numeric", "Float32", Decimal("1.00000005960464477539062501"), 1.0),
    (Loss.SCALE, "numeric", "Decimal(9, 2)", Decimal("-1.239"), Decimal("-1.23")),
    (Loss.SCALE, "double precision", "Decimal(9, 2)", 0.29, "0.29"),
    (Loss.SCALE, "real", "Decimal(9, 4)", SINGLE, "0.1"),
    (Loss.SCALE, "numeric", "Int32", Decimal("3.7"), 3),
    (Loss.PADDING, "bytea", "FixedString(4)", b"a\0", b"a\0\0\0"),
    (Loss.NOTATION, "text", "UUID", A_UUID.upper(), A_UUID),
    (Loss.NOTATION, "inet", "IPv6", "1.2.3.4", "::ffff:1.2.3.4"),
    (Loss.SPELLING, "uuid", "String", A_UUID, A_UUID.upper()),
    (Loss.SPELLING, "numeric", "String", Decimal("1.50"), "1.5"),
    (Loss.SPELLING, "jsonb", "String", '{"a": [1, true]}', '{"a":[1.0,true]}'),
    (Loss.CLAMPED, "timestamptz", "DateTime", -1, 0),
    (Loss.SPELLING, "jsonb", "String", "1", "1.0"),
    (Loss.SPELLING, "jsonb", "String", '["a", null]', '["a",null]'),
    (Loss.CLAMPED, "timestamptz", "DateTime", "infinity", (2**32 - 1) * 1_000_000),
    (Loss.CLAMPED, "timestamptz", "DateTime", "-infinity", 0),
    (Loss.CLAMPED, "numeric", "Float32", Decimal("1e400"), math.inf),
    (Loss.CLAMPED, "date", "Date", date(2200, 1, 1), "2149-06-06"),
    (Loss.CLAMPED, "double precision", "Float32", 1e300, math.inf),
    (Loss.CLAMPED, "numeric", "Float64", Decimal("-1e400"), -math.inf),
    (Loss.NULL_DEFAULT, "text", "String", None, ""),
    (Loss.NULL_DEFAULT, "text", "FixedString(2)", None, "\0\0"),
    (Loss.NULL_DEFAULT, "text[]", "Array(String)", None, []),
    (Loss.NULL_DEFAULT, "integer[]", "Array(Int32)", [None], [0]),
]


@pytest.mark.parametrize(("reason", "postgres", "clickhouse", "ours", "theirs"), LOSSES)
def test_a_loss_is_a_representation_where_it_is_declared_and_a_difference_where_not(
    reason: Loss, postgres: str, clickhouse: str, ours: object, theirs: object
) -> None:
    assert loss(postgres, clickhouse, ours, theirs, reason) is reason
    types = ColumnType.postgres(postgres), ColumnType.clickhouse(clickhouse)
    undeclared = compare(ours, theirs, Rule(*types, declared=frozenset()))
    assert (undeclared.outcome, undeclared.loss) == (Outcome.DIFFERENT, reason)
    assert f"{reason} would explain it" in undeclared.explanation


DIFFERENT = [
    ("text", "String", "a", "a "),
    ("text", "String", "é", "e\u0301"),
    ("text", "String", "\ufffd", b"\xff"),
    ("text", "FixedString(4)", "a", "a  "),
    ("character(4)", "String", "a   ", "a "),
    ("text", "Nullable(String)", None, ""),
    ("text", "Nullable(String)", "", None),
    ("text", "String", "0", None),
    ("double precision", "Nullable(Float64)", None, 0.0),
    ("double precision", "Float64", math.nan, 0.0),
    ("double precision", "Float64", math.inf, -math.inf),
    ("double precision", "Float64", 0.1, math.nextafter(0.1, 1)),
    ("double precision", "Float32", 0.1, 0.10000000894069672),
    ("double precision", "Decimal(9, 2)", 0.29, "0.28"),
    ("double precision", "Decimal(9, 2)", math.inf, "0"),
    ("real", "Float64", SINGLE, 0.1000000015),
    ("numeric", "Decimal(9, 2)", Decimal("1.239"), "1.24"),
    ("numeric", "Decimal(9, 2)", Decimal("NaN"), "0"),
    ("boolean", "UInt8", True, 2),
    ("boolean", "UInt8", False, 1),
    ("integer", "UInt8", 300, 44),
    ("timestamptz", "DateTime", 1_500_000, 2_000_000),
    ("timestamptz", "DateTime64(9)", 7, Fraction(7_001, 1_000)),
    ("timestamptz", "DateTime64(6)", 7, 8),
    ("timestamptz", "DateTime", -500_000, 0),
    ("jsonb", "String", "1", "true"),
    ("jsonb", "String", '{"a": 1}', '{"a":1}'),
    ("numeric", "String", Decimal("1.50"), "1.5"),
    ("uuid", "String", A_UUID, A_UUID.upper()),
    ("inet", "IPv4", "10.0.0.1/8", "10.0.0.1"),
    ("text", "UUID", "None", A_UUID),
    ("integer[]", "Array(Int32)", [1, 2], [2, 1]),
    ("integer[]", "Array(Int32)", [1], [1, 1]),
    ("integer[]", "Array(Nullable(Int32))", [None], [0]),
]


@pytest.mark.parametrize(("postgres", "clickhouse", "ours", "theirs"), DIFFERENT)
def test_different(postgres: str, clickhouse: str, ours: object, theirs: object) -> None:
    assert outcome(postgres, clickhouse, ours, theirs) is Outcome.DIFFERENT


def test_no_loss_excuses_null_where_the_column_could_have_held_it() -> None:
    assert outcome("text", "Nullable(String)", None, "", *Loss) is Outcome.DIFFERENT
    assert outcome("text", "String", "", None, *Loss) is Outcome.DIFFERENT


def test_what_a_columns_type_imposes_need_not_be_declared_and_all_else_must_be() -> None:
    imposed = {Loss.RESOLUTION, Loss.ROUNDING, Loss.SCALE, Loss.PADDING, Loss.NOTATION}
    for reason, postgres, clickhouse, ours, theirs in LOSSES:
        expected = Outcome.REPRESENTATION if reason in imposed else Outcome.DIFFERENT
        assert outcome(postgres, clickhouse, ours, theirs) is expected


NOT_THAT_LOSS = [
    (Loss.TOWARDS_EPOCH, "timestamptz", "DateTime64(6)", -1, 1),
    (Loss.TOWARDS_EPOCH, "timestamptz", "DateTime64(3)", -1_500, 1_000),
    (Loss.TOWARDS_EPOCH, "timestamptz", "DateTime", -1_500_000, 0),
    # The ends of the range are in it.
    (Loss.CLAMPED, "timestamptz", "DateTime", 0, (2**32 - 1) * 1_000_000),
    (Loss.CLAMPED, "timestamptz", "DateTime", (2**32 - 1) * 1_000_000, 0),
    (Loss.CLAMPED, "timestamptz", "DateTime", -1, (2**32 - 1) * 1_000_000),
    (Loss.CLAMPED, "numeric", "Float64", Decimal("-1e400"), math.inf),
    (Loss.SPELLING, "text", "String", "a", "a\0"),
    (Loss.SPELLING, "bytea", "String", b"a", b"a\0"),
    (Loss.SPELLING, "jsonb", "String", "[1]", "[true]"),
    (Loss.SPELLING, "jsonb", "String", "[1, 2]", "[2, 1]"),
    (Loss.NULL_DEFAULT, "text[]", "Array(String)", None, ["a"]),
]


@pytest.mark.parametrize(("reason", "postgres", "clickhouse", "ours", "theirs"), NOT_THAT_LOSS)
def test_a_declared_loss_excuses_no_more_than_it_says(
    reason: Loss, postgres: str, clickhouse: str, ours: object, theirs: object
) -> None:
    assert outcome(postgres, clickhouse, ours, theirs, reason) is Outcome.DIFFERENT


def test_a_default_of_ones_own_stands_in_for_null_instead_of_the_types() -> None:
    rule = Rule.of("text[]", "Array(String)", Loss.NULL_DEFAULT, default=["a"])
    assert compare(None, ["a"], rule).outcome is Outcome.REPRESENTATION
    assert compare(None, ["b"], rule).outcome is Outcome.DIFFERENT
    assert compare(None, [], rule).outcome is Outcome.DIFFERENT


def test_a_difference_in_an_array_outweighs_a_representation_before_it() -> None:
    rule = Rule.of("numeric[]", "Array(Decimal(9, 1))")
    assert compare(["1.23", "1"], ["1.2", "2"], rule).outcome is Outcome.DIFFERENT
    assert compare(["1.23", "1.27"], ["1.2", "1.2"], rule).explanation.startswith("element 1: ")
    assert compare(["1.2"], ["1.2"], rule).explanation == "the same value"


def test_a_spelling_that_cannot_be_read_is_no_spelling() -> None:
    assert outcome("json", "String", "[" * 100_000, "[" * 100_001, Loss.SPELLING) is Outcome.DIFFERENT
    assert outcome("json", "String", "NaN", "NaN ", Loss.SPELLING) is Outcome.DIFFERENT
    assert outcome("jsonb", "String", '{"a": 1}', '{"a": true}', Loss.SPELLING) is Outcome.DIFFERENT


def test_explanations_tell_both_values_and_the_reason() -> None:
    found = compare("a\udcff", "a ", Rule.of("text", "String"))
    assert found.explanation == r"'a\\xff' in PostgreSQL, 'a ' in ClickHouse"
    found = compare([1, 2, None], [1, 3, 0], Rule.of("integer[]", "Array(Int32)"))
    assert found.explanation == "element 2: 2 in PostgreSQL, 3 in ClickHouse"
    found = compare(["1.23", "1.2"], ["1.2", "1.2"], Rule.of("numeric[]", "Array(Decimal(9, 1))"))
    assert found.outcome is Outcome.REPRESENTATION
    assert found.explanation == "element 1: 1.23 in PostgreSQL, 1.2 in ClickHouse: equal but for scale"
    assert len(compare("x" * 10_000, "y", Rule.of("text", "String")).explanation) < 200


def test_a_column_of_coarse_times_is_said_to_keep_them_without_both_values() -> None:
    """It has them in every row, so that telling both would be most of what a comparison costs."""
    coarse = "equal but for resolution: the column keeps coarser times"
    for clickhouse, ours, theirs in (("DateTime", 1_999_999, 1_000_000), ("DateTime64(3)", -1, -1_000)):
        assert compare(ours, theirs, Rule.of("timestamptz", clickhouse)).explanation == coarse
    finer = compare(Fraction(1, 10), 0, Rule.of("timestamptz", "DateTime64(6)"))
    assert (finer.outcome, finer.loss) == (Outcome.REPRESENTATION, Loss.RESOLUTION)
    assert finer.explanation != coarse


def single(number: float, step: int = 0) -> float:
    """Return the Float32 nearest to a number, or one that lies some steps further from zero."""
    (bits,) = struct.unpack("<i", struct.pack("<f", number))
    found: float = struct.unpack("<f", struct.pack("<i", bits + step))[0]
    return found


@given(st.floats(1e-30, 3e38) | st.floats(-3e38, -1e-30))
def test_a_float_is_equal_only_where_the_column_can_hold_it(number: float) -> None:
    rule = Rule.of("double precision", "Float32")
    expected = Outcome.EQUAL if single(number) == number else Outcome.REPRESENTATION
    assert compare(number, single(number), rule).outcome is expected
    for step in (-1, 1):
        assert compare(number, single(number, step), rule).outcome is Outcome.DIFFERENT
        assert (
            compare(number, math.nextafter(number, step * math.inf), Rule.of("double precision", "Float64")).outcome
            is Outcome.DIFFERENT
        )


@given(st.integers(-(10**17), 10**17), st.sampled_from([0, 1, 3, 6, 9]))
def test_an_instant_is_equal_only_where_the_column_can_hold_it(instant_us: int, digits: int) -> None:
    rule = Rule.of("timestamptz", f"DateTime64({digits})")
    tick_us = Fraction(10**6, 10**digits)
    cut = instant_us // tick_us * tick_us
    expected = Outcome.EQUAL if cut == instant_us else Outcome.REPRESENTATION
    assert compare(instant_us, cut, rule).outcome is expected
    for other in (cut + tick_us, cut - tick_us):
        assert compare(instant_us, other, rule).outcome is Outcome.DIFFERENT


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**9), max_value=10**9),
    st.integers(0, 10),
)
def test_a_decimal_is_equal_only_where_the_column_can_hold_it(number: Decimal, scale: int) -> None:
    rule = Rule.of("numeric", f"Decimal(38, {scale})")
    unit = Fraction(1, 10**scale)
    held = int(Fraction(number) / unit)
    expected = Outcome.EQUAL if held * unit == Fraction(number) else Outcome.REPRESENTATION
    assert compare(number, Decimal(held).scaleb(-scale), rule).outcome is expected
    for other in (held + 1, held - 1):
        assert compare(number, Decimal(other).scaleb(-scale), rule).outcome is Outcome.DIFFERENT
