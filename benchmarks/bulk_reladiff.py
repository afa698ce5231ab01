"""reladiff on the same equal header tables, by an interpreter that has it."""

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.bulk_tables import KEY, VALUES
from harness.bulk.request import BulkTable
from harness.embedded.stack import Stack

RELADIFF = """
import sys, time, reladiff
postgres, clickhouse, columns = sys.argv[1:]
columns = tuple(columns.split())
sides = [reladiff.connect_to_table(u, "scorecards", "scorecard_id", extra_columns=columns) for u in (postgres, clickhouse)]
started = time.monotonic()
found = len(list(reladiff.diff_tables(*sides, threaded=True)))
print(found, time.monotonic() - started)
"""


async def reladiff(python: str, stack: Stack) -> dict[str, float]:
    """Return the seconds that it took and how many differences it found, nothing where it failed."""
    http = urlsplit(stack.clickhouse_reader_url)
    place = f"{http.username}:{http.password}@127.0.0.1:{_native_port(http.port or 0)}{http.path}"
    columns = " ".join((*KEY[:2], *VALUES[BulkTable.HEADERS]))
    command = [python, "-c", RELADIFF, stack.postgres_reader_dsn, f"clickhouse://{place}", columns]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    if done.returncode:
        reasons = [line for line in done.stderr.splitlines() if "Exception" in line or "Error" in line]
        print(f"reladiff failed: {reasons[-1] if reasons else done.returncode}")
        return {}
    found, seconds = done.stdout.split()
    print(f"{'reladiff':32} {float(seconds):8.2f} s   {found} differences")
    return {"reladiff": float(seconds), "reladiff found": int(found)}


def _native_port(http_port: int) -> int:
    """Return the native port of the server that has this HTTP port."""
    for config in Path(tempfile.gettempdir()).glob("harness-stack-*/clickhouse/config.xml"):
        text = config.read_text()
        if f"<http_port>{http_port}<" in text and (match := re.search(r"<tcp_port>(\d+)<", text)):
            return int(match[1])
    raise LookupError("this ClickHouse has no native port")
