"""ClickHouse's TabSeparated format: exact in bytes, the same in all versions, and cheap to decode."""

import math
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

NULL = rb"\N"
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_UNESCAPED = {b"b": b"\b", b"f": b"\f", b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"a": b"\a", b"v": b"\v"}

Decoder = Callable[[bytes], object]


def text(cell: bytes) -> str:
    """Return a string; bytes that are no UTF-8 become lone surrogates, so that no two different strings look alike."""
    if b"\\" in cell:
        cell = _ESCAPE.sub(lambda match: _UNESCAPED.get(match[1], match[1]), cell)
    return cell.decode("utf-8", "surrogateescape")


def flag(cell: bytes) -> bool:
    """Return a UInt8 as a truth value."""
    return cell != b"0"


def truth(cell: bytes) -> int:
    """Return a number that should be a truth value, as one where it is 0 or 1, so that it is at sight what PostgreSQL has."""
    return cell == b"1" if cell in (b"0", b"1") else int(cell)


def single(cell: bytes) -> float:
    """Return a Float32, which is printed with as few digits as tell it apart, as the number that it is."""
    number = float(cell)
    return number if math.isinf(number) else float(struct.unpack("<f", struct.pack("<f", number))[0])


def decimal(cell: bytes) -> Decimal:
    """Return a Decimal exactly."""
    return Decimal(cell.decode())


def nullable(decode: Decoder) -> Decoder:
    """Return a decoder that gives None for NULL."""
    return lambda cell: None if cell == NULL else decode(cell)


def decode_rows(data: bytes, decoders: Sequence[Decoder]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a result; there must be as many decoders as columns. Raises ValueError for what is no such result."""
    *lines, rest = data.split(b"\n")
    if rest:
        raise ValueError("the last row is cut off")
    for line in lines:
        yield tuple([decode(cell) for decode, cell in zip(decoders, line.split(b"\t"), strict=True)])


def literal(value: str) -> str:
    """Return a string as a literal of ClickHouse's SQL."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
