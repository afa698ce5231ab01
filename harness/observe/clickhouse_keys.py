"""Which rows of ClickHouse belong to scorecards' names: pure functions from names to the condition of a query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.observe.names import ScorecardName
from harness.observe.tabseparated import literal

MAX_NAMES = 1000
# Below the server's default max_query_size of 256 KiB, which a read-only user cannot raise.
MAX_KEYS_BYTES = 200_000
# Of a query that names the keys three times: of the table, of its journal, and of what the journal has beyond the table.
MAX_KEYS_BYTES_OF_THREE = 80_000


@dataclass(frozen=True, slots=True)
class Condition:
    """Which rows belong to names, on key columns alone: FINAL may be applied after a condition on others.

    `exact` says it; `narrow`, where there is one, is cheaper and lets few other rows through, so that it is asked first.
    """

    exact: str
    narrow: str | None = None

    @property
    def of_merge_tree(self) -> str:
        """The clauses for a table that can read its key's columns before the others."""
        return f"WHERE {self.exact}" if self.narrow is None else f"PREWHERE {self.narrow} WHERE {self.exact}"

    @property
    def of_memory(self) -> str:
        """The clause for a table that cannot."""
        return f"WHERE {self.exact}" if self.narrow is None else f"WHERE {self.narrow} AND {self.exact}"


def batches(names: Sequence[ScorecardName], max_bytes: int = MAX_KEYS_BYTES) -> Iterator[list[ScorecardName]]:
    """Split names so that the condition for each part, in `max_bytes` at most, fits into one query."""
    batch: list[ScorecardName] = []
    parts: set[tuple[int, str]] = set()
    parts_size, whole_size, mixed = 0, 0, False
    for name in names:
        sizes = [_size(part) for part in name]
        new_size = sum(size for size, part in zip(sizes, enumerate(name), strict=True) if part not in parts)
        mixed = mixed or (bool(batch) and name[:2] != batch[0][:2])
        size = parts_size + new_size + (whole_size + sum(sizes) + 4 if mixed else 0)
        if batch and (len(batch) == MAX_NAMES or size > max_bytes):
            yield batch
            batch, parts, parts_size, whole_size, mixed, new_size = [], set(), 0, 0, False, sum(sizes)
        batch.append(name)
        parts.update(enumerate(name))
        parts_size += new_size
        whole_size += sum(sizes) + 4
    if batch:
        yield batch


def condition(key: tuple[str, str, str], names: Sequence[ScorecardName]) -> Condition:
    """Return the condition for the names.

    Names of one profile, the usual case, are told by their ids. Others are compared whole, which takes the engine twice as long, so their
    parts are asked for one by one before; a chain of ORs would take it up to minutes.
    """
    by_part = zip(key, zip(*names, strict=True), strict=True)
    parts = " AND ".join(
        f"`{column}` IN ({', '.join(map(literal, dict.fromkeys(values)))})" for column, values in by_part
    )
    if len({name[:2] for name in names}) == 1:
        return Condition(parts)
    columns = ", ".join(f"`{column}`" for column in key)
    whole = ", ".join(f"({', '.join(map(literal, name))})" for name in names)
    return Condition(f"({columns}) IN ({whole})", parts)


def _size(part: str) -> int:
    """Return how many bytes a part's literal takes, with what stands between two."""
    return len(part.encode()) + part.count("'") + part.count("\\") + 4
