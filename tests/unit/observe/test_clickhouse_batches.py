"""How names are split into queries, and what each query asks for."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.mapping import HEADER_FIELDS, ClickHouseMapping
from harness.observe.clickhouse_keys import MAX_KEYS_BYTES, MAX_NAMES, Condition, batches, condition, with_given
from harness.observe.clickhouse_tables import header_table
from harness.observe.names import ScorecardName
from harness.observe.tabseparated import decode_columns, truth

KEY = ("customer_id", "profile_id", "scorecard_id")
SERVER_LIMIT_BYTES = 256 * 1024
PARTS = st.builds(lambda character, times: character * times, st.sampled_from("a'\\é\U0001f600"), st.integers(1, 3000))
NAMES = st.lists(st.builds(ScorecardName, PARTS, PARTS, PARTS), max_size=30)
TYPES = {
    "template": "String",
    "agent": "String",
    "creator": "String",
    "overall_score": "Nullable(Float64)",
    "submitter_user_id": "String",
    "submitted_at": "Nullable(DateTime64(6))",
    "created_at": "DateTime64(6)",
    "updated_at": "DateTime64(6)",
    "version": "UInt64",
    "deleted": "UInt8",
}


class TestBatches:
    @settings(deadline=None)
    @given(NAMES)
    def test_hold_every_name_once_in_its_order(self, names: list[ScorecardName]) -> None:
        assert [name for batch, _ in batches(KEY, names) for name in batch] == names

    @settings(deadline=None)
    @given(NAMES, st.integers(1, 40))
    def test_fit_into_the_servers_limit(self, names: list[ScorecardName], times: int) -> None:
        for batch, shown in batches(KEY, names * times):
            assert len(batch) <= MAX_NAMES
            assert shown == condition(KEY, batch)
            if len(batch) > 1:
                assert 2 * len(shown.of_merge_tree.encode()) < SERVER_LIMIT_BYTES - 10_000

    def test_are_one_for_a_thousand_usual_names(self) -> None:
        names = [ScorecardName("some-customer", "some-profile", f"{number:036}") for number in range(MAX_NAMES)]
        assert len(list(batches(KEY, names))) == 1

    def test_are_one_for_a_thousand_usual_names_of_many_profiles(self) -> None:
        names = [ScorecardName(f"customer-{n % 10}", f"profile-{n % 100}", f"{n:036}") for n in range(MAX_NAMES)]
        assert len(list(batches(KEY, names))) == 1

    def test_are_as_few_as_names_allow(self) -> None:
        names = [ScorecardName("c" * 500, "p" * 500, f"{number:036}") for number in range(2 * MAX_NAMES + 1)]
        assert [len(batch) for batch, _ in batches(KEY, names)] == [MAX_NAMES, MAX_NAMES, 1]

    def test_are_not_empty_for_a_name_that_is_too_long(self) -> None:
        huge = ScorecardName("c", "p", "x" * MAX_KEYS_BYTES)
        assert [len(batch) for batch, _ in batches(KEY, [huge, huge])] == [1, 1]


class TestConditions:
    def test_of_one_profile_are_by_the_columns_of_the_primary_key(self) -> None:
        names = [ScorecardName("c", "p", "1"), ScorecardName("c", "p", "it's")]
        expected = r"`customer_id` IN ('c') AND `profile_id` IN ('p') AND `scorecard_id` IN ('1', 'it\'s')"
        assert condition(KEY, names) == Condition(expected, profile=("c", "p"))
        assert condition(KEY, names).of_merge_tree == condition(KEY, names).of_memory == f"WHERE {expected}"

    def test_of_many_are_by_whole_names_and_before_that_by_each_part(self) -> None:
        names = [ScorecardName("c", "p", "1"), ScorecardName("d", "p", "2")]
        exact = "(`customer_id`, `profile_id`, `scorecard_id`) IN (('c', 'p', '1'), ('d', 'p', '2'))"
        narrow = "`customer_id` IN ('c', 'd') AND `profile_id` IN ('p') AND `scorecard_id` IN ('1', '2')"
        found = condition(KEY, names)
        assert found == Condition(exact, narrow)
        assert found.of_merge_tree == f"PREWHERE {narrow} WHERE {exact}"
        assert found.of_memory == f"WHERE {narrow} AND {exact}"

    def test_of_many_whose_ids_are_drawn_are_by_each_part_alone(self) -> None:
        drawn = "f81d4fae7dec11d0a76500a0c91e6bf6"
        names = [ScorecardName("c", "p", drawn), ScorecardName("d", "p", drawn[::-1])]
        parts = (
            f"`customer_id` IN ('c', 'd') AND `profile_id` IN ('p') AND `scorecard_id` IN ('{drawn}', '{drawn[::-1]}')"
        )
        assert condition(KEY, names) == Condition(parts)
        assert condition(KEY, [*names, ScorecardName("d", "p", "17")]).narrow is not None

    def test_have_no_chain_of_ors(self) -> None:
        names = [ScorecardName(f"c{number}", f"p{number}", "s") for number in range(MAX_NAMES)]
        assert " OR " not in condition(KEY, names).of_merge_tree


class TestTypes:
    @pytest.mark.parametrize(
        ("column", "kind", "cell", "value"),
        [
            ("created_at", "DateTime64(3, 'UTC')", b"1700000000123000", 1_700_000_000_123_000),
            ("created_at", "DateTime64(9)", b"1700000000123456789", Fraction(1_700_000_000_123_456_789, 1000)),
            ("created_at", "DateTime64(7)", b"1700000000123456000", 1_700_000_000_123_456),
            ("created_at", "Date", b"86400000000", 86_400_000_000),
            ("overall_score", "Nullable(Decimal(9, 2))", b"12.30", Decimal("12.30")),
            ("overall_score", "Nullable(Decimal(9, 2))", b"\\N", None),
            ("overall_score", "Float32", b"0.1", 0.10000000149011612),
            ("overall_score", "UInt8", b"1", 1),
            ("agent", "LowCardinality(Nullable(String))", b"\\N", None),
            ("agent", "FixedString(3)", b"a\\0\\0", "a\0\0"),
        ],
    )
    def test_a_value_is_read_as_its_column_gives_it(self, column: str, kind: str, cell: bytes, value: object) -> None:
        mapping = ClickHouseMapping()
        table = header_table(mapping.headers, mapping.version, mapping.deleted, TYPES | {column: kind})
        field = next(name for name in HEADER_FIELDS if getattr(mapping.headers, name) == column)
        assert table.types[field] == kind
        ((read,),) = decode_columns(cell + b"\n", (table.decoders[5 + HEADER_FIELDS.index(field)],))
        assert (read, type(read)) == (value, type(value))

    def test_a_flag_that_is_neither_0_nor_1_is_no_truth_value(self) -> None:
        assert [truth(cell) for cell in ("0", "1", "2")] == [False, True, 2]

    def test_have_their_lists_by_name_where_these_are_given_once(self) -> None:
        names = [ScorecardName("c", "p", "1"), ScorecardName("d", "p", "2")]
        found = condition(KEY, names, "given_")
        assert found.narrow == "`customer_id` IN given_0_ AND `profile_id` IN ('p') AND `scorecard_id` IN given_1_"
        assert found.exact == "(`customer_id`, `profile_id`, `scorecard_id`) IN given_2_"
        lists = "('c', 'd') AS given_0_, ('1', '2') AS given_1_, (('c', 'p', '1'), ('d', 'p', '2')) AS given_2_"
        assert with_given(found, found) == f"WITH {lists} "
        assert found.size_bytes == len(lists) - len(", ") * 2 + len(found.of_merge_tree)

    def test_of_one_name_have_no_list_to_be_named(self) -> None:
        alone = condition(KEY, [ScorecardName("c", "p", "1")], "given_")
        assert alone == condition(KEY, [ScorecardName("c", "p", "1")])
        assert with_given(alone) == ""

    def test_with_named_lists_are_as_long_as_each_of_these_once(self) -> None:
        names = [ScorecardName("c", "p", f"{number:0200}") for number in range(MAX_NAMES)]
        for given_as in (None, "given_"):
            parts = list(batches(KEY, names, given_as=given_as))
            assert [name for batch, _ in parts for name in batch] == names
            assert all(part.size_bytes <= MAX_KEYS_BYTES for _, part in parts)
            assert len(parts) == 2
