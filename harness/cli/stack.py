"""`harness stack up`."""

import asyncio
import shlex
import signal
from typing import Any

import click
import uvloop

from harness.cli.options import engine_option, fault_option, option
from harness.embedded.stack import ClickHouseEngine, StackConfig, embedded_stack
from harness.places import service_config
from harness.scenario import BehaviourName, StackSettings


@click.group(short_help="The embedded stack: start it and keep it.")
def stack() -> None:
    """The embedded stack: PostgreSQL, ClickHouse and the reference service."""


@stack.command()
@option(
    "--behaviour",
    type=click.Choice([name.value for name in BehaviourName]),
    help="The service's behaviour; fix3 if not set, with a fault cure.",
)
@fault_option
@option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the copies' latency.")
@engine_option
def up(**flags: Any) -> None:
    """Start the stack and keep it until Ctrl-C; everything it held is gone then.

    Prints the addresses as lines for a shell, so that `harness run` and `harness verify` in another terminal use it.
    """
    given = {"behaviour": flags["behaviour"], "faults": flags["fault"]}
    settings = StackSettings(**{name: value for name, value in given.items() if value is not None})
    service = service_config(settings, flags["seed"])
    config = StackConfig(service=service, clickhouse=ClickHouseEngine(flags["clickhouse"]))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_keep_up(config))
    click.echo("The stack is gone.", err=True)


async def _keep_up(config: StackConfig) -> None:
    """Hold the stack until SIGINT or SIGTERM, which are how it is meant to end."""
    ended = asyncio.Event()
    click.echo("Starting PostgreSQL, ClickHouse and the reference service ...", err=True)
    async with embedded_stack(config) as addresses:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        variables = {
            "HARNESS_TARGET": addresses.target,
            "HARNESS_TOKEN": addresses.token,
            "HARNESS_PG": addresses.postgres_dsn,
            "HARNESS_CLICKHOUSE": addresses.clickhouse_url,
        }
        for name, value in variables.items():
            click.echo(f"export {name}={shlex.quote(str(value))}")
        click.echo("The stack is up; Ctrl-C ends it.", err=True)
        died = asyncio.create_task(addresses.ended())
        stopped = asyncio.create_task(ended.wait())
        done, _ = await asyncio.wait({died, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for task in {died, stopped} - done:
            task.cancel()
        if died in done:
            await died
