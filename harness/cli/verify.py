"""`harness verify`."""

import asyncio
import json
from dataclasses import asdict
from typing import Any

import click
import uvloop

from harness.check.anomalies import Anomaly
from harness.check.convergence import divergences
from harness.cli.options import option, store_options
from harness.clock import SystemClock
from harness.errors import ExitCode, UsageError
from harness.model import Snapshot
from harness.observe.batch import open_readers
from harness.report.snapshot import print_snapshot
from harness.scenario_file import load_scenario


@click.command()
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="NAME",
    help="customers/C/profiles/P/scorecards/ID; may be given several times.",
)
@click.option("--scenario", metavar="SCENARIO", help="Scenario whose [mapping] says how the tables are named.")
@store_options
@option("--json", is_flag=True, help="Print what was found as JSON.")
@click.pass_context
def verify(context: click.Context, /, names: tuple[str, ...], scenario: str | None, **flags: Any) -> None:
    """Compare scorecards in PostgreSQL and ClickHouse as they are now.

    Shows every check, the PostgreSQL row, every RAW ClickHouse version and what FINAL makes of them. Exits with 1 where one
    differs, or is in neither store.
    """
    if not names:
        raise UsageError("which scorecard? give --name customers/C/profiles/P/scorecards/ID, once for each")
    if flags["pg"] is None or flags["clickhouse"] is None:
        raise UsageError("verify needs --pg DSN and --clickhouse URL, or HARNESS_PG and HARNESS_CLICKHOUSE")
    mapping = load_scenario(scenario, {}).mapping

    async def read() -> list[Snapshot]:
        async with open_readers(flags["pg"], flags["clickhouse"], mapping, SystemClock()) as readers:
            return await readers.read(list(dict.fromkeys(names)))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        snapshots = runner.run(read())
    found = [(snapshot, _findings(snapshot, mapping.ignored)) for snapshot in snapshots]
    if flags["json"]:
        click.echo(json.dumps([_as_data(snapshot, anomalies) for snapshot, anomalies in found], indent=2))
    else:
        for snapshot, anomalies in found:
            print_snapshot(snapshot, anomalies)
    agree = all(exists(snapshot) and not anomalies for snapshot, anomalies in found)
    context.exit(ExitCode.OK if agree else ExitCode.GATE_FAILED)


def exists(snapshot: Snapshot) -> bool:
    """Return whether either store has the scorecard: what is nowhere agrees, but is hardly what the user asked for."""
    return snapshot.postgres is not None or bool(snapshot.clickhouse.raw_headers)


def _findings(snapshot: Snapshot, ignored: frozenset[str]) -> tuple[Anomaly, ...]:
    return divergences(snapshot.postgres, snapshot.clickhouse, ignored)


def _as_data(snapshot: Snapshot, anomalies: tuple[Anomaly, ...]) -> dict[str, Any]:
    return {
        "scorecard": snapshot.scorecard,
        "agree": not anomalies,
        "anomalies": [{"class": anomaly.anomaly_class.value, **asdict(anomaly)} for anomaly in anomalies],
        "postgres": None if snapshot.postgres is None else asdict(snapshot.postgres),
        "clickhouse": asdict(snapshot.clickhouse),
    }
