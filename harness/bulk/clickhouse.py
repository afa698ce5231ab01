"""ClickHouse's side of a bulk comparison: what FINAL shows, as counts, keys and signatures, in read-only queries."""

# ruff: noqa: S608 - the mapping takes identifiers alone, values are parameters or escaped literals

import struct
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress

import aiohttp

from harness.bulk.canonical_clickhouse import hash_of, swapped
from harness.bulk.ranges import MAX_CELL_BITS, Key, KeyRange
from harness.bulk.signatures import Signature
from harness.errors import StoreError
from harness.mapping import HeaderTable, ScoreTable
from harness.observe.clickhouse_address import ClickHouseAddress
from harness.observe.tabseparated import decode_rows, literal, text, tuples

# Below the server's default max_query_size of 256 KiB, which a read-only user cannot raise.
MAX_KEYS_BYTES = 200_000
_CELL = struct.Struct("<QQQ")
_ROW = (text, text, text, int, int)


class ClickHouseTable:
    """One table; `row` is the expression of a row's canonical bytes, `deleted` the tombstone column.

    Conditions are on key columns alone, and tombstones are left out by the aggregates: FINAL may come after a condition on anything else.
    """

    def __init__(self, side: "ClickHouseSide", table: HeaderTable | ScoreTable, row: str, deleted: str | None) -> None:
        self._side = side
        self._table = f"`{table.table}`"
        self._key = [f"`{column}`" for column in table.key]
        live = "1" if deleted is None else f"toUInt8(`{deleted}`) = 0"
        self._signature = f"toUInt64(sum({live})) AS live_, {swapped(f'groupBitXor(if({live}, {hash_of(row)}, toUInt64(0)))')} AS hashes_"

    async def cells(self, keys: KeyRange, bits: int) -> dict[int, Signature]:
        """Return the signature of each cell of a range that has rows. Raises StoreError."""
        sql = f"SELECT toUInt64({self._cell(bits)}) AS cell_, {self._signature} FROM {self._table} FINAL WHERE {self._within(keys)}"
        data = await self._side.post(f"{sql} GROUP BY cell_ FORMAT RowBinary")
        if len(data) % _CELL.size:
            raise StoreError(f"{self._side.where}: an answer broke off")
        return {cell: (count, hashes) for cell, count, hashes in _CELL.iter_unpack(data) if count}

    async def signatures(self, keys: KeyRange, bits: int, cells: Sequence[int]) -> dict[Key, Signature]:
        """Return the signature of each scorecard in some cells of a range. Raises StoreError."""
        chosen = f"{self._cell(bits)} IN ({', '.join(map(str, cells))})"
        return await self._signatures(f"{self._within(keys)} AND {chosen}")

    async def signatures_of(self, keys: Sequence[Key]) -> dict[Key, Signature]:
        """Return the signatures of the given scorecards that have rows. Raises StoreError."""
        found: dict[Key, Signature] = {}
        for batch in batches(keys):
            found |= await self._signatures(f"({', '.join(self._key)}) IN ({', '.join(batch)})")
        return found

    async def sample(self, step: int) -> list[Key]:
        """Return about one key in `step`, in no order. Raises StoreError."""
        key = ", ".join(self._key)
        sql = f"SELECT DISTINCT {key} FROM {self._table} WHERE cityHash64({key}) % {step:d} = 0 FORMAT TabSeparated"
        return [(str(c), str(p), str(s)) for c, p, s in decode_rows(await self._side.post(sql), (text, text, text))]

    async def count(self) -> int:
        """Return the number of rows, superseded ones among them. Raises StoreError."""
        return int(await self._side.post(f"SELECT count() FROM {self._table}"))

    def _cell(self, bits: int) -> str:
        first = f"reinterpretAsUInt16(MD5({self._key[2]}))"
        return f"bitShiftRight(bitOr(bitShiftLeft(bitAnd({first}, 255), 8), bitShiftRight({first}, 8)), {MAX_CELL_BITS - bits:d})"

    def _within(self, keys: KeyRange) -> str:
        key = ", ".join(self._key)
        parts = []
        for bound, comparison in ((keys.low, ">="), (keys.high, "<")):
            if bound is not None:
                # The second condition follows from the first; the primary key serves it in every version.
                parts.append(f"({key}) {comparison} {tuples([bound])}")
                parts.append(f"{self._key[0]} {comparison[0]}= {literal(bound[0])}")
        return " AND ".join(parts) or "1"

    async def _signatures(self, condition: str) -> dict[Key, Signature]:
        key = ", ".join(self._key)
        # Before FINAL, not after it: a condition on key columns holds for all versions of a row or for none.
        sql = f"SELECT {key}, {self._signature} FROM {self._table} FINAL PREWHERE {condition} GROUP BY {key} FORMAT TabSeparated"
        data = await self._side.post(sql)
        try:
            return dict(_signatures_in(data))
        except ValueError:
            raise StoreError(f"{self._side.where}: an answer broke off") from None


class ClickHouseSide:
    """One HTTP session whose queries may not write."""

    def __init__(self, session: aiohttp.ClientSession, address: ClickHouseAddress, timeout_s: float) -> None:
        self._session = session
        self._address = address
        self._timeout_s = timeout_s
        self._parameters = {"database": address.database}
        self.where = f"ClickHouse at {address}"
        self.swaps = False
        """Whether the server has the function `byteSwap`."""
        self.trims = False
        """Whether it prints a Decimal without the zeros at its end, which old ones and a setting of new ones keep."""

    async def prepare(self) -> None:
        """Give up the right to write, bound every query's time, where the user may say so, and learn what it can. Raises StoreError."""
        readonly = (await self.post("SELECT value FROM system.settings WHERE name = 'readonly'")).strip()
        if readonly != b"1":
            self._parameters["max_execution_time"] = str(max(1, round(self._timeout_s)))
        if readonly == b"0":
            self._parameters["readonly"] = "2"
        # An older server knows no such function; what else may be wrong the next query meets too.
        with suppress(StoreError):
            self.swaps = await self.post("SELECT byteSwap(toUInt32(1)), byteSwap(toUInt64(1))") != b""
        self.trims = (await self.post("SELECT toString(toDecimal64('1.10', 2))")).strip() == b"1.1"

    async def types(self, table: HeaderTable | ScoreTable) -> dict[str, str]:
        """Return the type of each column of a table. Raises StoreError."""
        where = f"database = {literal(self._address.database)} AND table = {literal(table.table)}"
        data = await self.post(f"SELECT name, type FROM system.columns WHERE {where} FORMAT TabSeparated")
        return {str(name): str(kind) for name, kind in decode_rows(data, (text, text))}

    async def post(self, sql: str) -> bytes:
        """Run one query. Raises StoreError with the server's own words."""
        body = sql.encode()
        try:
            async with self._session.post(self._address.base_url, params=self._parameters, data=body) as answer:
                data = await answer.read()
        except TimeoutError:
            raise StoreError(f"{self.where} did not answer within {self._timeout_s:.0f} s") from None
        except aiohttp.ClientError as error:
            raise StoreError(f"{self.where} cannot be reached: {error or type(error).__name__}") from None
        if answer.status != 200:
            words = data.decode(errors="replace").strip().splitlines()
            raise StoreError(f"{self.where}: {words[0][:500] if words else 'no reason given'}")
        return data


def batches(keys: Iterable[Key]) -> Iterator[list[str]]:
    """Split keys, as literals, so that each part fits into one statement."""
    batch: list[str] = []
    size = 0
    for key in keys:
        literal_ = tuples([key])
        length = len(literal_.encode()) + 2
        if batch and size + length > MAX_KEYS_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(literal_)
        size += length
    if batch:
        yield batch


def _signatures_in(data: bytes) -> Iterator[tuple[Key, Signature]]:
    for customer, profile, scorecard, count, hashes in decode_rows(data, _ROW):
        if count:
            assert isinstance(count, int) and isinstance(hashes, int)
            yield (str(customer), str(profile), str(scorecard)), (count, hashes)


@asynccontextmanager
async def open_clickhouse_side(url: str, timeout_s: float) -> AsyncIterator[ClickHouseSide]:
    """Hold a session. Raises StoreError, or UsageError for a URL that is none."""
    address = ClickHouseAddress.parse(url)
    credentials = {"X-ClickHouse-User": address.user, "X-ClickHouse-Key": address.password}
    timeout = aiohttp.ClientTimeout(timeout_s + 10)
    async with aiohttp.ClientSession(headers=credentials, timeout=timeout) as session:
        side = ClickHouseSide(session, address, timeout_s)
        await side.prepare()
        yield side
