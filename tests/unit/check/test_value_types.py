"""What each type's name says of its values: bits, digits, resolution, the ends of its range, and what stands in for NULL."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

import pytest

from harness.check.value_types import ColumnType, Kind
from harness.units import US_PER_S

DAY_US = 86_400 * US_PER_S


def us(year: int, month: int, day: int, *time: int) -> int:
    """Return the microseconds from 1970 to a time in UTC."""
    return (datetime(year, month, day, *time, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


POSTGRES = {
    Kind.NUMBER: [
        "smallint",
        "int2",
        "integer",
        "int",
        "int4",
        "bigint",
        "int8",
        "oid",
        "boolean",
        "bool",
        "numeric",
        "decimal",
    ],
    Kind.FLOAT: ["real", "float4", "double precision", "float8"],
    Kind.TEXT: ["text", "character varying", "varchar", "name", '"char"', "citext", "enum"],
    Kind.BYTES: ["bytea"],
    Kind.JSON: ["json", "jsonb"],
    Kind.UUID: ["uuid"],
    Kind.INSTANT: ["timestamp with time zone", "timestamptz", "date", "timestamp", "timestamp without time zone"],
    Kind.ADDRESS: ["inet", "cidr"],
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in POSTGRES.items() for name in names])
def test_every_name_of_a_postgresql_type_is_known_and_only_floats_have_a_size(kind: Kind, name: str) -> None:
    found = ColumnType.postgres(name)
    size = {"real": 32, "float4": 32, "double precision": 64, "float8": 64}.get(name, 0)
    assert (found.kind, found.size, found.nullable, found.fill) == (kind, size, True, b"")


@pytest.mark.parametrize(
    ("name", "characters"), [("char", 1), ("character", 1), ("char(3)", 3), ("character(12)", 12), ("bpchar(4)", 4)]
)
def test_a_blank_filled_text_has_a_length_which_is_one_where_none_is_given(name: str, characters: int) -> None:
    found = ColumnType.postgres(name)
    assert (found.kind, found.size, found.fill, found.nullable) == (Kind.TEXT, characters, b" ", True)


@pytest.mark.parametrize("name", ["integer[]", "_int4", "text[][]"])
def test_an_array_of_postgresql_can_be_null_and_has_an_element(name: str) -> None:
    found = ColumnType.postgres(name)
    assert found.nullable
    assert found.element is not None
    assert found.element.kind is (Kind.TEXT if name.startswith("text") else Kind.NUMBER)


@pytest.mark.parametrize("bits", [8, 16, 32, 64, 128, 256])
@pytest.mark.parametrize("sign", ["", "U"])
def test_integers_of_clickhouse_have_no_digits_after_the_point(sign: str, bits: int) -> None:
    assert ColumnType.clickhouse(f"{sign}Int{bits}") == ColumnType(f"{sign}Int{bits}", Kind.NUMBER, default=0)


DECIMALS = {"Decimal": 0, "Decimal(9)": 0, "Decimal(9, 4)": 4, "Decimal(76,38)": 38} | {
    f"Decimal{bits}({digits})": digits for bits, digits in ((32, 2), (64, 4), (128, 8), (256, 40))
}


@pytest.mark.parametrize(("name", "digits"), DECIMALS.items())
def test_decimals_have_the_digits_that_their_name_gives(name: str, digits: int) -> None:
    found = ColumnType.clickhouse(name)
    assert (found.kind, found.scale, found.default) == (Kind.NUMBER, digits, 0)


@pytest.mark.parametrize(("name", "bits"), [("Float32", 32), ("Float64", 64)])
def test_floats_have_bits(name: str, bits: int) -> None:
    found = ColumnType.clickhouse(name)
    assert (found.kind, found.size, found.default) == (Kind.FLOAT, bits, 0.0)


LAST_US = us(2299, 12, 31, 23, 59, 59, 999_999)
INSTANTS = [
    # Name, resolution, first, last.
    ("Date", DAY_US, 0, us(2149, 6, 6)),
    ("Date32", DAY_US, us(1900, 1, 1), us(2299, 12, 31)),
    ("DateTime", US_PER_S, 0, us(2106, 2, 7, 6, 28, 15)),
    ("DateTime('Asia/Kolkata')", US_PER_S, 0, us(2106, 2, 7, 6, 28, 15)),
    ("DateTime64", 1_000, us(1900, 1, 1), us(2299, 12, 31, 23, 59, 59, 999_000)),
    ("DateTime64(0)", US_PER_S, us(1900, 1, 1), us(2299, 12, 31, 23, 59, 59)),
    ("DateTime64(3)", 1_000, us(1900, 1, 1), us(2299, 12, 31, 23, 59, 59, 999_000)),
    ("DateTime64(6, 'UTC')", 1, us(1900, 1, 1), LAST_US),
    ("DateTime64(7)", Fraction(1, 10), us(1900, 1, 1), LAST_US + Fraction(9, 10)),
    ("DateTime64(8)", Fraction(1, 100), us(1900, 1, 1), LAST_US + Fraction(99, 100)),
    # A signed 64-bit integer of nanoseconds ends here.
    ("DateTime64(9)", Fraction(1, 1_000), us(1900, 1, 1), us(2262, 4, 11, 23, 47, 16, 854_775) + Fraction(807, 1000)),
]


@pytest.mark.parametrize(("name", "resolution_us", "first_us", "last_us"), INSTANTS)
def test_times_have_a_resolution_and_a_range(
    name: str, resolution_us: int | Fraction, first_us: int, last_us: int | Fraction
) -> None:
    found = ColumnType.clickhouse(name)
    assert (found.kind, found.resolution_us) == (Kind.INSTANT, resolution_us)
    assert (found.low_us, found.high_us) == (first_us, last_us)
    # Where nothing is given, a column that counts days from 1900 begins there, each other in 1970.
    assert found.default == (us(1900, 1, 1) if name == "Date32" else 0)


def test_microseconds_are_counted_in_whole_numbers() -> None:
    assert all(isinstance(ColumnType.clickhouse(f"DateTime64({digits})").resolution_us, int) for digits in range(7))


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("String", b""),
        ("FixedString(3)", b"\0\0\0"),
        ("UUID", UUID("00000000-0000-0000-0000-000000000000")),
        ("IPv4", IPv4Address("0.0.0.0")),
        ("IPv6", IPv6Address("::")),
        ("Array(String)", ()),
        ("Enum('b' = 2, 'a' = 1)", b"a"),
        ("Enum8('b' = -2, 'a' = 1)", b"b"),
        ("Enum16('b' = -2, 'a' = -300)", b"a"),
        (r"Enum8('it\'s \\' = 1)", rb"it's \ ".rstrip()),
        ("LowCardinality(String)", b""),
    ],
)
def test_what_stands_in_for_nothing(name: str, default: object) -> None:
    found = ColumnType.clickhouse(name)
    assert found.default == default
    assert type(found.default) is type(default)
    assert not found.nullable


def test_a_type_keeps_its_whole_name_and_can_be_null_where_anything_in_it_says_so() -> None:
    for name in ("Nullable(String)", "LowCardinality(Nullable(String))"):
        assert ColumnType.clickhouse(name) == ColumnType(name, Kind.TEXT, nullable=True, default=b"")
    assert ColumnType.clickhouse("FixedString(3)").fill == b"\0"
    assert ColumnType.clickhouse("FixedString(3)").size == 3


def test_a_type_says_nothing_that_its_kind_does_not_have() -> None:
    plain = ColumnType("x", Kind.TEXT)
    assert (plain.nullable, plain.size, plain.fill, plain.scale, plain.default) == (False, 0, b"", 0, None)
    assert (plain.resolution_us, plain.low_us, plain.high_us) == (1, 0, 0)
