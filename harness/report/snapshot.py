"""One scorecard in both stores, side by side, for a terminal of 80 columns."""

from collections.abc import Iterator, Mapping, Sequence

from harness.check.anomalies import Anomaly, Role
from harness.check.fields import FieldRules
from harness.check.values import Rule, differ
from harness.check.version_time import version_time
from harness.check.witness import instant
from harness.model import Header, Score, Snapshot, Versioned
from harness.parts import Part
from harness.report.legible import legible
from harness.report.lines import Line, Style, indented, table
from harness.report.sides import Mark, show, sides

_STYLES = {Mark.SAME: Style.PLAIN, Mark.DIFFERS: Style.BAD, Mark.REPRESENTED: Style.NOTE}


def snapshot_lines(
    snapshot: Snapshot, anomalies: Sequence[Anomaly], rules: FieldRules, width: int, *, settled: bool = True
) -> list[Line]:
    """Return the verdict with its cause, every field of both stores with the differing ones marked, and every RAW version.

    Of what is not `settled` nothing is judged. Raises StoreError for a value that is none of its type.
    """
    verdict = _verdict(snapshot, anomalies, width) if settled else _unsettled(width)
    rows = ((_STYLES[row.mark], row) for row in sides(snapshot, rules))
    return [
        Line(legible(snapshot.scorecard), Style.HEADING),
        *verdict,
        Line(""),
        *table(("", "field", "PostgreSQL", "ClickHouse FINAL"), rows, width),
        Line(""),
        *_raw(snapshot, rules, width),
        Line(""),
    ]


def exists(snapshot: Snapshot) -> bool:
    """Return whether either store has anything of it: what is nowhere agrees, but is hardly what the user asked for."""
    rows = snapshot.clickhouse
    return snapshot.postgres is not None or bool(rows.raw_headers or rows.raw_scores)


def _verdict(snapshot: Snapshot, anomalies: Sequence[Anomaly], width: int) -> Iterator[Line]:
    by_role = {role: [anomaly for anomaly in anomalies if anomaly.role is role] for role in Role}
    symptoms = by_role[Role.SYMPTOM]
    if symptoms:
        classes = ", ".join(dict.fromkeys(anomaly.anomaly_class for anomaly in symptoms))
        fields = f"{len(symptoms)} field{'s' if len(symptoms) > 1 else ''}"
        yield from indented(f"DIFFER in {fields}: {classes}", 2, width, Style.BAD)
    elif not exists(snapshot):
        yield from indented("NOT FOUND: neither store has this scorecard", 2, width, Style.NOTE)
    else:
        yield Line("  agree", Style.GOOD)
    for anomaly in by_role[Role.NOTE]:
        text = f"note {anomaly.anomaly_class}: {anomaly.field}: {anomaly.explanation}"
        yield from indented(text, 2, width, Style.NOTE)
    for anomaly in by_role[Role.CAUSE]:
        yield from indented(f"CAUSE {anomaly.anomaly_class}: {anomaly.explanation}", 2, width, Style.BAD)
        for event in anomaly.witness[:-1]:
            yield from indented(f"{event.kind:<6} {event.text}", 4, width)
    if symptoms and not by_role[Role.CAUSE]:
        yield from indented("The evidence decides no cause.", 2, width, Style.BAD)


def _unsettled(width: int) -> list[Line]:
    return indented(
        "NOT SETTLED: PostgreSQL's rows changed between all looks, so nothing is judged", 2, width, Style.NOTE
    )


def _raw(snapshot: Snapshot, rules: FieldRules, width: int) -> Iterator[Line]:
    """Yield every RAW version: what each row of it has otherwise than PostgreSQL, `=` where it has nothing otherwise."""
    postgres, rows = snapshot.postgres, snapshot.clickhouse
    yield Line(f"ClickHouse RAW, by version, {'with what' if rows.complete else 'without what'} merges have removed")
    header = None if postgres is None else postgres.header
    scores = {} if postgres is None else {score.criterion: score for score in postgres.scores}
    found: dict[int, list[tuple[str, str]]] = {}
    for row in rows.raw_headers:
        found.setdefault(row.version, []).append(_told("header", header, row, rules.header))
    for score in rows.raw_scores:
        criterion = score.value.criterion
        told = _told(f"score {criterion}", scores.get(criterion), score, rules.score)
        found.setdefault(score.version, []).append(told)
    for version, lines in sorted(found.items()):
        time = version_time(version)
        yield Line(f"  version {version}" + ("" if time is None else f", {instant(time.earliest_us)}"))
        for mark, text in lines:
            yield from indented(f"{mark} {text}", 4, width, Style.PLAIN if mark == Mark.SAME else Style.BAD)
    if not found:
        yield Line("  none")


def _told(
    what: str,
    postgres: Header | Score | None,
    row: "Versioned[Header] | Versioned[Score]",
    rules: Mapping[str, Rule],
) -> tuple[str, str]:
    """Return the mark of a RAW row and its line: its place, and every field that is not as in PostgreSQL."""
    part = Part.parse(row.part)
    place = "merged away" if part is None else f"block {part}, part {row.part}"
    deleted = ", a tombstone" if row.deleted else ""
    other = [name for name in rules if postgres is None or _differs(postgres, row.value, name, rules[name])]
    if not other and not row.deleted:
        return Mark.SAME, f"{what} ({place})"
    values = ", ".join(f"{name} {show(name, getattr(row.value, name))}" for name in other)
    return " ", f"{what} ({place}{deleted}): {values}"


def _differs(postgres: Header | Score, row: Header | Score, name: str, rule: Rule) -> bool:
    return differ(getattr(postgres, name), getattr(row, name), rule)
