"""`harness explore`."""

import logging
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn

from harness.cli.ending import ran_to_end
from harness.cli.options import engine_option, option
from harness.cli.progress import LiveProgress
from harness.cli.redact import redacted_command
from harness.embedded.stack import ClickHouseEngine
from harness.errors import ExitCode
from harness.explore.run import Exploration, ExploreRequest
from harness.explore.subject import EXPLORABLE_BEHAVIOURS, EXPLORABLE_FAULTS
from harness.explore.terminal import print_explored
from harness.model import Order
from harness.scenario import BehaviourName, FaultName

BOTH = "both"


@click.command(short_help="Play every interleaving of one pair of calls on the real stores.")
@option(
    "--behaviour",
    type=click.Choice([name.value for name in EXPLORABLE_BEHAVIOURS]),
    help="Behaviour to explore; all of them if not set, with a fault cure.",
)
@option(
    "--fault",
    type=click.Choice([name.value for name in EXPLORABLE_FAULTS]),
    multiple=True,
    help="Plant a fault that the order alone decides; can be given again.",
)
@option(
    "--order",
    type=click.Choice([Order.UPDATE_FIRST.value, Order.SUBMIT_FIRST.value, BOTH]),
    default=BOTH,
    show_default=True,
    help="Only the interleavings that begin with this call.",
)
@engine_option
@option("--expect-clean", is_flag=True, help="Exit with 1 where an interleaving leaves a store wrong.")
@option("--out", type=click.Path(), help="Folder under which <run-id>/explore.json is written; none if not set.")
@option("--json", is_flag=True, help="Print the report as JSON instead of text.")
@click.pass_context
def explore(context: click.Context, /, **flags: Any) -> None:
    """Play every order in which the steps of one UpdateScorecard, one SubmitScorecard and their copies can interleave.

    Each interleaving is played on the embedded stack's stores by the reference service's own code, every step held at a gate until
    it is its turn, and judged as a run judges. Says which leave ClickHouse stale or PostgreSQL wrong, and the smallest of them.
    """
    request = _request(flags)
    # The service's connection pool runs in this process and would tell of a store that is gone by a traceback.
    logging.getLogger("asyncpg").addHandler(logging.NullHandler())
    with ExploreProgress() as progress:
        session = Exploration(request, progress)
        interrupted = not ran_to_end(session.execute())
    if flags["json"]:
        click.echo(session.report.model_dump_json(indent=2))
    else:
        print_explored(session.explored)
        if interrupted:
            click.echo(
                f"\nStatus      partial: {len(session.explored)} of {len(request.behaviours)} behaviours explored"
            )
        if session.path is not None:
            click.echo(f"\nReport      {session.path}")
    context.exit(ExitCode.INTERRUPTED if interrupted else session.exit_code)


def _request(flags: dict[str, Any]) -> ExploreRequest:
    faults = tuple(dict.fromkeys(map(FaultName, flags["fault"])))
    # A fault is to be the only thing wrong.
    named = flags["behaviour"] or (BehaviourName.CURE if faults else None)
    return ExploreRequest(
        EXPLORABLE_BEHAVIOURS if named is None else (BehaviourName(named),),
        faults,
        None if flags["order"] == BOTH else Order(flags["order"]),
        ClickHouseEngine(flags["clickhouse"]),
        flags["expect_clean"],
        None if flags["out"] is None else Path(flags["out"]),
        redacted_command(sys.argv),
    )


class ExploreProgress(LiveProgress):
    """Shows on standard error which behaviour is being explored and how far; plain lines where that is no terminal."""

    def __init__(self) -> None:
        super().__init__(Console(stderr=True, highlight=False, markup=False), MofNCompleteColumn())
        self._task = self._progress.add_task("starting", total=None)

    def phase(self, text: str, total: int) -> None:
        """Show what is being done now, in how many parts."""
        self._progress.reset(self._task, description=text, total=total)
        self._say(text)

    def advance(self) -> None:
        """Show that one of them is done."""
        self._progress.advance(self._task)
