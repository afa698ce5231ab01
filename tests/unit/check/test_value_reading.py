"""Which Python values stand for a type's values, and how they are shown to a reader."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from harness.check.value_reading import float32, read, show
from harness.check.value_types import ColumnType
from harness.errors import StoreError
from harness.units import US_PER_S

DAY_US = 86_400 * US_PER_S


@pytest.mark.parametrize(("text", "truth"), [("t", True), ("true", True), ("f", False), ("false", False)])
def test_a_truth_may_come_as_text(text: str, truth: bool) -> None:
    for column in (ColumnType.postgres("boolean"), ColumnType.clickhouse("Bool")):
        assert read(text, column) is truth
    with pytest.raises(StoreError):
        read(text, ColumnType.clickhouse("UInt8"))


@pytest.mark.parametrize(
    ("value", "instant_us"),
    [
        (datetime(1970, 1, 3, 0, 0, 1, 5, UTC), 2 * DAY_US + US_PER_S + 5),
        (datetime(1970, 1, 3, 0, 0, 1, 5), 2 * DAY_US + US_PER_S + 5),
        (datetime(1970, 1, 3, tzinfo=timezone(timedelta(hours=5, minutes=30))), 2 * DAY_US - 19_800 * US_PER_S),
        (datetime(1969, 12, 30, tzinfo=UTC), -2 * DAY_US),
        ("1970-01-03", 2 * DAY_US),
        ("infinity", math.inf),
        ("-infinity", -math.inf),
    ],
)
def test_an_instant_is_counted_from_1970(value: object, instant_us: float) -> None:
    assert read(value, ColumnType.postgres("timestamptz")) == instant_us


def test_an_array_is_read_element_by_element() -> None:
    column = ColumnType.clickhouse("Array(Nullable(String))")
    assert read(["a", None, b""], column) == (b"a", None, b"")
    with pytest.raises(StoreError):
        read(["a", 1], column)


def test_a_float_that_is_too_large_for_32_bits_is_infinite_there() -> None:
    assert float32(1e300) == math.inf
    assert float32(-1e300) == -math.inf
    assert float32(0.1) == 0.10000000149011612


def test_up_to_eighty_characters_are_shown_and_of_more_the_first_with_an_ellipsis() -> None:
    assert show("x" * 78) == f"'{'x' * 78}'"
    assert show("x" * 79) == f"'{'x' * 76}..."
    assert show(10**79) == f"1{'0' * 79}"
    assert show(10**80) == f"1{'0' * 76}..."


def test_null_is_shown_as_a_store_would_and_text_as_text() -> None:
    assert show(None) == "NULL"
    assert show("NULL") == "'NULL'"
    assert show(b"\xff") == r"'\\xff'"
    assert show(1.5) == "1.5"
