"""Finds a run's folder and reads what it left; what is damaged or foreign is one clear line."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from harness.errors import UsageError
from harness.report.document import SCHEMA_VERSION, IterationRecord, Report
from harness.report.results import ITERATIONS, REPORT

LATEST = "latest"


def run_folder(reference: str, results: Path) -> Path:
    """Return the folder that a path, a run's id in `results`, or `latest` means. Raises UsageError."""
    if reference == LATEST:
        # Ids begin with the time, so they sort by it; what else lies there has no report.
        folders = sorted(path.parent for path in results.glob(f"*/{REPORT}"))
        if not folders:
            raise UsageError(f"{results} holds no run yet: make one by `harness run`, or name its folder by --results")
        return folders[-1]
    for folder in (Path(reference), results / reference):
        if folder.is_dir():
            return folder
        if folder.is_file() and folder.name == REPORT:
            return folder.parent
    raise UsageError(f"no run {reference!r}: give its folder, its id in {results}, or `latest`")


def read_report(folder: Path) -> Report:
    """Return a run's report. Raises UsageError where there is none, or it is not one of this version's."""
    path = folder / REPORT
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{folder} is no run's folder: it holds no {REPORT}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is damaged: it is no JSON; name another run") from None
    version = found.get("schema_version") if isinstance(found, dict) else None
    if version != SCHEMA_VERSION:
        raise UsageError(f"{path} is no report of version {SCHEMA_VERSION}, which this harness reads; name another run")
    try:
        return Report.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path} is no report that this harness wrote: {place}: {first['msg']}") from None


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
