"""What is said of one row and of all rows together, where the rules of causes do not show it."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from evidence import CONTENT, RULES, call, field_rules, rows, score, scorecard
from planted import DRAFT, SUBMITTED_US, UPDATED, UPDATED_US, WHOLE, Copy, replacing

from harness.check.facts import SKEW_US, Age, Case, Facts, Written
from harness.check.fields import FieldRules
from harness.model import CallOutcome, ClickHouseRows, Method, Scorecard, Versioned
from harness.units import US_PER_S

ACK, REFUSED, UNKNOWN = CallOutcome.ACKNOWLEDGED, CallOutcome.REFUSED, CallOutcome.INDETERMINATE


def facts(
    postgres: Scorecard | None,
    shown: ClickHouseRows | Sequence[Copy],
    outcomes: Sequence[CallOutcome] = (),
    rules: FieldRules = RULES,
) -> Facts:
    """The facts on a scorecard; the outcomes are those of Create, Update and Submit, none where nothing is known of them."""
    calls = tuple(call(method, outcome=outcome) for method, outcome in zip(Method, outcomes, strict=False))
    held = shown if isinstance(shown, ClickHouseRows) else replacing(shown)
    return Facts(Case(postgres, held, rules, Written(CONTENT, calls) if calls else None))


def test_a_row_that_is_only_represented_otherwise_does_not_differ() -> None:
    half = WHOLE._replace(header=WHOLE.header._replace(update_time_us=SUBMITTED_US + 500_000))
    seconds = field_rules(update_time_us="DateTime")
    found = facts(half, [Copy(WHOLE, SUBMITTED_US)], rules=seconds)
    assert found.differing == ()
    assert [row.value for row in found.header.equal] == [WHOLE.header]
    assert [row.name for row in facts(half, [Copy(WHOLE, SUBMITTED_US)]).differing] == ["header"]


def test_a_row_that_postgresql_does_not_have_differs_as_soon_as_it_is_shown() -> None:
    assert [row.name for row in facts(None, rows(scorecard())).differing] == [
        "header",
        *(f"score {one.criterion}" for one in scorecard().scores),
    ]
    assert facts(None, [Copy(DRAFT, 1, deleted=True)]).differing == ()
    assert facts(None, rows(scorecard())).header.equal == ()


def test_no_state_is_older_than_one_that_postgresql_does_not_have() -> None:
    assert not facts(None, rows(DRAFT)).header.is_older(DRAFT.header)
    assert not facts(None, rows(DRAFT), [ACK] * 3).header.is_older(DRAFT.header)


def test_what_no_call_determines_makes_no_older_state_but_an_earlier_update_time_does() -> None:
    header = facts(WHOLE, rows(WHOLE), [ACK] * 3).header
    assert header.is_older(UPDATED.header)
    assert not header.is_older(WHOLE.header)
    assert not header.is_older(WHOLE.header._replace(create_time_us=7))
    assert not header.is_older(WHOLE.header._replace(agent="nobody"))
    assert header.is_older(WHOLE.header._replace(update_time_us=UPDATED_US))
    assert not header.is_older(WHOLE.header._replace(update_time_us=SUBMITTED_US + 1))


def test_an_update_time_that_is_not_compared_makes_nothing_older() -> None:
    timeless = field_rules(frozenset({"update_time_us"}))
    earlier = WHOLE.header._replace(agent="nobody", update_time_us=UPDATED_US)
    assert facts(WHOLE, rows(WHOLE)).header.is_older(earlier)
    assert not facts(WHOLE, rows(WHOLE), rules=timeless).header.is_older(earlier)


def test_a_score_has_no_time_of_its_own_and_is_older_by_its_value_alone() -> None:
    one, other = score(numeric_value=1.0), score(numeric_value=2.0)
    raw = tuple(Versioned(value, version) for version, value in enumerate((one, other, one)))
    row = facts(Scorecard(WHOLE.header, (other,)), rows(WHOLE)._replace(raw_scores=raw)).scores[0]
    assert row.is_older(one)
    assert not row.is_older(other)
    assert not row.is_older(score(numeric_value=3.0))


@pytest.mark.parametrize("field", ["template", "agent", "creator", "overall_score", "submitter"])
def test_a_value_that_no_call_wrote_is_unknown_and_postgresqls_own_never_is(field: str) -> None:
    never = {field: -1.0 if field == "overall_score" else "nobody"}
    strange = WHOLE._replace(header=WHOLE.header._replace(**never))  # type: ignore[arg-type]
    assert facts(WHOLE, rows(WHOLE), [ACK] * 3).header.unknown_fields(strange.header) == (field,)
    assert facts(strange, rows(WHOLE), [ACK] * 3).header.unknown_fields(strange.header) == ()
    assert facts(WHOLE, rows(WHOLE)).header.unknown_fields(strange.header) == ()


@pytest.mark.parametrize("field", ["submit_time_us", "create_time_us", "update_time_us"])
def test_an_instant_cut_on_the_way_to_a_finer_column_is_unknown(field: str) -> None:
    at_us = 1_700_000_000_123_456
    header = WHOLE.header._replace(**{field: at_us})
    found = facts(WHOLE._replace(header=header), rows(WHOLE)).header

    def unknown(instant_us: object) -> tuple[str, ...]:
        return found.unknown_fields(header._replace(**{field: instant_us}))  # type: ignore[arg-type]

    assert unknown(at_us // 1_000 * 1_000) == (field,)
    assert unknown(at_us // US_PER_S * US_PER_S) == (field,)
    for other_us in (at_us, at_us + 1, at_us // 1_000 * 1_000 + 1, at_us // 10_000 * 10_000, None):
        assert unknown(other_us) == ()


def test_only_whole_microseconds_are_cut() -> None:
    header = WHOLE.header._replace(submit_time_us=None)
    found = facts(WHOLE._replace(header=header), rows(WHOLE)).header
    assert found.unknown_fields(WHOLE.header) == ()
    finer = field_rules(update_time_us="DateTime64(9)")
    found = facts(WHOLE, rows(WHOLE), rules=finer).header
    assert found.unknown_fields(WHOLE.header._replace(update_time_us=Fraction(SUBMITTED_US * 2 + 1, 2))) == ()


def with_parts(*parts: str, card: Scorecard = WHOLE) -> ClickHouseRows:
    """Rows of a scorecard, a version in each of these parts."""
    raw = tuple(Versioned(card.header, version, part=part) for version, part in enumerate(parts))
    return rows(WHOLE)._replace(raw_headers=raw, raw_scores=())


@pytest.mark.parametrize(
    ("parts", "complete"),
    [
        ((), False),
        (("all_1_1_0",), True),
        (("all_1_1_0", "all_2_2_0"), True),
        (("all_1_1_0", "all_2_3_1"), False),
        (("all_2_3_1",), False),
        (("all_1_1_0", ""), False),
        (("strange",), False),
    ],
)
def test_raw_is_complete_where_no_part_was_merged(parts: tuple[str, ...], complete: bool) -> None:
    assert facts(WHOLE, with_parts(*parts)).complete is complete
    assert facts(WHOLE, with_parts(*parts)._replace(complete=True)).complete


@pytest.mark.parametrize(
    ("outcomes", "seen", "complete"),
    [
        ((), 9, False),
        ((ACK, ACK, ACK), 2, False),
        ((ACK, ACK, ACK), 3, True),
        ((ACK, ACK, REFUSED), 2, True),
        # A call that may have taken effect may have owed a copy, which may have been merged away.
        ((ACK, ACK, UNKNOWN), 2, False),
        ((ACK, ACK, UNKNOWN), 3, True),
    ],
)
def test_raw_is_complete_where_as_many_versions_were_seen_as_were_written(
    outcomes: tuple[CallOutcome, ...], seen: int, complete: bool
) -> None:
    assert facts(WHOLE, with_parts(*["all_1_9_1"] * seen), outcomes).complete is complete


def test_the_age_of_nothing_is_unknown() -> None:
    assert facts(WHOLE, ClickHouseRows()).age is Age.UNKNOWN
    assert facts(WHOLE, ClickHouseRows(complete=True), [ACK] * 3).age is Age.UNKNOWN
    assert facts(None, [Copy(WHOLE, SUBMITTED_US)]).age is Age.UNKNOWN


@pytest.mark.parametrize(
    ("behind_us", "complete", "age"),
    [
        (-1, False, Age.NEW),
        (0, False, Age.NEW),
        (1, True, Age.OLD),
        (1, False, Age.UNKNOWN),
        (SKEW_US, False, Age.UNKNOWN),
        (SKEW_US + 1, False, Age.OLD),
    ],
)
def test_a_version_is_old_by_its_time_where_no_clock_can_be_blamed(behind_us: int, complete: bool, age: Age) -> None:
    held = replacing([Copy(WHOLE, SUBMITTED_US - behind_us)], merges=1, complete=complete)
    assert facts(WHOLE, held).age is age


@pytest.mark.parametrize(
    ("outcomes", "seen", "age"),
    [
        ((), 3, Age.UNKNOWN),
        ((ACK, ACK, ACK), 2, Age.OLD),
        ((ACK, ACK, ACK), 3, Age.NEW),
        ((ACK, ACK, UNKNOWN), 1, Age.OLD),
        ((ACK, ACK, UNKNOWN), 2, Age.UNKNOWN),
        ((ACK, ACK, UNKNOWN), 3, Age.NEW),
    ],
)
def test_without_a_time_the_age_is_told_by_counting(outcomes: tuple[CallOutcome, ...], seen: int, age: Age) -> None:
    assert facts(WHOLE, with_parts(*["all_1_1_0"] * seen, card=UPDATED), outcomes).age is age


def test_a_copy_less_than_there_were_writes_makes_nothing_old_where_postgresqls_own_came() -> None:
    assert facts(WHOLE, with_parts("all_1_1_0", "all_2_2_0"), [ACK] * 3).age is Age.UNKNOWN
    assert facts(WHOLE, with_parts("all_1_1_0", "all_2_2_0", "all_3_3_0"), [ACK] * 3).age is Age.NEW
