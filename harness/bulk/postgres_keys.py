"""The key's columns in PostgreSQL's SQL: as texts, whose bytes are ClickHouse's order, or as what they are, so that an index serves."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.bulk.ranges import Key, KeyRange
from harness.bulk.uuid_bounds import first_uuid
from harness.mapping import HeaderTable, ScoreTable
from harness.observe.postgres_tables import KEYS_NOT_TEXT, asked


@dataclass(frozen=True, slots=True)
class KeyColumns:
    """The three columns. `served` says that an index can have the order of their texts' bytes, as one of uuids has."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    served: bool

    @classmethod
    def of(cls, table: HeaderTable | ScoreTable, types: Mapping[str, str], *, served: bool) -> "KeyColumns":
        """Return those of a table whose columns have the given types."""
        return cls(tuple(f't."{column}"' for column in table.key), tuple(types[c] for c in table.key), served)

    @property
    def own(self) -> str:
        """The columns as they are."""
        return ", ".join(self.columns)

    @property
    def texts(self) -> str:
        """The columns as texts, as which they are compared."""
        return ", ".join(map(self._text, range(3)))

    @property
    def scorecard(self) -> str:
        """The last column's text."""
        return self._text(2)

    def are(self, names: tuple[str, str, str]) -> str:
        """Return the condition that the columns are what expressions of texts spell, none where they spell no value of a column's type."""
        pairs = zip(self.columns, names, self.types, strict=True)
        return " AND ".join(f"{column} = {asked(name, kind)}" for column, name, kind in pairs)

    def after(self, first: int) -> str:
        """Return the condition that the key comes after that of three parameters, in PostgreSQL's own order."""
        return f"({self.own}) > ({', '.join(self._parameter(first + n, n) for n in range(3))})"

    def within(self, keys: KeyRange) -> tuple[str, list[str]]:
        """Return the condition that a key lies in a range, '' for no bounds, and its parameters."""
        parts: list[str] = []
        values: list[str] = []
        for bound, comparison in ((keys.low, ">="), (keys.high, "<")):
            if bound is not None:
                parts.append(self._beside(bound, comparison, values))
        return (f" WHERE {' AND '.join(parts)}" if parts else ""), values

    def _beside(self, bound: Key, comparison: str, values: list[str]) -> str:
        """Return the comparison with a bound; takes its parameters into `values`."""
        columns: list[str] = []
        parameters: list[str] = []
        for number, value in enumerate(bound):
            found: str | None = value
            if self.served and self.types[number] == "uuid":
                found = first_uuid(value)
            if found is None:
                # No uuid is as large: what has the columns before in common comes before the bound.
                comparison = {">=": ">", "<": "<="}[comparison]
                break
            values.append(found)
            columns.append(self._ordered(number))
            parameters.append(self._parameter(len(values), number) if self.served else f"${len(values)}")
            if found != value:
                # None is equal to the bound here, so that what comes behind does not matter.
                break
        if not columns:
            return "false" if comparison == ">" else "true"
        return f"({', '.join(columns)}) {comparison} ({', '.join(parameters)})"

    def _text(self, number: int) -> str:
        column = self.columns[number]
        return f"{column}::text" if self.types[number] in KEYS_NOT_TEXT else column

    def _ordered(self, number: int) -> str:
        # Where the column's own order is that of bytes, saying so again would keep an index from serving.
        return self.columns[number] if self.served else f'{self._text(number)} COLLATE "C"'

    def _parameter(self, parameter: int, number: int) -> str:
        kind = self.types[number]
        return f"${parameter}::text::{kind}" if kind in KEYS_NOT_TEXT else f"${parameter}"
