"""What Python values stand for a type's values, and the one form in which they are compared. Pure."""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_interface
from math import copysign, inf
from typing import Any
from uuid import UUID

from harness.check.value_types import US_PER_DAY, ColumnType, Kind
from harness.errors import StoreError
from harness.units import US_PER_S

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Address = IPv4Address | IPv6Address | IPv4Interface | IPv6Interface


def read(value: object, column: ColumnType) -> Any:
    """Return a value's one form: int, bool, Decimal, float, bytes, UUID, microseconds since the epoch, an address or a tuple."""
    try:
        return READ[column.kind](value, column)
    except (ValueError, TypeError, ArithmeticError):
        shown = show(value)
        raise StoreError(f"{shown} ({type(value).__name__}) does not stand for a value of type {column.name}") from None


def _read_number(value: object, column: ColumnType) -> int | Decimal:
    if isinstance(value, int | Decimal):
        return value
    if not isinstance(value, str):
        # A float among them: on the way there it has lost what it cannot hold.
        raise TypeError
    return _TRUTH[value] if value in _TRUTH and "bool" in column.name.lower() else Decimal(value)


def _read_float(value: object, column: ColumnType) -> float:
    if not isinstance(value, float | int | str) or isinstance(value, bool):
        raise TypeError
    return float32(float(value)) if column.size == 32 else float(value)


def _read_text(value: object, column: ColumnType) -> bytes:
    if isinstance(value, str) and column.kind is not Kind.BYTES:
        value = value.encode(errors="surrogateescape")
    if not isinstance(value, bytes):
        raise TypeError
    return value.ljust(column.size, b"\0") if column.fill == b"\0" else value


def _read_uuid(value: object, column: ColumnType) -> UUID:
    return UUID(str(value))


def _read_instant(value: object, column: ColumnType) -> int | Fraction | float:
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        since = (value if value.tzinfo is not None else value.replace(tzinfo=UTC)) - EPOCH
        return (since.days * 86_400 + since.seconds) * US_PER_S + since.microseconds
    if isinstance(value, str):
        if value in _INFINITIES:
            return _INFINITIES[value]
        value = date.fromisoformat(value)
    if not isinstance(value, date):
        raise TypeError
    return (value.toordinal() - EPOCH.toordinal()) * US_PER_DAY


def _read_address(value: object, column: ColumnType) -> Address:
    interface = ip_interface(str(value))
    return interface.ip if interface.network.prefixlen == interface.max_prefixlen else interface


def as_list(value: object, column: ColumnType) -> Sequence[object]:
    """Return an array's elements. Raises StoreError for what is none."""
    if not isinstance(value, list | tuple):
        raise StoreError(f"{show(value)} ({type(value).__name__}) does not stand for a value of type {column.name}")
    return value


def _read_array(value: object, column: ColumnType) -> tuple[Any, ...]:
    assert column.element is not None
    return tuple(None if item is None else read(item, column.element) for item in as_list(value, column))


_TRUTH = {"t": True, "true": True, "f": False, "false": False}
_INFINITIES = {"infinity": inf, "-infinity": -inf}

# Everything but floats may come as the store's text, bytes as `bytes` alone. NUMBER: int, bool, Decimal. FLOAT: float, int, text. TEXT and
# JSON: str (with surrogateescape) or bytes. INSTANT: microseconds since the epoch, a Fraction where they are not whole, a date, a datetime
# (in UTC where it names no zone), and as text a date and `infinity` alone. ARRAY: a list, nested like the array.
READ: dict[Kind, Callable[[object, ColumnType], Any]] = {
    Kind.NUMBER: _read_number,
    Kind.FLOAT: _read_float,
    Kind.TEXT: _read_text,
    Kind.BYTES: _read_text,
    Kind.JSON: _read_text,
    Kind.UUID: _read_uuid,
    Kind.INSTANT: _read_instant,
    Kind.ADDRESS: _read_address,
    Kind.ARRAY: _read_array,
}


def float32(number: float) -> float:
    """Return the Float32 nearest to a Float64."""
    try:
        (single,) = struct.unpack("<f", struct.pack("<f", number))
    except OverflowError:
        return copysign(inf, number)
    assert isinstance(single, float)
    return single


def show(value: object) -> str:
    """Return a value fit for one line."""
    if isinstance(value, bytes):
        value = value.decode(errors="backslashreplace")
    text = "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
