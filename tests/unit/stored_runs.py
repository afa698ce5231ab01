"""Runs in a results folder as a run leaves them, made up."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harness.report.document import (
    Gate,
    Machine,
    MethodLatency,
    Point,
    Report,
    RpcSpreads,
    Spread,
    TargetVersions,
)
from harness.report.results import ITERATIONS, REPORT
from harness.scenario import Scenario
from harness.stats.proportion import wilson
from harness.stats.quantiles import Durations
from harness.units import NS_PER_MS

START = datetime(2026, 11, 1, tzinfo=UTC)
NONE = RpcSpreads(create=None, update=None, submit=None)


def point(
    delay_ms: float, iterations: int, failures: int, errors: int = 0, anomalies: dict[str, int] | None = None
) -> Point:
    rate = wilson(failures, iterations - errors)
    return Point(
        api_delay_ms=delay_ms,
        iterations=iterations,
        errors=errors,
        converged=iterations - errors - failures,
        diverged=failures,
        late=0,
        postgres_wrong=0,
        failures=failures,
        failure_rate=None if rate is None else rate.rate,
        failure_rate_low=None if rate is None else rate.low,
        failure_rate_high=None if rate is None else rate.high,
        clickhouse_failures=failures,
        postgres_failures=0,
        anomalies=anomalies or {},
        server_inversions=None,
        call_codes={"OK": iterations * 3},
        off_schedule=0,
        achieved_delay_ms=None,
        delay_error_ms=None,
        server_delay_ms=None,
        rpc_ms=NONE,
        service_ms=NONE,
        convergence_ms=Spread(min=100, p50=200, p90=300, p99=400, max=500),
    )


def latency(times_ms: list[float]) -> MethodLatency:
    durations = Durations.of_latency()
    for time_ms in times_ms:
        durations.add(round(time_ms * NS_PER_MS))
    return MethodLatency(
        rpc_ms=None,
        service_ms=None,
        rpc_histogram=durations.encoded(),
        service_histogram=durations.encoded(),
    )


def report(day: int, points: list[Point], **changed: Any) -> Report:
    """A run of a day; `scenario` holds settings other than the defaults, `gate` a verdict."""
    scenario = Scenario.model_validate(
        {"api_delay_ms": [one.api_delay_ms for one in points] or [10]} | changed.pop("scenario", {})
    )
    started_at = START + timedelta(days=day)
    values: dict[str, Any] = {
        "run_id": f"{started_at:%Y%m%dT%H%M%SZ}-{day:06x}",
        "status": "complete",
        "started_at": started_at,
        "finished_at": started_at,
        "harness_version": "0",
        "command": "harness run nightly",
        "scenario": scenario.model_dump(mode="json"),
        "seed": scenario.seed,
        "target": TargetVersions(service="s 1", postgres="18", clickhouse="26"),
        "machine": Machine(platform="p", python="3", cpus=2, memory_mb=1, load_average_1m=0),
        "calibration": None,
        "firing": None,
        "planned_iterations": scenario.total_iterations,
        "points": points,
        "latency": {},
        "gate": Gate(max_failure_rate=0.01, verdict=changed.pop("gate", "pass"), reason="why"),
    }
    return Report(**(values | changed))


def store(results: Path, one: Report, convergence_ms: list[tuple[float, float]] | None = None) -> Path:
    """Write a run's folder; `convergence_ms` are pairs of api-delay and time to agreement."""
    folder = results / one.run_id
    folder.mkdir(parents=True)
    (folder / REPORT).write_text(json.dumps(one.model_dump(mode="json")))
    lines = [json.dumps({"api_delay_ms": delay, "convergence_ms": time}) for delay, time in convergence_ms or ()]
    (folder / ITERATIONS).write_text("".join(line + "\n" for line in lines))
    return folder
