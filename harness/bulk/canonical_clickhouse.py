"""The canonical bytes of a row in ClickHouse's SQL, in functions that Debian's 18.16 has too."""

from collections.abc import Sequence

from harness.bulk.canonical import EPOCH_2000_US, Field
from harness.bulk.forms import OIDS, Shape
from harness.observe.clickhouse_tables import US_PER_DAY, unwrapped
from harness.units import US_PER_S

_NULL = b"\xff\xff\xff\xff"


def clickhouse_row(fields: Sequence[Field], *, swaps: bool) -> str:
    """Return the expression of a row's canonical bytes.

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


_Part = str | bytes
"""An expression, or bytes that are always the same."""


def _parts(field: Field, *, swaps: bool) -> list[_Part]:
    column = f"`{field.clickhouse}`"
    if "Nullable(" not in field.clickhouse_type:
        return _present(field, column, swaps=swaps)
    null = _bytes(_oid(field) + _NULL)
    present = _concat(_present(field, f"assumeNotNull({column})", swaps=swaps))
    return [f"if(isNull({column}), {null}, {present})"]


def _present(field: Field, value: str, *, swaps: bool) -> list[_Part]:
    """Return the bytes of a value that is not NULL."""
    oid, inner = _oid(field), unwrapped(field.clickhouse_type)
    if field.clickhouse_type.startswith("LowCardinality"):
        value = f"CAST({value} AS {inner})"
    match field.form.shape:
        case Shape.BOOLEAN:
            return _boolean(oid, inner, value, swaps=swaps)
        case Shape.INTEGER:
            return [oid + _int4(8), _big_endian(f"toInt64({value})", 8, swaps=swaps)]
        case Shape.FLOAT | Shape.ROUNDED:
            number = value if inner == "Float64" else f"toFloat64({value})"
            return [oid + _int4(8), _big_endian(f"if(isNaN({number}), nan, {number} + 0.)", 8, swaps=swaps)]
        case Shape.INSTANT:
            return [oid + _int4(8), _big_endian(_since_2000(_microseconds(inner, value)), 8, swaps=swaps)]
        case Shape.TICKS:
            ticks, each = f"reinterpretAsInt64({value})", field.form.ticks
            whole = _concat([oid + _int4(8), _big_endian(_since_2000(f"intDiv({ticks}, {each})"), 8, swaps=swaps)])
            return [f"if({ticks} % {each} = 0, {whole}, {_bytes(oid + _int4(0))})"]
        case _:
            text = _text(inner, value)
            return [oid, _big_endian(f"toUInt32(length({text}))", 4, swaps=swaps), text]


def _boolean(oid: bytes, inner: str, value: str, *, swaps: bool) -> list[_Part]:
    if inner in ("UInt8", "Bool"):
        # The byte as it is, of which 2 is neither truth value.
        byte = value if inner == "UInt8" else f"toUInt8({value})"
        one = f"reinterpretAsFixedString({byte})" if swaps else f"toFixedString(reinterpretAsString({byte}), 1)"
        return [oid + _int4(1), one]
    true, false, neither = (_bytes(oid + _int4(1) + bytes((flag,))) for flag in (1, 0, 2))
    return [f"if({value} = 1, {true}, if({value} = 0, {false}, {neither}))"]


def _text(inner: str, value: str) -> str:
    if inner == "Bool":
        return f"toString(toUInt8({value}))"
    return value if inner == "String" or inner.startswith("FixedString") else f"toString({value})"


def _microseconds(inner: str, value: str) -> str:
    if inner.startswith("DateTime64"):
        return f"toUnixTimestamp64Micro({value})"
    if inner.startswith("DateTime"):
        return f"toInt64({value}) * {US_PER_S}"
    return f"toInt64(toInt32({value})) * {US_PER_DAY}"


def _since_2000(microseconds: str) -> str:
    return f"toInt64({microseconds} - {EPOCH_2000_US})"


def _oid(field: Field) -> bytes:
    return _int4(OIDS[field.form.shape])


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
