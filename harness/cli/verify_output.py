"""How `harness verify` prints: lines of text, or JSON."""

import json
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import click
from rich.console import Console

from harness.check.anomalies import Anomaly, failures
from harness.model import Snapshot
from harness.report.legible import legible
from harness.report.lines import Line, Style
from harness.report.plain import plain
from harness.report.snapshot import exists

_COLOURS: dict[Style, dict[str, Any]] = {
    Style.HEADING: {"bold": True},
    Style.GOOD: {"fg": "green"},
    Style.NOTE: {"fg": "yellow"},
    Style.BAD: {"fg": "red"},
}
# PostgreSQL's infinities, as its reader gives them.
_INFINITIES = {2**63 - 1: "infinity", -(2**63): "-infinity"}


def echo_lines(lines: Iterable[Line], console: Console) -> None:
    """Print lines, with colours where the console, standard output's, has some. Written at once, since thousands may follow."""
    coloured = console.is_terminal and not console.no_color
    text = [
        click.style(line.text, **_COLOURS[line.style]) if coloured and line.style in _COLOURS else line.text
        for line in lines
    ]
    click.echo("\n".join(text), color=coloured)


def echo_json(data: object) -> None:
    """Print data as JSON, what JSON cannot hold as text."""
    click.echo(json.dumps(plain(data), indent=2, ensure_ascii=False, allow_nan=False))


def scorecard_data(snapshot: Snapshot, anomalies: tuple[Anomaly, ...], *, settled: bool = True) -> dict[str, Any]:
    """Return one scorecard in both stores, and what is wrong with it; where it is not `settled`, what its last look saw."""
    return {
        "scorecard": snapshot.scorecard,
        "found": exists(snapshot),
        "agree": not failures(anomalies),
        "settled": settled,
        "anomalies": [
            {
                "class": anomaly.anomaly_class.value,
                "field": anomaly.field,
                "postgres": _value(anomaly.field, anomaly.postgres),
                "clickhouse": _value(anomaly.field, anomaly.clickhouse),
                "explanation": legible(anomaly.explanation),
                "role": anomaly.role.value,
                "witness": [{"kind": event.kind.value, "text": legible(event.text)} for event in anomaly.witness],
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
    if names is None:
        return held
    return {name: _value(name, part) for name, part in zip(names, held, strict=True)}


def _value(field: str, value: object) -> object:
    """Return a field's value; an instant without end in PostgreSQL's word for it, one with nanoseconds as the decimal that it is."""
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return _INFINITIES.get(value, value) if field.endswith("_us") and isinstance(value, int) else value
