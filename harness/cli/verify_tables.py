"""The part of `harness verify` that compares whole tables: progress, result and exit code."""

import asyncio
from pathlib import Path

import uvloop
from rich.console import Console
from rich.progress import TaskID, TextColumn

from harness.bulk.compare import compare_tables
from harness.bulk.request import BulkProgress, BulkRequest, BulkResult, BulkTable, Scope
from harness.cli.progress import LiveProgress
from harness.cli.verify_output import echo_json, scorecard_data
from harness.clock import SystemClock
from harness.errors import ExitCode
from harness.mapping import StoreMapping
from harness.report.legible import legible

SHOWN = 20


def verify_tables(
    postgres: str,
    clickhouse: str,
    mapping: StoreMapping,
    scope: Scope,
    max_differences: int | None,
    resume: Path | None,
    settle_s: float,
    *,
    as_json: bool,
) -> ExitCode:
    """Compare, show what came of it, and return the exit code. Raises HarnessError."""
    request = BulkRequest(
        postgres, clickhouse, mapping, scope, max_differences=max_differences, resume=resume, settle_s=settle_s
    )
    with TableProgress() as progress, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(compare_tables(request, SystemClock(), progress.report))
    if as_json:
        echo_json(_data(result))
    else:
        _print(result)
    if result.equal:
        return ExitCode.OK
    return ExitCode.GATE_FAILED if result.difference_count else ExitCode.INCONCLUSIVE


class TableProgress(LiveProgress):
    """Shows how far each table is, on standard error, where that is a terminal."""

    def __init__(self) -> None:
        done = "{task.completed:,.0f} of {task.total:,.0f} rows, {task.fields[differences]} differ"
        super().__init__(Console(stderr=True, highlight=False, markup=False), TextColumn(done))
        self._tasks: dict[BulkTable, TaskID] = {}

    def report(self, progress: BulkProgress) -> None:
        """Take in how far a table is."""
        if progress.table not in self._tasks:
            self._tasks[progress.table] = self._progress.add_task(
                progress.table, total=progress.rows_total, differences=0
            )
        self._progress.update(
            self._tasks[progress.table],
            completed=progress.rows_done,
            total=max(progress.rows_total, progress.rows_done),
            differences=progress.differences,
        )


def _print(result: BulkResult) -> None:
    console = Console(highlight=False, markup=False)
    for table, tally in result.tables.items():
        console.print(f"{table:<9} {tally.postgres_rows:,} rows in PostgreSQL, {tally.clickhouse_rows:,} in ClickHouse")
    for difference in result.differences[:SHOWN]:
        classes = ", ".join(dict.fromkeys(anomaly.anomaly_class for anomaly in difference.anomalies))
        console.print(f"  {legible(difference.snapshot.scorecard)}: {classes}", style="red", soft_wrap=True)
    if result.difference_count > SHOWN:
        console.print(
            f"  and {result.difference_count - SHOWN:,} more; --json lists the first {len(result.differences):,}"
        )
    for name in result.unsettled[:SHOWN]:
        console.print(f"  {legible(name)}: written again and again, not compared", style="yellow", soft_wrap=True)
    if result.equal:
        console.print("agree", style="green")
    else:
        stopped = "" if result.complete else ", stopped at --max-differences"
        unsettled = f", {result.unsettled_count:,} not compared" if result.unsettled_count else ""
        noun = "scorecard" if result.difference_count == 1 else "scorecards"
        console.print(f"DIFFER: {result.difference_count:,} {noun}{unsettled}{stopped}", style="red")


def _data(result: BulkResult) -> dict[str, object]:
    return {
        "equal": result.equal,
        "complete": result.complete,
        "tables": {
            table.value: {
                "postgres_rows": tally.postgres_rows,
                "clickhouse_rows": tally.clickhouse_rows,
                "suspects": tally.suspects,
            }
            for table, tally in result.tables.items()
        },
        "difference_count": result.difference_count,
        "differences": [scorecard_data(d.snapshot, d.anomalies) for d in result.differences],
        "representation_count": result.representation_count,
        "representation": result.representation,
        "unsettled_count": result.unsettled_count,
        "unsettled": result.unsettled,
    }
