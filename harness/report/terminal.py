"""A report as a table for a terminal of 80 columns."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.check.anomalies import FIELDS
from harness.report.document import Firing, Point, Report, Spread


def print_report(report: Report, folder: Path, console: Console | None = None) -> None:
    """Print the failure-rate table, what was tested, the gate and where the files are."""
    console = Console(highlight=False, markup=False) if console is None else console
    console.print(_failure_table(report.points))
    console.print(_timing_table(report.points))
    for line in (_anomalies(report.points), _calls(report.points)):
        if line:
            console.print(line)
    for line in (_gaps(report), _firing(report.firing)):
        if line:
            console.print(line)
    console.print(f"Service     {report.target.service}")
    console.print(f"Stores      PostgreSQL {report.target.postgres}, ClickHouse {report.target.clickhouse}")
    if report.gate.verdict is not None:
        console.print(
            f"Gate        {report.gate.verdict}: {report.gate.reason}", style=GATE_STYLES[report.gate.verdict]
        )
    if report.gate.stopped_early:
        fired = sum(point.iterations for point in report.points)
        console.print(
            f"Stopped     early, the gates being decided: {fired} of {report.planned_iterations} planned pairs"
        )
    if report.status != "complete":
        done = sum(point.iterations for point in report.points)
        console.print(
            f"Status      {report.status}: {done} of {report.planned_iterations} iterations have a verdict",
            style="yellow",
        )
    console.print(f"Report      {folder / 'report.json'}", soft_wrap=True)


def _gaps(report: Report) -> str:
    """Say how many gaps were not what was asked for, and up to which rate they would have been."""
    off, pairs = sum(point.off_schedule for point in report.points), sum(point.iterations for point in report.points)
    if not pairs:
        return ""
    said = f"Gaps        {off} of {pairs} off schedule"
    if report.calibration is None:
        return said
    if report.calibration.max_pair_rate_per_s is None:
        return f"{said}; measured before, they held at no rate"
    return f"{said}; measured before, they hold up to {report.calibration.max_pair_rate_per_s:g} pairs/s"


def _firing(firing: Firing | None) -> str:
    """Say how the firing processes kept up."""
    if firing is None:
        return ""
    busiest = max(loop.utilisation - loop.polled_share for loop in firing.loops)
    dropped = f", {firing.dropped_arrivals} dropped" if firing.dropped_arrivals else ""
    return (
        f"Firing      {firing.scheduling} scheduling, {max(busiest, 0):.0%} busy, "
        f"{firing.late_arrivals} of {firing.arrivals} arrivals late{dropped}"
    )


GATE_STYLES = {"pass": "green", "fail": "red", "inconclusive": "yellow"}


def _failure_table(points: list[Point]) -> Table:
    table = Table(title="Failure rate by api-delay", title_justify="left", pad_edge=False, box=None)
    for heading in ("delay ms", "pairs", "errors", "diverged", "late", "pg wrong", "failure rate", "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for point in points:
        table.add_row(
            f"{point.api_delay_ms:g}",
            str(point.iterations),
            str(point.errors),
            str(point.diverged),
            str(point.late),
            str(point.postgres_wrong),
            "not judged" if point.failure_rate is None else f"{point.failure_rate:.1%}",
            _interval(point),
        )
    return table


def _interval(point: Point) -> str:
    if point.failure_rate_low is None or point.failure_rate_high is None:
        return ""
    return f"{point.failure_rate_low:.1%} .. {point.failure_rate_high:.1%}"


def _timing_table(points: list[Point]) -> Table:
    table = Table(
        title="\nTiming in ms: delay error, call latency, time to agreement",
        title_justify="left",
        pad_edge=False,
        box=None,
    )
    for heading in ("delay ms", "error p50", "p99", "max", "update p99", "submit p99", "agree p50", "p99"):
        table.add_column(heading, justify="right", no_wrap=True)
    for point in points:
        error, agree = point.delay_error_ms, point.convergence_ms
        table.add_row(
            f"{point.api_delay_ms:g}",
            *(("", "", "") if error is None else (f"{error.p50:.3f}", f"{error.p99:.3f}", f"{error.max:.3f}")),
            _p99(point.rpc_ms.update),
            _p99(point.rpc_ms.submit),
            *(("", "") if agree is None else (f"{agree.p50:.0f}", f"{agree.p99:.0f}")),
        )
    return table


def _p99(spread: Spread | None) -> str:
    return "" if spread is None else f"{spread.p99:.1f}"


def _anomalies(points: list[Point]) -> str:
    counts: dict[str, int] = {}
    for point in points:
        for name, count in point.anomalies.items():
            counts[name] = counts.get(name, 0) + count
    listed = sorted(counts.items(), key=lambda item: -item[1])
    what = ", ".join(f"{name} {count}" for name, count in listed if name not in FIELDS)
    where = ", ".join(f"{name} {count}" for name, count in listed if name in FIELDS)
    lines = [f"Anomalies   {what or 'no cause decided'}", *([f"Fields      {where}"] if where else [])]
    return "\n" + "\n".join(lines) if listed else ""


def _calls(points: list[Point]) -> str:
    """Name the codes of calls that did not succeed, which would otherwise hide behind the rate."""
    codes: dict[str, int] = {}
    for point in points:
        for code, count in point.call_codes.items():
            codes[code] = codes.get(code, 0) + count
    failed = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()) if code != "OK")
    return f"Calls       not all succeeded: {failed}" if failed else ""
