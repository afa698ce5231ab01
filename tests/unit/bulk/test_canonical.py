import pytest

from harness.bulk.canonical import Side, fields_of, postgres_row
from harness.bulk.canonical_clickhouse import clickhouse_row
from harness.errors import StoreError
from harness.mapping import HeaderTable, ScoreTable

KEY = ("customer_id", "profile_id", "scorecard_id")
OURS = {
    **dict.fromkeys((*KEY, "criterion_id", "text_value"), "text"),
    "numeric_value": "double precision",
    "not_applicable": "boolean",
}
THEIRS = {
    **dict.fromkeys((*KEY, "criterion_id"), "String"),
    "text_value": "Nullable(String)",
    "numeric_value": "Nullable(Float64)",
    "not_applicable": "UInt8",
}
IGNORED = frozenset({"ai_value", "ai_scored"})
TABLE = ScoreTable(ai_value=False, ai_scored=False)


def test_the_key_comes_first_and_fields_that_a_store_lacks_are_left_out() -> None:
    fields = fields_of(Side(TABLE, OURS), Side(TABLE, THEIRS), IGNORED | {"text_value"})
    assert [field.clickhouse for field in fields] == [*KEY, "criterion_id", "numeric_value", "not_applicable"]


def test_each_store_has_names_of_its_own() -> None:
    ours, theirs = {**OURS, "id": "uuid"}, {**THEIRS, "na": "Bool"}
    tables = TABLE.model_copy(update={"scorecard": "id"}), TABLE.model_copy(update={"not_applicable": "na"})
    fields = fields_of(Side(tables[0], ours), Side(tables[1], theirs), IGNORED)
    assert [(fields[2].postgres, fields[2].clickhouse)] == [("id", "scorecard_id")]
    assert 't."id"::text' in postgres_row(fields, trims=True)
    assert "toUInt8(`na`)" in clickhouse_row(fields, swaps=True)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(StoreError, match="'scorecards' has no column template, agent"):
        fields_of(Side(HeaderTable(), OURS), Side(HeaderTable(), THEIRS), frozenset())
    with pytest.raises(StoreError, match="'scores' has no column text_value"):
        fields_of(Side(TABLE, OURS), Side(TABLE, {k: v for k, v in THEIRS.items() if k != "text_value"}), IGNORED)


def test_a_column_that_cannot_be_compared_is_named_with_what_leaves_it_out() -> None:
    with pytest.raises(StoreError) as refused:
        fields_of(
            Side(TABLE, OURS | {"numeric_value": "real"}), Side(TABLE, THEIRS | {"numeric_value": "String"}), IGNORED
        )
    assert str(refused.value) == (
        "column numeric_value of scores: PostgreSQL's real cannot be compared with String; "
        "numeric_value = false in [mapping.clickhouse.scores] leaves it out"
    )
    with pytest.raises(StoreError, match=r"column criterion_id of scores: PostgreSQL's real .* with String$"):
        fields_of(Side(TABLE, OURS | {"criterion_id": "real"}), Side(TABLE, THEIRS), IGNORED)


@pytest.mark.parametrize("kind", ["boolean", "numeric", "bytea", "timestamp with time zone", "enum", "interval"])
def test_a_key_that_is_no_text_no_uuid_and_no_whole_number_is_refused(kind: str) -> None:
    with pytest.raises(StoreError, match=f"PostgreSQL's key column profile_id is a {kind}; "):
        fields_of(Side(TABLE, OURS | {"profile_id": kind}), Side(TABLE, THEIRS), IGNORED)
