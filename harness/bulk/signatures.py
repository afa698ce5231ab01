"""Signatures, and which of two sets of them differ: pure."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

Signature = tuple[int, int]
"""The number of rows and the exclusive or of their 64-bit hashes."""

NOTHING: Signature = (0, 0)
MASK = (1 << 64) - 1
# How many rows one look into differing cells may bring from each side, so that memory stays bounded.
MAX_ROWS_A_LOOK = 20_000
# How many cells it may name, so that the query that names them stays short.
MAX_CELLS_A_LOOK = 10_000

Part = TypeVar("Part", bound=Hashable)


def differing(postgres: Mapping[Part, Signature], clickhouse: Mapping[Part, Signature]) -> list[Part]:
    """Return the parts whose signatures differ; a part that a side does not mention has no rows there."""
    if postgres == clickhouse:
        return []
    parts = dict.fromkeys([*postgres, *clickhouse])
    return [part for part in parts if postgres.get(part, NOTHING) != clickhouse.get(part, NOTHING)]


def rows_in(signatures: Mapping[Part, Signature]) -> int:
    """Return the number of rows of all parts."""
    return sum(count for count, _ in signatures.values())


def looks(
    cells: list[int], postgres: Mapping[int, Signature], clickhouse: Mapping[int, Signature]
) -> Iterator[list[int]]:
    """Split differing cells so that no look brings many more than MAX_ROWS_A_LOOK rows from a side."""
    look: list[int] = []
    rows = 0
    for cell in cells:
        size = max(postgres.get(cell, NOTHING)[0], clickhouse.get(cell, NOTHING)[0])
        if look and (rows + size > MAX_ROWS_A_LOOK or len(look) == MAX_CELLS_A_LOOK):
            yield look
            look, rows = [], 0
        look.append(cell)
        rows += size
    if look:
        yield look
