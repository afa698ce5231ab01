"""The part of `harness verify` that compares whole tables: progress and exit code."""

from pathlib import Path

from rich.console import Console
from rich.progress import TaskID, TextColumn

from harness.bulk.compare import Comparison
from harness.bulk.request import BulkProgress, BulkRequest, BulkTable, Scope
from harness.cli.ending import ran_to_end
from harness.cli.progress import LiveProgress
from harness.cli.tables_output import print_tables, tables_data
from harness.cli.verify_output import echo_json
from harness.clock import SystemClock
from harness.errors import ExitCode
from harness.mapping import StoreMapping


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
    """Compare, show what came of it, also after Ctrl-C, and return the exit code. Raises HarnessError."""
    request = BulkRequest(
        postgres, clickhouse, mapping, scope, max_differences=max_differences, resume=resume, settle_s=settle_s
    )
    with TableProgress() as progress:
        comparison = Comparison(request, SystemClock(), progress.report)
        interrupted = not ran_to_end(comparison.execute())
    result = comparison.result
    if as_json:
        echo_json(tables_data(result))
    else:
        print_tables(result)
    if interrupted:
        return ExitCode.INTERRUPTED
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
