"""Where to cut the keys into ranges: pure arithmetic on a sample of them."""

from collections.abc import Iterable
from dataclasses import dataclass

Key = tuple[str, str, str]
"""A scorecard's customer, profile and id; bytes that are no UTF-8 are lone surrogates."""

# Each range costs PostgreSQL a look at its part of the index, or a scan of the table with a cheap condition: not too many.
RANGE_ROWS = 1 << 19
# Where no index serves the order of bytes, each range costs PostgreSQL a scan of the whole table: few and large ones then.
UNSERVED_RANGES = 8
UNSERVED_RANGE_ROWS = 1 << 22
SAMPLES_PER_RANGE = 64
ROWS_PER_CELL = 16
MIN_CELL_BITS, MAX_CELL_BITS = 4, 16


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The keys from `low` on and before `high`, in the order of their bytes; None is no bound."""

    low: Key | None
    high: Key | None


def range_count(rows: int, *, served: bool) -> int:
    """Return into how many ranges to cut `rows`; `served` says whether an index of PostgreSQL has the order of bytes."""
    size = RANGE_ROWS if served else min(max(rows // UNSERVED_RANGES, RANGE_ROWS), UNSERVED_RANGE_ROWS)
    return max(1, -(-rows // size))


def cell_bits(rows: int, ranges: int) -> int:
    """Return how many bits of a hash tell the cells of one range apart."""
    bits = (rows // ranges // ROWS_PER_CELL).bit_length()
    return min(max(bits, MIN_CELL_BITS), MAX_CELL_BITS)


def digits_in(bits: int) -> int:
    """Return how many hexadecimal digits hold so many bits."""
    return -(-bits // 4)


def digits_of(cells: Iterable[int], bits: int) -> list[str]:
    """Return the hexadecimal digits with which the hashes of some cells begin, as many as hold `bits`: one to eight to a cell."""
    digits = digits_in(bits)
    free = 4 * digits - bits
    return [f"{cell << free | rest:0{digits}x}" for cell in cells for rest in range(1 << free)]


def sample_step(rows: int, ranges: int) -> int:
    """Return n where one key in n makes a large enough sample."""
    return max(1, rows // (ranges * SAMPLES_PER_RANGE))


def cut(sample: Iterable[Key], ranges: int) -> tuple[Key, ...]:
    """Return the boundaries of about as many equal ranges, ascending, without repeats; keys that PostgreSQL cannot hold are left out."""
    keys = sorted({key for key in sample if storable(key)}, key=byte_order)
    positions = (len(keys) * n // ranges for n in range(1, ranges))
    return tuple(keys[position] for position in dict.fromkeys(positions) if 0 < position < len(keys))


def ranges_between(boundaries: tuple[Key, ...]) -> tuple[KeyRange, ...]:
    """Return the ranges that the boundaries make: together they hold every key, each exactly once."""
    lows, highs = (None, *boundaries), (*boundaries, None)
    return tuple(KeyRange(low, high) for low, high in zip(lows, highs, strict=True))


def byte_order(key: Key) -> tuple[bytes, bytes, bytes]:
    """Return what a key is sorted by: ClickHouse's order, and PostgreSQL's under COLLATE "C"."""
    customer, profile, scorecard = (part.encode(errors="surrogateescape") for part in key)
    return customer, profile, scorecard


def storable(key: Key) -> bool:
    """Return whether PostgreSQL can hold the key: valid UTF-8 without NUL."""
    return not any("\0" in part or any("\ud800" <= c <= "\udfff" for c in part) for part in key)
