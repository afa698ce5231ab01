"""`harness run` and `harness sweep`."""

import sys
from pathlib import Path
from typing import Any

import click

from harness.cli.options import (
    experiment_options,
    firing_options,
    formats_option,
    one_of,
    store_options,
    store_source,
    target_options,
)
from harness.cli.redact import redacted_command
from harness.cli.running import carry_out
from harness.drive.target import Target, Tls, TokenSource
from harness.embedded.stack import ClickHouseEngine
from harness.errors import ExitCode, UsageError
from harness.places import External, RunRequest
from harness.report.terminal import print_report
from harness.run import Run
from harness.scenario import SWEEP_DELAYS_MS, Scenario
from harness.scenario_file import load_scenario
from harness.store_source import CLICKHOUSE, POSTGRES

# The flag that sets a scenario's field, where they are not named alike.
FIELDS = {
    "iterations": "iterations",
    "api_delay": "api_delay_ms",
    "wait": "wait_s",
    "horizon": "horizon_s",
    "order": "order",
    "concurrency": "concurrency",
    "rate": "rate_per_s",
    "calls": "calls",
    "arrivals": "firing.arrivals",
    "warm_up": "firing.warm_up_s",
    "workers": "firing.workers",
    "topology": "firing.topology",
    "timing": "firing.timing",
    "off_schedule": "firing.off_schedule",
    "calibration": "firing.calibration_s",
    "force": "firing.force",
    "seed": "seed",
    "behaviour": "stack.behaviour",
    "fault": "stack.faults",
    "max_failure_rate": "gates.max_failure_rate",
    "max_iterations": "gates.max_iterations",
    "max_convergence_p99": "gates.max_convergence_p99_ms",
    "max_postgres_wrong": "gates.max_postgres_wrong",
    "customer": "target.customer",
    "profile": "target.profile",
}


@click.command()
@experiment_options
@firing_options
@target_options
@store_options
@formats_option
@click.pass_context
def run(context: click.Context, /, scenario: str | None, **flags: Any) -> None:
    """Fire pairs of calls and judge each by what both stores hold.

    SCENARIO is a TOML file, or the name of one in scenarios/; without it the built-in defaults stand: 50 pairs, 10 ms
    apart, judged 2 s after both were answered. Without --target everything runs on the embedded stack.
    """
    context.exit(_run(scenario_of(scenario, flags, {}), context))


@click.command(short_help="Run over a list of api-delays, interleaved in time.")
@experiment_options
@firing_options
@target_options
@store_options
@formats_option
@click.pass_context
def sweep(context: click.Context, /, scenario: str | None, **flags: Any) -> None:
    """Run over a list of api-delays, their iterations interleaved in time.

    Without SCENARIO: 100 pairs, or as many as a gate needs, at each of 0, 1, 2, 5, 10, 20, 50, 100 and 200 ms.
    """
    defaults: dict[str, Any] = (
        {} if scenario is not None else {"iterations": 100, "api_delay_ms": list(SWEEP_DELAYS_MS)}
    )
    if flags["max_failure_rate"] is not None or flags["max_convergence_p99"] is not None:
        # A gate takes as many as it needs.
        defaults.pop("iterations", None)
    context.exit(_run(scenario_of(scenario, flags, defaults), context))


def scenario_of(reference: str | None, flags: dict[str, Any], defaults: dict[str, Any]) -> Scenario:
    """Return the scenario with what flags and the environment lay over it, and the defaults under it. Raises UsageError."""
    return load_scenario(reference, {field: flags.get(flag) for flag, field in FIELDS.items()}, defaults)


def _run(scenario: Scenario, context: click.Context) -> ExitCode:
    external, engine = where_to_run(context)
    request = RunRequest(scenario, external, engine, Path(context.params["out"]), redacted_command(sys.argv))
    return carry_out(lambda progress: Run(request, progress), scenario.total_iterations, context.params, print_report)


def where_to_run(context: click.Context) -> tuple[External | None, ClickHouseEngine]:
    """Return where to run: None for the embedded stack, with its ClickHouse engine. Raises UsageError for half a set of places."""
    postgres, clickhouse = store_source(context, POSTGRES), store_source(context, CLICKHOUSE)
    engines = {engine.value: engine for engine in ClickHouseEngine}
    engine = None if clickhouse is None else engines.get(clickhouse.address or "")
    if context.params["target"] is None:
        if postgres is not None or (clickhouse is not None and engine is None):
            raise UsageError("--pg and --clickhouse belong to an external --target; give that too, or none of them")
        return None, engine or ClickHouseEngine.EMBEDDED
    if postgres is None or clickhouse is None or engine is not None:
        raise UsageError(
            "an external --target needs --pg DSN and --clickhouse URL, its two stores, or commands that print them"
        )
    return External(_target(context), postgres, clickhouse), ClickHouseEngine.EMBEDDED


def _target(context: click.Context) -> Target:
    """Return the target with the source of its token. Raises UsageError."""
    sources = {"token": "token", "token_file": "file", "token_command": "command"}
    token = {sources[name]: value for name, value in one_of(context, *sources).items()}
    flags = context.params
    return Target(address=flags["target"], token=TokenSource(**token), tls=Tls(flags["tls"]), ca_file=flags["ca"])
