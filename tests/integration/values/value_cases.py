"""The pairs of types: what each column is tried with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import strategies as st
from value_strategies import (
    ASCII,
    BYTES,
    DOCUMENTS,
    MIXED_UUIDS,
    UUIDS,
    Texts,
    arrays,
    dates,
    decimals,
    doubles,
    instants,
    integers,
    near_array,
    near_bytes,
    near_date,
    near_decimal,
    near_document,
    near_double,
    near_instant,
    near_integer,
    near_single,
    near_text,
    near_uuid,
    singles,
    texts,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One column. `near` gives the smallest changes of a value; `lossy` columns cannot hold every value of PostgreSQL's."""

    postgres: str
    clickhouse: str
    values: Texts = field(repr=False)
    near: Callable[[Any], Iterable[Any]] = field(repr=False)
    lossy: bool = False
    modern: bool = False
    rule_name: str = ""
    """The PostgreSQL type's name for the rule, where it is not `postgres`."""

    @property
    def nullable(self) -> bool:
        return "Nullable" in self.clickhouse and not self.clickhouse.startswith("Array")


INT16, INT32, INT64 = ((-(2**bits), 2**bits - 1) for bits in (15, 31, 63))
DAYS, DAYS32 = (date(1970, 1, 1), date(2100, 1, 1)), (date(1900, 1, 1), date(2299, 12, 31))
ENUM8 = "Enum8('a' = 1, 'A' = 2, 'a ' = -3, '' = 0)"


def column(
    postgres: str,
    clickhouse: str,
    values: Texts,
    near: Callable[[Any], Iterable[Any]],
    flags: str = "",
    rule_name: str = "",
) -> Case:
    """Return a case; the flags are `lossy` and `modern`."""
    return Case(postgres, clickhouse, values, near, "lossy" in flags, "modern" in flags, rule_name)


CASES = (
    column("smallint", "Int16", integers(*INT16), near_integer(*INT16)),
    column("integer", "Nullable(Int32)", integers(*INT32), near_integer(*INT32)),
    column("bigint", "Int64", integers(*INT64), near_integer(*INT64)),
    column("bigint", "UInt64", integers(0, INT64[1]), near_integer(0, INT64[1])),
    column("bigint", "Float64", integers(*INT64), near_integer(*INT64), "lossy"),
    column("bigint", "Float32", integers(*INT64), near_integer(*INT64), "lossy"),
    column("bigint", "Decimal(38, 0)", integers(*INT64), near_integer(*INT64)),
    column("bigint", "String", integers(*INT64), near_integer(*INT64)),
    column("smallint", "UInt8", integers(0, 255), near_integer(0, 255)),
    column("bigint", "Int256", integers(*INT64), near_integer(*INT64), "modern"),
    column("boolean", "UInt8", st.sampled_from(["true", "false"]), lambda _: [None, "true", "false"]),
    column("boolean", "Nullable(UInt8)", st.sampled_from(["true", "false"]), lambda _: [None, "true", "false"]),
    column("boolean", "Bool", st.sampled_from(["true", "false"]), lambda _: [None, "true", "false"], "modern"),
    column("numeric(9,4)", "Decimal(9, 4)", decimals(9, 4), near_decimal),
    column("numeric(12,4)", "Decimal(12, 2)", decimals(12, 4), near_decimal, "lossy"),
    column("numeric", "Nullable(Decimal(38, 10))", decimals(20, 10), near_decimal, "lossy"),
    column("numeric", "Decimal(76, 20)", decimals(50, 20), near_decimal, "lossy modern"),
    column(
        "numeric",
        "Float64",
        decimals(30, 12) | st.sampled_from(["NaN", "Infinity"]),
        near_decimal_or_zero := (lambda text: near_decimal(text) if text[0] not in "NI" else [None, "0"]),
        "lossy",
    ),
    column("numeric", "Float32", decimals(12, 6), near_decimal, "lossy"),
    column("numeric", "String", decimals(12, 3), near_decimal),
    column("real", "Float32", singles(), near_single),
    column("real", "Nullable(Float64)", singles(), near_single),
    column("double precision", "Float64", doubles(), near_double),
    column("double precision", "Nullable(Float64)", doubles(), near_double),
    column("double precision", "Float32", doubles(1e38), near_double, "lossy"),
    column("double precision", "Decimal(18, 4)", doubles(1e9), near_double, "lossy"),
    column("text", "String", texts(), near_text()),
    column("text", "Nullable(String)", texts(), near_text()),
    column("varchar(60)", "LowCardinality(String)", texts(55), near_text(55), "modern"),
    column("text", "LowCardinality(Nullable(String))", texts(), near_text(), "modern"),
    column("text", "FixedString(24)", texts(24), near_text(24)),
    column("char(6)", "String", ASCII, near_text(6)),
    column("char(6)", "FixedString(14)", ASCII, near_text(6)),
    column("bytea", "String", BYTES, near_bytes),
    column("bytea", "FixedString(8)", BYTES, near_bytes, "lossy"),
    column("json", "String", DOCUMENTS, near_document),
    column("jsonb", "String", DOCUMENTS, near_document),
    column("uuid", "UUID", UUIDS, near_uuid),
    column("uuid", "Nullable(String)", UUIDS, near_uuid),
    column("text", "UUID", MIXED_UUIDS, near_uuid, "lossy"),
    column("letter", ENUM8, st.sampled_from(["a", "A", "a ", ""]), lambda _: [None, "a", "A", "a ", ""], "", "enum"),
    column("text", f"Nullable({ENUM8})", st.sampled_from(["a", "A", "a ", ""]), lambda _: [None, "a", "A", "a ", ""]),
    column("date", "Date", dates(*DAYS), near_date(*DAYS)),
    column("date", "Date32", dates(*DAYS32), near_date(*DAYS32), "modern"),
    column("timestamptz", "DateTime('UTC')", instants(1970, 2100), near_instant, "lossy"),
    column("timestamptz", "Nullable(DateTime('Asia/Kolkata'))", instants(1970, 2100), near_instant, "lossy"),
    column("timestamptz", "Date", instants(1970, 2100), near_instant, "lossy"),
    column("timestamptz", "DateTime64(0, 'UTC')", instants(1901, 2290), near_instant, "lossy modern"),
    column("timestamptz", "DateTime64(3, 'UTC')", instants(1901, 2290), near_instant, "lossy modern"),
    column("timestamptz", "DateTime64(3, 'Europe/Berlin')", instants(1901, 2290), near_instant, "lossy modern"),
    column("timestamp", "Nullable(DateTime64(6, 'UTC'))", instants(1901, 2290), near_instant, "modern"),
    column("timestamp(3)", "DateTime64(3, 'UTC')", instants(1901, 2290), near_instant, "modern"),
    column("timestamptz", "DateTime64(9, 'UTC')", instants(1901, 2260), near_instant, "modern"),
    column("inet", "IPv4", st.ip_addresses(v=4).map(str), lambda _: [None, "1.2.3.4"], "modern"),
    column("inet", "IPv6", st.ip_addresses().map(str), lambda _: [None, "1.2.3.4", "::ffff:1.2.3.4"], "lossy modern"),
    column(
        "integer[]", "Array(Nullable(Int32))", arrays(st.none() | integers(*INT32)), near_array(near_integer(*INT32))
    ),
    column("text[]", "Array(Nullable(String))", arrays(st.none() | ASCII), near_array(near_text())),
    column("double precision[]", "Array(Float32)", arrays(doubles(1e30)), near_array(near_double), "lossy"),
    column("numeric(9,3)[]", "Array(Decimal(9, 3))", arrays(decimals(9, 3)), near_array(near_decimal)),
)
