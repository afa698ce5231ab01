"""All runs of a results folder as a series, newest last, and those of them that a user asks for."""

from collections.abc import Iterable

from harness.history.document import Series, SeriesPoint, SeriesRun, SkippedFolder
from harness.history.runs import RunFolder, Runs
from harness.report.document import Point


def series(
    runs: Runs, scenario: str | None = None, api_delay_ms: float | None = None, limit: int | None = None
) -> Series:
    """Return the runs of a scenario (its name, or the beginning of its fingerprint) that have an api-delay; the newest `limit` of them."""
    chosen = [run for run in runs.runs if _is_of(run, scenario)]
    rows = [_row(run, api_delay_ms) for run in chosen]
    if api_delay_ms is not None:
        rows = [row for row in rows if row.points]
    return Series(
        results=str(runs.folder),
        runs=rows if limit is None else rows[max(0, len(rows) - limit) :],
        skipped=[SkippedFolder(name=one.name, reason=one.reason) for one in runs.skipped],
    )


def scenario_names(runs: Iterable[RunFolder]) -> list[str]:
    """Return what the scenarios of some runs are called, each once."""
    return sorted({run.label for run in runs})


def _is_of(run: RunFolder, scenario: str | None) -> bool:
    return scenario is None or run.label == scenario or (len(scenario) >= 4 and run.fingerprint.startswith(scenario))


def _row(run: RunFolder, api_delay_ms: float | None) -> SeriesRun:
    report = run.report
    return SeriesRun(
        run_id=report.run_id,
        folder=str(run.path),
        started_at=report.started_at,
        status=report.status,
        scenario=run.label,
        fingerprint=run.fingerprint,
        gate=report.gate.verdict,
        target=report.target,
        points=[_point(point) for point in report.points if api_delay_ms in (None, point.api_delay_ms)],
    )


def _point(point: Point) -> SeriesPoint:
    return SeriesPoint(
        api_delay_ms=point.api_delay_ms,
        judged=point.iterations - point.errors,
        failures=point.failures,
        failure_rate=point.failure_rate,
        failure_rate_low=point.failure_rate_low,
        failure_rate_high=point.failure_rate_high,
        convergence_p99_ms=None if point.convergence_ms is None else point.convergence_ms.p99,
    )
