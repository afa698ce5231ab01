"""How a run's failures came about, as its `iterations.jsonl` tells."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from harness.report.document import IterationRecord
from harness.report.results import ITERATIONS


def explanations(folder: Path, each: int = 3) -> dict[float, list[str]]:
    """Return per api-delay in ms how the first `each` failures came about, a line each; what cannot be read is left out."""
    told: dict[float, list[str]] = {}
    for line in _lines(folder / ITERATIONS):
        # Most lines of a long run are these, and reading one as a document takes longer than finding this in it.
        if '"verdict":"converged"' in line:
            continue
        try:
            record = IterationRecord.model_validate_json(line)
        except ValidationError:
            continue
        lines = told.setdefault(record.api_delay_ms, [])
        if record.verdict.value in ("diverged", "late", "postgres_wrong") and len(lines) < each:
            best = sorted(record.anomalies, key=lambda anomaly: anomaly.role.value != "cause")[:1]
            why = "; ".join(f"{one.anomaly_class}: {one.explanation}" for one in best)
            lines.append(f"{record.scorecard} {record.verdict.value}: {why}")
    return told


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file
    except OSError:
        return
