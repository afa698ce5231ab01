"""Does ClickHouse tell what PostgreSQL holds? The comparison of one scorecard in the two stores.

Definitions. ClickHouse *shows* the rows that FINAL gives and that are no tombstones. The two stores *agree* where ClickHouse
shows exactly one header for a scorecard that PostgreSQL has, and one score for each of its scores, with equal values in every
compared field; or where neither has the scorecard. Values are compared by the rules of `harness.check.values`: what
a column's type makes of a value, as a cut to the column's resolution, is no difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import fields
from typing import TypeVar

from harness.check.anomalies import Anomaly, AnomalyClass
from harness.check.values import Outcome, Rule, compare
from harness.model import ClickHouseRows, Header, Score, Scorecard, Versioned

T = TypeVar("T")

HEADER_CLASSES = {
    "submit_time_us": AnomalyClass.STALE_SUBMIT_STATE,
    "submitter": AnomalyClass.STALE_SUBMIT_STATE,
    "overall_score": AnomalyClass.STALE_OVERALL_SCORE,
    "template": AnomalyClass.STALE_HEADER,
    "agent": AnomalyClass.STALE_HEADER,
    "creator": AnomalyClass.STALE_HEADER,
    "create_time_us": AnomalyClass.STALE_HEADER,
    "update_time_us": AnomalyClass.STALE_UPDATE_TIME,
}
# By what the readers deliver, whatever the columns are: texts, doubles, flags, and instants in microseconds.
TEXT = Rule.of("text", "Nullable(String)")
NUMBER = Rule.of("double precision", "Nullable(Float64)")
FLAG = Rule.of("boolean", "Nullable(UInt8)")
RULES = {
    **dict.fromkeys(("template", "agent", "creator", "submitter", "text_value"), TEXT),
    **dict.fromkeys(("overall_score", "numeric_value", "ai_value"), NUMBER),
    **dict.fromkeys(("not_applicable", "ai_scored"), FLAG),
}
INSTANTS = {
    10 ** (6 - digits): Rule.of(
        "timestamp with time zone", f"Nullable(DateTime64({digits}))" if digits else "Nullable(DateTime)"
    )
    for digits in range(7)
}
SCORE_FIELDS = tuple(field.name for field in fields(Score) if field.name != "criterion")


def divergences(
    postgres: Scorecard | None, rows: ClickHouseRows, ignored: Set[str] = frozenset()
) -> tuple[Anomaly, ...]:
    """Return every difference between the two stores, none where they agree.

    `ignored` are the names of Header and Score fields that are not compared, since a store does not have them.
    """
    headers, scores = live(rows.final_headers), live(rows.final_scores)
    if postgres is None:
        return _orphans(headers, scores)
    found = [*_presence(headers), *_version_ties(rows)]
    if headers:
        found += _header_differences(postgres.header, headers[0], rows.time_resolution_us, ignored)
    found += _score_differences(postgres.scores, scores, ignored)
    # A tie alone is latent: FINAL happens to be right.
    return tuple(found) if any(a.anomaly_class is not AnomalyClass.VERSION_TIE for a in found) else ()


def live(rows: Iterable[Versioned[T]]) -> tuple[T, ...]:
    """Return the values of the rows that are no tombstones."""
    return tuple(row.value for row in rows if not row.deleted)


def _orphans(headers: tuple[Header, ...], scores: tuple[Score, ...]) -> tuple[Anomaly, ...]:
    if not headers and not scores:
        return ()
    explanation = "ClickHouse shows a scorecard that PostgreSQL does not have"
    return (
        Anomaly(
            AnomalyClass.ORPHAN_ROW, "scorecard", None, f"{len(headers)} header, {len(scores)} scores", explanation
        ),
    )


def _presence(headers: tuple[Header, ...]) -> Iterator[Anomaly]:
    if not headers:
        explanation = "PostgreSQL has the scorecard, ClickHouse shows no header row of it"
        yield Anomaly(AnomalyClass.MISSING_ROW, "scorecard", "1 header", None, explanation)
    if len(headers) > 1:
        explanation = "FINAL gives more than one header row of one scorecard"
        yield Anomaly(AnomalyClass.DUPLICATE_FINAL, "scorecard", "1 header", f"{len(headers)} headers", explanation)


def _header_differences(
    postgres: Header, clickhouse: Header, resolution_us: int, ignored: Set[str]
) -> Iterator[Anomaly]:
    for name, anomaly_class in HEADER_CLASSES.items():
        ours, theirs = getattr(postgres, name), getattr(clickhouse, name)
        if name in ignored or _same(ours, theirs, rule_of(name, resolution_us)):
            continue
        yield Anomaly(anomaly_class, name, ours, theirs, _explain_header(name, ours, theirs))


def _explain_header(name: str, postgres: object, clickhouse: object) -> str:
    if name == "submit_time_us" and clickhouse is None:
        return "PostgreSQL has it submitted, ClickHouse still shows a draft"
    if name == "submit_time_us" and postgres is None:
        return "PostgreSQL has a draft, ClickHouse shows it submitted"
    return f"{name.removesuffix('_us')} differs between the stores"


def _score_differences(
    postgres: tuple[Score, ...], clickhouse: tuple[Score, ...], ignored: Set[str]
) -> Iterator[Anomaly]:
    shown = {score.criterion: score for score in clickhouse}
    for criterion, count in Counter(score.criterion for score in clickhouse).items():
        if count > 1:
            explanation = "FINAL gives more than one row of one score"
            yield Anomaly(AnomalyClass.DUPLICATE_FINAL, f"scores[{criterion}]", 1, count, explanation)
    for score in postgres:
        if (copy := shown.pop(score.criterion, None)) is None:
            explanation = f"PostgreSQL has {len(postgres)} scores, ClickHouse does not show this one"
            yield Anomaly(
                AnomalyClass.MISSING_SCORE, f"scores[{score.criterion}]", score.numeric_value, None, explanation
            )
        else:
            yield from _value_differences(score, copy, ignored)
    for criterion, copy in shown.items():
        explanation = f"PostgreSQL has {len(postgres)} scores, and this one is not among them"
        yield Anomaly(AnomalyClass.ORPHAN_SCORE, f"scores[{criterion}]", None, copy.numeric_value, explanation)


def _value_differences(postgres: Score, clickhouse: Score, ignored: Set[str]) -> Iterator[Anomaly]:
    for name in SCORE_FIELDS:
        ours, theirs = getattr(postgres, name), getattr(clickhouse, name)
        if name not in ignored and not _same(ours, theirs, RULES[name]):
            field = f"scores[{postgres.criterion}].{name}"
            yield Anomaly(AnomalyClass.STALE_SCORE, field, ours, theirs, f"{name} differs between the stores")


def _version_ties(rows: ClickHouseRows) -> Iterator[Anomaly]:
    """Find two different header contents at the highest version."""
    top = [row for row in rows.raw_headers if row.version == rows.raw_headers[-1].version]
    if len({(row.value, row.deleted) for row in top}) > 1:
        explanation = "different contents carry the highest version, so that which one FINAL shows depends on the order of insertion"
        yield Anomaly(AnomalyClass.VERSION_TIE, "version", None, top[0].version, explanation)


def rule_of(name: str, resolution_us: int) -> Rule:
    """Return how a field is compared, an instant at the resolution of ClickHouse's column: 1, 1,000 or 1,000,000 us or between."""
    return INSTANTS[resolution_us] if name.endswith("_us") else RULES[name]


def _same(postgres: object, clickhouse: object, rule: Rule) -> bool:
    """Return whether ClickHouse holds the value, or what its column's type makes of it, which is no divergence."""
    return compare(postgres, clickhouse, rule).outcome is not Outcome.DIFFERENT
