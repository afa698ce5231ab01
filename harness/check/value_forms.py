"""What a ClickHouse column may hold of PostgreSQL's value, and the loss that makes it. Pure; `values` opens with the definitions."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from math import inf, isfinite, nextafter
from typing import Any

from harness.check.value_reading import READ, float32
from harness.check.value_types import ColumnType, Kind


class Loss(StrEnum):
    """What a ClickHouse column may do to a value; see the table in `values`."""

    RESOLUTION = "resolution"
    TOWARDS_EPOCH = "towards_epoch"
    ROUNDING = "rounding"
    SCALE = "scale"
    PADDING = "padding"
    NOTATION = "notation"
    SPELLING = "spelling"
    CLAMPED = "clamped"
    NULL_DEFAULT = "null_default"


IMPOSED = frozenset({Loss.RESOLUTION, Loss.ROUNDING, Loss.SCALE, Loss.PADDING, Loss.NOTATION})


Forms = Iterator[tuple[Loss | None, Any]]


def _number_forms(ours: Any, theirs: Any, source: ColumnType, column: ColumnType) -> Forms:
    yield None, ours
    for number in _spelt(ours, source):
        yield Loss.SCALE, Fraction(int(number * 10**column.scale), 10**column.scale)


def _float_forms(ours: Any, theirs: Any, source: ColumnType, column: ColumnType) -> Forms:
    yield None, ours
    numbers = list(_spelt(ours, source))
    for number in [*numbers, Fraction(ours)] if numbers else []:
        for form in _nearest(number, column.size):
            yield (Loss.ROUNDING if isfinite(form) else Loss.CLAMPED), form


def _instant_forms(ours: Any, theirs: Any, source: ColumnType, column: ColumnType) -> Forms:
    yield None, ours
    if not isinstance(ours, float):  # Only the infinities are floats.
        yield Loss.RESOLUTION, ours // column.resolution_us * column.resolution_us
        if ours >= column.low_us:
            size_us = abs(ours) // column.resolution_us * column.resolution_us
            yield Loss.TOWARDS_EPOCH, size_us if ours >= 0 else -size_us
    if not column.low_us <= ours <= column.high_us:
        yield Loss.CLAMPED, column.low_us if ours < column.low_us else column.high_us


def _text_forms(ours: Any, theirs: Any, source: ColumnType, column: ColumnType) -> Forms:
    text = _print(ours)
    if source.fill == b" ":
        bare = text.rstrip(b" ")
        yield None, bare.ljust(column.size, b"\0")
        # The length is in characters.
        yield None, (bare + b" " * (source.size - len(bare.decode()))).ljust(column.size, b"\0")
    hides_length = source.kind is Kind.BYTES and len(text) < column.size
    yield Loss.PADDING if hides_length else None, text.ljust(column.size, b"\0")
    if source.kind not in (Kind.TEXT, Kind.BYTES):
        meaning = _meaning(theirs.rstrip(b"\0"), source)
        if meaning is not None and same(meaning, _meaning(text, source)):
            yield Loss.SPELLING, theirs


def _meant_forms(ours: Any, theirs: Any, source: ColumnType, column: ColumnType) -> Forms:
    meaning = _meaning(ours, column) if source.kind is Kind.TEXT else ours
    yield None if source.kind is not Kind.TEXT or _print(meaning) == ours else Loss.NOTATION, meaning
    if type(meaning) is IPv4Address:
        # How a column of IPv6 keeps it.
        yield Loss.NOTATION, IPv6Address(f"::ffff:{meaning}")


FORMS: dict[Kind, Callable[[Any, Any, ColumnType, ColumnType], Forms]] = {
    Kind.NUMBER: _number_forms,
    Kind.FLOAT: _float_forms,
    Kind.TEXT: _text_forms,
    Kind.UUID: _meant_forms,
    Kind.INSTANT: _instant_forms,
    Kind.ADDRESS: _meant_forms,
}


def _print(value: object) -> bytes:
    """Return the text that PostgreSQL prints for a value that is no float and no instant."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return (f"{value:f}" if isinstance(value, Decimal) else str(value)).encode()


def _meaning(text: bytes, column: ColumnType) -> Any:
    """Return the value that a text spells, None where it spells none."""
    try:
        if column.kind is Kind.JSON:
            return _document(json.loads(text, parse_int=Decimal, parse_float=Decimal, parse_constant=_refuse))
        return READ[column.kind](text.decode(), column)
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        return None


def _document(node: Any) -> Any:
    """Return a JSON document in which true is not 1."""
    if isinstance(node, dict):
        return {key: _document(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_document(value) for value in node]
    return (type(node), node)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _spelt(number: Any, source: ColumnType) -> Iterator[Fraction]:
    """Yield a number as it is written down in decimal digits, a float in each way that reads back as it; none for what is not finite."""
    if not isinstance(number, float):
        if not isinstance(number, Decimal) or number.is_finite():
            yield Fraction(number)
    elif isfinite(number):
        yield Fraction(repr(number))
        if source.size == 32:
            # A `real` is printed with six to nine digits, as many as it takes to read back as the same number.
            texts = (f"{number:.{digits}g}" for digits in range(6, 10))
            yield from (Fraction(text) for text in texts if float32(float(text)) == number)


def _nearest(exact: Fraction, bits: int) -> Iterator[float]:
    """Yield the float nearest to a number, and a Float32 also as it comes by way of a Float64."""
    try:
        double = float(exact)
    except OverflowError:
        double = inf if exact > 0 else -inf
    if bits == 64 or not isfinite(double):
        yield double
        return
    single = float32(double)
    yield single
    if isfinite(single):
        around = (single, *(float32(nextafter(double, end)) for end in (-inf, inf)))
        yield min((near for near in around if isfinite(near)), key=lambda near: abs(Fraction(near) - exact))


def same(one: object, other: object) -> bool:
    """Return whether two values are one; NaN is the same as NaN."""
    return one == other or (one != one and other != other)
