"""One comparison by the harness, several times, in a process of its own: so its peak memory is that of nothing else.

One JSON line comes in: the stores, the tables and how often. One goes out: what each time took, and what the last one found.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Sequence
from typing import Any

import uvloop

from harness.bulk.compare import compare_tables
from harness.bulk.request import BulkRequest, BulkResult, BulkTable
from harness.clock import SystemClock
from harness.embedded.stack import Stack
from harness.mapping import StoreMapping


async def compare(stack: Stack, tables: Sequence[BulkTable], repeat: int) -> dict[str, Any]:
    """Return `seconds`, `cpu_s`, `peak_mb`, `equal`, `suspects` and the ids `found`, as a process of its own measured them."""
    asked = {
        "postgres": stack.postgres_reader_dsn,
        "clickhouse": stack.clickhouse_reader_url,
        "tables": tables,
        "repeat": repeat,
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bulk_compare", stdin=pipe, stdout=pipe
    )
    answer, _ = await process.communicate(json.dumps(asked).encode())
    assert process.returncode == 0, "the comparison failed"
    measured: dict[str, Any] = json.loads(answer)
    return measured


async def _measure(asked: dict[str, Any]) -> dict[str, Any]:
    request = BulkRequest(
        asked["postgres"],
        asked["clickhouse"],
        StoreMapping(),
        tables=tuple(map(BulkTable, asked["tables"])),
        # Waited for once, whatever the size.
        settle_s=0,
    )
    seconds, cpu_s = [], []
    result: BulkResult | None = None
    for _ in range(asked["repeat"]):
        started_s, cpu_started_s = time.monotonic(), time.process_time()
        result = await compare_tables(request, SystemClock())
        seconds.append(time.monotonic() - started_s)
        cpu_s.append(time.process_time() - cpu_started_s)
    assert result is not None
    return {
        "seconds": seconds,
        "cpu_s": cpu_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "equal": result.equal,
        "suspects": sum(tally.suspects for tally in result.tables.values()),
        "found": [difference.snapshot.scorecard.rpartition("/")[2] for difference in result.differences],
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(_measure(json.loads(sys.stdin.readline())))))
