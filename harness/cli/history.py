"""`harness history` and `harness history prune`."""

import math
from pathlib import Path
from typing import Any

import click

from harness.cli.options import results_option
from harness.clock import SystemClock
from harness.errors import UsageError
from harness.history.prune import plan_prune, remove
from harness.history.runs import read_runs
from harness.history.series import scenario_names, series
from harness.history.terminal import print_history


@click.group(invoke_without_command=True, short_help="List all runs, and remove old ones.")
@click.option("--scenario", metavar="NAME", help="Only runs of this scenario, by its name or its fingerprint.")
@click.option("--api-delay", type=float, metavar="MS", help="Only this api-delay, and runs that have it.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N.")
@results_option
@click.option("--json", is_flag=True, help="Print the series as JSON instead of text.")
@click.pass_context
def history(context: click.Context, /, **flags: Any) -> None:
    """List all runs of a results folder, the newest last: when, id, scenario, status, gate; its fingerprint and failure rates.

    What cannot be read there is named with the reason and is no error.
    """
    if context.invoked_subcommand is not None:
        context.obj = flags["results"]
        return
    runs = read_runs(Path(flags["results"]))
    found = series(runs, flags["scenario"], flags["api_delay"], flags["limit"])
    if flags["scenario"] is not None and runs.runs and not series(runs, flags["scenario"]).runs:
        names = ", ".join(scenario_names(runs.runs))
        raise UsageError(f"no run of scenario {flags['scenario']!r} in {runs.folder}; there are {names}")
    if flags["json"]:
        click.echo(found.model_dump_json(indent=2))
    else:
        delay_ms = flags["api_delay"]
        print_history(found, asked="" if delay_ms is None else f" with api-delay {delay_ms:g} ms")


@history.command(short_help="Remove old runs.")
@click.option("--keep", type=click.IntRange(min=0), required=True, metavar="N", help="The newest N runs stay.")
@click.option("--older-than", type=float, metavar="DAYS", help="Of the others only those go that are older.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@click.option("--results", type=click.Path(), help="Folder in which the runs are; that of harness history if not set.")
@click.pass_obj
def prune(parent: str, /, keep: int, older_than: float | None, dry_run: bool, results: str | None) -> None:
    """Remove all runs but the newest N.

    The latest passing run of each scenario stays always: it is what nightly runs are compared with. So does what is no
    run, cannot be read, or holds files that no run writes.
    """
    if older_than is not None and not (math.isfinite(older_than) and 0 <= older_than <= 1_000_000):
        raise UsageError(f"--older-than {older_than:g}: give a number of days of 0 or more")
    runs = read_runs(Path(results or parent))
    plan = plan_prune(runs, keep, SystemClock().utc(), older_than)
    for run in plan.going:
        if not dry_run:
            remove(run)
        click.echo(f"{'would remove' if dry_run else 'removed'} {run.path}")
    for kept in plan.kept:
        click.echo(f"kept {kept.run.path}: {kept.reason}")
    for skipped in runs.skipped:
        click.echo(f"left alone {runs.folder / skipped.name}: {skipped.reason}")
    stay = len(runs.runs) - len(plan.going)
    click.echo(
        f"{len(plan.going)} run{'' if len(plan.going) == 1 else 's'} {'would go' if dry_run else 'removed'}, {stay} kept"
    )
