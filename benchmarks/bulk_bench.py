"""One size of tables: filled, and everything about them measured beside their floors."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from benchmarks.bulk_compare import compare
from benchmarks.bulk_reladiff import DIFFERING, EQUAL, EVERYTHING, Case, reladiff
from benchmarks.bulk_tables import KEY, SCORES_EACH, TABLES, VALUES, plant, planted_ids
from benchmarks.stores import Stores, open_stores
from harness.bulk.request import BulkTable
from harness.embedded.stack import ClickHouseEngine

DIFFERENCES = 1000
PARTS = "SELECT count() FROM system.parts WHERE active AND table = '{}' AND database = currentDatabase()"

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure; `reladiff` is the interpreter that has it, None for no such comparison."""

    rows: int
    scores: bool
    clickhouse: ClickHouseEngine
    repeat: int
    reladiff: str | None


async def measure(options: Options) -> Figures:
    """Return what was measured on stores of its own, in seconds unless a name says otherwise."""
    print(f"\n{options.rows:,} scorecards{f', {options.rows * SCORES_EACH:,} scores' if options.scores else ''}")
    async with open_stores(options.clickhouse) as stores:
        await stores.fill(options.rows, SCORES_EACH if options.scores else 0)
        bench = _Bench(options, stores)
        tables = [BulkTable.HEADERS, *([BulkTable.SCORES] if options.scores else [])]
        for table in tables:
            await bench.floors(table)
            await bench.equal(table)
        if options.scores:
            await bench.equal(*tables)
        await bench.reladiff(EQUAL)
        await bench.plant()
        await bench.differing(BulkTable.HEADERS)
        if options.scores:
            await bench.differing(*tables)
        await bench.reladiff(DIFFERING)
        return bench.figures


class _Bench:
    def __init__(self, options: Options, stores: Stores) -> None:
        self._options = options
        self._stores = stores
        self._planted: set[str] = set()
        self.figures: Figures = {"rows": options.rows}

    async def floors(self, table: BulkTable) -> None:
        """Measure what reading alone costs."""
        key, columns = ", ".join(KEY), ", ".join((*KEY, *VALUES[table]))
        select, order = f"SELECT {columns} FROM {TABLES[table]}", f"ORDER BY {key}"
        await self._timed(f"{table} floor copy", lambda: self._copy(select))
        await self._timed(f"{table} floor copy ordered", lambda: self._copy(f"{select} {order}"))
        http = f"{select} FINAL {order} FORMAT RowBinary"
        await self._timed(f"{table} floor http ordered", lambda: self._stores.clickhouse_drained(http))

    async def equal(self, *tables: BulkTable) -> None:
        """Measure the comparison of tables that are equal."""
        measured = await self._compare("equal", tables)
        assert measured["equal"], measured

    async def plant(self) -> None:
        """Make scorecards differ in the header table."""
        ours, theirs = plant(self._options.rows, DIFFERENCES)
        await self._stores.postgres(*ours)
        await self._stores.clickhouse(*theirs)
        self._planted = {row[0] for row in await self._stores.postgres(planted_ids(self._options.rows, DIFFERENCES))}

    async def differing(self, *tables: BulkTable) -> None:
        """Measure the tables with what was planted, and see that it is found and nothing else."""
        found = set((await self._compare("differing", tables))["found"])
        wanted = self._planted
        name = f"{' and '.join(tables)} differing"
        self.figures |= {
            "planted": len(wanted),
            f"{name} found": len(found & wanted),
            f"{name} accused": len(found - wanted),
        }
        print(f"    {len(found & wanted)} of {len(wanted)} found, {len(found - wanted)} accused wrongly")

    async def reladiff(self, cases: Sequence[Case]) -> None:
        """Measure reladiff on the header tables, where it is wanted."""
        for case in cases if self._options.reladiff is not None else ():
            assert self._options.reladiff is not None
            # What downloads all takes long, and varies less.
            repeat = 1 if case.threshold == EVERYTHING else self._options.repeat
            measured = await reladiff(self._options.reladiff, self._stores.stack, case, repeat)
            if measured is None:
                return
            name, found = f"reladiff {case.name}", measured["found"]
            self._note(name, measured["seconds"])
            self.figures |= {
                f"{name} found": len(found & self._planted),
                f"{name} accused": len(found - self._planted),
                f"{name} adapter": measured["adapter_s"],
            }
            right, wrong = len(found & self._planted), len(found - self._planted)
            print(
                f"    {right:,} found, {wrong:,} accused wrongly, {measured['adapter_s']:.2f} s of CPU are the adapter's"
            )

    async def _compare(self, state: str, tables: Sequence[BulkTable]) -> dict[str, Any]:
        name = f"{' and '.join(tables)} {state}"
        parts = [int(await self._stores.clickhouse(PARTS.format(TABLES[table]))) for table in tables]
        measured = await compare(self._stores.stack, tables, self._options.repeat)
        self._note(name, measured["seconds"])
        cpu_s = statistics.median(measured["cpu_s"])
        self.figures |= {f"{name} cpu": cpu_s, f"{name} peak_mb": measured["peak_mb"], f"{name} parts": max(parts)}
        print(
            f"    {cpu_s:.2f} s of the harness's CPU, peak memory {measured['peak_mb']:.0f} MB, ClickHouse's parts: {max(parts)}"
        )
        return measured

    async def _copy(self, query: str) -> None:
        async def nowhere(_: bytes) -> None:
            pass

        connection = await asyncpg.connect(self._stores.stack.postgres_reader_dsn)
        await connection.copy_from_query(query, output=nowhere, format="binary")
        await connection.close()

    async def _timed(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        times = []
        for _ in range(self._options.repeat):
            started_s = time.monotonic()
            await work()
            times.append(time.monotonic() - started_s)
        self._note(name, times)

    def _note(self, name: str, times: Sequence[float]) -> None:
        """Keep the median."""
        self.figures[name] = statistics.median(times)
        print(f"{name:32} {self.figures[name]:8.2f} s   of {' '.join(f'{t:.2f}' for t in times)}", flush=True)
