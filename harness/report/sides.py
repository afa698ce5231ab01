"""One scorecard in both stores, field beside field, each pair marked: what is the same, what differs, what is the same but for its form."""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from harness.check.convergence import live
from harness.check.fields import FieldRules
from harness.check.values import Outcome, Rule, compare
from harness.check.witness import instant
from harness.model import Header, Score, Snapshot

ABSENT = "-"
NS_PER_US = 1000


class Mark(StrEnum):
    """How the two sides of a line stand to one another."""

    SAME = "="
    DIFFERS = "x"
    REPRESENTED = "~"
    """Not the same to the eye, and equal by the rule for the two columns' types."""


_MARKS = {
    Outcome.EQUAL: Mark.SAME,
    Outcome.REPRESENTATION: Mark.REPRESENTED,
    Outcome.DIFFERENT: Mark.DIFFERS,
}


class Sides(NamedTuple):
    """A field: its mark, how it is called here, and how it stands in PostgreSQL and in ClickHouse."""

    mark: Mark
    label: str
    postgres: str
    clickhouse: str


def sides(snapshot: Snapshot, rules: FieldRules) -> Iterator[Sides]:
    """Yield every field that is compared. Raises StoreError for a value that is none of its type."""
    postgres, headers = snapshot.postgres, live(snapshot.clickhouse.final_headers)
    header = None if postgres is None else postgres.header
    yield _counted("scorecard", 0 if header is None else 1, len(headers), "header")
    yield from _fields(header, headers[0] if headers else None, rules.header, "")
    scores, shown = () if postgres is None else postgres.scores, live(snapshot.clickhouse.final_scores)
    same_count = Mark.SAME if len(scores) == len(shown) else Mark.DIFFERS
    yield Sides(same_count, "score count", str(len(scores)), str(len(shown)))
    ours, theirs = ({score.criterion: score for score in held} for held in (scores, shown))
    copies = Counter(score.criterion for score in shown)
    for criterion in sorted({*ours, *theirs}):
        yield _counted(criterion, int(criterion in ours), copies[criterion], "score")
        yield from _fields(ours.get(criterion), theirs.get(criterion), rules.score, "  ")


def _counted(label: str, ours: int, theirs: int, noun: str) -> Sides:
    mark = Mark.SAME if ours == theirs else Mark.DIFFERS
    return Sides(mark, label, *(f"{n} {noun}{'s' if n > 1 else ''}" if n else ABSENT for n in (ours, theirs)))


def _fields(
    ours: Header | Score | None, theirs: Header | Score | None, rules: Mapping[str, Rule], margin: str
) -> Iterator[Sides]:
    for name, rule in rules.items():
        yield Sides(_mark(ours, theirs, name, rule), margin + name, _cell(ours, name), _cell(theirs, name))


def _mark(ours: Header | Score | None, theirs: Header | Score | None, name: str, rule: Rule) -> Mark:
    if ours is None or theirs is None:
        return Mark.SAME if ours is theirs else Mark.DIFFERS
    our_value, their_value = getattr(ours, name), getattr(theirs, name)
    # As in the comparison itself: what is the same value to Python is so by every rule.
    return Mark.SAME if our_value == their_value else _MARKS[compare(our_value, their_value, rule).outcome]


def _cell(row: Header | Score | None, name: str) -> str:
    return ABSENT if row is None else show(name, getattr(row, name))


def show(name: str, value: object) -> str:
    """Return a value so that NULL, the empty text and 0 stay apart; times in UTC to the microsecond or, where it has more, nanosecond."""
    if value is None:
        return "NULL"
    if not name.endswith("_us"):
        return str(value) if isinstance(value, Decimal) else repr(value)
    if not isinstance(value, Fraction) or value.denominator == 1:
        return instant(value)
    whole_us, rest_us = divmod(value, 1)
    return f"{instant(whole_us)}{int(rest_us * NS_PER_US):03}"
