"""The canonical bytes of a row, defined once and written in the SQL of each engine.

The bytes are those of PostgreSQL's `record_send`: the number of columns, and for each column its type's OID, its length and its value, all
big-endian; NULL is the length -1 and no value. Source: PostgreSQL's src/backend/utils/adt/rowtypes.c and the types' send functions. So
NULL differs from '', no two different rows have the same bytes, and PostgreSQL makes them at the cost of a binary COPY. Text is UTF-8, a
number is the 8 bytes of its IEEE double (-0.0 made 0.0, NaN made the one NaN), a flag is one byte, a time is microseconds since
2000-01-01, cut down to the resolution of ClickHouse's column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from harness.errors import StoreError
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS, HeaderTable, ScoreTable
from harness.units import US_PER_S

EPOCH_2000_US = 946_684_800 * US_PER_S


class Kind(Enum):
    """What a field holds; the value is the OID of its type in PostgreSQL."""

    TEXT = 25
    NUMBER = 701
    TIME = 1184
    FLAG = 16


KINDS = {
    "template": Kind.TEXT,
    "agent": Kind.TEXT,
    "creator": Kind.TEXT,
    "overall_score": Kind.NUMBER,
    "submit_time_us": Kind.TIME,
    "submitter": Kind.TEXT,
    "create_time_us": Kind.TIME,
    "update_time_us": Kind.TIME,
    "criterion": Kind.TEXT,
    "numeric_value": Kind.NUMBER,
    "ai_value": Kind.NUMBER,
    "text_value": Kind.TEXT,
    "not_applicable": Kind.FLAG,
    "ai_scored": Kind.FLAG,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One compared column: what it holds, its name in a store, and its type there as that store names it."""

    kind: Kind
    column: str
    type: str


def compared_fields(table: HeaderTable | ScoreTable, ignored: frozenset[str]) -> dict[str, str]:
    """Return the compared fields of a table and the columns that hold them, without the scorecard's key."""
    names = HEADER_FIELDS if isinstance(table, HeaderTable) else ("criterion", *SCORE_FIELDS)
    return {name: getattr(table, name) for name in names if name not in ignored}


def fields_of(table: HeaderTable | ScoreTable, ignored: frozenset[str], types: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the key's columns, then the compared ones, with their types. Raises StoreError for a column that is not there."""
    columns = [*((Kind.TEXT, c) for c in table.key)]
    columns += [(KINDS[name], column) for name, column in compared_fields(table, ignored).items()]
    missing = [column for _, column in columns if column not in types]
    if missing:
        raise StoreError(f"table {table.table!r} has no column {', '.join(missing)}")
    return tuple(Field(kind, column, types[column]) for kind, column in columns)


def postgres_row(fields: Sequence[Field], resolutions_us: Sequence[int]) -> str:
    """Return the expression of a row's canonical bytes; `resolutions_us` are those of ClickHouse's columns, 1 where it is no time."""
    values = (_postgres_value(field, resolution) for field, resolution in zip(fields, resolutions_us, strict=True))
    return f"record_send(ROW({', '.join(values)}))"


def _postgres_value(field: Field, resolution_us: int) -> str:
    column = f't."{field.column}"'
    if field.kind is Kind.TEXT:
        return f"{column}::text"
    if field.kind is Kind.NUMBER:
        return f"CASE WHEN {column}::float8 = 'NaN'::float8 THEN 'NaN'::float8 ELSE {column}::float8 + '0'::float8 END"
    if field.kind is Kind.FLAG:
        return f"({column} <> 0)" if field.type.startswith("int") else f"{column}::boolean"
    # A time without a zone is taken for UTC, as the reader of single scorecards takes it.
    time = column if field.type == "timestamptz" else f"{column}::timestamp AT TIME ZONE 'UTC'"
    if resolution_us == 1:
        return time
    return f"date_bin('{resolution_us} microseconds', {time}, '2000-01-01 00:00:00+00')"
