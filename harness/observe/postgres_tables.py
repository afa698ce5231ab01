"""One PostgreSQL table as its types turned out to be: the query that reads it. Each value comes as its column's type gives it."""

import uuid
from collections.abc import Mapping, Sequence

from harness.mapping import HEADER_FIELDS, SCORE_FIELDS, HeaderTable, ScoreTable
from harness.observe.names import ScorecardName

# A domain is compared as what it is made of, an enum as the text of its labels.
TYPES = """
SELECT a.attname, CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
    ELSE format_type(a.atttypid, a.atttypmod) END
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
ASKED = ('"asked for".c', '"asked for".p', '"asked for".s')
# What no part of a resource name has in it, though a key of the tables may.
SEPARATOR = "/"
# What stands for a field that the table does not have; it is not compared.
ABSENT = {
    "overall_score": "NULL::float8",
    "submit_time_us": "NULL::bigint",
    "create_time_us": "0::bigint",
    "update_time_us": "0::bigint",
    "numeric_value": "NULL::float8",
    "ai_value": "NULL::float8",
    "text_value": "NULL::text",
    "not_applicable": "false",
    "ai_scored": "false",
}
# What the driver gives as a Python value that stands for the column's value exactly; all else is read as text.
EXACT = ("smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean", "bytea")
# What a name must look like to be that of a row whose key's column is no text; other names are those of no row.
_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_WHOLE_NUMBERS = ("bigint", "integer", "smallint")
KEYS_NOT_TEXT = ("uuid", *_WHOLE_NUMBERS)
"""The types that a key's column may have beside those of texts."""
_BIGINT = "BETWEEN -9223372036854775808 AND 9223372036854775807"


def types_of(table: HeaderTable | ScoreTable, types: Mapping[str, str]) -> dict[str, str]:
    """Return the types of the fields that the table has, by their names."""
    columns = {field: getattr(table, field) for field in fields_of(table)}
    return {field: types[column] for field, column in columns.items() if column in types}


def fields_of(table: HeaderTable | ScoreTable) -> tuple[str, ...]:
    """Return the fields that a table is read for."""
    return HEADER_FIELDS if isinstance(table, HeaderTable) else ("criterion", *SCORE_FIELDS)


def select(
    namespace: str,
    headers: HeaderTable,
    header_types: Mapping[str, str],
    scores: ScoreTable,
    score_types: Mapping[str, str],
) -> str:
    """Return a query of both tables by customers, profiles and scorecards, as `parameters` gives them.

    It gives one row of arrays, columns and not rows: of the headers that there are the numbers of their names, counted from 1, and each
    field; then of the scores the numbers of theirs and each field. An array is NULL where there is none of them. It is one statement, which
    sees one snapshot; and one message, where a thousand rows would wake the reader once for each 8 KiB that the server sends.
    """
    both = (
        _columns(headers, header_types, _matched(namespace, headers, header_types)),
        _columns(scores, score_types, _matched(namespace, scores, score_types)),
    )
    return f"SELECT * FROM ({both[0]}) AS of_headers, ({both[1]}) AS of_scores"  # noqa: S608 - validated


def _columns(table: HeaderTable | ScoreTable, types: Mapping[str, str], rows: str) -> str:
    """Return a query of what was asked for in a table, each column as one array."""
    columns = ['"asked for".n::int', *(_expression(table, field, types) for field in fields_of(table))]
    return f"SELECT {', '.join(f'array_agg({column})' for column in columns)} FROM {rows}"  # noqa: S608 - validated


def _matched(namespace: str, table: HeaderTable | ScoreTable, types: Mapping[str, str]) -> str:
    """Return what was asked for beside the rows of a table that it matches."""
    lists = ", ".join(f"(string_to_array(${number}, $4))[2:]" for number in (1, 2, 3))
    # The table goes by its own name, which PostgreSQL's messages then give; no table that is mapped has a space in it.
    on = " AND ".join(
        f'"{table.table}"."{column}" = {asked(part, types.get(column, "text"))}'
        for column, part in zip(table.key, ASKED, strict=True)
    )
    return f'unnest({lists}) WITH ORDINALITY AS "asked for"(c, p, s, n) JOIN "{namespace}"."{table.table}" ON {on}'


def parameters(names: Sequence[ScorecardName]) -> tuple[str, str, str, str]:
    """Return the customers, profiles and scorecards of names, each behind a separator, and the separator.

    As texts, because the driver looks four times at each element of an array.
    """
    customers, profiles, scorecards = zip(*names, strict=True) if names else ((), (), ())
    between = SEPARATOR
    while any(between in part for part in ("".join(customers), "".join(profiles), "".join(scorecards))):
        between = uuid.uuid4().hex
    return _behind(between, customers), _behind(between, profiles), _behind(between, scorecards), between


def _behind(separator: str, parts: Sequence[str]) -> str:
    return "".join((separator, separator.join(parts))) if parts else ""


def asked(part: str, kind: str) -> str:
    """Return a part of the names that were asked for, an expression, as its column's type, so that an index serves."""
    if kind == "uuid":
        return f"CASE WHEN {part} ~ '{_UUID}' THEN {part}::uuid END"
    if kind in _WHOLE_NUMBERS:
        # Not all numbers of 19 digits are a bigint.
        largest = f"CASE WHEN {part}::numeric {_BIGINT} THEN {part}::bigint END"
        return f"CASE WHEN {part} ~ '^-?[0-9]{{1,18}}$' THEN {part}::bigint WHEN {part} ~ '^-?[0-9]{{19}}$' THEN {largest} END"
    return part


def _expression(table: HeaderTable | ScoreTable, field: str, types: Mapping[str, str]) -> str:
    name = getattr(table, field)
    if name is False:
        return ABSENT.get(field, "''::text")
    column = f'"{table.table}"."{name}"'
    if field.endswith("_time_us"):
        # The numeric result of extract is exact to the microsecond. The infinities become the ends of the integer's range.
        return (
            f"CASE WHEN isfinite({column}) THEN (extract(epoch FROM {column}) * 1000000)::bigint "
            f"WHEN {column} > '2000-01-01' THEN 9223372036854775807 WHEN {column} < '2000-01-01' THEN -9223372036854775808 END"
        )
    base = types.get(name, "text").partition("(")[0]
    return column if base in EXACT else f"{column}::text"
