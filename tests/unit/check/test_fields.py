"""A field is compared where both stores have it, and an incomparable one says how it is left out."""

import pytest
from evidence import CLICKHOUSE_TYPES, POSTGRES_TYPES, score, scorecard

from harness.check.fields import FieldRules
from harness.errors import StoreError
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS
from harness.model import StoreTypes


def test_all_that_both_stores_have_is_compared() -> None:
    rules = FieldRules.of(StoreTypes(POSTGRES_TYPES, CLICKHOUSE_TYPES))
    assert (tuple(rules.header), tuple(rules.score)) == (tuple(HEADER_FIELDS), tuple(SCORE_FIELDS))


def test_what_one_store_does_not_have_is_left_out_of_the_comparison() -> None:
    ours, theirs = ({"agent": "text", "template": "text"}, {"agent": "String", "numeric_value": "Float64"})
    rules = FieldRules.of(StoreTypes(ours, theirs))
    assert (list(rules.header), list(rules.score)) == (["agent"], [])
    rules = FieldRules.of(StoreTypes({"ai_scored": "boolean"}, {"ai_scored": "UInt8", "agent": "String"}))
    assert (list(rules.header), list(rules.score)) == ([], ["ai_scored"])


@pytest.mark.parametrize("names", [(), ("agent",), ("agent", "creator"), ("agent", "creator", "submitter")])
def test_what_a_row_has_in_the_compared_fields_is_a_tuple_however_few_they_are(names: tuple[str, ...]) -> None:
    rules = FieldRules.of(StoreTypes(dict.fromkeys(names, "text"), dict.fromkeys(names, "String")))
    header = scorecard().header
    assert rules.header_values(header) == tuple(getattr(header, name) for name in names)
    assert rules.score_values(score()) == ()


def test_the_rules_of_the_same_types_are_the_same() -> None:
    types = StoreTypes(POSTGRES_TYPES, CLICKHOUSE_TYPES)
    assert FieldRules.of(types) == FieldRules.of(types)


def test_a_field_whose_types_have_nothing_in_common_is_named_with_the_way_out() -> None:
    with pytest.raises(StoreError, match=r"^agent: .*agent = false in \[mapping\]"):
        FieldRules.of(StoreTypes({"agent": "text"}, {"agent": "Int8"}))
