"""One scorecard in both stores, side by side, for a terminal."""

from collections.abc import Iterator, Set
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from harness.check.anomalies import Anomaly
from harness.check.convergence import HEADER_CLASSES, SCORE_FIELDS, live
from harness.model import ClickHouseRows, Header, Score, Snapshot, Versioned

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ABSENT = "-"


def print_snapshot(snapshot: Snapshot, anomalies: tuple[Anomaly, ...], console: Console | None = None) -> None:
    """Print the verdict, every field of both stores with the differing ones marked, every RAW version, and what is wrong."""
    console = Console(highlight=False) if console is None else console
    console.print(snapshot.scorecard, style="bold", soft_wrap=True)
    if anomalies:
        console.print(f"  DIFFER: {len(anomalies)} finding{'s' if len(anomalies) > 1 else ''}", style="red")
    elif snapshot.postgres is None:
        console.print("  agree: neither store has this scorecard", style="yellow")
    else:
        console.print("  agree", style="green")
    console.print(_fields(snapshot, {anomaly.field for anomaly in anomalies}))
    console.print(_raw(snapshot.clickhouse))
    for anomaly in anomalies:
        console.print(f"  {anomaly.anomaly_class}: {anomaly.field}: {anomaly.explanation}", style="red")
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
    for name in HEADER_CLASSES:
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
    if name.endswith("_us") and isinstance(value, int):
        return f"{EPOCH + timedelta(microseconds=value):%Y-%m-%d %H:%M:%S.%f}"
    return repr(value)


def _raw(rows: ClickHouseRows) -> Table:
    table = Table(
        title="\nClickHouse RAW, by version", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for heading in ("version", "row", "content"):
        table.add_column(heading, overflow="fold")
    for row in rows.raw_headers:
        header = row.value
        content = (
            f"overall {header.overall_score}, submitted {show('_us', header.submit_time_us)} by {header.submitter!r}"
        )
        table.add_row(
            str(row.version), "header" + _tombstone(row), f"{content}, updated {show('_us', header.update_time_us)}"
        )
    for score_row in rows.raw_scores:
        score = score_row.value
        values = ", ".join(f"{name} {getattr(score, name)!r}" for name in SCORE_FIELDS)
        table.add_row(str(score_row.version), f"score {score.criterion}{_tombstone(score_row)}", values)
    return table


def _tombstone(row: "Versioned[Header] | Versioned[Score]") -> str:
    return " (deleted)" if row.deleted else ""
