"""Reads every run in a results folder; what cannot be read is told with the reason, never raised and never passed over in silence."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import ResultsError
from harness.history.scenarios import fingerprint
from harness.report.document import SCHEMA_VERSION, Report
from harness.report.naming import scenario_label
from harness.report.results import ITERATIONS, REPORT

OTHERS = ("README.md", "calibration.json")
"""What else the harness keeps in a results folder."""
OTHER_DOCUMENTS = ("explore.json",)


NOT_WRITTEN_BY_OLDER: dict[str, Any] = {
    "latency": {},
    "service_ms": {"create": None, "update": None, "submit": None},
    # Neither the history nor a comparison reads it.
    "off_schedule": 0,
}
"""Fields that reports of this schema have not always had and that may not be null, as they stand where they are missing."""


@dataclass(frozen=True)
class RunFolder:
    """One run: where it is, and its report. Sorts by its start."""

    path: Path
    report: Report

    @cached_property
    def fingerprint(self) -> str:
        """Which scenario it is of."""
        return fingerprint(self.report.scenario)

    @cached_property
    def label(self) -> str:
        """What the user called the scenario."""
        return scenario_label(self.report)

    @property
    def passing(self) -> bool:
        """Whether it came to its end and every gate that was asked for passed."""
        return self.report.status == "complete" and self.report.gate.verdict == "pass"


@dataclass(frozen=True, slots=True)
class Skipped:
    """What is in the results folder and is no run that can be read, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Runs:
    """Everything in a results folder: the runs by their start, the newest last, and what was skipped."""

    folder: Path
    runs: tuple[RunFolder, ...]
    skipped: tuple[Skipped, ...]


class NotARunError(Exception):
    """A folder is no run that can be read; the text says why."""


def read_runs(folder: Path) -> Runs:
    """Read every run in a folder. Raises ResultsError where the folder itself cannot be read."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ResultsError(
            f"results folder {folder} cannot be read: {error.strerror}; name another by --results"
        ) from None
    runs, skipped = [], []
    for path in entries:
        if path.name in OTHERS or path.name.startswith(".") or _holds_other_document(path):
            continue
        try:
            runs.append(read_run(path))
        except NotARunError as error:
            skipped.append(Skipped(path.name, str(error)))
    return Runs(folder, tuple(sorted(runs, key=_by_start)), tuple(skipped))


def read_run(path: Path) -> RunFolder:
    """Read one run's folder. Raises NotARunError."""
    try:
        text = (path / REPORT).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise NotARunError(_without_report(path)) from None
    except OSError as error:
        raise NotARunError(f"{REPORT} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NotARunError(f"{REPORT} is no UTF-8 text") from None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise NotARunError(
            f"{REPORT} is no JSON: {'it is empty' if not text.strip() else 'damaged or cut off'}"
        ) from None
    return RunFolder(path, _parsed(document))


def _by_start(run: RunFolder) -> tuple[float, str]:
    return run.report.started_at.timestamp(), run.report.run_id


def _holds_other_document(path: Path) -> bool:
    try:
        return any((path / name).is_file() for name in OTHER_DOCUMENTS) and not (path / REPORT).exists()
    except OSError:
        return False


def _without_report(path: Path) -> str:
    if not path.is_dir():
        return "not the folder of a run"
    if (path / ITERATIONS).exists():
        return f"has no {REPORT}: the run was killed before it wrote one, or it has just begun"
    return f"has no {REPORT}"


def _parsed(document: Any) -> Report:
    if not isinstance(document, dict) or "schema_version" not in document:
        raise NotARunError(f"{REPORT} is not of this harness: it has no schema_version")
    version = document["schema_version"]
    if version != SCHEMA_VERSION:
        newer = isinstance(version, int) and version > SCHEMA_VERSION
        said = "written by a newer harness" if newer else "not of this harness"
        raise NotARunError(f"{REPORT} is {said}: schema_version {version!r}, this one reads {SCHEMA_VERSION}")
    try:
        report = _lenient(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NotARunError(f"{REPORT} is damaged: {where}: {first['msg']}") from None
    if report.started_at.tzinfo is None:
        raise NotARunError(f"{REPORT} is damaged: started_at has no time zone")
    for point in report.points:
        counts = (point.errors, point.failures, *point.anomalies.values())
        if min(counts) < 0 or max(counts) > point.iterations or point.failures + point.errors > point.iterations:
            raise NotARunError(f"{REPORT} is damaged: the counts at {point.api_delay_ms:g} ms cannot be")
    return report


def _lenient(document: dict[str, Any]) -> Report:
    """Read a report of this schema by an older or a newer harness.

    Fields that this one does not know are left out, and those that an older one did not write say that nothing is known.
    """
    try:
        return Report.model_validate(document, extra="ignore")
    except ValidationError as error:
        missing = [item["loc"] for item in error.errors(include_url=False) if item["type"] == "missing"]
        if len(missing) < error.error_count():
            raise
        filled = json.loads(json.dumps(document))
        for *parents, name in missing:
            if parents == ["firing"]:
                # Half of what is said of the firing is of no use.
                filled["firing"] = None
                continue
            place = filled
            for parent in parents:
                place = place[parent]
            place[name] = NOT_WRITTEN_BY_OLDER.get(str(name))
        return Report.model_validate(filled, extra="ignore")
