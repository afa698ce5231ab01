"""Which run a user means: by its folder, its id, the beginning of its id, `latest` or `latest-passing`."""

from collections.abc import Sequence
from pathlib import Path

from harness.errors import ResultsError
from harness.history.runs import NotARunError, RunFolder, Runs, read_run, read_runs
from harness.report.results import REPORT

LATEST = "latest"
LATEST_PASSING = "latest-passing"


def find_run(name: str, runs: Runs) -> RunFolder:
    """Return the run of a name. Raises ResultsError, with what there is, where it names none or several."""
    if name == LATEST:
        return _last(runs.runs, runs, "has no run yet")
    if name == LATEST_PASSING:
        return _last([run for run in runs.runs if run.passing], runs, "has no run that passed its gates")
    known = [run for run in runs.runs if run.path.name == name or run.report.run_id == name]
    if known:
        return known[-1]
    if (folder := _folder(name)) is not None:
        return _at(folder)
    return _by_prefix(name, runs)


def named_run(name: str, results: Path) -> RunFolder:
    """Return the run of a name, of which a path needs no results folder. Raises ResultsError as `find_run` does."""
    folder = None if name in (LATEST, LATEST_PASSING) else _folder(name)
    return find_run(name, read_runs(results)) if folder is None else _at(folder)


def latest_passing(runs: Runs, than: RunFolder) -> RunFolder | None:
    """Return the newest run that passed its gates, is of the same scenario and started before another one; None where none did."""
    before = [
        run
        for run in runs.runs
        if run.passing and run.fingerprint == than.fingerprint and run.report.started_at < than.report.started_at
    ]
    return before[-1] if before else None


def _last(found: Sequence[RunFolder], runs: Runs, without: str) -> RunFolder:
    if not found:
        raise ResultsError(f"results folder {runs.folder} {without}; make one with: harness run")
    return found[-1]


def _folder(name: str) -> Path | None:
    path = Path(name)
    if path.name == REPORT and path.is_file():
        return path.parent
    return path if path.is_dir() and name else None


def _at(path: Path) -> RunFolder:
    try:
        return read_run(path)
    except NotARunError as error:
        raise ResultsError(f"{path} is no run that can be read: {error}") from None


def _by_prefix(name: str, runs: Runs) -> RunFolder:
    found = [run for run in runs.runs if name and run.path.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        some = ", ".join(run.path.name for run in found[-3:])
        raise ResultsError(f"{name} is the beginning of {len(found)} runs ({some}); give more of the one you mean")
    skipped = next((one for one in runs.skipped if name and one.name.startswith(name)), None)
    if skipped is not None:
        raise ResultsError(f"run {skipped.name} cannot be read: {skipped.reason}")
    raise ResultsError(f"no run {name!r} in {runs.folder}; harness history --results {runs.folder} lists what there is")
