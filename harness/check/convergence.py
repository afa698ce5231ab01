"""Does ClickHouse tell what PostgreSQL holds? The comparison of one scorecard in the two stores.

Definitions. ClickHouse *shows* the rows that FINAL gives and that are no tombstones. The two stores *agree* where ClickHouse
shows exactly one header for a scorecard that PostgreSQL has, and one score for each of its scores, with equal values in every
compared field; or where neither has the scorecard. Values are compared by the rules of `harness.check.values`, by the types that
their columns have: what a column's type makes of a value, as a cut to the column's resolution, is a representation and no difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TypeVar

from harness.check.anomalies import Anomaly, AnomalyClass, Role
from harness.check.fields import FieldRules
from harness.check.values import EQUAL, Comparison, Outcome, Rule, compare, differ
from harness.model import ClickHouseRows, Header, Score, Scorecard, Snapshot, Versioned

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


def divergences(postgres: Scorecard | None, rows: ClickHouseRows, rules: FieldRules) -> tuple[Anomaly, ...]:
    """Return the symptoms: every difference between the two stores, none where they agree. Raises StoreError for a value that is none."""
    if postgres is not None and equal_at_sight(postgres, rows):
        return ()
    headers, scores = live(rows.final_headers), live(rows.final_scores)
    if postgres is None:
        return _orphans(headers, scores)
    found = [*_presence(headers), *_score_presence(postgres.scores, scores)]
    for name, ours, theirs, comparison in _unequal(postgres, headers, scores, rules):
        if comparison.outcome is Outcome.DIFFERENT:
            found.append(_difference(name, ours, theirs, comparison))
    return tuple(found)


def representations(postgres: Scorecard | None, rows: ClickHouseRows, rules: FieldRules) -> tuple[Anomaly, ...]:
    """Return a note for each value that is equal only by what the column's type makes of it."""
    if postgres is None or equal_at_sight(postgres, rows):
        return ()
    unequal = _unequal(postgres, live(rows.final_headers), live(rows.final_scores), rules)
    return tuple(
        Anomaly(AnomalyClass.REPRESENTATION_DIFF, name, ours, theirs, comparison.explanation, Role.NOTE)
        for name, ours, theirs, comparison in unequal
        if comparison.outcome is Outcome.REPRESENTATION
    )


def live(rows: Iterable[Versioned[T]]) -> tuple[T, ...]:
    """Return the values of the rows that are no tombstones."""
    return tuple([row.value for row in rows if not row.deleted])


def equal_at_sight(postgres: Scorecard, rows: ClickHouseRows) -> bool:
    """Return whether the stores gave the very same values, as they nearly always do: told at a tenth of the cost of the rules."""
    # Taken apart, which is several times cheaper than asking for each part by its name.
    headers, scores, _, _, _ = rows
    if len(headers) != 1:
        return False
    header, ours = postgres
    value, _, deleted, _ = headers[0]
    if deleted or value != header:
        return False
    if not scores:
        return not ours
    values, _, gone, _ = zip(*scores, strict=True)
    return values == ours and True not in gone


def all_equal_at_sight(snapshots: Iterable[Snapshot]) -> bool:
    """Return whether `equal_at_sight` is true of each of them: told of thousands together at half the cost."""
    _, _, _, held, copies = zip(*snapshots, strict=True)
    if None in held:
        return False
    headers, scores = zip(*held, strict=True)
    shown_headers, shown_scores, _, _, _ = zip(*copies, strict=True)
    return (
        all(len(shown) == 1 for shown in shown_headers)
        and list(map(len, shown_scores)) == list(map(len, scores))
        and _show(chain.from_iterable(shown_headers), headers)
        and _show(chain.from_iterable(shown_scores), tuple(chain.from_iterable(scores)))
    )


def _show(rows: Iterable[Versioned[T]], values: tuple[T, ...]) -> bool:
    """Return whether as many rows as there are values have these, and none of them is a tombstone."""
    if not values:
        return True
    shown, _, deleted, _ = zip(*rows, strict=True)
    return True not in deleted and shown == values


def same_row(postgres: Header | Score, clickhouse: Header | Score, rules: Mapping[str, Rule]) -> bool:
    """Return whether a ClickHouse row holds what PostgreSQL's does, in every compared field."""
    return postgres == clickhouse or not any(
        differ(getattr(postgres, name), getattr(clickhouse, name), rule) for name, rule in rules.items()
    )


def _unequal(
    postgres: Scorecard, headers: tuple[Header, ...], scores: tuple[Score, ...], rules: FieldRules
) -> Iterator[tuple[str, object, object, Comparison]]:
    """Yield the fields that are not simply equal, with both values, of the header and of each score that both stores have."""
    if headers:
        ours, theirs = rules.header_values(postgres.header), rules.header_values(headers[0])
        yield from _unequal_fields("", ours, theirs, rules.header)
    if scores == postgres.scores:
        return
    shown = {score.criterion: score for score in scores}
    for score in postgres.scores:
        if (copy := shown.get(score.criterion)) is not None:
            ours, theirs = rules.score_values(score), rules.score_values(copy)
            yield from _unequal_fields(f"scores[{score.criterion}].", ours, theirs, rules.score)


def _unequal_fields(
    prefix: str, postgres: tuple[object, ...], clickhouse: tuple[object, ...], rules: Mapping[str, Rule]
) -> Iterator[tuple[str, object, object, Comparison]]:
    for (name, rule), ours, theirs in zip(rules.items(), postgres, clickhouse, strict=True):
        # What is the same value to Python is so by every rule; NaN alone is not even that.
        if ours is theirs or ours == theirs:
            continue
        comparison = compare(ours, theirs, rule)
        if comparison is not EQUAL:
            yield prefix + name, ours, theirs, comparison


def _difference(name: str, postgres: object, clickhouse: object, comparison: Comparison) -> Anomaly:
    if name == "submit_time_us" and clickhouse is None:
        explanation = "PostgreSQL has it submitted, ClickHouse still shows a draft"
    elif name == "submit_time_us" and postgres is None:
        explanation = "PostgreSQL has a draft, ClickHouse shows it submitted"
    elif comparison.loss is not None:
        explanation = comparison.explanation
    else:
        explanation = f"{name.rpartition('.')[2].removesuffix('_us')} differs between the stores"
    return Anomaly(HEADER_CLASSES.get(name, AnomalyClass.STALE_SCORE), name, postgres, clickhouse, explanation)


def _orphans(headers: tuple[Header, ...], scores: tuple[Score, ...]) -> tuple[Anomaly, ...]:
    if not headers and not scores:
        return ()
    explanation = "ClickHouse shows a scorecard that PostgreSQL does not have"
    shown = f"{len(headers)} header, {len(scores)} scores"
    return (Anomaly(AnomalyClass.ORPHAN_ROW, "scorecard", None, shown, explanation),)


def _presence(headers: tuple[Header, ...]) -> Iterator[Anomaly]:
    if not headers:
        explanation = "PostgreSQL has the scorecard, ClickHouse shows no header row of it"
        yield Anomaly(AnomalyClass.MISSING_ROW, "scorecard", "1 header", None, explanation)
    if len(headers) > 1:
        explanation = "FINAL gives more than one header row of one scorecard"
        yield Anomaly(AnomalyClass.DUPLICATE_FINAL, "scorecard", "1 header", f"{len(headers)} headers", explanation)


def _score_presence(postgres: tuple[Score, ...], clickhouse: tuple[Score, ...]) -> Iterator[Anomaly]:
    counts = Counter(score.criterion for score in clickhouse)
    wanted = {score.criterion: score for score in postgres}
    for criterion, count in counts.items():
        if count > 1:
            explanation = "FINAL gives more than one row of one score"
            yield Anomaly(AnomalyClass.DUPLICATE_FINAL, f"scores[{criterion}]", 1, count, explanation)
    for criterion, score in wanted.items():
        if criterion not in counts:
            explanation = f"PostgreSQL has {len(postgres)} scores, ClickHouse does not show this one"
            field = f"scores[{criterion}]"
            yield Anomaly(AnomalyClass.MISSING_SCORE, field, score.numeric_value, None, explanation)
    for score in clickhouse:
        if score.criterion not in wanted:
            explanation = f"PostgreSQL has {len(postgres)} scores, and this one is not among them"
            field = f"scores[{score.criterion}]"
            yield Anomaly(AnomalyClass.ORPHAN_SCORE, field, None, score.numeric_value, explanation)
