"""What two runs have otherwise than their results: versions, settings, the machine, the harness."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.history.document import Change
from harness.history.runs import RunFolder
from harness.history.scenarios import resolved


def changes(base: RunFolder, run: RunFolder) -> list[Change]:
    """Return every field that differs, the target's versions first."""
    pairs = zip(*(dict(_facts(one)).items() for one in (base, run)), strict=True)
    found = [Change(field=field, base=ours, run=theirs) for (field, ours), (_, theirs) in pairs if ours != theirs]
    settings = [dict(_flat(resolved(one.report.scenario), "scenario")) for one in (base, run)]
    for field in sorted({*settings[0], *settings[1]}):
        ours, theirs = (values.get(field) for values in settings)
        if ours != theirs:
            found.append(Change(field=field, base=ours, run=theirs))
    return found


def _facts(run: RunFolder) -> Iterator[tuple[str, Any]]:
    report = run.report
    yield from _flat(report.target.model_dump(mode="json"), "target")
    yield "harness_version", report.harness_version
    yield "machine.platform", report.machine.platform
    yield "machine.cpus", report.machine.cpus
    yield "machine.python", report.machine.python


def _flat(values: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}.{name}")
        else:
            yield f"{path}.{name}", value
