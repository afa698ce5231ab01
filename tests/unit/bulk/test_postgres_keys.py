import pytest

from harness.bulk.postgres_keys import KeyColumns
from harness.bulk.ranges import KeyRange

COLUMNS = ('t."c"', 't."p"', 't."s"')
TEXTS, UUIDS, MIXED = ("text",) * 3, ("uuid",) * 3, ("text", "text", "uuid")
LOW, HIGH = "00000000-0000-0000-0000-00000000000a", "ffffffff-ffff-ffff-ffff-ffffffffffff"


def within(types: tuple[str, ...], served: bool, low: tuple[str, str, str]) -> tuple[str, list[str]]:
    condition, values = KeyColumns(COLUMNS, types, served).within(KeyRange(low, None))
    return condition.removeprefix(" WHERE "), values


def test_no_bounds_are_no_condition() -> None:
    assert KeyColumns(COLUMNS, TEXTS, served=True).within(KeyRange(None, None)) == ("", [])


def test_an_index_is_asked_for_columns_as_they_are() -> None:
    condition, values = KeyColumns(COLUMNS, MIXED, served=True).within(KeyRange(("a", "b", LOW), ("c", "d", HIGH)))
    key = '(t."c", t."p", t."s")'
    assert condition == f" WHERE {key} >= ($1, $2, $3::text::uuid) AND {key} < ($4, $5, $6::text::uuid)"
    assert values == ["a", "b", LOW, "c", "d", HIGH]


def test_without_one_texts_are_compared_by_their_bytes() -> None:
    condition, values = within(("text", "bigint", "uuid"), False, ("a", "-7", "x"))
    assert condition == '(t."c" COLLATE "C", t."p"::text COLLATE "C", t."s"::text COLLATE "C") >= ($1, $2, $3)'
    assert values == ["a", "-7", "x"]


@pytest.mark.parametrize(
    ("types", "low", "expected"),
    [
        (MIXED, ("a", "b", "0000"), ('(t."c", t."p", t."s") >= ($1, $2, $3::text::uuid)', ["a", "b", LOW[:-1] + "0"])),
        (MIXED, ("a", "b", "x"), ('(t."c", t."p") > ($1, $2)', ["a", "b"])),
        (UUIDS, ("1", HIGH, HIGH), ('(t."c") >= ($1::text::uuid)', ["1" + LOW[1:-1] + "0"])),
        (UUIDS, ("x", HIGH, HIGH), ("false", [])),
    ],
)
def test_a_bound_that_is_no_uuid_lies_between_two(
    types: tuple[str, ...], low: tuple[str, str, str], expected: tuple[str, list[str]]
) -> None:
    assert within(types, True, low) == expected


def test_before_a_bound_that_no_uuid_reaches_lies_everything() -> None:
    keys = KeyColumns(COLUMNS, UUIDS, served=True)
    assert keys.within(KeyRange(None, ("x", LOW, LOW))) == (" WHERE true", [])
    assert keys.within(KeyRange(None, (LOW, "x", LOW))) == (' WHERE (t."c") <= ($1::text::uuid)', [LOW])


@pytest.mark.parametrize("kind", ["uuid", "bigint", "integer", "smallint"])
def test_paging_is_in_the_columns_own_order(kind: str) -> None:
    keys = KeyColumns(COLUMNS, ("text", "text", kind), served=False)
    assert keys.after(2) == f'(t."c", t."p", t."s") > ($2, $3, $4::text::{kind})'
    assert keys.texts == 't."c", t."p", t."s"::text'
