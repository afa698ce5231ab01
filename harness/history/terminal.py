"""The history for a terminal of 80 columns: two lines a run, the second with its failure rates."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from harness.history.document import Series, SeriesPoint, SeriesRun

FEW_POINTS = 2
"""So many points are told with their intervals; of more the rates alone, which fit on a line."""
STYLES = {"pass": "green", "fail": "red", "inconclusive": "yellow"}
SKIPPED_SHOWN = 5


def print_history(series: Series, console: Console | None = None, asked: str = "") -> None:
    """Print every run, newest last, and what was skipped with the reason; `asked` is what all of them were to have."""
    console = Console(highlight=False, markup=False) if console is None else console
    for run in series.runs:
        _print_run(run, console)
    if not series.runs:
        console.print(f"no run{asked} in {series.results}", soft_wrap=True)
    for one in series.skipped[:SKIPPED_SHOWN]:
        console.print(f"skipped {one.name}: {one.reason}", style="yellow")
    if len(series.skipped) > SKIPPED_SHOWN:
        console.print(f"skipped {len(series.skipped) - SKIPPED_SHOWN} more; --json names all", style="yellow")


def _print_run(run: SeriesRun, console: Console) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    for width in (16, 23, 11, 8):
        table.add_column(width=width, no_wrap=True, overflow="ellipsis")
    table.add_column()
    gate = "no gate" if run.gate is None else run.gate
    table.add_row(f"{run.started_at:%Y-%m-%d %H:%M}", run.run_id, run.scenario, run.status, gate)
    console.print(table, style=STYLES.get(run.gate or "", "default"))
    console.print(Padding(f"{run.fingerprint}  {_rates(run)}", (0, 0, 0, 2)))


def _rates(run: SeriesRun) -> str:
    if len(run.points) <= FEW_POINTS:
        return "; ".join(_rate(point) for point in run.points) or "no api-delay"
    delays = " ".join(f"{point.api_delay_ms:g}" for point in run.points)
    rates = " ".join("?" if point.failure_rate is None else f"{point.failure_rate * 100:.3g}" for point in run.points)
    return f"{rates} % at {delays} ms"


def _rate(point: SeriesPoint) -> str:
    if point.failure_rate is None or point.failure_rate_low is None or point.failure_rate_high is None:
        return f"{point.api_delay_ms:g} ms not judged"
    bounds = f"{point.failure_rate_low:.1%} .. {point.failure_rate_high:.1%}"
    return f"{point.api_delay_ms:g} ms {point.failure_rate:.1%} ({bounds})"
