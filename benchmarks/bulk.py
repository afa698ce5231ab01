"""How fast whole tables are compared, beside the floors of both stores and beside reladiff, in one run on stores of its own.

    python -m benchmarks.bulk [--rows N[,N...]] [--scores] [--clickhouse embedded|server] [--reladiff auto|PYTHON]
        [--repeat N] [--json FILE]

Rows are made inside each engine and have random keys, UUIDs. A floor is the bare cost of reading the same columns in the order of
the key: COPY to nowhere, and SELECT ... FINAL over HTTP. Each comparison runs in a process of its own, whose peak memory is measured.
The settle time is 0 here: it is waited for once, whatever the size.
"""

import argparse
import json
import math
from pathlib import Path

import uvloop

from benchmarks.bulk_bench import Figures, Options, measure
from benchmarks.bulk_reladiff import DIFFERING, EQUAL, interpreter
from benchmarks.bulk_tables import TABLES
from harness.embedded.stack import ClickHouseEngine


def _ratios(figures: Figures) -> Figures:
    """Return what holds on any machine."""
    ratios = {
        f"{tables} differing / equal": figures[f"{tables} differing"] / figures[f"{tables} equal"]
        for tables in ("headers", "headers and scores")
        if f"{tables} differing" in figures
    }
    for table in TABLES:
        if f"{table} equal" in figures:
            floor = max(figures[f"{table} floor copy ordered"], figures[f"{table} floor http ordered"])
            ratios[f"{table} equal / slower ordered floor"] = figures[f"{table} equal"] / floor
    ratios |= {
        f"rows/s, headers {tables}": figures["rows"] / figures[f"headers {tables}"] for tables in ("equal", "differing")
    }
    for case in (*EQUAL, *DIFFERING):
        if (seconds := figures.get(f"reladiff {case.name}")) is not None:
            ours = figures["headers differing" if case in DIFFERING else "headers equal"]
            ratios |= {
                f"rows/s, reladiff {case.name}": figures["rows"] / seconds,
                f"rows/s, ours / reladiff {case.name}": seconds / ours,
            }
    ratios["peak_mb"] = max(value for name, value in figures.items() if name.endswith("peak_mb"))
    return ratios


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", default="1000000", help="scorecards; several sizes, one after the other, with commas")
    parser.add_argument("--scores", action="store_true", help="five scores for each scorecard as well")
    parser.add_argument("--clickhouse", choices=[engine.value for engine in ClickHouseEngine], default="embedded")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--reladiff", metavar="PYTHON", help="an interpreter that has reladiff, or auto to set one up")
    options = parser.parse_args()
    python = None if options.reladiff is None else interpreter(options.reladiff)
    sizes = []
    for rows in map(int, options.rows.split(",")):
        figures = uvloop.run(
            measure(Options(rows, options.scores, ClickHouseEngine(options.clickhouse), options.repeat, python))
        )
        sizes.append({"figures": figures, "ratios": _ratios(figures)})
    print()
    for name in sizes[0]["ratios"]:
        print(f"{name:40}", *(f"{size['ratios'].get(name, math.nan):12,.2f}" for size in sizes))
    if options.json is not None:
        options.json.write_text(json.dumps(sizes, indent=2))


if __name__ == "__main__":
    main()
