"""How fast whole tables are compared, beside the floors of both stores, in one run on stores of its own.

    python -m benchmarks.bulk [--rows N] [--scores] [--clickhouse embedded|server] [--repeat N] [--json FILE] [--reladiff PYTHON]

Rows are made inside each engine and have random keys, as UUIDs are. A floor is the bare cost of reading the same columns in the order of
the key: COPY to nowhere, and SELECT ... FINAL over HTTP. `--reladiff` names an interpreter that has reladiff with its PostgreSQL and
ClickHouse drivers; it compares the same columns, by the scorecard's id, where ClickHouse has the native protocol (`--clickhouse server`).
The settle time is 0 here: it is waited for once, whatever the size.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import uvloop

from benchmarks.bulk_reladiff import reladiff
from benchmarks.bulk_tables import KEY, TABLES, VALUES, fill_clickhouse, fill_postgres, plant, planted_ids
from harness.bulk.compare import compare_tables
from harness.bulk.request import BulkRequest, BulkResult, BulkTable
from harness.clock import SystemClock
from harness.embedded.stack import ClickHouseEngine, Stack, StackConfig, embedded_stack
from harness.mapping import StoreMapping
from harness.service.schema import POSTGRES_DDL, clickhouse_ddl

DIFFERENCES = 1000


class Bench:
    """The filled stores and what was measured on them, in seconds unless the name says otherwise."""

    def __init__(self, options: argparse.Namespace, stack: Stack, session: aiohttp.ClientSession) -> None:
        self.options = options
        self.stack = stack
        self.session = session
        self.figures: dict[str, float] = {"rows": options.rows}
        self.tables = [BulkTable.HEADERS, *([BulkTable.SCORES] if options.scores else [])]

    async def fill(self) -> None:
        """Make the rows."""
        modern = self.options.clickhouse == ClickHouseEngine.EMBEDDED
        await self.postgres(POSTGRES_DDL, *fill_postgres(self.options.rows, scores=self.options.scores))
        ddl = clickhouse_ddl(datetime64=modern)
        for statement in (*ddl, *fill_clickhouse(self.options.rows, scores=self.options.scores, datetime64=modern)):
            await self.clickhouse(statement)

    async def postgres(self, *statements: str) -> None:
        """Run statements as the owner."""
        connection = await asyncpg.connect(self.stack.postgres_dsn)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    async def clickhouse(self, statement: str) -> None:
        """Run a statement as the owner, and throw what it answers away piece by piece."""
        url = urlsplit(self.stack.clickhouse_url)
        headers = {"X-ClickHouse-User": url.username or "", "X-ClickHouse-Key": url.password or ""}
        place = f"http://{url.hostname}:{url.port}/"
        async with self.session.post(
            place, params={"database": url.path[1:]}, headers=headers, data=statement
        ) as answer:
            assert answer.status == 200, await answer.text()
            async for _ in answer.content.iter_chunked(1 << 20):
                pass

    async def timed(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Measure something several times; the median counts."""
        times = []
        for _ in range(self.options.repeat):
            started_s = time.monotonic()
            await work()
            times.append(time.monotonic() - started_s)
        self.figures[name] = statistics.median(times)
        print(f"{name:32} {self.figures[name]:8.2f} s   of {' '.join(f'{t:.2f}' for t in times)}", flush=True)

    async def floors(self, table: BulkTable) -> None:
        """Measure what reading alone costs."""
        key, columns = ", ".join(KEY), ", ".join((*KEY, *VALUES[table]))
        select = f"SELECT {columns} FROM {TABLES[table]}"

        async def nowhere(_: bytes) -> None:
            pass

        async def copy(query: str) -> None:
            connection = await asyncpg.connect(self.stack.postgres_reader_dsn)
            await connection.copy_from_query(query, output=nowhere, format="binary")
            await connection.close()

        order = f"ORDER BY {key}"
        await self.timed(f"{table} floor copy", lambda: copy(select))
        await self.timed(f"{table} floor copy ordered", lambda: copy(f"{select} {order}"))
        await self.timed(
            f"{table} floor http ordered", lambda: self.clickhouse(f"{select} FINAL {order} FORMAT RowBinary")
        )

    async def compare(self, name: str, tables: list[BulkTable]) -> BulkResult:
        """Measure a comparison, and return what it found."""
        results: list[BulkResult] = []
        request = BulkRequest(
            self.stack.postgres_reader_dsn,
            self.stack.clickhouse_reader_url,
            StoreMapping(),
            tables=tuple(tables),
            settle_s=0,
        )

        async def once() -> None:
            results.append(await compare_tables(request, SystemClock()))

        await self.timed(name, once)
        self.figures[f"{name} peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return results[-1]

    async def differing(self) -> None:
        """Plant differences in the header table, and see that they are found and nothing else."""
        ours, theirs = plant(self.options.rows, DIFFERENCES)
        await self.postgres(*ours)
        for statement in theirs:
            await self.clickhouse(statement)
        connection = await asyncpg.connect(self.stack.postgres_reader_dsn)
        wanted = {row[0] for row in await connection.fetch(planted_ids(self.options.rows, DIFFERENCES))}
        await connection.close()
        result = await self.compare("headers differing", [BulkTable.HEADERS])
        found = {difference.snapshot.scorecard.rpartition("/")[2] for difference in result.differences}
        self.figures |= {"planted": len(wanted), "found": len(found & wanted), "accused": len(found - wanted)}


async def _measure(options: argparse.Namespace) -> dict[str, float]:
    config = StackConfig(None, ClickHouseEngine(options.clickhouse))
    timeout = aiohttp.ClientTimeout(None)
    async with embedded_stack(config) as stack, aiohttp.ClientSession(timeout=timeout) as session:
        bench = Bench(options, stack, session)
        await bench.fill()
        for table in bench.tables:
            await bench.floors(table)
            result = await bench.compare(f"{table} equal", [table])
            assert result.equal, result
        if options.reladiff is None or options.clickhouse == ClickHouseEngine.EMBEDDED:
            print("reladiff: skipped, it needs --reladiff PYTHON and --clickhouse server")
        else:
            bench.figures |= await reladiff(options.reladiff, stack)
        await bench.differing()
        return bench.figures


def _ratios(figures: dict[str, float]) -> dict[str, float]:
    ratios = {"differing / equal": figures["headers differing"] / figures["headers equal"]}
    for table in TABLES:
        if f"{table} equal" in figures:
            floor = max(figures[f"{table} floor copy ordered"], figures[f"{table} floor http ordered"])
            ratios[f"{table} equal / slower ordered floor"] = figures[f"{table} equal"] / floor
    if "reladiff" in figures:
        ratios["reladiff / equal"] = figures["reladiff"] / figures["headers equal"]
    return ratios


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--scores", action="store_true", help="five scores for each scorecard as well")
    parser.add_argument("--clickhouse", choices=[engine.value for engine in ClickHouseEngine], default="embedded")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--reladiff", metavar="PYTHON")
    options = parser.parse_args()
    figures = uvloop.run(_measure(options))
    ratios = _ratios(figures)
    for name, value in ratios.items():
        print(f"{name:40} {value:6.2f}")
    print(f"{figures['found']:.0f} of {figures['planted']:.0f} found, {figures['accused']:.0f} accused wrongly")
    print(f"peak memory of the harness {max(v for k, v in figures.items() if k.endswith('peak_mb')):.0f} MB")
    if options.json is not None:
        options.json.write_text(json.dumps({"figures": figures, "ratios": ratios}, indent=2))


if __name__ == "__main__":
    main()
