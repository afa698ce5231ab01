"""The canonical bytes of a row, defined once and written in the SQL of each engine.

The bytes are those of PostgreSQL's `record_send`: the number of columns, and for each column its type's OID, its length and its value, all
big-endian; NULL is the length -1 and no value. Source: PostgreSQL's src/backend/utils/adt/rowtypes.c and the types' send functions. So
NULL differs from '', no two different rows have the same bytes, and PostgreSQL makes them at the cost of a binary COPY. Text is UTF-8.
What value stands for a column's is decided by its types in both stores: `forms.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.bulk.forms import Form, Shape, form_of
from harness.check.value_types import ColumnType, Kind
from harness.errors import StoreError
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS, HeaderTable, ScoreTable
from harness.units import US_PER_S

EPOCH_2000_US = 946_684_800 * US_PER_S
WHOLE_NUMBERS = frozenset({"smallint", "integer", "bigint"})


@dataclass(frozen=True, slots=True)
class Field:
    """One compared column: its name and its type in both stores, each as that store names it, and the form in which it is compared."""

    postgres: str
    postgres_type: str
    clickhouse: str
    clickhouse_type: str
    form: Form


@dataclass(frozen=True, slots=True)
class Side:
    """One store's table and the types of its columns."""

    table: HeaderTable | ScoreTable
    types: Mapping[str, str]

    def require(self, columns: Sequence[str]) -> None:
        """Raise StoreError for columns that are not there."""
        missing = [column for column in columns if column not in self.types]
        if missing:
            raise StoreError(f"table {self.table.table!r} has no column {', '.join(missing)}")


def compared_fields(table: HeaderTable | ScoreTable, ignored: frozenset[str]) -> dict[str, str]:
    """Return the compared fields of a table and the columns that hold them, without the scorecard's key."""
    names = HEADER_FIELDS if isinstance(table, HeaderTable) else ("criterion", *SCORE_FIELDS)
    return {name: getattr(table, name) for name in names if name not in ignored}


def fields_of(postgres: Side, clickhouse: Side, ignored: frozenset[str]) -> tuple[Field, ...]:
    """Return the key's columns, then the compared ones. Raises StoreError for a column that is not there or cannot be compared."""
    ours, theirs = compared_fields(postgres.table, ignored), compared_fields(clickhouse.table, ignored)
    postgres.require([*postgres.table.key, *ours.values()])
    clickhouse.require([*clickhouse.table.key, *theirs.values()])
    keys = [_key(postgres, clickhouse, *pair) for pair in zip(postgres.table.key, clickhouse.table.key, strict=True)]
    return (*keys, *(_field(postgres, clickhouse, name, ours[name], theirs[name]) for name in ours))


def _key(postgres: Side, clickhouse: Side, ours: str, theirs: str) -> Field:
    kind = postgres.types[ours]
    if kind not in ("uuid", *WHOLE_NUMBERS) and not _is_text(kind):
        raise StoreError(
            f"PostgreSQL's key column {ours} is a {kind}; whole tables are compared by keys that are text, uuid or whole numbers"
        )
    return _paired(postgres, clickhouse, ours, theirs, time=False)


def _is_text(kind: str) -> bool:
    try:
        return kind != "enum" and ColumnType.postgres(kind).kind is Kind.TEXT
    except StoreError:
        return False


def _field(postgres: Side, clickhouse: Side, name: str, ours: str, theirs: str) -> Field:
    try:
        return _paired(postgres, clickhouse, ours, theirs, time=name.endswith("_time_us"))
    except StoreError as error:
        section = "headers" if isinstance(clickhouse.table, HeaderTable) else "scores"
        hint = "" if name == "criterion" else f"; {name} = false in [mapping.clickhouse.{section}] leaves it out"
        raise StoreError(f"column {theirs} of {clickhouse.table.table}: {error}{hint}") from None


def _paired(postgres: Side, clickhouse: Side, ours: str, theirs: str, *, time: bool) -> Field:
    our_type, their_type = postgres.types[ours], clickhouse.types[theirs]
    form = form_of(ColumnType.postgres(our_type), ColumnType.clickhouse(their_type), time=time)
    return Field(ours, our_type, theirs, their_type, form)


def postgres_row(fields: Sequence[Field], *, trims: bool) -> str:
    """Return the expression of a row's canonical bytes; `trims` says whether ClickHouse prints a Decimal without zeros at its end."""
    return f"record_send(ROW({', '.join(_postgres_value(field, trims=trims) for field in fields)}))"


def _postgres_value(field: Field, *, trims: bool) -> str:
    column, form = f't."{field.postgres}"', field.form
    match form.shape:
        case Shape.TEXT:
            return f"{column}::text"
        case Shape.UUID_TEXT:
            return f"translate({column}::text, 'ABCDEF', 'abcdef')"
        case Shape.ADDRESS:
            return f"abbrev({column}::inet)"
        case Shape.BYTES:
            return f"{column}::bytea"
        case Shape.PADDED:
            return _padded(
                f"{column}::bytea" if field.postgres_type == "bytea" else f"textsend({column}::text)", form.size
            )
        case Shape.BOOLEAN:
            return f"{column}::boolean"
        case Shape.INTEGER:
            return f"{column}::bigint"
        case Shape.DECIMAL:
            return _decimal(column, field.postgres_type, form.scale, trims=trims)
        case Shape.FLOAT:
            return _float(column)
        case Shape.ROUNDED:
            return _rounded(column)
        case Shape.INSTANT | Shape.TICKS:
            return _instant(column, field.postgres_type, form.resolution_us)


def _padded(value: str, size: int) -> str:
    filled = f"substring({value} || decode(repeat('00', {size:d}), 'hex') FROM 1 FOR {size:d})"
    return f"CASE WHEN octet_length({value}) >= {size:d} THEN {value} ELSE {filled} END"


def _decimal(column: str, kind: str, scale: int, *, trims: bool) -> str:
    if kind in WHOLE_NUMBERS:
        number = f"{column}::bigint::numeric"
    else:
        # A float is the number that its shortest text spells.
        number = f"trunc({column}{'' if kind.startswith('numeric') else '::text'}::numeric, {scale:d})"
    return f"trim_scale({number})::text" if trims else f"({number} + 0::numeric({max(scale, 1):d}, {scale:d}))::text"


def _float(column: str) -> str:
    return f"CASE WHEN {column}::float8 = 'NaN'::float8 THEN 'NaN'::float8 ELSE {column}::float8 + '0'::float8 END"


def _rounded(column: str) -> str:
    # Outside these bounds the cast may fail; what stands there instead, no float has.
    safe = f"{column} = 0 OR abs({column}) BETWEEN 1e-300 AND 1e308 OR {column} IN ('NaN', 'Infinity', '-Infinity')"
    return f"CASE WHEN {safe} THEN float8send({column}::float8) WHEN {column} IS NOT NULL THEN ''::bytea END"


def _instant(column: str, kind: str, resolution_us: int) -> str:
    # A time without a zone is taken for UTC, as the reader of single scorecards takes it.
    zoned = kind.startswith("timestamp") and kind.endswith("with time zone")
    time = f"{column}::timestamptz" if zoned else f"{column}::timestamp AT TIME ZONE 'UTC'"
    return time if resolution_us == 1 else f"date_bin('{resolution_us} microseconds', {time}, '2000-01-01 00:00:00+00')"
