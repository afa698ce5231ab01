"""In what form the values of a pair of column types are compared, so that the bytes are equal only where the values are. Pure.

`harness/check/values.py` says when two values are the same, or one a representation of the other that the column's type imposes. Equal
bytes must mean one of these: what they pass over is never looked at again. Bytes that are too strict cost a look at the row, and no more.
"""

from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from harness.check.value_types import ColumnType, Kind
from harness.check.values import Rule
from harness.errors import StoreError
from harness.observe.clickhouse_tables import unwrapped


class Shape(Enum):
    """How both engines write a value down."""

    TEXT = auto()
    """PostgreSQL's text of it, which has none of a `char(n)`'s blanks."""
    UUID_TEXT = auto()
    """A text that may spell a UUID with capitals, made small: a column of UUIDs does not keep them."""
    ADDRESS = auto()
    """An address as text, its mask left out where it is of one host."""
    BYTES = auto()
    PADDED = auto()
    """Bytes, filled with NUL to the size of a FixedString."""
    BOOLEAN = auto()
    """One byte, 0 or 1; a number that is neither is another one, or two."""
    INTEGER = auto()
    """An integer of 64 bits."""
    DECIMAL = auto()
    """A number as decimal text, cut to the scale of ClickHouse's column, with the zeros at its end or without, as that server prints it."""
    FLOAT = auto()
    """An IEEE double, -0.0 made 0.0 and NaN made the one NaN."""
    ROUNDED = auto()
    """The same of a decimal number, as bytes: none at all where it is too large or too small to be rounded safely."""
    INSTANT = auto()
    """Microseconds since 2000-01-01, cut down to the resolution of ClickHouse's column."""
    TICKS = auto()
    """The same of a column with more digits; an instant between two microseconds, which PostgreSQL cannot have, is nothing at all."""


OIDS = {
    **dict.fromkeys((Shape.TEXT, Shape.UUID_TEXT, Shape.ADDRESS, Shape.DECIMAL), 25),
    **dict.fromkeys((Shape.BYTES, Shape.PADDED, Shape.ROUNDED), 17),
    **dict.fromkeys((Shape.INSTANT, Shape.TICKS), 1184),
    Shape.BOOLEAN: 16,
    Shape.INTEGER: 20,
    Shape.FLOAT: 701,
}
"""The OID of the type in PostgreSQL that has each shape."""


@dataclass(frozen=True, slots=True)
class Form:
    """A shape with what it takes of ClickHouse's type."""

    shape: Shape
    size: int = 0
    """The bytes of a FixedString."""
    scale: int = 0
    """The decimal digits of a DECIMAL."""
    resolution_us: int = 1
    """To how many microseconds an INSTANT is cut."""
    ticks: int = 1
    """How many TICKS a microsecond has."""


def form_of(postgres: ColumnType, clickhouse: ColumnType, *, time: bool) -> Form:
    """Return the form for two types; `time` says whether the field is one. Raises StoreError where there is none."""
    Rule(postgres, clickhouse)
    instant = postgres.kind is Kind.INSTANT
    form = _instant(clickhouse) if instant else _form(postgres, clickhouse)
    if form is None or instant is not time:
        raise StoreError(f"PostgreSQL's {postgres.name} cannot be compared with {clickhouse.name} by checksums")
    return form


def _form(ours: ColumnType, theirs: ColumnType) -> Form | None:
    if theirs.kind in (Kind.NUMBER, Kind.FLOAT):
        return _number(ours, theirs)
    if (ours.kind, theirs.kind) == (Kind.ADDRESS, Kind.ADDRESS):
        return Form(Shape.ADDRESS)
    if ours.kind in (Kind.ADDRESS, Kind.ARRAY):
        # PostgreSQL and Python print some addresses otherwise, and arrays nest.
        return None
    if theirs.kind is Kind.UUID:
        return Form(Shape.UUID_TEXT if ours.kind is Kind.TEXT else Shape.TEXT)
    if theirs.kind is Kind.TEXT and theirs.size:
        return Form(Shape.PADDED, size=theirs.size)
    return Form(Shape.BYTES if ours.kind is Kind.BYTES else Shape.TEXT)


def _number(ours: ColumnType, theirs: ColumnType) -> Form | None:
    if ours.name == "oid":
        return None
    if ours.name.startswith("bool"):
        return Form(Shape.BOOLEAN)
    exact = ours.name.startswith(("numeric", "decimal"))
    if theirs.kind is Kind.FLOAT:
        # The float nearest to a number is what a float's column makes of it.
        return Form(Shape.ROUNDED if exact else Shape.FLOAT)
    if ours.kind is Kind.NUMBER and not exact and unwrapped(theirs.name) in _FIT_64:
        return Form(Shape.INTEGER)
    return Form(Shape.DECIMAL, scale=theirs.scale)


def _instant(theirs: ColumnType) -> Form:
    if isinstance(theirs.resolution_us, Fraction):
        return Form(Shape.TICKS, ticks=theirs.resolution_us.denominator)
    return Form(Shape.INSTANT, resolution_us=theirs.resolution_us)


# Not UInt64, whose larger half looks like negative numbers.
_FIT_64 = frozenset({"Bool", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32"})
