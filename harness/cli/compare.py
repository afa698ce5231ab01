"""`harness compare`."""

import math
from pathlib import Path
from typing import Any

import click

from harness.cli.options import option, results_option
from harness.errors import ExitCode, UsageError

CODES = {
    "worse": ExitCode.GATE_FAILED,
    "not_worse": ExitCode.OK,
    "inconclusive": ExitCode.INCONCLUSIVE,
    # A first nightly is not to be red.
    "no_baseline": ExitCode.OK,
}


@click.command(short_help="Say whether a run is worse than another.")
@click.argument("runs", nargs=-1, metavar="[BASE] RUN [RUN...]")
@click.option(
    "--baseline", metavar="RUN", help="Instead of BASE; latest-passing is that of RUN's scenario, before RUN."
)
@option(
    "--alpha",
    type=float,
    default=0.005,
    show_default=True,
    help="Chance of a single false alarm, all rates taken together.",
)
@option(
    "--max-latency-increase",
    type=float,
    metavar="PERCENT",
    help="Worse, too, where p50 or p99 of a duration rose by clearly more than this.",
)
@results_option
@click.option("--json", is_flag=True, help="Print the comparison as JSON instead of text.")
@click.pass_context
def compare(context: click.Context, /, runs: tuple[str, ...], **flags: Any) -> None:
    """Compare failure rates, durations, anomalies, versions and settings of RUN with those of BASE.

    A run is named by its folder, its id, the beginning of its id, latest, or latest-passing. With --baseline and no RUN
    it is the latest. Exit code 1: a run is worse; 0: none is, or there is no baseline yet; 4: too few iterations to tell.
    """
    # These import numpy, which no other command's start is to pay for.
    from harness.history.compare import compare as compare_runs  # noqa: PLC0415
    from harness.history.comparison_terminal import print_comparison  # noqa: PLC0415
    from harness.history.document import Comparison  # noqa: PLC0415

    alpha, increase = _numbers(flags)
    base, others, missing = _chosen(runs, flags)
    if base is None:
        comparison = Comparison(
            base=None,
            alpha=alpha,
            max_latency_increase=increase,
            verdict="no_baseline",
            reason=missing,
            runs=[],
            advice=None,
        )
    else:
        comparison = compare_runs(base, others, alpha, increase)
    if flags["json"]:
        click.echo(comparison.model_dump_json(indent=2))
    else:
        print_comparison(comparison)
    context.exit(CODES[comparison.verdict])


def _numbers(flags: dict[str, Any]) -> tuple[float, float | None]:
    alpha, percent = flags["alpha"], flags["max_latency_increase"]
    if not 0 < alpha <= 0.5:
        raise UsageError(f"--alpha {alpha:g}: the chance of a false alarm must be above 0 and at most 0.5")
    if percent is not None and not (math.isfinite(percent) and percent >= 0):
        raise UsageError(f"--max-latency-increase {percent:g}: give a percentage of 0 or more, as 20")
    return alpha, None if percent is None else percent / 100


def _chosen(names: tuple[str, ...], flags: dict[str, Any]) -> tuple[Any, list[Any], str]:
    """Return the base, the runs that are held against it, and where there is no base why."""
    from harness.history.runs import read_runs  # noqa: PLC0415
    from harness.history.select import LATEST, LATEST_PASSING, find_run, latest_passing  # noqa: PLC0415

    runs = read_runs(Path(flags["results"]))
    for skipped in runs.skipped:
        click.echo(f"harness: skipped {skipped.name}: {skipped.reason}", err=True)
    baseline = flags["baseline"]
    if baseline is None:
        if len(names) < 2:
            raise UsageError("name two runs, BASE and RUN, or give --baseline latest-passing and RUN")
        return find_run(names[0], runs), [find_run(name, runs) for name in names[1:]], ""
    others = [find_run(name, runs) for name in names or (LATEST,)]
    if baseline != LATEST_PASSING:
        return find_run(baseline, runs), others, ""
    first = min(others, key=lambda run: run.report.started_at)
    found = latest_passing(runs, first)
    scenario = f"scenario {first.label} ({first.fingerprint})"
    return (
        found,
        others,
        f"nothing to compare with yet: no run of {scenario} before {first.report.run_id} passed its gates",
    )
