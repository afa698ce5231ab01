"""The canonical bytes of a row in ClickHouse's SQL, in functions that Debian's 18.16 has too."""

import re
from collections.abc import Sequence

from harness.bulk.canonical import EPOCH_2000_US, Field, Kind
from harness.errors import StoreError
from harness.observe.clickhouse_tables import unwrapped
from harness.units import US_PER_S

_DATETIME64 = re.compile(r"DateTime64\((\d)")
_NULL = b"\xff\xff\xff\xff"


def clickhouse_row(fields: Sequence[Field], *, swaps: bool) -> str:
    """Return the expression of a row's canonical bytes. Raises StoreError for a type that cannot be compared.

    `swaps` says whether the server has `byteSwap` which is cheaper than what does the same elsewhere.
    """
    parts: list[_Part] = [_int4(len(fields))]
    for field in fields:
        parts += _parts(field, swaps=swaps)
    return _concat(parts)


def hash_of(value: str) -> str:
    """Return the first 8 bytes of the MD5, which reads them from the other end than `halfMD5` does, at a third of its cost."""
    return f"reinterpretAsUInt64(MD5({value}))"


def swapped(value: str) -> str:
    """Return a UInt64 with its bytes in the other order: the MD5's first byte in front again."""
    return f"reinterpretAsUInt64({_big_endian(value, 8, swaps=False)})"


def resolution_us(field: Field) -> int:
    """Return the resolution of a time column in microseconds, 1 for any other."""
    if field.kind is not Kind.TIME:
        return 1
    precise = _DATETIME64.search(field.type)
    return US_PER_S if precise is None else max(1, 10 ** (6 - int(precise[1])))


_Part = str | bytes
"""An expression, or bytes that are always the same."""


def _parts(field: Field, *, swaps: bool) -> list[_Part]:
    column = f"`{field.column}`"
    if "Nullable(" not in field.type:
        return _present(field, column, swaps=swaps)
    null = _bytes(_int4(field.kind.value) + _NULL)
    present = _concat(_present(field, f"assumeNotNull({column})", swaps=swaps))
    return [f"if(isNull({column}), {null}, {present})"]


def _present(field: Field, value: str, *, swaps: bool) -> list[_Part]:
    """Return the bytes of a value that is not NULL."""
    oid = _int4(field.kind.value)
    inner = unwrapped(field.type)
    if field.kind is Kind.TEXT:
        text = _text(field.type, inner, value)
        return [oid, _big_endian(f"toUInt32(length({text}))", 4, swaps=swaps), text]
    if field.kind is Kind.FLAG:
        true, false = (_bytes(oid + _int4(1) + bytes((flag,))) for flag in (1, 0))
        return [f"if(toUInt8({value}) != 0, {true}, {false})"]
    if field.kind is Kind.NUMBER:
        number = value if inner == "Float64" else f"toFloat64({value})"
        bits = f"if(isNaN({number}), nan, {number} + 0.)"
    else:
        bits = f"toInt64({_microseconds(field, inner, value)} - {EPOCH_2000_US})"
    return [oid + _int4(8), _big_endian(bits, 8, swaps=swaps)]


def _text(kind: str, inner: str, value: str) -> str:
    if inner != "String" and not inner.startswith("FixedString"):
        return f"toString({value})"
    return f"CAST({value} AS String)" if kind.startswith("LowCardinality") else value


def _microseconds(field: Field, inner: str, value: str) -> str:
    if inner.startswith("DateTime64"):
        return f"toUnixTimestamp64Micro({value})"
    if inner.startswith("DateTime"):
        return f"toInt64({value}) * {US_PER_S}"
    raise StoreError(f"ClickHouse column {field.column} is a {field.type}; a time must be a DateTime or a DateTime64")


def _big_endian(value: str, size: int, *, swaps: bool) -> str:
    if swaps:
        return f"reinterpretAsFixedString(byteSwap(reinterpretAsUInt{8 * size}({value})))"
    # reinterpretAsString drops the zero bytes at the end, which toFixedString puts back.
    return f"reverse(toFixedString(reinterpretAsString({value}), {size}))"


def _concat(parts: Sequence[_Part]) -> str:
    """Join at one level, since each concat copies all that is in it, with neighbouring constants made one."""
    joined: list[_Part] = []
    for part in parts:
        if joined and isinstance(part, bytes) and isinstance(before := joined[-1], bytes):
            joined[-1] = before + part
        else:
            joined.append(part)
    # concat takes two arguments or more; an empty one makes it so for a lone part.
    return (
        f"concat({', '.join(_bytes(p) if isinstance(p, bytes) else p for p in (*joined, b'')[: max(2, len(joined))])})"
    )


def _int4(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _bytes(value: bytes) -> str:
    """Return bytes as a literal."""
    return "'" + "".join(f"\\x{byte:02x}" for byte in value) + "'"
