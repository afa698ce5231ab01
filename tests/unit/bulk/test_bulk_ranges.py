from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bulk.ranges import (
    MAX_CELL_BITS,
    MIN_CELL_BITS,
    RANGE_ROWS,
    UNSERVED_RANGE_ROWS,
    UNSERVED_RANGES,
    Key,
    KeyRange,
    byte_order,
    cell_bits,
    cut,
    digits_in,
    digits_of,
    range_count,
    ranges_between,
    sample_step,
    storable,
)

PARTS = st.text(max_size=4) | st.sampled_from(["\udcff", "a\0", ""])
KEYS = st.tuples(PARTS, PARTS, PARTS)


def holds(keys: KeyRange, key: Key) -> bool:
    after_low = keys.low is None or byte_order(keys.low) <= byte_order(key)
    return after_low and (keys.high is None or byte_order(key) < byte_order(keys.high))


@given(st.lists(KEYS, max_size=50), st.integers(1, 10), KEYS)
def test_every_key_is_in_exactly_one_range(sample: list[Key], ranges: int, key: Key) -> None:
    boundaries = cut(filter(encodable, sample), ranges)
    if encodable(key):
        assert sum(holds(part, key) for part in ranges_between(boundaries)) == 1


@given(st.lists(KEYS, max_size=50), st.integers(1, 10))
def test_boundaries_ascend_and_are_no_more_than_asked_for(sample: list[Key], ranges: int) -> None:
    boundaries = cut(filter(encodable, sample), ranges)
    order = [byte_order(boundary) for boundary in boundaries]
    assert order == sorted(set(order))
    assert len(boundaries) < ranges
    assert all(map(storable, boundaries))


def encodable(key: Key) -> bool:
    """Whether a key can come out of either store; hypothesis also makes surrogates that stand for no byte."""
    try:
        byte_order(key)
    except UnicodeEncodeError:
        return False
    return True


def test_ranges_are_of_equal_size() -> None:
    keys = [("c", "p", f"{n:04}") for n in range(1000)]
    boundaries = [key[2] for key in cut(keys, 4)]
    assert [bisect_right([key[2] for key in keys], boundary) - 1 for boundary in boundaries] == [250, 500, 750]


@pytest.mark.parametrize(
    ("rows", "served", "ranges"),
    [
        (0, True, 1),
        (RANGE_ROWS, True, 1),
        (RANGE_ROWS + 1, True, 2),
        (100 * RANGE_ROWS, True, 100),
        (RANGE_ROWS, False, 1),
        (UNSERVED_RANGES * RANGE_ROWS * 2, False, UNSERVED_RANGES),
        (100 * UNSERVED_RANGE_ROWS, False, 100),
    ],
)
def test_the_number_of_ranges(rows: int, served: bool, ranges: int) -> None:
    assert range_count(rows, served=served) == ranges


def test_cells_are_few_rows_and_never_too_many() -> None:
    assert cell_bits(0, 1) == 4
    assert (1 << 18) // (1 << cell_bits(1 << 18, 1)) <= 16
    assert cell_bits(1 << 40, 1) == MAX_CELL_BITS


@given(st.integers(MIN_CELL_BITS, MAX_CELL_BITS), st.integers(0, 0xFFFF), st.data())
def test_a_hash_begins_with_the_digits_of_its_cell_and_of_no_other(bits: int, hashed: int, data: st.DataObject) -> None:
    own = hashed >> 16 - bits
    other = data.draw(st.integers(0, (1 << bits) - 1).filter(lambda cell: cell != own))
    first = f"{hashed:04x}"[: digits_in(bits)]
    assert first in digits_of([own], bits)
    assert first not in digits_of([other], bits)


def test_a_sample_has_enough_keys_of_each_range() -> None:
    assert sample_step(10, 1) == 1
    assert 10_000_000 // sample_step(10_000_000, 20) >= 20 * 64


@pytest.mark.parametrize("key", [("c", "p", "\udcff"), ("c\0", "p", "s")])
def test_keys_that_postgresql_cannot_hold(key: Key) -> None:
    assert not storable(key)
    assert storable(("c", "é", "😀"))
