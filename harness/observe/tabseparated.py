"""ClickHouse's TabSeparated format: exact in bytes, the same in all versions, and cheap to decode."""

import math
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

NULL = r"\N"
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_UNESCAPED = {"b": "\b", "f": "\f", "r": "\r", "n": "\n", "t": "\t", "0": "\0", "a": "\a", "v": "\v"}
_ROW_END = "\n"

Decoder = Callable[[str], object]
"""What a cell says that is not NULL."""


def text(cell: str) -> str:
    """Return a string; bytes that are no UTF-8 are lone surrogates, so that no two different strings look alike."""
    return _ESCAPE.sub(lambda match: _UNESCAPED.get(match[1], match[1]), cell) if "\\" in cell else cell


def flag(cell: str) -> bool:
    """Return a UInt8 as a truth value."""
    return cell != "0"


def truth(cell: str) -> int:
    """Return a number that should be a truth value, as one where it is 0 or 1, so that it is at sight what PostgreSQL has."""
    return cell == "1" if cell in ("0", "1") else int(cell)


def single(cell: str) -> float:
    """Return a Float32, which is printed with as few digits as tell it apart, as the number that it is."""
    number = float(cell)
    return number if math.isinf(number) else float(struct.unpack("<f", struct.pack("<f", number))[0])


def decode_columns(data: bytes, decoders: Sequence[Decoder]) -> list[list[Any]]:
    """Return the columns of a result, None for NULL; there must be as many decoders. Raises ValueError for what is no such result.

    Columns, because equal cells are decoded once, and what they say is one object then: it is compared with itself at no cost.
    """
    width = len(decoders)
    cells = data.decode("utf-8", "surrogateescape").replace(_ROW_END, f"\t{_ROW_END}\t").split("\t")
    if cells.pop():
        raise ValueError("the last row is cut off")
    ends = cells[width :: width + 1]
    if ends.count(_ROW_END) != len(ends) or len(ends) * (width + 1) != len(cells) or len(ends) != data.count(b"\n"):
        raise ValueError(f"there are rows that have not {width} columns")
    return [_column(cells[number :: width + 1], decode) for number, decode in enumerate(decoders)]


def decode_rows(data: bytes, decoders: Sequence[Decoder]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a result. Raises ValueError as `decode_columns` does."""
    yield from zip(*decode_columns(data, decoders), strict=True)


def _column(cells: Sequence[str], decode: Decoder) -> list[object]:
    said = {cell: None if cell == NULL else decode(cell) for cell in set(cells)}
    return [said[cell] for cell in cells]


def literal(value: str) -> str:
    """Return a string as a literal of ClickHouse's SQL."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


# Nearly never is there anything to escape, and that is told of thousands at once.
_BETWEEN = "', '"


def literals(values: Sequence[str]) -> str:
    """Return strings as a list of literals."""
    if _needs_escape("".join(values)):
        return ", ".join(map(literal, values))
    return f"'{_BETWEEN.join(values)}'" if values else ""


def tuples(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of strings as a list of tuples of literals."""
    if _needs_escape("".join(map("".join, rows))):
        return ", ".join(f"({literals(row)})" for row in rows)
    between = "'), ('"
    return f"('{between.join(map(_BETWEEN.join, rows))}')" if rows else ""


def _needs_escape(values: str) -> bool:
    return "'" in values or "\\" in values
