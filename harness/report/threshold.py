"""The answer of `harness threshold` for a terminal of 80 columns."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.report.document import Report, Threshold

STYLES = {"found": "green", "all_safe": "green", "none_safe": "red", "undecided": "yellow"}


def print_threshold(report: Report, folder: Path, console: Console | None = None) -> None:
    """Print the delays that were tried, what was tested, the answer and where the files are."""
    console = Console(highlight=False, markup=False) if console is None else console
    assert report.threshold is not None
    answer = report.threshold
    if report.points:
        console.print(_table(report, answer))
    console.print(f"\nService     {report.target.service}")
    console.print(f"Stores      PostgreSQL {report.target.postgres}, ClickHouse {report.target.clickhouse}")
    console.print(f"Iterations  {answer.iterations} in {len(answer.rounds)} rounds, of {answer.max_iterations} at most")
    if report.status != "complete":
        console.print(f"Status      {report.status}: the answer is what was known so far", style="yellow")
    if answer.estimate_ms is not None:
        console.print(f"Estimate    {answer.estimate_ms:g} ms{_interval(answer)}")
    console.print(f"Answer      {answer.reason}", style=STYLES[answer.outcome])
    console.print(f"Report      {folder / 'report.json'}", soft_wrap=True)


def _table(report: Report, answer: Threshold) -> Table:
    title = f"Failure rate by api-delay, against {answer.max_failure_rate * 100:.4g} %"
    table = Table(title=title, title_justify="left", pad_edge=False, box=None)
    for heading in ("delay ms", "pairs", "errors", "off schedule", "failures", "failure rate", "shown to be"):
        table.add_column(heading, justify="right", no_wrap=True)
    for point in report.points:
        table.add_row(
            f"{point.api_delay_ms:g}",
            str(point.iterations),
            str(point.errors),
            str(point.off_schedule),
            str(point.failures),
            "not judged" if point.failure_rate is None else f"{point.failure_rate:.2%}",
            _shown(point.api_delay_ms, answer),
        )
    return table


def _shown(delay_ms: float, answer: Threshold) -> str:
    """Say on which side of the limit a delay is, where that was shown for it, or follows for it from another."""
    if answer.low_ms is not None and delay_ms <= answer.low_ms:
        return "unsafe"
    return "safe" if answer.high_ms is not None and delay_ms >= answer.high_ms else "open"


def _interval(answer: Threshold) -> str:
    if answer.low_ms is None or answer.high_ms is None:
        return ""
    return f", {answer.confidence * 100:.4g} % interval {answer.low_ms:g} to {answer.high_ms:g} ms"
