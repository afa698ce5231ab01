"""CSV: one line for each api-delay, raw values, an empty cell where nothing was measured."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from harness.report.document import Point, Report
from harness.report.naming import scenario_label

OWN = (
    "api_delay_ms",
    "iterations",
    "errors",
    "converged",
    "diverged",
    "late",
    "postgres_wrong",
    "failures",
    "failure_rate",
    "failure_rate_low",
    "failure_rate_high",
    "clickhouse_failures",
    "postgres_failures",
    "server_inversions",
    "off_schedule",
)


def csv_text(report: Report) -> str:
    """Return the points as CSV with a header."""
    rows = [dict(_cells(report, point)) for point in report.points] or [{"run_id": report.run_id}]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows if report.points else [])
    return out.getvalue()


def _cells(report: Report, point: Point) -> Iterator[tuple[str, Any]]:
    yield from (("run_id", report.run_id), ("scenario", scenario_label(report)), ("status", report.status))
    yield from ((name, getattr(point, name)) for name in OWN)
    for name in ("achieved_delay_ms", "delay_error_ms", "convergence_ms"):
        for quantile in ("p50", "p99", "max"):
            yield f"{name}_{quantile}", getattr(getattr(point, name), quantile, None)
    for method in ("create", "update", "submit"):
        yield f"rpc_ms_{method}_p99", getattr(getattr(point.rpc_ms, method), "p99", None)
    yield "anomalies", ";".join(f"{name}={count}" for name, count in sorted(point.anomalies.items()))
