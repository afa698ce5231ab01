"""reladiff on the same header tables, by an interpreter that has it, over the adapter of `reladiff_side`."""

import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.bulk_tables import KEY, VALUES
from harness.bulk.request import BulkTable
from harness.embedded.stack import Stack

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "reladiff-requirements.txt"
COLUMNS = (*KEY[:2], *VALUES[BulkTable.HEADERS])


@dataclass(frozen=True, slots=True)
class Case:
    """One way to run it. `final` is for tables that FINAL and tombstones make what they are: merged equal ones it may read bare.

    The settings are the fastest of those tried; README.md has the others.
    """

    name: str
    columns: tuple[str, ...]
    factor: int
    threshold: int
    final: bool = False
    threads: int = 2


# Above the number of keys that a UUID can be: it bisects nothing, and downloads and compares all rows.
EVERYTHING = 1 << 130
EQUAL = (
    # It rounds decimal fractions by ways that differ between the stores: without them its equal tables are equal.
    Case("equal, no floats", tuple(c for c in COLUMNS if c != "overall_score"), 2, 16384),
    Case("equal", COLUMNS, 2, EVERYTHING),
)
DIFFERING = (Case("differing", COLUMNS, 2, EVERYTHING, final=True),)


async def reladiff(python: str, stack: Stack, case: Case, repeat: int) -> dict[str, Any] | None:
    """Return `seconds` and the medians of what else was measured; None, having said why, where it failed."""
    asked = {
        "postgres": stack.postgres_reader_dsn,
        "clickhouse": stack.clickhouse_reader_url,
        "table": "scorecards",
        "key": KEY[2:],
        "repeat": repeat,
        "where": "deleted = 0" if case.final else None,
        **asdict(case),
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        python, str(HERE / "reladiff_side.py"), stdin=pipe, stdout=pipe, stderr=pipe
    )
    answers, words = await process.communicate(json.dumps(asked).encode())
    if process.returncode:
        print(f"reladiff failed: {words.decode().strip().splitlines()[-1]}")
        return None
    measured = [json.loads(line) for line in answers.splitlines()]
    medians = {name: statistics.median(m[name] for m in measured) for name in ("rows", "adapter_s")}
    return {"seconds": [m["seconds"] for m in measured], "found": set(measured[-1]["found"])} | medians


def interpreter(wanted: str) -> str | None:
    """Return the interpreter that has reladiff; `auto` makes one in the user's cache. None, having said why, where that fails."""
    if wanted != "auto":
        return wanted
    version = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "scorecard-convergence-harness" / f"reladiff-{version}"
    python = folder / "bin" / "python"
    if (folder / "installed").exists():
        return str(python)
    install = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS))
    for command in ((sys.executable, "-m", "venv", "--clear", str(folder)), install):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"reladiff: skipped, it cannot be installed: {done.stderr.strip().splitlines()[-1]}")
            return None
    (folder / "installed").touch()
    return str(python)
