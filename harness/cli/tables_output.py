"""What `harness verify` prints of whole tables, as text and as data."""

from rich.console import Console

from harness.bulk.request import BulkResult, BulkStatus, BulkTable, Difference, TableTally
from harness.cli.verify_output import scorecard_data
from harness.errors import UsageError
from harness.observe.names import ScorecardName
from harness.report.legible import legible

SHOWN = 20


def print_tables(result: BulkResult, console: Console | None = None) -> None:
    """Print how many rows were compared, the first differences, and in the last line what came of it."""
    # Without markup: names may have brackets.
    console = Console(highlight=False, markup=False) if console is None else console
    for table, tally in result.tables.items():
        console.print(_rows(table, tally), soft_wrap=True)
    for difference in result.differences[:SHOWN]:
        console.print(f"  {_line(difference)}", style="red", soft_wrap=True)
    if result.difference_count > SHOWN:
        listed = f"--json lists the first {len(result.differences):,}"
        console.print(f"  and {result.difference_count - SHOWN:,} more; {listed}")
    for name in result.unsettled[:SHOWN]:
        console.print(f"  {legible(name)}: written again and again, not compared", style="yellow", soft_wrap=True)
    ending, style = _ending(result)
    console.print(ending, style=style)


def tables_data(result: BulkResult) -> dict[str, object]:
    """Return the same as data, with every difference that was kept."""
    return {
        "status": result.status,
        "equal": result.equal,
        "complete": result.complete,
        "tables": {
            table.value: {
                "postgres_rows": tally.postgres_rows,
                "clickhouse_rows": tally.clickhouse_rows,
                "suspects": tally.suspects,
                "complete": tally.complete,
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


def _rows(table: BulkTable, tally: TableTally) -> str:
    rows = f"{tally.postgres_rows:,} rows in PostgreSQL, {tally.clickhouse_rows:,} in ClickHouse"
    if tally.complete:
        return f"{table:<9} {rows}"
    if not tally.postgres_rows and not tally.clickhouse_rows:
        return f"{table:<9} left before a row was compared"
    return f"{table:<9} at least {rows}, left early"


def _line(difference: Difference) -> str:
    """Return a difference in one line, with a hint where `--name` could not take its name."""
    name = difference.snapshot.scorecard
    classes = ", ".join(dict.fromkeys(anomaly.anomaly_class for anomaly in difference.anomalies))
    try:
        ScorecardName.parse(name)
    except UsageError:
        return f"{legible(name)}: {classes} (no name for --name; --json shows it)"
    return f"{legible(name)}: {classes}"


def _ending(result: BulkResult) -> tuple[str, str]:
    """Return the last line and its style."""
    if result.equal:
        return "agree", "green"
    unsettled = f", {result.unsettled_count:,} not compared" if result.unsettled_count else ""
    scorecards = f"{result.difference_count:,} scorecard{'' if result.difference_count == 1 else 's'}"
    if result.status is BulkStatus.PARTIAL:
        differing = f"DIFFER so far: {scorecards}" if result.difference_count else "no difference so far"
        return f"INTERRUPTED, partial; {differing}{unsettled}", "yellow"
    if not result.difference_count:
        return f"no difference{unsettled}", "yellow"
    stopped = "" if result.complete else ", stopped at --max-differences"
    return f"DIFFER: {scorecards}{unsettled}{stopped}", "red"
