"""One scorecard in both stores, side by side, for a terminal."""

from collections.abc import Iterator, Set
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from harness.check.anomalies import Anomaly, Role
from harness.check.convergence import live, same_row
from harness.check.fields import FieldRules
from harness.check.witness import instant
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS
from harness.model import Header, Score, Snapshot, Versioned
from harness.parts import Part

ABSENT = "-"


def print_snapshot(
    snapshot: Snapshot, anomalies: tuple[Anomaly, ...], rules: FieldRules, console: Console | None = None
) -> None:
    """Print the verdict with its cause, every field of both stores with the differing ones marked, and every RAW version."""
    console = Console(highlight=False) if console is None else console
    by_role = {role: [anomaly for anomaly in anomalies if anomaly.role is role] for role in Role}
    console.print(snapshot.scorecard, style="bold", soft_wrap=True)
    if differing := len(by_role[Role.SYMPTOM]):
        cause = "".join(f", {anomaly.anomaly_class}" for anomaly in by_role[Role.CAUSE])
        console.print(f"  DIFFER: {differing} finding{'s' if differing > 1 else ''}{cause}", style="red")
    elif snapshot.postgres is None:
        console.print("  agree: neither store has this scorecard", style="yellow")
    else:
        console.print("  agree", style="green")
    console.print(_fields(snapshot, {anomaly.field for anomaly in by_role[Role.SYMPTOM]}))
    console.print(_raw(snapshot, rules))
    for anomaly in by_role[Role.SYMPTOM]:
        console.print(f"  {anomaly.anomaly_class}: {anomaly.field}: {anomaly.explanation}", style="red")
    for anomaly in by_role[Role.NOTE]:
        console.print(f"  {anomaly.anomaly_class} (no failure): {anomaly.field}: {anomaly.explanation}", style="yellow")
    for anomaly in by_role[Role.CAUSE]:
        console.print(f"\n  CAUSE {anomaly.anomaly_class}: {anomaly.explanation}", style="red")
        for event in anomaly.witness[:-1]:
            console.print(f"    {event.kind:<6} {event.text}")
    console.print()


def _fields(snapshot: Snapshot, differing: Set[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "field", "PostgreSQL", "ClickHouse FINAL"):
        table.add_column(heading, overflow="fold")
    for field, ours, theirs in _rows(snapshot):
        differs = field in differing
        table.add_row("x" if differs else "=", field, ours, theirs, style="red" if differs else None)
    return table


def _rows(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    """Yield each field's name and how it stands in PostgreSQL and in ClickHouse."""
    postgres, headers = snapshot.postgres, live(snapshot.clickhouse.final_headers)
    header = None if postgres is None else postgres.header
    copy = headers[0] if headers else None
    yield "scorecard", "1 header" if header is not None else ABSENT, f"{len(headers)} header" if headers else ABSENT
    for name in HEADER_FIELDS:
        yield name, _cell(header, name), _cell(copy, name)
    scores = {} if postgres is None else {score.criterion: score for score in postgres.scores}
    shown = {score.criterion: score for score in live(snapshot.clickhouse.final_scores)}
    yield "score count", str(len(scores)), str(len(shown))
    for criterion in sorted({*scores, *shown}):
        for name in SCORE_FIELDS:
            yield f"scores[{criterion}].{name}", _cell(scores.get(criterion), name), _cell(shown.get(criterion), name)


def _cell(row: Header | Score | None, name: str) -> str:
    return ABSENT if row is None else show(name, getattr(row, name))


def show(name: str, value: object) -> str:
    """Return a value so that NULL, the empty text and 0 stay apart; times in UTC to the microsecond."""
    if value is None:
        return "NULL"
    if name.endswith("_us"):
        return instant(value)
    return str(value) if isinstance(value, Decimal) else repr(value)


def _raw(snapshot: Snapshot, rules: FieldRules) -> Table:
    """Return every RAW version, those that hold what PostgreSQL has marked with `=`."""
    postgres, rows = snapshot.postgres, snapshot.clickhouse
    complete = "with what merges have removed" if rows.complete else "as merges have left it"
    table = Table(
        title=f"\nClickHouse RAW, by version, {complete}",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for heading in ("", "version", "block", "row", "content"):
        table.add_column(heading, overflow="fold")
    header = None if postgres is None else postgres.header
    for row in rows.raw_headers:
        equal = header is not None and not row.deleted and same_row(header, row.value, rules.header)
        table.add_row(
            "=" if equal else "", str(row.version), _block(row), "header" + _tombstone(row), _header(row.value)
        )
    scores = {} if postgres is None else {score.criterion: score for score in postgres.scores}
    for score_row in rows.raw_scores:
        score = scores.get(score_row.value.criterion)
        equal = score is not None and not score_row.deleted and same_row(score, score_row.value, rules.score)
        values = ", ".join(f"{name} {show(name, getattr(score_row.value, name))}" for name in SCORE_FIELDS)
        name = f"score {score_row.value.criterion}{_tombstone(score_row)}"
        table.add_row("=" if equal else "", str(score_row.version), _block(score_row), name, values)
    return table


def _header(header: Header) -> str:
    submitted = "draft" if header.submit_time_us is None else f"submitted {instant(header.submit_time_us)}"
    overall = show("overall_score", header.overall_score)
    return f"{submitted} by {header.submitter!r}, overall {overall}, updated {instant(header.update_time_us)}"


def _block(row: "Versioned[Header] | Versioned[Score]") -> str:
    """Return the blocks of the part that holds a row, or that none does any more."""
    part = Part.parse(row.part)
    return str(part) if part is not None else "merged away"


def _tombstone(row: "Versioned[Header] | Versioned[Score]") -> str:
    return " (deleted)" if row.deleted else ""
