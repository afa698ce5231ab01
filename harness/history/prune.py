"""Which runs may go: all but the newest few, never the latest passing run of a scenario, never what is no run of ours."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from harness.errors import ResultsError
from harness.history.runs import RunFolder, Runs
from harness.report.render import FILE_NAMES
from harness.report.results import ITERATIONS, REPORT

OURS = frozenset({REPORT, f".{REPORT}.new", ITERATIONS, *FILE_NAMES.values()})
"""What a run, and `harness report`, leave in its folder."""
STILL_WRITTEN_S = 60.0
"""A partial run whose report is younger than this may still be running: a run replaces it every two seconds."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that is older than those to be kept and stays all the same, and why."""

    run: RunFolder
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What pruning does: the runs that go, oldest first, and those that stay for a reason of their own."""

    going: tuple[RunFolder, ...]
    kept: tuple[Kept, ...]


def plan_prune(runs: Runs, keep: int, now: datetime, older_than_days: float | None = None) -> Plan:
    """Return which runs go where the newest `keep` of all stay and, where days are given, only those that started longer ago go."""
    old = runs.runs[: max(0, len(runs.runs) - keep)]
    if older_than_days is not None:
        old = tuple(run for run in old if run.report.started_at < now - timedelta(days=older_than_days))
    baselines = {run.fingerprint: run.path for run in runs.runs if run.passing}
    going: list[RunFolder] = []
    kept: list[Kept] = []
    for run in old:
        reason = _reason_to_stay(run, baselines, now)
        if reason is None:
            going.append(run)
        else:
            kept.append(Kept(run, reason))
    return Plan(tuple(going), tuple(kept))


def remove(run: RunFolder) -> None:
    """Remove a run's folder. Raises ResultsError."""
    try:
        shutil.rmtree(run.path)
    except OSError as error:
        raise ResultsError(f"run {run.path} cannot be removed: {error.strerror}") from None


def _reason_to_stay(run: RunFolder, baselines: Mapping[str, Path], now: datetime) -> str | None:
    if baselines.get(run.fingerprint) == run.path:
        return f"the latest passing run of scenario {run.fingerprint}"
    if run.path.is_symlink():
        return "a link to another folder"
    if run.path.name != run.report.run_id:
        return f"its folder was renamed; the run is {run.report.run_id}"
    try:
        others = sorted(entry.name for entry in run.path.iterdir() if not _is_ours(entry))
        written_s = (run.path / REPORT).stat().st_mtime
    except OSError as error:
        return f"its folder cannot be read: {error.strerror}"
    if others:
        return f"holds what no run writes: {', '.join(others[:3])}"
    if run.report.status == "partial" and now.timestamp() - written_s < STILL_WRITTEN_S:
        return "may still be running"
    return None


def _is_ours(entry: Path) -> bool:
    return entry.is_file() and entry.name in OURS
