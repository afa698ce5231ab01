"""Reports to be rendered, made of counts."""

from datetime import UTC, datetime
from typing import Any, Literal

import stored_runs

from harness.report.curve import with_curve
from harness.report.document import Gate, Machine, Point, Report, RpcSpreads, Spread, TargetVersions

DELAYS_MS = (0, 1, 2, 5, 10, 20, 50, 100, 200)
FAILURES = (17, 15, 14, 13, 9, 4, 1, 0, 0)
SPREAD = Spread(min=0.01, p50=0.02, p90=0.05, p99=0.3, max=77.04)
NONE = RpcSpreads(create=None, update=None, submit=SPREAD)


def point(api_delay_ms: float, failures: int, iterations: int = 100, errors: int = 0) -> Point:
    """One api-delay whose failures all diverged."""
    anomalies = {"version_inversion": failures, "stale_score": failures} if failures else {}
    plain = stored_runs.point(api_delay_ms, iterations, failures, errors, anomalies)
    return plain.model_copy(
        update={"delay_error_ms": SPREAD, "rpc_ms": NONE, "service_ms": NONE, "convergence_ms": SPREAD}
    )


def report(
    points: list[Point],
    *,
    verdict: Literal["pass", "fail", "inconclusive"] | None = None,
    limit: float | None = None,
    status: Literal["complete", "partial", "failed"] = "complete",
    **changes: Any,
) -> Report:
    """A run with its curve."""
    fields: dict[str, Any] = {
        "run_id": "20260102T030405Z-abcdef",
        "status": status,
        "started_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "finished_at": datetime(2026, 1, 2, 3, 5, 5, tzinfo=UTC),
        "harness_version": "0",
        "command": "harness run scenarios/nightly.toml",
        "scenario": {},
        "seed": 1,
        "target": TargetVersions(service="svc <1>", postgres="18", clickhouse="26"),
        "machine": Machine(platform="p", python="3", cpus=2, memory_mb=None, load_average_1m=None),
        "calibration": None,
        "firing": None,
        "planned_iterations": sum(one.iterations for one in points),
        "points": points,
        "latency": {},
        "gate": Gate(max_failure_rate=limit, verdict=verdict, reason="because | <b>"),
    }
    return with_curve(Report(**(fields | changes)))


def sweep(**changes: Any) -> Report:
    """Nine delays whose failures fall from 17 % to none."""
    return report([point(*pair) for pair in zip(DELAYS_MS, FAILURES, strict=True)], **changes)
