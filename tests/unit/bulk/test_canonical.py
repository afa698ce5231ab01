import pytest

from harness.bulk.canonical import Field, Kind, fields_of, postgres_row
from harness.bulk.canonical_clickhouse import clickhouse_row, resolution_us
from harness.errors import StoreError
from harness.mapping import HeaderTable, ScoreTable

SCORE_TYPES = dict.fromkeys(
    ["customer_id", "profile_id", "scorecard_id", "criterion_id", "numeric_value", "text_value", "not_applicable"], "x"
)


def test_the_key_comes_first_and_fields_that_a_store_lacks_are_left_out() -> None:
    table = ScoreTable(ai_value=False, ai_scored=False)
    fields = fields_of(table, frozenset({"ai_value", "ai_scored", "text_value"}), SCORE_TYPES)
    assert [field.column for field in fields] == [
        *("customer_id", "profile_id", "scorecard_id", "criterion_id"),
        *("numeric_value", "not_applicable"),
    ]


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(StoreError, match="'scorecards' has no column template, agent"):
        fields_of(HeaderTable(), frozenset(), SCORE_TYPES)


@pytest.mark.parametrize(
    ("kind", "resolution"),
    [
        ("DateTime('UTC')", 1_000_000),
        ("Nullable(DateTime64(0))", 1_000_000),
        ("DateTime64(3, 'UTC')", 1000),
        ("DateTime64(4)", 100),
        ("DateTime64(6, 'UTC')", 1),
        ("Nullable(DateTime64(9, 'UTC'))", 1),
    ],
)
def test_the_resolution_of_times(kind: str, resolution: int) -> None:
    field = Field(Kind.TIME, "at", kind)
    assert resolution_us(field) == resolution
    assert (f"'{resolution} microseconds'" in postgres_row([Field(Kind.TIME, "at", "timestamptz")], [resolution])) == (
        resolution > 1
    )


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(StoreError, match="must be a DateTime"):
        clickhouse_row([Field(Kind.TIME, "at", "UInt64")], swaps=True)
