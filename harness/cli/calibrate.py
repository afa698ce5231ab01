"""`harness calibrate`."""

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn

from harness.calibrate.calibration import CALIBRATION, CalibrationRequest, Calibrator
from harness.calibrate.document import Calibration, ExperimentResult
from harness.calibrate.experiments import Experiment, experiments
from harness.calibrate.markdown import page
from harness.calibrate.matrix import NEVER_STALE
from harness.cli.ending import ran_to_end
from harness.cli.options import engine_option, option
from harness.cli.progress import LiveProgress
from harness.cli.redact import redacted_command
from harness.embedded.stack import ClickHouseEngine
from harness.errors import ExitCode, ResultsError, UsageError

AT_ONCE_QUICK = 2


@click.command(short_help="Measure the harness itself: detection, causes, false accusations.")
@click.option("--quick", is_flag=True, help="Fewer iterations: under two minutes, for CI.")
@click.option("--only", multiple=True, metavar="NAME", help="Only these experiments; several are allowed.")
@option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of everything that is drawn.")
@engine_option
@option("--out", type=click.Path(), default="results", show_default=True, help="Folder for calibration.json.")
@click.option("--docs", type=click.Path(), metavar="FILE", help="Write the page docs/calibration.md here.")
@option("--json", is_flag=True, help="Print calibration.json instead of the table.")
@click.pass_context
def calibrate(context: click.Context, /, **flags: Any) -> None:
    """Run every behaviour over the delays, every planted fault and two clean controls on the embedded stack.

    The service says where a fault took effect; what the harness made of it is held against that. Exits with 1 where a
    bound is missed: 99 % detected, 95 % with the right cause, nobody falsely accused, and the curves of the incident.
    """
    chosen = _chosen(flags["only"], quick=flags["quick"])
    request = CalibrationRequest(
        chosen,
        ClickHouseEngine(flags["clickhouse"]),
        flags["seed"],
        flags["quick"],
        AT_ONCE_QUICK if flags["quick"] else 1,
        Path(flags["out"]),
        redacted_command(sys.argv),
    )
    console = Console(stderr=flags["json"], highlight=False, markup=False)
    with _Live(console, len(chosen)) as live:
        calibrator = Calibrator(request, live.told)
        interrupted = not ran_to_end(calibrator.execute())
    document = calibrator.document
    if flags["docs"] is not None:
        _write_page(Path(flags["docs"]), document)
    if flags["json"]:
        click.echo(document.model_dump_json(indent=2))
    _print_bounds(document, console, request.out / CALIBRATION)
    if interrupted:
        context.exit(ExitCode.INTERRUPTED)
    context.exit(ExitCode.OK if document.met else ExitCode.GATE_FAILED)


def _chosen(names: tuple[str, ...], *, quick: bool) -> list[Experiment]:
    known = {experiment.name: experiment for experiment in experiments(quick=quick)}
    for name in names:
        if name not in known:
            raise UsageError(f"no experiment {name!r}; there are {', '.join(known)}")
    return [experiment for name, experiment in known.items() if not names or name in names]


def _write_page(path: Path, document: Calibration) -> None:
    try:
        path.write_text(page(document))
    except OSError as error:
        raise ResultsError(f"the page cannot be written: {error}") from None


class _Live(LiveProgress):
    """A bar over the experiments, and a line for each as it ends."""

    def __init__(self, console: Console, total: int) -> None:
        super().__init__(console, MofNCompleteColumn())
        self._task = self._progress.add_task("experiments", total=total)
        console.print(f"{'experiment':<20} {'pairs':>6} {'effect':>6} {'found':>6} {'cause':>6} {'false':>5}  bounds")

    def told(self, result: ExperimentResult) -> None:
        """Show one experiment's row."""
        found = result.detection
        missed = sum(not bound.met for bound in result.bounds)
        counts = ("", "", "") if result.kind != "fault" else (found.affected, found.detected, found.right_cause)
        cells = " ".join(f"{count:>6}" for count in (found.iterations, *counts))
        false = "" if result.kind == "behaviour" and result.behaviour not in NEVER_STALE else found.falsely_accused
        style = "green" if missed == 0 else "red"
        outcome = f"{len(result.bounds)} met" if missed == 0 else f"{missed} MISSED"
        self._console.print(f"{result.name:<20} {cells} {false:>5}  {outcome}", style=style)
        self._progress.advance(self._task)


def _print_bounds(document: Calibration, console: Console, path: Path) -> None:
    for result in document.experiments:
        for bound in result.bounds:
            if not bound.met:
                console.print(f"MISSED  {result.name}: {bound.what}: {bound.measured}", style="red")
    total = sum(len(result.bounds) for result in document.experiments)
    console.print(f"{'All' if document.met else 'Not all'} of {total} bounds are met. {path}", soft_wrap=True)
