"""Is a ClickHouse value the PostgreSQL value? The rules for every type that both stores can hold. Pure.

Definitions. A value *is* what its type says it stands for: a number, a string of bytes, an instant, a UUID, an address, or a list of these.
A float is the exact number that its bits stand for; -0.0 is 0, and NaN is equal to itself. An instant is a point in time, so no rendering
and no time zone comes into it; a date is its midnight, and it and a `timestamp` are taken to be in UTC. Text is its UTF-8 bytes: case,
trailing spaces, Unicode's forms and bytes that are no UTF-8 count. NULL, '' and 0 are three values.

Two values are *equal* when they are the same value. They are a *representation* of one another when ClickHouse holds exactly what a loss
that the rule declares makes of PostgreSQL's value. All else is *different*. The losses, those above the line declared for every rule, since
the column's type imposes them, the others only where a rule says so:

| loss          | ClickHouse holds                                                                                      |
| ------------- | ----------------------------------------------------------------------------------------------------- |
| resolution    | the instant cut to the column's resolution, back in time: what becomes of text                        |
| rounding      | the float nearest to the number: rounded once, or by way of a Float64, or from a float's decimal text |
| scale         | the number cut, never rounded, to the column's decimal digits; a float by its decimal text            |
| padding       | the bytes filled with NUL to the length of a FixedString, which hides how many a `bytea` ended in     |
| notation      | the value that a text spells, in a column (UUID, IPv6) that does not keep how it was spelt            |
| ------------- | ----------------------------------------------------------------------------------------------------- |
| towards_epoch | the instant cut towards 1970, which differs before it: what becomes of ticks, by division             |
| spelling      | a text that spells the number, UUID, address or JSON document otherwise than PostgreSQL does          |
| clamped       | the nearer end of the column's range: DateTime's 1970 or 2106, a float's infinity                     |
| null_default  | the column's default for NULL, in a column that is not Nullable                                       |

What is no loss, and equal: text in a FixedString with the NULs that fill it (PostgreSQL's text has none), `char(n)` with or without the
blanks that fill it, true as 1. Which Python values stand for a type's values is told at `value_reading.READ`; any other is an error, and so
is an unknown type.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from harness.check.value_forms import FORMS, IMPOSED, Loss, same
from harness.check.value_reading import as_list, read, show
from harness.check.value_types import ColumnType, Kind
from harness.errors import StoreError


class Outcome(StrEnum):
    """How two values stand to one another."""

    EQUAL = "equal"
    REPRESENTATION = "representation"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome, the loss that explains it (also one that is not declared, of a difference) and one line for the reader."""

    outcome: Outcome
    explanation: str = "the same value"
    loss: Loss | None = None


__all__ = ["EQUAL", "IMPOSED", "ColumnType", "Comparison", "Kind", "Loss", "Outcome", "Rule", "compare", "differ"]

EQUAL = Comparison(Outcome.EQUAL)
CUT = Comparison(
    Outcome.REPRESENTATION, f"equal but for {Loss.RESOLUTION}: the column keeps coarser times", Loss.RESOLUTION
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one column is compared. `default` is ClickHouse's column default where it is not the type's.

    Raises StoreError, naming both types, where values of the one are no values of the other.
    """

    postgres: ColumnType
    clickhouse: ColumnType
    declared: frozenset[Loss] = IMPOSED
    default: object = None
    plain: type | None = field(init=False)
    """The Python type of which equal values are the same value at sight, None where there is none."""
    cut_us: int = field(init=False)
    """The whole microseconds to which the column cuts an instant, by a loss that is declared; 0 where it does not."""

    def __post_init__(self) -> None:
        same_kind = self.postgres.kind is self.clickhouse.kind
        plain = bool if self.postgres.name.startswith("bool") else _PLAIN.get(self.postgres.kind)
        object.__setattr__(self, "plain", plain if same_kind else None)
        cut = same_kind and self.clickhouse.kind is Kind.INSTANT and Loss.RESOLUTION in self.declared
        resolution_us = self.clickhouse.resolution_us
        object.__setattr__(
            self, "cut_us", resolution_us if cut and isinstance(resolution_us, int) and resolution_us > 1 else 0
        )
        ours: ColumnType | None = self.postgres
        theirs: ColumnType | None = self.clickhouse
        while theirs is not None and theirs.kind is Kind.ARRAY:
            theirs = theirs.element
        if ours is not None and self.clickhouse.kind is Kind.ARRAY:
            # One PostgreSQL type has arrays of every number of dimensions.
            ours = ours.element
        if ours is None or theirs is None or theirs.kind not in _COMPARABLE[ours.kind]:
            raise StoreError(f"PostgreSQL's {self.postgres.name} cannot be compared with {self.clickhouse.name}")

    @classmethod
    def of(cls, postgres: str, clickhouse: str, *also: Loss, default: object = None) -> "Rule":
        """Return the rule for two type names, with the losses declared beside those that every rule has. Raises StoreError."""
        types = ColumnType.postgres(postgres), ColumnType.clickhouse(clickhouse)
        return cls(*types, declared=IMPOSED.union(also), default=default)


def compare(postgres: object, clickhouse: object, rule: Rule) -> Comparison:
    """Compare one value of each store. Raises StoreError for what does not stand for a value of its type."""
    if type(postgres) is type(clickhouse) is rule.plain and postgres == clickhouse:
        return EQUAL  # Nearly all there is, at a tenth of the cost.
    if (
        rule.cut_us
        and type(postgres) is type(clickhouse) is int
        and postgres // rule.cut_us * rule.cut_us == clickhouse
    ):
        return CUT  # What a column of coarse times has in every row.
    return _compare(postgres, clickhouse, rule)


def differ(postgres: object, clickhouse: object, rule: Rule) -> bool:
    """Return whether two values are different, a representation of one another not. Raises StoreError as `compare` does."""
    return compare(postgres, clickhouse, rule).outcome is Outcome.DIFFERENT


def _compare(postgres: object, clickhouse: object, rule: Rule) -> Comparison:
    if postgres is None or clickhouse is None:
        return _compare_null(postgres, clickhouse, rule)
    if rule.clickhouse.kind is Kind.ARRAY:
        return _compare_arrays(postgres, clickhouse, rule)
    ours, theirs = read(postgres, rule.postgres), read(clickhouse, rule.clickhouse)
    undeclared = None
    for loss, form in FORMS[rule.clickhouse.kind](ours, theirs, rule.postgres, rule.clickhouse):
        if not same(form, theirs):
            continue
        if loss is None:
            return EQUAL
        if loss in rule.declared:
            return _represents(ours, theirs, loss)
        undeclared = undeclared or loss
    return _different(ours, theirs, undeclared)


def _compare_null(postgres: object, clickhouse: object, rule: Rule) -> Comparison:
    column = rule.clickhouse
    if postgres is clickhouse:
        return EQUAL
    if clickhouse is None or column.nullable:
        return _different(postgres, clickhouse, None)
    default = column.default if rule.default is None else read(rule.default, column)
    if not same(read(clickhouse, column), default):
        return _different(postgres, clickhouse, None)
    if Loss.NULL_DEFAULT not in rule.declared:
        return _different(postgres, clickhouse, Loss.NULL_DEFAULT)
    return _represents(postgres, clickhouse, Loss.NULL_DEFAULT)


def _compare_arrays(postgres: object, clickhouse: object, rule: Rule) -> Comparison:
    ours, theirs = as_list(postgres, rule.postgres), as_list(clickhouse, rule.clickhouse)
    inner, theirs_type = rule.postgres, rule.clickhouse.element
    assert theirs_type is not None
    if theirs_type.kind is not Kind.ARRAY:
        assert inner.element is not None
        inner = inner.element
    if len(ours) != len(theirs):
        return _different(ours, theirs, None)
    found = EQUAL
    rule = replace(rule, postgres=inner, clickhouse=theirs_type, default=None)
    for number, pair in enumerate(zip(ours, theirs, strict=True), 1):
        one = _compare(*pair, rule)
        if one.outcome is not Outcome.EQUAL and (found is EQUAL or one.outcome is Outcome.DIFFERENT):
            found = replace(one, explanation=f"element {number}: {one.explanation}")
        if one.outcome is Outcome.DIFFERENT:
            break
    return found


def _represents(ours: object, theirs: object, loss: Loss) -> Comparison:
    return Comparison(Outcome.REPRESENTATION, f"{_both(ours, theirs)}: equal but for {loss}", loss)


def _different(ours: object, theirs: object, undeclared: Loss | None) -> Comparison:
    reason = "" if undeclared is None else f": {undeclared} would explain it, but is not declared"
    return Comparison(Outcome.DIFFERENT, f"{_both(ours, theirs)}{reason}", undeclared)


def _both(ours: object, theirs: object) -> str:
    return f"{show(ours)} in PostgreSQL, {show(theirs)} in ClickHouse"


_PLAIN: dict[Kind, type] = {Kind.NUMBER: int, Kind.FLOAT: float, Kind.TEXT: str, Kind.INSTANT: int, Kind.UUID: UUID}


# By PostgreSQL's kind. A float or an instant kept as text would need the store's printing of it: not compared, an error.
_COMPARABLE: dict[Kind, frozenset[Kind]] = {
    Kind.NUMBER: frozenset({Kind.NUMBER, Kind.FLOAT, Kind.TEXT}),
    Kind.FLOAT: frozenset({Kind.NUMBER, Kind.FLOAT}),
    Kind.TEXT: frozenset({Kind.TEXT, Kind.UUID, Kind.ADDRESS}),
    Kind.BYTES: frozenset({Kind.TEXT}),
    Kind.JSON: frozenset({Kind.TEXT}),
    Kind.UUID: frozenset({Kind.UUID, Kind.TEXT}),
    Kind.INSTANT: frozenset({Kind.INSTANT}),
    Kind.ADDRESS: frozenset({Kind.ADDRESS, Kind.TEXT}),
    Kind.ARRAY: frozenset(),
}
