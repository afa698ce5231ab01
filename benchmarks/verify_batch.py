"""What it costs to verify a batch of scorecards as a run does: queries that each store gets, and the client's CPU.

    python -m benchmarks.verify_batch [--clickhouse embedded|server] [--rows N] [--repeat N] [--json FILE]

The stores hold `--rows` scorecards with four scores each, and ClickHouse three versions of every row, as create, update and submit leave
them. A batch of 1,000 of one profile (a run's usual case), one of 100 profiles, and a single scorecard are read by
`harness.observe.batch.StoreReaders` and judged by `harness.check`. *Decoding* is turning the answers' bytes into each scorecard's rows:
what asyncpg does when data arrives, what the reader does with its records, and what it does with a body of ClickHouse's. Everything else is
`outside`: names, statements, HTTP, the event loop, snapshots and judging. *Freeing*, to let go of the rows that decoding made, stands
beside both.
"""

import argparse
import asyncio
import gc
import hashlib
import json
import statistics
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from benchmarks.counting_proxy import HttpQueries, PostgresQueries, counting
from benchmarks.stores import Stores, open_stores
from harness.check.anomalies import Anomaly, failures
from harness.check.fields import FieldRules
from harness.check.judgement import judged_all
from harness.clock import SystemClock
from harness.embedded.stack import ClickHouseEngine
from harness.mapping import StoreMapping
from harness.memory import keep_freed_memory, relax_collector
from harness.model import Snapshot
from harness.observe import clickhouse as clickhouse_reader
from harness.observe import postgres as postgres_reader
from harness.observe.batch import StoreReaders, open_readers

SCORES_EACH = 4
VERSIONS = 3
PROFILES = 100
BATCH = 1000
MAPPING = StoreMapping()

Figures = dict[str, float]


class Timed:
    """The CPU that some functions take, by wrapping them where they are looked up."""

    def __init__(self) -> None:
        self.cpu_ms = 0.0

    def wrap(self, owner: Any, name: str) -> None:
        """Count what a function or method takes from now on. Raises AttributeError where it is not there any more."""
        inner = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            started_ns = time.thread_time_ns()
            try:
                return inner(*args, **kwargs)
            finally:
                self.cpu_ms += (time.thread_time_ns() - started_ns) / 1e6

        setattr(owner, name, timed)


def batches(rows: int) -> dict[str, list[str]]:
    """Return the names of what is verified."""
    profile = range(0, rows, PROFILES)[:BATCH]
    return {
        f"{len(profile):,} of one profile": [_name(i) for i in profile],
        f"{BATCH:,} of {PROFILES} profiles": [_name(i) for i in range(BATCH)],
        "one scorecard": [_name(0)],
    }


def _name(number: int) -> str:
    """Return the name of a scorecard of `bulk_tables`."""
    scorecard = uuid.UUID(hashlib.md5(str(number).encode()).hexdigest())
    return f"customers/customer-{number % 10}/profiles/profile-{number % PROFILES}/scorecards/{scorecard}"


async def count_queries(stores: Stores, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what PostgreSQL and ClickHouse got for one batch, on connections that have read one before."""
    stack = stores.stack
    async with (
        counting(stack.postgres_reader_dsn, PostgresQueries) as (postgres, to_postgres),
        counting(stack.clickhouse_reader_url, HttpQueries) as (clickhouse, to_clickhouse),
        open_readers(postgres, clickhouse, MAPPING, SystemClock()) as readers,
    ):
        await readers.read(names)
        to_postgres.clear()
        to_clickhouse.clear()
        await readers.read(names)
        return list(to_postgres), list(to_clickhouse)


async def measure_cpu(readers: StoreReaders, names: Sequence[str], repeat: int, timers: dict[str, Timed]) -> Figures:
    """Return medians in milliseconds."""
    measured: dict[str, list[float]] = {}
    rules = FieldRules.of(readers.types)

    def note(name: str, value: float) -> None:
        measured.setdefault(name, []).append(value)

    snapshots: list[Snapshot] = []
    anomalies: list[tuple[Anomaly, ...]] = []
    await readers.read(names)  # It prepares statements.
    for number in range(repeat + 1):
        # What the one before made is not to be freed on this one's time: the event loop, too, holds the answers until its next turn.
        freeing_s = time.process_time()
        snapshots, anomalies = [], []
        await asyncio.sleep(0)
        freed_s = time.process_time()
        if number > 0:
            note("freeing_ms", (freed_s - freeing_s) * 1e3)
        gc.collect()
        for timer in timers.values():
            timer.cpu_ms = 0
        started_s, cpu_started_s = time.monotonic(), time.process_time()
        snapshots = await readers.read(names)
        read_s = time.process_time()
        anomalies = list(map(failures, judged_all(snapshots, rules)))  # As `harness verify` does.
        judged_s = time.process_time()
        assert not any(anomalies), next(filter(None, anomalies))
        assert all(snapshot.postgres is not None for snapshot in snapshots)
        decoding_ms = {name: timer.cpu_ms for name, timer in timers.items()}
        for name, value in decoding_ms.items():
            note(name, value)
        note("wall_ms", (time.monotonic() - started_s) * 1e3)
        note("judging_ms", (judged_s - read_s) * 1e3)
        note("outside_ms", (judged_s - cpu_started_s) * 1e3 - sum(decoding_ms.values()))
    return {name: statistics.median(values) for name, values in measured.items()}


async def _measure(options: argparse.Namespace) -> dict[str, Figures]:
    figures: dict[str, Figures] = {}
    async with open_stores(ClickHouseEngine(options.clickhouse)) as stores:
        await stores.fill(options.rows, SCORES_EACH, VERSIONS)
        for what, names in batches(options.rows).items():
            postgres, clickhouse = await count_queries(stores, names)
            figures[what] = {"postgres_queries": len(postgres), "clickhouse_queries": len(clickhouse)}
            print(
                f"{what}: PostgreSQL got {len(postgres)} ({', '.join(_brief(q) for q in postgres)}), ClickHouse {len(clickhouse)}"
            )
        # Before any connection is made: event loops look a protocol's method up once.
        timers = {"decoding_postgres_ms": Timed(), "decoding_clickhouse_ms": Timed()}
        timers["decoding_postgres_ms"].wrap(asyncpg.protocol.Protocol, "data_received")
        timers["decoding_postgres_ms"].wrap(postgres_reader, "_scorecards")
        timers["decoding_clickhouse_ms"].wrap(clickhouse_reader, "_decoded")
        stack = stores.stack
        async with open_readers(
            stack.postgres_reader_dsn, stack.clickhouse_reader_url, MAPPING, SystemClock()
        ) as readers:
            for what, names in batches(options.rows).items():
                figures[what] |= await measure_cpu(readers, names, options.repeat, timers)
    return figures


def _brief(query: str) -> str:
    return " ".join(query.split())[:16].split(" ")[0]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=100_000, help="scorecards in the stores")
    parser.add_argument("--clickhouse", choices=[engine.value for engine in ClickHouseEngine], default="embedded")
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    relax_collector()
    keep_freed_memory()
    figures = uvloop.run(_measure(options))
    print()
    for what, measured in figures.items():
        print(f"{what:28}", *(f"{name} {value:.2f}" for name, value in measured.items() if name.endswith("_ms")))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
