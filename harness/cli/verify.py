"""`harness verify`: named scorecards in full, or whole tables by `verify_tables`."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

import click
import uvloop

from harness.bulk.request import All, Sample, Scope, Since
from harness.cli.names import named_scorecards
from harness.cli.options import option, store_options, store_source
from harness.cli.verify_named import FULL_NAMES, verify_named
from harness.cli.verify_tables import verify_tables
from harness.errors import UsageError
from harness.mapping import StoreMapping
from harness.scenario_file import load_scenario
from harness.store_source import CLICKHOUSE, POSTGRES

MAX_SETTLE_S = 3600


@dataclass(frozen=True, slots=True)
class Stores:
    """The two stores to compare and how their tables are named."""

    postgres: str
    clickhouse: str
    mapping: StoreMapping


@click.command(options_metavar="[--name NAME [NAME ...]] [OPTIONS]")
@click.argument("more_names", nargs=-1, metavar="")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="NAME",
    help="A scorecard to show; others can stand behind it, or each behind its own --name.",
)
@click.option("--names-file", type=click.Path(), metavar="FILE", help="File with a scorecard's name on each line.")
@click.option(
    "--full",
    is_flag=True,
    help=f"Show in full also what agrees, of more than {FULL_NAMES} names too; without it those are one line each.",
)
@click.option(
    "--settle",
    type=click.FloatRange(0, MAX_SETTLE_S),
    metavar="S",
    default=2.0,
    show_default=True,
    help="From a look at which a scorecard differs to the next, which confirms it; of named ones 0 takes a single look.",
)
@click.option("--all", "everything", is_flag=True, help="Compare the whole tables.")
@click.option("--since", metavar="T", help="Compare what was updated at T (ISO 8601; UTC unless it says) or later.")
@click.option("--sample", type=click.IntRange(1, 100_000), metavar="N", help="Compare N scorecards drawn at random.")
@click.option(
    "--resume", type=click.Path(), metavar="FILE", help="With --all or --since: keep the progress here, and take it up."
)
@click.option("--max-differences", type=click.IntRange(1), metavar="N", help="Stop when N scorecards differ.")
@click.option("--scenario", metavar="SCENARIO", help="Scenario whose [mapping] says how the tables are named.")
@store_options
@option("--json", is_flag=True, help="Print what was found as JSON.")
@click.pass_context
def verify(context: click.Context, /, names: tuple[str, ...], more_names: tuple[str, ...], **flags: Any) -> None:
    """Compare PostgreSQL and ClickHouse as they are now.

    With --name (customers/C/profiles/P/scorecards/ID) or --names-file: every check of a scorecard, the PostgreSQL row, every RAW
    ClickHouse version and what FINAL makes of them. With --all, --since or --sample: whole tables, by checksums inside both
    engines. A difference is reported when a second look confirms it. Reads only.

    Exits with 1 where a scorecard differs or is in neither store, with 3 where a store cannot be read, with 4 where none differs
    but one was written between all looks.
    """
    if more_names and not names:
        raise UsageError(f"{more_names[0]!r} stands behind no flag: give scorecards as --name NAME [NAME ...]")
    wanted = named_scorecards([*names, *more_names], flags["names_file"])
    scope = _scope(flags)
    _check(wanted, scope, flags)
    stores = _stores(context)
    if scope is None:
        context.exit(
            verify_named(
                stores.postgres,
                stores.clickhouse,
                stores.mapping,
                wanted,
                flags["settle"],
                full=flags["full"],
                as_json=flags["json"],
            )
        )
    resume = None if flags["resume"] is None else Path(flags["resume"])
    context.exit(
        verify_tables(
            stores.postgres,
            stores.clickhouse,
            stores.mapping,
            scope,
            flags["max_differences"],
            resume,
            flags["settle"],
            as_json=flags["json"],
        )
    )


def _check(wanted: list[str], scope: Scope | None, flags: dict[str, Any]) -> None:
    """Make sure that the flags belong together. Raises UsageError."""
    if bool(wanted) is (scope is not None):
        raise UsageError(
            "which scorecards? give --name NAME or --names-file FILE, or one of --all, --since T and --sample N"
        )
    if scope is None and (flags["resume"] is not None or flags["max_differences"] is not None):
        raise UsageError(
            "--resume and --max-differences belong to --all, --since and --sample, not to named scorecards"
        )
    if scope is not None and flags["full"]:
        raise UsageError("--full belongs to named scorecards, not to --all, --since and --sample")
    if not isfinite(flags["settle"]):
        raise UsageError("--settle takes a number of seconds")


def _stores(context: click.Context) -> Stores:
    """Return the two stores, asking the commands that print their addresses. Raises UsageError or StoreError."""
    postgres, clickhouse = store_source(context, POSTGRES), store_source(context, CLICKHOUSE)
    if postgres is None or clickhouse is None:
        needs = {"--pg DSN or --pg-command CMD": postgres, "--clickhouse URL or --clickhouse-command CMD": clickhouse}
        raise UsageError(f"verify needs {', and '.join(need for need, source in needs.items() if source is None)}")
    mapping = load_scenario(context.params["scenario"], {}).mapping

    async def resolve() -> Stores:
        return Stores(await postgres.resolve(), await clickhouse.resolve(), mapping)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(resolve())


def _scope(flags: dict[str, Any]) -> Scope | None:
    """Return which part of the tables is asked for, None for no part of them. Raises UsageError."""
    given = [name for name in ("everything", "since", "sample") if flags[name]]
    if len(given) > 1:
        raise UsageError("give one of --all, --since T and --sample N")
    if flags["everything"]:
        return All()
    if flags["sample"] is not None:
        return Sample(flags["sample"])
    if flags["since"] is None:
        return None
    try:
        time = datetime.fromisoformat(flags["since"])
    except ValueError:
        raise UsageError(f"--since {flags['since']!r} is not a time such as 2026-11-24T02:00:00Z") from None
    return Since(time if time.tzinfo is not None else time.replace(tzinfo=UTC))
