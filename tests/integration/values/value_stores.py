"""One table of many types in each store: values go in by SQL and come out as a reader would deliver them."""

import ast
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any

import aiohttp
import asyncpg

from harness.observe.tabseparated import text

OWNER = {"name": "owner", "password": "secret", "readonly": 0}
US_PER_S = 1_000_000
INSTANTS = ("timestamp", "timestamptz")
# A NULL that stands in no quotes.
_NULL = re.compile(r"'(?:[^'\\]|\\.)*'|NULL")


@dataclass(frozen=True, slots=True)
class ValuePostgres:
    """`write` takes PostgreSQL's own text of each value, `read` gives what the driver gives, an instant in microseconds."""

    connection: "asyncpg.Connection[asyncpg.Record]" = field(repr=False)

    async def create(self, types: Sequence[str]) -> None:
        columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(types))
        await self.connection.execute(f"DROP TABLE IF EXISTS v; CREATE TABLE v (id int, {columns})")

    async def execute(self, statement: str) -> None:
        await self.connection.execute(statement)

    async def write(self, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Replace the table's rows; return them as they are read back."""
        casts = ", ".join(f"${n}::text{'[]' * kind.endswith('[]')}::{kind}" for n, kind in enumerate(types, 2))
        reads = ", ".join(
            f"(extract(epoch FROM c{n}) * 1000000)::bigint" if kind.startswith(INSTANTS) else f"c{n}"
            for n, kind in enumerate(types)
        )
        await self.connection.execute("TRUNCATE v")
        numbered = [(number, *row) for number, row in enumerate(rows)]
        await self.connection.executemany(f"INSERT INTO v VALUES ($1, {casts})", numbered)
        return [tuple(row) for row in await self.connection.fetch(f"SELECT {reads} FROM v ORDER BY id")]


@dataclass(frozen=True, slots=True)
class ValueClickHouse:
    """`write` copies what PostgreSQL's driver gave, as a faithful copier does; `modern` says whether the server is a recent one."""

    session: aiohttp.ClientSession = field(repr=False)
    port: int
    modern: bool

    async def send(self, statement: str) -> bytes:
        headers = {"X-ClickHouse-User": str(OWNER["name"]), "X-ClickHouse-Key": str(OWNER["password"])}
        url, database = f"http://127.0.0.1:{self.port}/", {"database": "coaching"}
        async with self.session.post(url, params=database, headers=headers, data=statement.encode()) as answer:
            body = await answer.read()
            assert answer.status == 200, body.decode(errors="replace")
            return body

    async def create(self, types: Sequence[str]) -> None:
        await self.send("DROP TABLE IF EXISTS v")
        columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(types))
        await self.send(f"CREATE TABLE v (id UInt32, {columns}) ENGINE = Memory")

    async def write(self, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Replace the table's rows with copies of PostgreSQL's values."""
        tuples = [
            ", ".join(
                (
                    str(number),
                    *(literal(value, kind, modern=self.modern) for value, kind in zip(row, types, strict=True)),
                )
            )
            for number, row in enumerate(rows)
        ]
        await self.create(types)
        await self.send(f"INSERT INTO v VALUES ({'), ('.join(tuples)})")

    async def read(self, types: Sequence[str]) -> list[tuple[bytes, ...]]:
        """Return the rows' cells; `decode` makes values of them."""
        columns = ", ".join(expression(f"c{n}", kind) for n, kind in enumerate(types))
        data = await self.send(f"SELECT {columns} FROM v ORDER BY id FORMAT TabSeparated")
        return [tuple(line.split(b"\t")) for line in data.split(b"\n")[:-1]]


def literal(value: Any, kind: str, *, modern: bool) -> str:
    """Return the SQL of what a faithful copier writes into a column.

    The old server's parser of floats is not exact, so it gets their bits.
    """
    bare = _bare(kind)
    if value is None:
        return "NULL"
    if isinstance(value, list):
        element = bare.removeprefix("Array(").removesuffix(")")
        return f"[{', '.join(literal(item, element, modern=modern) for item in value)}]"
    if bare.startswith("DateTime"):
        return _instant(value, bare)
    if bare.startswith("Float"):
        return str(float(value)) if modern else _bits(float(value), bare)
    if bare.startswith("Decimal"):
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not modern:
            # It refuses digits beyond the scale, so whoever copies has to cut them.
            exact = exact.quantize(Decimal(1).scaleb(-int(re.findall(r"\d+", bare)[1])), ROUND_DOWN)
        return f"'{exact:f}'"
    if bare.startswith(("Int", "UInt")):
        return str(int(value))
    if bare in ("Bool", "Date", "Date32", "UUID", "IPv4", "IPv6") or bare.startswith("Enum"):
        day = date.fromtimestamp(value // US_PER_S) if bare == "Date" and isinstance(value, int) else value
        return f"'{day}'"
    data = (
        value
        if isinstance(value, bytes)
        else f"{value:f}".encode()
        if isinstance(value, Decimal)
        else str(value).encode()
    )
    return f"unhex('{data.hex()}')"


def _instant(value: int, kind: str) -> str:
    """Return an instant as text for columns in UTC, as a number for others: two ways in, which cut differently before 1970."""
    seconds, us = divmod(value, US_PER_S)
    if "UTC" not in kind:
        return str(seconds) if kind.startswith("DateTime(") else f"fromUnixTimestamp64Micro(toInt64({value}))"
    fraction = f".{us:06}" if kind.startswith("DateTime64") else ""
    return f"'{_clock(seconds)}{fraction}'"


def _clock(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    return f"{date.fromordinal(719_163 + days)} {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"


def _bits(value: float, kind: str) -> str:
    code = "<f" if kind == "Float32" else "<d"
    return f"reinterpretAs{kind}(unhex('{struct.pack(code, value).hex()}'))"


def expression(column: str, kind: str) -> str:
    """Return what a reader asks for, so that no time zone and no rendering comes between: instants as ticks since the epoch."""
    bare = _bare(kind)
    if bare.startswith("DateTime64(9"):
        return f"toUnixTimestamp64Nano({column})"
    if bare.startswith("DateTime64"):
        return f"toUnixTimestamp64Micro({column})"
    if bare.startswith("Date"):
        return f"toInt64({column}) * {US_PER_S * (1 if bare.startswith('DateTime') else 86_400)}"
    return column


def decode(cell: bytes, kind: str) -> Any:
    """Return the value of a cell as a reader would deliver it."""
    bare = _bare(kind)
    if cell == rb"\N":
        return None
    if bare.startswith("Array"):
        elements = ast.literal_eval(_NULL.sub(lambda found: "None" if found[0] == "NULL" else found[0], cell.decode()))
        return [str(item) if "Decimal" in bare else item for item in elements]
    for start, make in DECODERS.items():
        if bare.startswith(start):
            return make(cell)
    return text(cell.decode(errors="surrogateescape"))


DECODERS: dict[str, Callable[[bytes], Any]] = {
    "DateTime64(9": lambda cell: Fraction(int(cell), 1000),
    "Date": int,
    "Float": float,
    "Int": int,
    "UInt": int,
    "Decimal": lambda cell: Decimal(cell.decode()),
}


def _bare(kind: str) -> str:
    while (match := re.fullmatch(r"(?:Nullable|LowCardinality)\((.*)\)", kind)) is not None:
        kind = match[1]
    return kind
