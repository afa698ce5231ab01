"""A comparison for a terminal of 80 columns."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from harness.history.document import Change, Comparison, DurationShift, RateShift, RunComparison

VERDICTS = {"worse": "red", "not_worse": "green", "inconclusive": "yellow", "no_baseline": "yellow"}
STYLES = {"worse": "red", "better": "green"}
COLUMN = 12
CHANGES_SHOWN = 12
TINY = 1e-4


def print_comparison(comparison: Comparison, console: Console | None = None) -> None:
    """Print for each run what changed against the base, and at the end the verdict with what it rests on."""
    console = Console(highlight=False, markup=False) if console is None else console
    if comparison.base is not None:
        name = comparison.base
        _line(console, "Base", f"{name.run_id}  {name.scenario}  {name.started_at:%Y-%m-%d %H:%M}")
    for run in comparison.runs:
        _print_run(run, console)
    style = VERDICTS[comparison.verdict]
    _line(console, "Verdict", f"{comparison.verdict.replace('_', ' ')}: {comparison.reason}", style)
    if comparison.base is None:
        return
    _line(console, "", f"chance of a single false alarm among all failure rates here: at most {comparison.alpha:.3g}")
    if comparison.advice is not None and comparison.verdict != "worse":
        _line(
            console,
            "Advice",
            f"to find a rise from 1 % to 3 % in 9 of 10 comparisons: {comparison.advice.at_one_delay} judged iterations "
            f"per api-delay in both runs where one delay rises, {comparison.advice.at_every_delay} where all do",
        )


def _print_run(run: RunComparison, console: Console) -> None:
    name = run.run
    _line(console, "Run", f"{name.run_id}  {name.scenario}  {name.started_at:%Y-%m-%d %H:%M}")
    for note in run.notes:
        _line(console, "Note", note, "yellow")
    for label, text in _changed(run.changes):
        _line(console, label, text)
    shifts = [*run.points, *([run.overall] if run.overall else [])]
    if shifts:
        console.print()
        console.print(_rates(shifts))
        console.print("change in percentage points; p of a rise, corrected over all api-delays and runs")
        console.print()
    if run.smallest_rise is not None:
        before = sum(point.base_failures for point in run.points) / max(
            1, sum(point.base_judged for point in run.points)
        )
        text = f"with these iterations a rise from {before:.1%} to {run.smallest_rise:.1%} at every api-delay is found"
        _line(console, "Finds", f"{text} in 9 of 10 comparisons")
    pooled = [shift for shift in run.durations if shift.api_delay_ms is None]
    if pooled:
        console.print()
        console.print(_durations(pooled))
        console.print("interval: the chance of which calls were measured, not the machine's noise")
        console.print()
    _print_anomalies(run, console)


def _rates(shifts: Sequence[RateShift]) -> Table:
    table = Table(title="Failure rate by api-delay", title_justify="left", pad_edge=False, box=None)
    for heading in ("delay ms", "base", "run", "change", "95 % interval", "p", "verdict"):
        table.add_column(heading, justify="left" if heading == "verdict" else "right", no_wrap=True)
    for shift in shifts:
        table.add_row(
            "all" if shift.api_delay_ms is None else f"{shift.api_delay_ms:g}",
            f"{shift.base_failures}/{shift.base_judged}",
            f"{shift.run_failures}/{shift.run_judged}",
            "" if shift.difference is None else f"{shift.difference * 100:+.1f}",
            _interval(shift),
            p_text(shift.corrected_p_value),
            {"no_difference_shown": "-", "not_judged": "not judged"}.get(shift.verdict, shift.verdict),
            style=STYLES.get(shift.verdict),
        )
    return table


def _interval(shift: RateShift) -> str:
    if shift.difference_low is None or shift.difference_high is None:
        return ""
    return f"{shift.difference_low * 100:+.1f} .. {shift.difference_high * 100:+.1f}"


def p_text(p: float) -> str:
    """Return a p-value as a table shows it."""
    return f"{p:.0e}" if p < TINY else f"{p:.4f}"


def _durations(shifts: Sequence[DurationShift]) -> Table:
    table = Table(title="Durations in ms, over all api-delays", title_justify="left", pad_edge=False, box=None)
    for heading in ("what", "quantile", "base", "run", "change", "interval", "verdict"):
        table.add_column(heading, justify="left" if heading in ("what", "verdict") else "right", no_wrap=True)
    for shift in shifts:
        bounded = shift.ratio_low is not None and shift.ratio_high is not None
        table.add_row(
            shift.what,
            f"p{shift.quantile * 100:g}",
            f"{shift.base_ms:.1f}",
            f"{shift.run_ms:.1f}",
            f"{shift.ratio - 1:+.0%}",
            f"{(shift.ratio_low or 0) - 1:+.0%} .. {(shift.ratio_high or 0) - 1:+.0%}" if bounded else "too few",
            "" if shift.worse is None else "worse" if shift.worse else "-",
            style="red" if shift.worse else None,
        )
    return table


def _print_anomalies(run: RunComparison, console: Console) -> None:
    changed = [shift for shift in run.anomalies if shift.change != "same"]
    for change in ("appeared", "more", "fewer", "vanished"):
        texts = [
            f"{one.anomaly_class} {one.base_count} -> {one.run_count}" + (" (significant)" if one.shown else "")
            for one in changed
            if one.change == change
        ]
        if texts:
            _line(console, "Anomalies", f"{change}: {', '.join(texts)}")


def _changed(changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    if not changes:
        yield "Changes", "none in versions or scenario"
    for change in changes[:CHANGES_SHOWN]:
        yield "Changes", f"{change.field}: {_value(change.base)} -> {_value(change.run)}"
    if len(changes) > CHANGES_SHOWN:
        yield "Changes", f"and {len(changes) - CHANGES_SHOWN} more fields; --json names all"


def _value(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)


def _line(console: Console, label: str, text: str, style: str = "default") -> None:
    """Print a labelled text whose further lines stand below its first."""
    table = Table.grid()
    table.add_column(width=COLUMN)
    table.add_column(overflow="fold")
    table.add_row(label, text)
    console.print(table, style=style)
