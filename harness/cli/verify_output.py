"""What `harness verify --json` prints."""

import json
from typing import Any

import click

from harness.check.anomalies import Anomaly, failures
from harness.model import Snapshot
from harness.report.plain import plain
from harness.report.snapshot import exists


def echo_json(data: object) -> None:
    """Print data as JSON, what JSON cannot hold as text."""
    click.echo(json.dumps(plain(data), indent=2, ensure_ascii=False, allow_nan=False))


def scorecard_data(snapshot: Snapshot, anomalies: tuple[Anomaly, ...]) -> dict[str, Any]:
    """Return one scorecard in both stores, and what is wrong with it."""
    return {
        "scorecard": snapshot.scorecard,
        "found": exists(snapshot),
        "agree": not failures(anomalies),
        "anomalies": [
            {
                "class": anomaly.anomaly_class.value,
                "field": anomaly.field,
                "postgres": anomaly.postgres,
                "clickhouse": anomaly.clickhouse,
                "explanation": anomaly.explanation,
                "role": anomaly.role.value,
                "witness": [{"kind": event.kind.value, "text": event.text} for event in anomaly.witness],
            }
            for anomaly in anomalies
        ],
        "postgres": _by_name(snapshot.postgres),
        "clickhouse": _by_name(snapshot.clickhouse),
    }


def _by_name(value: object) -> object:
    """Return rows, however deep, as dictionaries under their fields' names."""
    if not isinstance(value, tuple):
        return value
    held = [_by_name(part) for part in value]
    names: tuple[str, ...] | None = getattr(value, "_fields", None)
    return held if names is None else dict(zip(names, held, strict=True))
