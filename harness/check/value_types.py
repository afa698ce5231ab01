"""What a column's type says about its values: parsed from the names that the stores give. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

from harness.errors import StoreError
from harness.units import US_PER_S

US_PER_DAY = 86_400 * US_PER_S


class Kind(StrEnum):
    """What the values of a type stand for."""

    NUMBER = "number"
    FLOAT = "float"
    TEXT = "text"
    BYTES = "bytes"
    JSON = "json"
    UUID = "uuid"
    INSTANT = "instant"
    ADDRESS = "address"
    ARRAY = "array"


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type. Only what its kind has is set; PostgreSQL's columns count as nullable."""

    name: str
    kind: Kind
    nullable: bool = False
    size: int = 0
    """A float's bits, a FixedString's bytes, a `char(n)`'s characters; else 0."""
    fill: bytes = b""
    """What a fixed size is filled up with."""
    scale: int = 0
    """The decimal digits of a NUMBER column in ClickHouse."""
    resolution_us: int | Fraction = 1
    low_us: int = 0
    high_us: int | Fraction = 0
    """The ends of an INSTANT column's range in ClickHouse, both in it."""
    default: Any = None
    """What ClickHouse puts in where nothing is given."""
    element: "ColumnType | None" = None

    @classmethod
    def postgres(cls, name: str) -> "ColumnType":
        """Parse a name as `format_type` prints it, or an alias of it; `enum` stands for any enum. Raises StoreError for an unknown one."""
        if name.endswith("[]") or name.startswith("_"):
            element = cls.postgres(name.removeprefix("_").split("[")[0])
            return cls(name, Kind.ARRAY, nullable=True, element=element)
        base = " ".join(re.sub(r"\([\d, -]*\)", " ", name).lower().split())
        if base in _BLANK_FILLED:
            length = re.search(r"\d+", name)
            return cls(name, Kind.TEXT, nullable=True, size=int(length[0]) if length else 1, fill=b" ")
        if base not in _POSTGRES:
            raise StoreError(f"PostgreSQL type {name}: values of this type cannot be compared")
        kind, size = _POSTGRES[base]
        return cls(name, kind, nullable=True, size=size)

    @classmethod
    def clickhouse(cls, name: str) -> "ColumnType":
        """Parse a name as `system.columns` gives it. Raises StoreError for an unknown one."""
        try:
            return _clickhouse(name.strip())
        except LookupError:
            raise StoreError(f"ClickHouse type {name}: values of this type cannot be compared") from None


_POSTGRES: dict[str, tuple[Kind, int]] = {
    **dict.fromkeys(("smallint", "int2", "integer", "int", "int4", "bigint", "int8", "oid"), (Kind.NUMBER, 0)),
    **dict.fromkeys(("boolean", "bool", "numeric", "decimal"), (Kind.NUMBER, 0)),
    **dict.fromkeys(("real", "float4"), (Kind.FLOAT, 32)),
    **dict.fromkeys(("double precision", "float8"), (Kind.FLOAT, 64)),
    **dict.fromkeys(("text", "character varying", "varchar", "name", '"char"', "citext", "enum"), (Kind.TEXT, 0)),
    "bytea": (Kind.BYTES, 0),
    **dict.fromkeys(("json", "jsonb"), (Kind.JSON, 0)),
    "uuid": (Kind.UUID, 0),
    **dict.fromkeys(("timestamp with time zone", "timestamptz"), (Kind.INSTANT, 0)),
    **dict.fromkeys(("date", "timestamp", "timestamp without time zone"), (Kind.INSTANT, 0)),
    **dict.fromkeys(("inet", "cidr"), (Kind.ADDRESS, 0)),
}
_BLANK_FILLED = frozenset({"character", "char", "bpchar"})


def _clickhouse(name: str) -> ColumnType:
    """Parse a type, and those inside it. Raises LookupError for an unknown one."""
    match = re.fullmatch(r"(\w+)(?:\((.*)\))?", name, re.DOTALL)
    if match is None:
        raise LookupError
    base, inside = match[1], match[2] or ""
    if base == "Array":
        return ColumnType(name, Kind.ARRAY, element=_clickhouse(inside), default=())
    if base in ("Nullable", "LowCardinality"):
        inner = _clickhouse(inside)
        return replace(inner, name=name, nullable=inner.nullable or base == "Nullable")
    if base in ("Enum", "Enum8", "Enum16"):
        return ColumnType(name, Kind.TEXT, default=_lowest_label(inside))
    # What stands in quotes is a time zone, which does not change what instant a value is.
    return _CLICKHOUSE[base](name, [int(part) for part in re.findall(r"\d+", inside.split("'")[0])])


def _lowest_label(inside: str) -> bytes:
    labels = re.findall(r"'((?:[^'\\]|\\.)*)'\s*=\s*(-?\d+)", inside)
    label = min(labels, key=lambda pair: int(pair[1]), default=("", ""))[0]
    return re.sub(r"\\(.)", r"\1", label).encode()


def _datetime64(name: str, arguments: list[int]) -> ColumnType:
    digits = arguments[0] if arguments else 3
    resolution_us: int | Fraction = 10 ** (6 - digits) if digits <= 6 else Fraction(1, 10 ** (digits - 6))
    # What documentation gives as the range; later servers keep what lies outside, which is then equal, or cut, as it is.
    high_us = Fraction(2**63 - 1, 1000) if digits == 9 else _END_OF_2299_US - resolution_us
    return ColumnType(
        name, Kind.INSTANT, resolution_us=resolution_us, low_us=_START_OF_1900_US, high_us=high_us, default=0
    )


_START_OF_1900_US = -2_208_988_800 * US_PER_S
_END_OF_2299_US = 10_413_792_000 * US_PER_S
_INTEGERS = [f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64, 128, 256)]
_CLICKHOUSE: dict[str, Callable[[str, list[int]], ColumnType]] = {
    **dict.fromkeys([*_INTEGERS, "Bool"], lambda name, _: ColumnType(name, Kind.NUMBER, default=0)),
    "Decimal": lambda name, arguments: ColumnType(name, Kind.NUMBER, scale=[*arguments, 0, 0][1], default=0),
    **{
        f"Decimal{bits}": lambda name, arguments: ColumnType(name, Kind.NUMBER, scale=arguments[0], default=0)
        for bits in (32, 64, 128, 256)
    },
    "Float32": lambda name, _: ColumnType(name, Kind.FLOAT, size=32, default=0.0),
    "Float64": lambda name, _: ColumnType(name, Kind.FLOAT, size=64, default=0.0),
    "String": lambda name, _: ColumnType(name, Kind.TEXT, default=b""),
    "FixedString": lambda name, arguments: ColumnType(
        name, Kind.TEXT, size=arguments[0], fill=b"\0", default=bytes(arguments[0])
    ),
    "UUID": lambda name, _: ColumnType(name, Kind.UUID, default=UUID(int=0)),
    "IPv4": lambda name, _: ColumnType(name, Kind.ADDRESS, default=IPv4Address(0)),
    "IPv6": lambda name, _: ColumnType(name, Kind.ADDRESS, default=IPv6Address(0)),
    "Date": lambda name, _: ColumnType(
        name, Kind.INSTANT, resolution_us=US_PER_DAY, high_us=65_535 * US_PER_DAY, default=0
    ),
    "Date32": lambda name, _: ColumnType(
        name,
        Kind.INSTANT,
        resolution_us=US_PER_DAY,
        low_us=_START_OF_1900_US,
        high_us=_END_OF_2299_US - US_PER_DAY,
        default=_START_OF_1900_US,
    ),
    "DateTime": lambda name, _: ColumnType(
        name, Kind.INSTANT, resolution_us=US_PER_S, high_us=(2**32 - 1) * US_PER_S, default=0
    ),
    "DateTime64": _datetime64,
}
