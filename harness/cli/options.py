"""The flags that several commands share, each also readable from the environment as HARNESS_<NAME>."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from harness.delays import parse_delays
from harness.drive.target import Tls
from harness.embedded.stack import ClickHouseEngine
from harness.errors import UsageError
from harness.firing import ArrivalProcess, OffSchedule, Timing, Topology
from harness.model import Order
from harness.report.render import FILE_NAMES, Format
from harness.scenario import BehaviourName, FaultName
from harness.store_source import StoreKind, StoreSource

F = TypeVar("F", bound=Callable[..., Any])


class FormatList(click.ParamType[tuple[Format, ...]]):
    """A comma-separated list of formats that have a file beside report.json."""

    name = "format[,format...]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Format, ...]:
        """Return the formats, or fail with those there are."""
        if not isinstance(value, str):
            return tuple(value)
        names = [name.strip() for name in value.split(",") if name.strip()]
        for name in names:
            if name not in list(FILE_NAMES):
                self.fail(f"{name!r} is no format of a file: choose from {', '.join(FILE_NAMES)}", param, ctx)
        return tuple(map(Format, names))


class DelayList(click.ParamType[tuple[float, ...]]):
    """A comma-separated list of api-delays in ms, of ranges and of logarithmic grids."""

    name = "ms[,ms...]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Return the delays, or fail with what is wrong."""
        try:
            return parse_delays(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def option(name: str, **settings: Any) -> Callable[[F], F]:
    """Return a click option that HARNESS_<NAME> sets too, and says so in the help text."""
    long = next(part for part in name.split() if part.startswith("--"))
    variable = "HARNESS_" + long.removeprefix("--").replace("-", "_").upper()
    return click.option(*name.split(), envvar=variable, show_envvar=True, **settings)


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return one decorator that adds the options in the order given."""

    def add(function: F) -> F:
        for one in reversed(options):
            function = one(function)
        return function

    return add


def _one_of(values: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([value.value for value in values])


fault_option = option(
    "--fault",
    type=_one_of(FaultName),
    multiple=True,
    # None, as every flag that was not given, so that the scenario's own list stands.
    callback=lambda _context, _parameter, value: value or None,
    help="Plant a fault in the embedded stack's service; can be given again. Its behaviour is then cure, if not set.",
)

scenario_argument = click.argument("scenario", required=False, metavar="[SCENARIO]")

plan_options = together(
    option("--iterations", type=int, metavar="N", help="Pairs of calls at each api-delay."),
    option(
        "--api-delay",
        type=DelayList(),
        metavar="MS[,MS...]",
        help="Start-to-start gap of the two calls, or a list of them; 0:100:10 is a range with both ends, log:1:1000:10 a grid.",
    ),
)

# How each iteration goes, whatever is planned.
iteration_options = together(
    option("--wait", type=float, metavar="S", help="From the last answer to the verdict."),
    option(
        "--horizon", type=float, metavar="S", help="After the deadline, how long a difference may still heal (late)."
    ),
    option("--order", type=_one_of(Order), help="Which call is started first."),
    option("--concurrency", type=int, metavar="N", help="Iterations in flight at most, from Create to verdict."),
    option("--rate", type=float, metavar="R", help="Iterations started per second."),
    option(
        "--behaviour",
        type=_one_of(BehaviourName),
        help="Behaviour of the embedded stack's service.",
    ),
    fault_option,
    option("--seed", type=int, metavar="S", help="Of everything that is drawn."),
)

gate_options = together(
    option("--max-failure-rate", type=float, metavar="F", help="Gate: the highest failure rate allowed, in 0..1."),
    option(
        "--max-iterations",
        type=int,
        metavar="N",
        help="Pairs at each api-delay at most, where a gate is set; by default as many as decide it.",
    ),
    option("--max-convergence-p99", type=float, metavar="MS", help="Gate: the highest p99 of the time to agreement."),
    option(
        "--max-postgres-wrong",
        type=int,
        metavar="N",
        help="Gate: iterations in which PostgreSQL may be wrong; 0 with any gate.",
    ),
)

output_options = together(
    option(
        "--out", type=click.Path(), default="results", show_default=True, help="Folder under which <run-id>/ is made."
    ),
    option("--json", is_flag=True, help="Print report.json instead of the table; progress goes to standard error."),
)

experiment_options = together(scenario_argument, plan_options, iteration_options, gate_options, output_options)

firing_options = together(
    option("--calls", metavar="CALL@MS,...", help="Instead of --api-delay and --order: update@0,update@2,submit@5."),
    option("--arrivals", type=_one_of(ArrivalProcess), help="When iterations start, --rate of them a second."),
    option("--warm-up", type=float, metavar="S", help="Fire for so long before anything counts."),
    option("--workers", type=int, metavar="N", help="Firing processes; the same calls for any number."),
    option("--topology", type=_one_of(Topology), help="What the calls of one iteration share."),
    option("--timing", type=_one_of(Timing), help="exact polls the clock before a call; economical uses timers alone."),
    option(
        "--off-schedule",
        type=_one_of(OffSchedule),
        help="What becomes of iterations whose gap was not what was asked for.",
    ),
    option(
        "--calibration", type=float, metavar="S", help="How long to measure this machine's firing first; 0 for not."
    ),
    option("--force", is_flag=True, default=None, help="Fire also at a rate at which that found no exact gaps."),
)

formats_option = option(
    "--formats",
    type=FormatList(),
    metavar="F[,F...]",
    default="",
    help="Write the report also as these, beside report.json: junit, openmetrics, csv, markdown, png, svg.",
)

target_options = together(
    option("--target", metavar="HOST:PORT", help="The gRPC service; without it the embedded stack is started."),
    option("--token", metavar="T", help="Bearer token. Better set in the environment than on the command line."),
    option("--token-file", type=click.Path(), help="File that holds the bearer token."),
    option("--token-command", metavar="CMD", help="Command that prints the bearer token."),
    option(
        "--tls",
        type=click.Choice([tls.value for tls in Tls]),
        default="auto",
        help="auto: TLS except to loopback.",
        show_default=True,
    ),
    option("--ca", type=click.Path(), help="PEM file of the CA that signed the target's certificate."),
    option("--customer", metavar="C", help="Customer whose scorecards are made."),
    option("--profile", metavar="P", help="Profile whose scorecards are made."),
)

store_options = together(
    option("--pg", metavar="DSN", help="PostgreSQL, as postgresql://user:password@host:port/database."),
    option("--pg-command", metavar="CMD", help="Command that prints the DSN, on one line."),
    option("--clickhouse", metavar="URL", help="ClickHouse, as http://user:password@host:port/database."),
    option("--clickhouse-command", metavar="CMD", help="Command that prints the URL, on one line."),
)


def one_of(context: click.Context, *names: str) -> dict[str, Any]:
    """Return the one of some parameters that is set, and its value; empty where none is. A flag beats the environment.

    Raises UsageError where two flags are given, or two variables and no flag.
    """
    given = [name for name in names if context.params[name] is not None]
    typed = [name for name in given if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    chosen = typed or given
    if len(chosen) > 1:
        flags = [f"--{name.replace('_', '-')}" for name in names]
        variables = " and ".join(f"HARNESS_{name.upper()}" for name in chosen)
        reason = "" if typed else f"; {variables} are set in the environment"
        raise UsageError(f"give one of {', '.join(flags[:-1])} and {flags[-1]}{reason}")
    return {name: context.params[name] for name in chosen}


def store_source(context: click.Context, kind: StoreKind) -> StoreSource | None:
    """Return where the address of a store comes from, None where neither flag nor environment says. Raises UsageError."""
    name = kind.flag.removeprefix("--")
    given = one_of(context, name, f"{name}_command")
    if not given:
        return None
    return StoreSource(kind, given.get(name), given.get(f"{name}_command"))


# Not by HARNESS_CLICKHOUSE, which is the address of a store for other commands.
engine_option = click.option(
    "--clickhouse",
    type=click.Choice([engine.value for engine in ClickHouseEngine]),
    default=ClickHouseEngine.EMBEDDED.value,
    show_default=True,
    help="The embedded engine, or the clickhouse-server on PATH.",
)

results_option = option(
    "--results", type=click.Path(), default="results", show_default=True, help="Folder in which the runs are."
)
