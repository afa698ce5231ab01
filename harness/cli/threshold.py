"""`harness threshold`."""

import math
import sys
from pathlib import Path
from typing import Any

import click

from harness.cli.options import (
    firing_options,
    formats_option,
    iteration_options,
    option,
    output_options,
    scenario_argument,
    store_options,
    target_options,
    together,
)
from harness.cli.redact import redacted_command
from harness.cli.run import scenario_of, where_to_run
from harness.cli.running import carry_out
from harness.errors import ExitCode, UsageError
from harness.places import RunRequest
from harness.report.threshold import print_threshold
from harness.scenario import Scenario

# A search waits for the verdicts of each round, and so takes twice as long at the rate of other runs. Nobody else uses the embedded stack,
# which has the same curve at this rate; at twice as much it is overloaded, and has another.
EMBEDDED_RATE_PER_S = 100.0

question_options = together(
    option(
        "--max-failure-rate",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        metavar="F",
        required=True,
        help="The failure rate that a safe api-delay stays below, in 0..1.",
    ),
    option(
        "--confidence",
        type=click.FloatRange(0.5, 1, max_open=True),
        metavar="C",
        default=0.95,
        show_default=True,
        help="How sure the answer is to be.",
    ),
    option(
        "--resolution",
        type=click.FloatRange(0.1, 60_000),
        metavar="MS",
        default=20.0,
        show_default=True,
        help="How exact the answer is to be, or 10 % of it where that is more. Half of it costs four times as much.",
    ),
    option(
        "--min-delay",
        type=click.FloatRange(0, 60_000),
        metavar="MS",
        default=0.0,
        show_default=True,
        help="Smallest api-delay to try.",
    ),
    option(
        "--max-delay",
        type=click.FloatRange(0, 60_000),
        metavar="MS",
        default=1000.0,
        show_default=True,
        help="Largest api-delay to try.",
    ),
    option(
        "--max-iterations",
        type=click.IntRange(1, 10_000_000),
        metavar="N",
        help="Iterations at most; what is known then is told.  [default: 6000, or 20 / F where that is more]",
    ),
)


@click.command(short_help="Find the smallest api-delay whose failure rate is below a limit.")
@scenario_argument
@question_options
@iteration_options
@output_options
@formats_option
@firing_options
@target_options
@store_options
@click.pass_context
def threshold(context: click.Context, /, scenario: str | None, **flags: Any) -> None:
    """Find the smallest api-delay whose failure rate is below a limit, with a confidence interval of that delay.

    Api-delays are tried in rounds, where they tell most, until the answer is known. It holds for a service whose failure rate
    does not rise with the delay. Without SCENARIO and --target, 100 pairs a second go to the embedded stack.

    Exits with 0 where a safe delay was found, with 1 where there is none up to --max-delay, with 4 where --max-iterations
    did not suffice to show either.
    """
    context.exit(_search(scenario, flags, context))


def _search(reference: str | None, flags: dict[str, Any], context: click.Context) -> ExitCode:
    """Search, show what came of it, and return the exit code."""
    # Loads numpy, which no other command is to wait for.
    from harness.stats.threshold.answer import Question  # noqa: PLC0415
    from harness.threshold_run import ThresholdRun  # noqa: PLC0415

    question = Question(
        flags["max_failure_rate"],
        flags["confidence"],
        flags["resolution"],
        flags["min_delay"],
        flags["max_delay"],
        flags["max_iterations"] or max(6_000, math.ceil(20 / flags["max_failure_rate"])),
    )
    if question.min_delay_ms >= question.max_delay_ms:
        raise UsageError("--max-delay must be more than --min-delay: a search needs two api-delays at least")
    external, engine = where_to_run(context)
    scenario = _scenario(reference, flags, embedded=external is None)
    request = RunRequest(scenario, external, engine, Path(flags["out"]), redacted_command(sys.argv))
    return carry_out(
        lambda progress: ThresholdRun(request, progress, question), question.max_iterations, flags, print_threshold
    )


def _scenario(reference: str | None, flags: dict[str, Any], *, embedded: bool) -> Scenario:
    """Return how the iterations go. Raises UsageError where the scenario leaves no api-delay to vary."""
    defaults = {"rate_per_s": EMBEDDED_RATE_PER_S} if embedded and reference is None else {}
    # What is in question is no gate.
    scenario = scenario_of(reference, {**flags, "max_failure_rate": None, "max_iterations": None}, defaults)
    if scenario.calls:
        raise UsageError("threshold varies the api-delay of a pair of calls; a list of calls (--calls, calls) has none")
    return scenario
