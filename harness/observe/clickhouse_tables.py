"""One ClickHouse table as its types turned out to be: the query that reads it and the decoder of its rows.

Each value comes as its column's type gives it: a Decimal as a Decimal, an instant in microseconds since the epoch, a text as its bytes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any, Generic, TypeVar

from harness.errors import StoreError
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS, HeaderTable, ScoreTable
from harness.model import Header, Score, Versioned, maker
from harness.observe.clickhouse_keys import Condition
from harness.observe.tabseparated import Decoder, decode_columns, flag, single, text, truth
from harness.units import US_PER_S

_DATETIME64 = re.compile(r"DateTime64\((\d)")
_WRAPPER = re.compile(r"(?:LowCardinality|Nullable)\((.*)\)", re.DOTALL)
_BY_CRITERION = attrgetter("value.criterion")
# The types whose values any text may be compared with.
TEXTS = ("String", "FixedString")
US_PER_DAY = 86_400 * US_PER_S
# The first block of a row's part: a part is named partition_firstblock_lastblock_level, and blocks are numbered as they are inserted.
INSERTED = "toUInt64OrZero(extract(part_, '_([0-9]+)_[0-9]+_[0-9]+'))"

T = TypeVar("T")
_MAKE_VERSIONED: Callable[[Iterable[Any]], Versioned[Any]] = maker(Versioned)

Key = tuple[str, str, str]
"""The customer, the profile and the scorecard: plain, as a named tuple takes longer to make."""


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """What to ask of a table and how to read the answer.

    `order` is what the rows that FINAL gives of one key are sorted by, None where there is but one. `journal` is the table that keeps what
    merges remove, None where there is none.
    """

    name: str
    key: Key
    expressions: tuple[str, ...]
    decoders: tuple[Decoder, ...]
    make: Callable[[Iterable[Any]], T]
    types: Mapping[str, str]
    order: Callable[[Versioned[T]], str] | None
    journal: str | None

    def select(self, shown: Condition, versions: Condition | None) -> str:
        """Return the query of the rows that FINAL gives of a condition, and of the RAW versions of another, None for none.

        The one are told from the other by the last column. Versions are ordered as such and then as they were inserted. The other condition
        is for some of the same names. All of it is one query: a request takes longer than the rows that it brings.
        """
        # What all rows have in common need not come with each.
        columns = ", ".join(self.expressions if shown.profile is None else self.expressions[2:])
        final = f"SELECT {columns}, '' AS part_, 1 AS final_ FROM `{self.name}` FINAL {shown.of_merge_tree}"  # noqa: S608 - validated identifiers
        if versions is None:
            return f"{final} FORMAT TabSeparated"
        raw = f"SELECT {columns}, _part AS part_, 0 AS final_ FROM `{self.name}` {versions.of_merge_tree}"  # noqa: S608
        if self.journal is not None:
            # Read at one time with the table: of the journal only what merges have removed from it.
            here = f"SELECT {self._content} FROM `{self.name}` {versions.of_merge_tree}"  # noqa: S608
            gone = f"{versions.of_memory} AND ({self._content}) NOT IN ({here})"
            raw += f" UNION ALL SELECT {columns}, '' AS part_, 0 AS final_ FROM `{self.journal}` {gone}"  # noqa: S608
        return f"SELECT * FROM ({final} UNION ALL {raw}) ORDER BY version_, {INSERTED} FORMAT TabSeparated"  # noqa: S608

    @property
    def _content(self) -> str:
        """What tells the rows of one key apart: its columns as texts, NULL as what no text is."""
        columns = [expression.rpartition(" AS ")[0] for expression in self.expressions]
        texts = (f"if(isNull({column}), 'N', concat('V', toString(assumeNotNull({column}))))" for column in columns[3:])
        return ", ".join([*columns[:3], *texts])

    def decode(self, data: bytes, shown: Condition) -> Iterator[tuple[Key, Versioned[T], bool]]:
        """Yield of each line that `select` gave its key, its row, and whether FINAL shows it. Raises ValueError for no such answer."""
        columns = decode_columns(data, self.decoders if shown.profile is None else self.decoders[2:])
        if shown.profile is not None:
            columns[:0] = ([part] * len(columns[0]) for part in shown.profile)
        customers, profiles, scorecards, versions, deleted, *values, parts, final = columns
        keys = zip(customers, profiles, scorecards, strict=True)
        rows = zip(map(self.make, zip(*values, strict=True)), versions, deleted, parts, strict=True)
        return zip(keys, map(_MAKE_VERSIONED, rows), final, strict=True)


FLAGS = ("not_applicable", "ai_scored")
# What stands for a field that the table does not have; it is not compared.
ABSENT = {
    "overall_score": "NULL",
    "submit_time_us": "NULL",
    "create_time_us": "0",
    "update_time_us": "0",
    "numeric_value": "NULL",
    "ai_value": "NULL",
    "text_value": "NULL",
    "not_applicable": "0",
    "ai_scored": "0",
}


def header_table(
    mapping: HeaderTable, version: str, deleted: str | None, types: Mapping[str, str], journal: str | None = None
) -> Table[Header]:
    """Return the table of scorecards with the given column types."""
    return _table(mapping, HEADER_FIELDS, maker(Header), version, deleted, types, None, journal)


def score_table(
    mapping: ScoreTable, version: str, deleted: str | None, types: Mapping[str, str], journal: str | None = None
) -> Table[Score]:
    """Return the table of scores with the given column types."""
    return _table(mapping, ("criterion", *SCORE_FIELDS), maker(Score), version, deleted, types, _BY_CRITERION, journal)


def _table(
    mapping: HeaderTable | ScoreTable,
    fields: tuple[str, ...],
    make: Callable[[Iterable[Any]], T],
    version: str,
    deleted: str | None,
    types: Mapping[str, str],
    order: Callable[[Versioned[T]], str] | None,
    journal: str | None,
) -> Table[T]:
    columns = {field: getattr(mapping, field) for field in fields}
    key = (
        *(f"`{column}` AS key{number}_" for number, column in enumerate(mapping.key)),
        f"{_version(version, types[version])} AS version_",
        "0 AS deleted_" if deleted is None else f"toUInt8(`{deleted}`) AS deleted_",
    )
    read = [_value(field, column, types) for field, column in columns.items()]
    return Table(
        mapping.table,
        mapping.key,
        (*key, *(f"{expression} AS {field}_" for field, (expression, _) in zip(fields, read, strict=True))),
        (text, text, text, int, flag, *(decoder for _, decoder in read), text, flag),
        make,
        {field: types[column] for field, column in columns.items() if column is not False},
        order,
        journal,
    )


def _value(field: str, column: str | bool, types: Mapping[str, str]) -> tuple[str, Decoder]:
    """Return the expression that reads a column, and the decoder of what it gives."""
    if column is False:
        absent = ABSENT.get(field, "''")
        return absent, text if absent == "''" else int
    assert isinstance(column, str)
    quoted, kind = f"`{column}`", types[column]
    inner = unwrapped(kind)
    if field.endswith("_us"):
        return _time(quoted, column, kind, inner)
    if inner == "Bool":
        return f"toUInt8({quoted})", truth
    decoders: dict[str, Decoder] = {"Int": truth if field in FLAGS else int, "UInt": truth if field in FLAGS else int}
    decoders |= {"Float64": float, "Float32": single, "Decimal": Decimal}
    return quoted, next((decoder for start, decoder in decoders.items() if inner.startswith(start)), text)


def _time(quoted: str, column: str, kind: str, inner: str) -> tuple[str, Decoder]:
    if (precise := _DATETIME64.match(inner)) is not None:
        if int(precise[1]) <= 6:
            return f"toUnixTimestamp64Micro({quoted})", int
        return f"toUnixTimestamp64Nano({quoted})", _microseconds
    if inner.startswith("DateTime"):
        return f"toInt64({quoted}) * {US_PER_S}", int
    if inner in ("Date", "Date32"):
        return f"toInt64(toInt32({quoted})) * {US_PER_DAY}", int
    raise StoreError(f"ClickHouse column {column} is a {kind}; a time must be a DateTime, a DateTime64 or a Date")


def _microseconds(cell: str) -> int | Fraction:
    whole, rest = divmod(int(cell), 1000)
    return whole if rest == 0 else Fraction(int(cell), 1000)


def unwrapped(kind: str) -> str:
    """Return a type without what is wrapped around it."""
    while (match := _WRAPPER.fullmatch(kind)) is not None:
        kind = match[1]
    return kind


def _version(column: str, kind: str) -> str:
    """Return the version as an integer that orders as the column does."""
    if "DateTime64" in kind:
        return f"toUnixTimestamp64Nano(`{column}`)"
    return f"toInt64(`{column}`)" if kind.startswith(("Int", "Date")) else f"toUInt64(`{column}`)"
