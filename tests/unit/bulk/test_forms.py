import pytest

from harness.bulk.forms import OIDS, Form, Shape, form_of
from harness.check.value_types import ColumnType
from harness.errors import StoreError


def form(postgres: str, clickhouse: str, *, time: bool = False) -> Form:
    return form_of(ColumnType.postgres(postgres), ColumnType.clickhouse(clickhouse), time=time)


def test_every_shape_has_a_type_of_postgresql() -> None:
    assert set(OIDS) == set(Shape)


@pytest.mark.parametrize(
    ("postgres", "clickhouse", "expected"),
    [
        ("text", "Nullable(String)", Form(Shape.TEXT)),
        ("character varying(40)", "LowCardinality(Nullable(String))", Form(Shape.TEXT)),
        ("double precision", "Nullable(Float64)", Form(Shape.FLOAT)),
        ("double precision", "Float32", Form(Shape.FLOAT)),
        ("boolean", "UInt8", Form(Shape.BOOLEAN)),
        ("boolean", "Bool", Form(Shape.BOOLEAN)),
        ("boolean", "Float64", Form(Shape.BOOLEAN)),
        ("boolean", "String", Form(Shape.TEXT)),
        ("smallint", "Bool", Form(Shape.INTEGER)),
        ("bigint", "Nullable(UInt32)", Form(Shape.INTEGER)),
        ("bigint", "UInt64", Form(Shape.DECIMAL)),
        ("bigint", "Int128", Form(Shape.DECIMAL)),
        ("numeric(9,2)", "Int64", Form(Shape.DECIMAL)),
        ("numeric", "Nullable(Decimal(38, 18))", Form(Shape.DECIMAL, scale=18)),
        ("double precision", "Decimal64(4)", Form(Shape.DECIMAL, scale=4)),
        ("numeric", "Float64", Form(Shape.ROUNDED)),
        ("numeric", "String", Form(Shape.TEXT)),
        ("bytea", "String", Form(Shape.BYTES)),
        ("text", "FixedString(8)", Form(Shape.PADDED, size=8)),
        ("text", "UUID", Form(Shape.UUID_TEXT)),
        ("uuid", "UUID", Form(Shape.TEXT)),
        ("inet", "IPv6", Form(Shape.ADDRESS)),
    ],
)
def test_the_form_follows_from_the_types(postgres: str, clickhouse: str, expected: Form) -> None:
    assert form(postgres, clickhouse) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Date", Form(Shape.INSTANT, resolution_us=86_400_000_000)),
        ("DateTime('UTC')", Form(Shape.INSTANT, resolution_us=1_000_000)),
        ("Nullable(DateTime64(0))", Form(Shape.INSTANT, resolution_us=1_000_000)),
        ("DateTime64(3, 'UTC')", Form(Shape.INSTANT, resolution_us=1000)),
        ("DateTime64(4)", Form(Shape.INSTANT, resolution_us=100)),
        ("DateTime64(6, 'UTC')", Form(Shape.INSTANT)),
        ("DateTime64(7)", Form(Shape.TICKS, ticks=10)),
        ("Nullable(DateTime64(9, 'UTC'))", Form(Shape.TICKS, ticks=1000)),
    ],
)
def test_the_resolution_of_times(kind: str, expected: Form) -> None:
    assert form("timestamp with time zone", kind, time=True) == expected


@pytest.mark.parametrize(
    ("postgres", "clickhouse", "time"),
    [
        ("timestamp with time zone", "UInt64", True),
        ("text", "String", True),
        ("timestamp with time zone", "DateTime", False),
        ("inet", "String", False),
        ("integer[]", "Array(Int32)", False),
        ("oid", "Float64", False),
        ("real", "String", False),
    ],
)
def test_what_cannot_be_compared_is_refused_with_both_types(postgres: str, clickhouse: str, time: bool) -> None:
    with pytest.raises(StoreError) as refused:
        form(postgres, clickhouse, time=time)
    assert f"PostgreSQL's {postgres} cannot be compared with {clickhouse}" in str(refused.value)
