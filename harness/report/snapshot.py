"""One scorecard in both stores, side by side, for a terminal of 80 columns."""

from collections.abc import Iterator, Mapping, Set
from decimal import Decimal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from harness.check.anomalies import Anomaly, Role
from harness.check.convergence import live
from harness.check.fields import FieldRules
from harness.check.values import Rule, differ
from harness.check.version_time import version_time
from harness.check.witness import instant
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS
from harness.model import Header, Score, Snapshot, Versioned
from harness.parts import Part

ABSENT = "-"


def print_snapshot(
    snapshot: Snapshot, anomalies: tuple[Anomaly, ...], rules: FieldRules, console: Console | None = None
) -> None:
    """Print the verdict with its cause, every field of both stores with the differing ones marked, and every RAW version."""
    # Without markup: names and texts may have brackets.
    console = Console(highlight=False, markup=False) if console is None else console
    by_role = {role: [anomaly for anomaly in anomalies if anomaly.role is role] for role in Role}
    console.print(snapshot.scorecard, style="bold", soft_wrap=True)
    _print_verdict(snapshot, by_role, console)
    console.print(_fields(snapshot, {anomaly.field for anomaly in by_role[Role.SYMPTOM]}))
    _print_raw(snapshot, rules, console)
    console.print()


def exists(snapshot: Snapshot) -> bool:
    """Return whether either store has the scorecard: what is nowhere agrees, but is hardly what the user asked for."""
    return snapshot.postgres is not None or bool(snapshot.clickhouse.raw_headers)


def _print_verdict(snapshot: Snapshot, by_role: Mapping[Role, list[Anomaly]], console: Console) -> None:
    symptoms = by_role[Role.SYMPTOM]
    if symptoms:
        classes = ", ".join(dict.fromkeys(anomaly.anomaly_class for anomaly in symptoms))
        _indented(f"DIFFER in {len(symptoms)} field{'s' if len(symptoms) > 1 else ''}: {classes}", console, "red")
    elif not exists(snapshot):
        console.print("  NOT FOUND: neither store has this scorecard", style="yellow")
    else:
        console.print("  agree", style="green")
    for anomaly in by_role[Role.NOTE]:
        _indented(f"note {anomaly.anomaly_class}: {anomaly.field}: {anomaly.explanation}", console, "yellow")
    for anomaly in by_role[Role.CAUSE]:
        _indented(f"CAUSE {anomaly.anomaly_class}: {anomaly.explanation}", console, "red")
        for event in anomaly.witness[:-1]:
            _indented(f"{event.kind:<6} {event.text}", console, "default", 4)
    if symptoms and not by_role[Role.CAUSE]:
        _indented("The evidence decides no cause.", console, "red")
    console.print()


def _indented(text: str, console: Console, style: str, columns: int = 2) -> None:
    """Print a text whose further lines stand below its first."""
    console.print(Padding(text, (0, 0, 0, columns)), style=style)


def _fields(snapshot: Snapshot, differing: Set[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "field", "PostgreSQL", "ClickHouse FINAL"):
        table.add_column(heading, overflow="fold")
    for field, label, ours, theirs in _rows(snapshot):
        differs = field in differing
        table.add_row("x" if differs else "=", label, ours, theirs, style="red" if differs else None)
    return table


def _rows(snapshot: Snapshot) -> Iterator[tuple[str, str, str, str]]:
    """Yield each field's name, how it is called here, and how it stands in PostgreSQL and in ClickHouse."""
    postgres, headers = snapshot.postgres, live(snapshot.clickhouse.final_headers)
    header = None if postgres is None else postgres.header
    copy = headers[0] if headers else None
    yield (
        "scorecard",
        "scorecard",
        "1 header" if header is not None else ABSENT,
        f"{len(headers)} header" if headers else ABSENT,
    )
    for name in HEADER_FIELDS:
        yield name, name, _cell(header, name), _cell(copy, name)
    scores = {} if postgres is None else {score.criterion: score for score in postgres.scores}
    shown = {score.criterion: score for score in live(snapshot.clickhouse.final_scores)}
    yield "scores", "score count", str(len(scores)), str(len(shown))
    for criterion in sorted({*scores, *shown}):
        ours, theirs = ("1 score" if criterion in held else ABSENT for held in (scores, shown))
        yield f"scores[{criterion}]", criterion, ours, theirs
        for name in SCORE_FIELDS:
            ours, theirs = _cell(scores.get(criterion), name), _cell(shown.get(criterion), name)
            yield f"scores[{criterion}].{name}", f"  {name}", ours, theirs


def _cell(row: Header | Score | None, name: str) -> str:
    return ABSENT if row is None else show(name, getattr(row, name))


def show(name: str, value: object) -> str:
    """Return a value so that NULL, the empty text and 0 stay apart; times in UTC to the microsecond."""
    if value is None:
        return "NULL"
    if name.endswith("_us"):
        return instant(value)
    return str(value) if isinstance(value, Decimal) else repr(value)


def _print_raw(snapshot: Snapshot, rules: FieldRules, console: Console) -> None:
    """Print every RAW version: what each row of it has otherwise than PostgreSQL, `=` where it has nothing otherwise."""
    postgres, rows = snapshot.postgres, snapshot.clickhouse
    console.print(
        f"\nClickHouse RAW, by version, {'with what' if rows.complete else 'without what'} merges have removed"
    )
    header = None if postgres is None else postgres.header
    scores = {} if postgres is None else {score.criterion: score for score in postgres.scores}
    found: dict[int, list[tuple[str, str]]] = {}
    for row in rows.raw_headers:
        found.setdefault(row.version, []).append(_told("header", header, row, rules.header, HEADER_FIELDS))
    for score in rows.raw_scores:
        criterion = score.value.criterion
        told = _told(f"score {criterion}", scores.get(criterion), score, rules.score, SCORE_FIELDS)
        found.setdefault(score.version, []).append(told)
    for version, lines in sorted(found.items()):
        time = version_time(version)
        console.print(f"  version {version}" + ("" if time is None else f", {instant(time.earliest_us)}"))
        for mark, text in lines:
            _indented(f"{mark} {text}", console, "default" if mark == "=" else "red", 4)
    if not found:
        console.print("  none")


def _told(
    what: str,
    postgres: Header | Score | None,
    row: "Versioned[Header] | Versioned[Score]",
    rules: Mapping[str, Rule],
    fields: tuple[str, ...],
) -> tuple[str, str]:
    """Return the mark of a RAW row and its line: its place, and every field that is not as in PostgreSQL."""
    part = Part.parse(row.part)
    place = "merged away" if part is None else f"block {part}, part {row.part}"
    deleted = ", a tombstone" if row.deleted else ""
    other = [name for name in fields if postgres is None or _differs(postgres, row.value, name, rules)]
    if not other and not row.deleted:
        return "=", f"{what} ({place})"
    values = ", ".join(f"{name} {show(name, getattr(row.value, name))}" for name in other)
    return " ", f"{what} ({place}{deleted}): {values}"


def _differs(postgres: Header | Score, row: Header | Score, name: str, rules: Mapping[str, Rule]) -> bool:
    return name in rules and differ(getattr(postgres, name), getattr(row, name), rules[name])
