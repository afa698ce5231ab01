"""Which rows of ClickHouse belong to scorecards' names: pure functions from names to the condition of a query."""

from collections.abc import Iterator, Sequence

from harness.observe.names import ScorecardName
from harness.observe.tabseparated import literal

MAX_NAMES = 1000
# Below the server's default max_query_size of 256 KiB, which a read-only user cannot raise.
MAX_KEYS_BYTES = 200_000
# Of a query that names the keys three times: of the table, of its journal, and of what the journal has beyond the table.
MAX_KEYS_BYTES_OF_THREE = 80_000


def batches(names: Sequence[ScorecardName], max_bytes: int = MAX_KEYS_BYTES) -> Iterator[list[ScorecardName]]:
    """Split names so that each part's keys, in `max_bytes` at most, fit into one query."""
    batch: list[ScorecardName] = []
    ids_size, keys_size, mixed = 0, 0, False
    for name in names:
        id_size = 2 * len(name.scorecard.encode()) + 4
        key_size = id_size + 2 * len((name.customer + name.profile).encode()) + 10
        mixed = mixed or (bool(batch) and _owner(name) != _owner(batch[0]))
        size = keys_size + key_size if mixed else ids_size + id_size
        if batch and (len(batch) == MAX_NAMES or size > max_bytes):
            yield batch
            batch, ids_size, keys_size, mixed = [], 0, 0, False
        batch.append(name)
        ids_size += id_size
        keys_size += key_size
    if batch:
        yield batch


def condition(key: tuple[str, str, str], names: Sequence[ScorecardName]) -> str:
    """Return the condition for the names, on key columns alone: FINAL may be applied after a condition on others.

    Each column is compared for itself, which takes the engine half as long as whole names; a chain of ORs would take it minutes. So a
    row of another name that is made of these parts may come too, where a scorecard's id is not unique: the caller looks rows up by name.
    """
    parts = zip(key, zip(*names, strict=True), strict=True)
    return " AND ".join(f"`{column}` IN ({', '.join(map(literal, dict.fromkeys(values)))})" for column, values in parts)


def _owner(name: ScorecardName) -> tuple[str, str]:
    return name.customer, name.profile
