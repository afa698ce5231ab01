from hypothesis import given
from hypothesis import strategies as st

from harness.bulk import signatures
from harness.bulk.signatures import Signature, differing, looks, rows_in

CELLS = st.dictionaries(st.integers(0, 50), st.tuples(st.integers(0, 30_000), st.integers(0, 3)))


@given(CELLS, CELLS)
def test_what_differs_is_what_a_side_has_alone_or_otherwise(
    postgres: dict[int, Signature], clickhouse: dict[int, Signature]
) -> None:
    found = set(differing(postgres, clickhouse))
    for cell in postgres.keys() | clickhouse.keys():
        assert (cell in found) == (postgres.get(cell, (0, 0)) != clickhouse.get(cell, (0, 0)))


def test_equal_counts_of_other_rows_differ() -> None:
    assert differing({1: (2, 5)}, {1: (2, 6)}) == [1]
    assert differing({1: (2, 5)}, {1: (3, 5)}) == [1]


def test_a_cell_without_rows_is_as_good_as_none() -> None:
    assert differing({}, {1: (0, 0)}) == []


@given(CELLS, CELLS)
def test_looks_take_each_cell_once_and_few_rows(
    postgres: dict[int, Signature], clickhouse: dict[int, Signature]
) -> None:
    cells = differing(postgres, clickhouse)
    parts = list(looks(cells, postgres, clickhouse))
    assert [cell for part in parts for cell in part] == cells
    for part in parts:
        rows = [max(postgres.get(cell, (0, 0))[0], clickhouse.get(cell, (0, 0))[0]) for cell in part]
        assert part
        assert len(part) == 1 or sum(rows) <= signatures.MAX_ROWS_A_LOOK


def test_rows() -> None:
    assert rows_in({1: (2, 5), 2: (3, 6)}) == 5
