"""One ClickHouse table as its types turned out to be: the query that reads it and the decoder of its rows."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from harness.errors import StoreError
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS, HeaderTable, ScoreTable
from harness.model import Header, Score, Versioned
from harness.observe.tabseparated import Decoder, decode_rows, flag, nullable, text
from harness.units import US_PER_S

_DATETIME64 = re.compile(r"DateTime64\((\d)")

# The first block of a row's part: a part is named partition_firstblock_lastblock_level, and blocks are numbered as they are inserted.
INSERTED = "toUInt64OrZero(extract(_part, '_([0-9]+)_[0-9]+_[0-9]+'))"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """What to ask of a table and how to read the answer."""

    name: str
    key: tuple[str, str, str]
    expressions: tuple[str, ...]
    decoders: tuple[Decoder, ...]
    make: Callable[..., T]
    time_resolution_us: int

    def select(self, condition: str, *, final: bool) -> str:
        """Return the query of the rows of a condition, RAW ones ordered by version and then as they were inserted."""
        order = "" if final else f" ORDER BY version_, {INSERTED}"
        return (
            f"SELECT {', '.join(self.expressions)} FROM `{self.name}`{' FINAL' if final else ''} "  # noqa: S608 - validated identifiers
            f"WHERE {condition}{order} FORMAT TabSeparated"
        )

    def decode(self, data: bytes) -> Iterator[tuple[tuple[str, str, str], Versioned[T]]]:
        """Yield the key and the row of each line."""
        make = self.make
        for customer, profile, scorecard, version, deleted, *values in decode_rows(data, self.decoders):
            key = cast(tuple[str, str, str], (customer, profile, scorecard))
            yield key, Versioned(make(*values), cast(int, version), cast(bool, deleted))


# The decoder of each field, and what stands for it where the table does not have it.
FIELDS: dict[str, tuple[Decoder, str]] = {
    "template": (nullable(text), "''"),
    "agent": (nullable(text), "''"),
    "creator": (nullable(text), "''"),
    "overall_score": (nullable(float), "NULL"),
    "submit_time_us": (nullable(int), "NULL"),
    "submitter": (nullable(text), "''"),
    "create_time_us": (nullable(int), "0"),
    "update_time_us": (nullable(int), "0"),
    "criterion": (text, "''"),
    "numeric_value": (nullable(float), "NULL"),
    "ai_value": (nullable(float), "NULL"),
    "text_value": (nullable(text), "NULL"),
    "not_applicable": (nullable(flag), "0"),
    "ai_scored": (nullable(flag), "0"),
}


FLAGS = ("not_applicable", "ai_scored")


def header_table(mapping: HeaderTable, version: str, deleted: str | None, types: Mapping[str, str]) -> Table[Header]:
    """Return the table of scorecards with the given column types."""
    return _table(mapping, HEADER_FIELDS, Header, version, deleted, types)


def score_table(mapping: ScoreTable, version: str, deleted: str | None, types: Mapping[str, str]) -> Table[Score]:
    """Return the table of scores with the given column types."""
    return _table(mapping, ("criterion", *SCORE_FIELDS), Score, version, deleted, types)


def _table(
    mapping: HeaderTable | ScoreTable,
    fields: tuple[str, ...],
    make: Callable[..., T],
    version: str,
    deleted: str | None,
    types: Mapping[str, str],
) -> Table[T]:
    columns = {field: getattr(mapping, field) for field in fields}
    key = (
        *(f"`{column}`" for column in mapping.key),
        f"{_version(version, types[version])} AS version_",
        "0" if deleted is None else f"toUInt8(`{deleted}`)",
    )
    resolutions = [
        _resolution_us(types[column])
        for field, column in columns.items()
        if field.endswith("_us") and column is not False
    ]
    return Table(
        mapping.table,
        mapping.key,
        (*key, *(_expression(field, column, types) for field, column in columns.items())),
        (text, text, text, int, flag, *(FIELDS[field][0] for field in fields)),
        make,
        max(resolutions, default=1),
    )


def _expression(field: str, column: str | bool, types: Mapping[str, str]) -> str:
    if column is False:
        return FIELDS[field][1]
    assert isinstance(column, str)
    kind = types[column]
    quoted = f"`{column}`"
    if field.endswith("_us"):
        if "DateTime64" in kind:
            return f"toUnixTimestamp64Micro({quoted})"
        if "DateTime" in kind:
            return f"toInt64({quoted}) * {US_PER_S}"
        raise StoreError(f"ClickHouse column {column} is a {kind}; a time must be a DateTime or a DateTime64")
    if "Float32" in kind or "Decimal" in kind:
        return f"toFloat64({quoted})"
    if field in FLAGS:
        return f"toUInt8({quoted})"
    return quoted


def _version(column: str, kind: str) -> str:
    """Return the version as an integer that orders as the column does."""
    if "DateTime64" in kind:
        return f"toUnixTimestamp64Nano(`{column}`)"
    return f"toInt64(`{column}`)" if kind.startswith(("Int", "Date")) else f"toUInt64(`{column}`)"


def _resolution_us(kind: str) -> int:
    precise = _DATETIME64.search(kind)
    return US_PER_S if precise is None else max(1, 10 ** (6 - int(precise[1])))
