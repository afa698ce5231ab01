"""Every rule of causes: where it holds, where it just does not, and which of two comes first."""

from dataclasses import replace

import pytest
from evidence import CONTENT, RULES, field_rules, score
from hypothesis import given
from hypothesis import strategies as st
from planted import (
    CLEAN,
    CLOBBERED,
    CREATED_US,
    DRAFT,
    ONLY_SUBMITTED,
    PLANTED,
    SUBMITTED_US,
    UPDATED,
    UPDATED_US,
    WHOLE,
    Copy,
    Planted,
    replacing,
    time_versions,
    told,
)

from harness.check import causes as causes_module
from harness.check.anomalies import MAX_WITNESS, Anomaly, AnomalyClass, EventKind, Role
from harness.check.causes import RULES as CAUSE_RULES
from harness.check.causes import may_tie
from harness.check.fields import FieldRules
from harness.model import ClickHouseRows, Scorecard, Versioned
from harness.units import US_PER_S

C = AnomalyClass


def test_the_table_that_the_module_opens_with_is_the_one_that_is_applied() -> None:
    lines = (line.split("|") for line in (causes_module.__doc__ or "").splitlines() if line.startswith("|"))
    written = [
        (name.strip(), side.strip().upper().removesuffix("QL")) for _, name, side, *_ in lines if name.strip("- ")
    ][1:]
    # A tie where no row differs is told in the line of ties, and representations by the comparison itself.
    applied = [(rule.anomaly_class, rule.side.name) for rule in CAUSE_RULES if rule.holds.__name__ != "_latent_tie"]
    assert applied == [line for line in written if line[0] != C.REPRESENTATION_DIFF]


def cause(planted: Planted, rows: ClickHouseRows | None = None, rules: FieldRules = RULES) -> AnomalyClass | None:
    """The cause of what is wrong in ClickHouse, None where none is decided."""
    found = told(planted, replacing(planted.copies) if rows is None else rows, rules)
    causes = [a.anomaly_class for a in found if a.role is Role.CAUSE]
    assert len(causes) <= 1
    return causes[0] if causes else None


def proof(planted: Planted, rows: ClickHouseRows | None = None) -> Anomaly:
    """The one cause that is told."""
    told_of = told(planted, replacing(planted.copies) if rows is None else rows)
    (found,) = (a for a in told_of if a.role is Role.CAUSE)
    return found


def header(card: Scorecard, **changes: object) -> Scorecard:
    return card._replace(header=card.header._replace(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_each_planted_class_is_told_and_no_other(planted: Planted) -> None:
    found = told(planted, replacing(planted.copies))
    assert {a.anomaly_class for a in found if a.role is not Role.SYMPTOM} == planted.causes
    for anomaly in found:
        if anomaly.role is Role.SYMPTOM:
            assert anomaly.witness == ()
        elif anomaly.anomaly_class is not C.REPRESENTATION_DIFF:
            assert len(anomaly.witness) <= MAX_WITNESS
            assert anomaly.witness[-1].kind is EventKind.RULE
            assert anomaly.explanation in anomaly.witness[-1].text


def test_every_class_of_the_table_has_a_rule() -> None:
    listed = {rule.anomaly_class for rule in CAUSE_RULES} | {C.REPRESENTATION_DIFF}
    assert listed == {c for c in AnomalyClass if not c.startswith("stale_") or c is C.STALE_PAYLOAD} - {
        C.MISSING_SCORE,
        C.ORPHAN_SCORE,
    }


INVERTED = [Copy(DRAFT, 7), Copy(WHOLE, 8), Copy(UPDATED, 9)]


def test_a_tie_comes_before_an_inversion() -> None:
    assert cause(Planted(WHOLE, [*INVERTED, Copy(DRAFT, 9)])) is C.VERSION_TIE
    # The same content twice is no tie.
    assert cause(Planted(WHOLE, [*INVERTED, Copy(UPDATED, 9)])) is C.VERSION_INVERSION


def test_a_tie_below_the_highest_version_is_none() -> None:
    assert told(Planted(WHOLE, [Copy(DRAFT, 7), Copy(UPDATED, 7), Copy(WHOLE, 8)]), replacing(CLEAN.copies)) == ()


def test_an_inversion_needs_a_row_that_equals_below_the_highest() -> None:
    assert cause(Planted(WHOLE, [Copy(DRAFT, 7), Copy(UPDATED, 9)])) is None
    deleted = Planted(WHOLE, [Copy(DRAFT, 7), Copy(WHOLE, 8, deleted=True), Copy(UPDATED, 9)])
    assert cause(deleted) is None
    # A late tombstone with the higher version hides what is right.
    assert cause(Planted(WHOLE, [Copy(WHOLE, 8), Copy(WHOLE, 9, deleted=True)])) is C.VERSION_INVERSION


def test_an_inversion_of_scores_counts_from_the_version_of_the_header_on() -> None:
    later = [Copy(WHOLE, 8), Copy(DRAFT, 9, header=False)]
    assert cause(Planted(WHOLE, later)) is C.VERSION_INVERSION
    # The updated scores of an older copy prove nothing: the copy that is PostgreSQL's came with others.
    torn = [Copy(UPDATED, 7), Copy(WHOLE._replace(scores=DRAFT.scores), 8)]
    assert cause(Planted(WHOLE, torn)) is C.TORN_SCORECARD


def test_a_stale_payload_needs_a_new_version_complete_evidence_and_an_older_content() -> None:
    stale = PLANTED["stale_payload"]
    assert cause(stale) is C.STALE_PAYLOAD
    assert cause(stale, replacing(stale.copies, merges=1)) is C.EVIDENCE_LOST
    assert cause(stale, replacing(stale.copies, merges=1, complete=True)) is C.STALE_PAYLOAD
    before = replace(stale, copies=[*stale.copies[:2], Copy(UPDATED, SUBMITTED_US - 1)])
    assert cause(before) is C.LOST_PROPAGATION
    # By its own word it is no older state, and whether it was ever committed is not known.
    strange = header(UPDATED, update_time_us=SUBMITTED_US)
    assert cause(replace(stale, copies=[*stale.copies[:2], Copy(strange, SUBMITTED_US)])) is None


def test_a_content_that_goes_back_to_what_a_lower_version_had_is_older_whatever_its_update_time_says() -> None:
    back = header(DRAFT, update_time_us=SUBMITTED_US, submit_time_us=SUBMITTED_US, submitter=WHOLE.header.submitter)
    copies = [Copy(DRAFT, 1_700_000_000_000), Copy(UPDATED, 1_700_000_002_100), Copy(back, 1_700_000_002_200)]
    assert cause(Planted(WHOLE, copies)) is C.STALE_PAYLOAD
    # Where PostgreSQL's value never came, or the value is new, it did not go back.
    assert cause(Planted(WHOLE, [copies[0], copies[2]])) is None
    assert cause(Planted(WHOLE, copies[1:])) is None


def test_a_version_in_seconds_stands_for_its_whole_second() -> None:
    half = header(WHOLE, update_time_us=SUBMITTED_US + 500_000)
    copies = [Copy(DRAFT, 1_700_000_000), Copy(UPDATED, SUBMITTED_US // US_PER_S)]
    assert cause(Planted(half, copies)) is C.STALE_PAYLOAD
    assert cause(Planted(half, [copies[0], Copy(UPDATED, SUBMITTED_US // US_PER_S - 1)])) is C.LOST_PROPAGATION


@pytest.mark.parametrize("per_us", [1000, 1, 1 / 1000, 1 / US_PER_S])
def test_versions_are_times_in_every_usual_unit(per_us: float) -> None:
    copies = [Copy(card, int(card.header.update_time_us * per_us)) for card in (DRAFT, UPDATED)]
    assert cause(Planted(WHOLE, copies)) is C.LOST_PROPAGATION


def test_a_clock_that_is_a_little_behind_proves_nothing_where_versions_may_have_been_merged_away() -> None:
    behind = Planted(WHOLE, [Copy(UPDATED, SUBMITTED_US - 50_000)])
    assert cause(behind) is C.LOST_PROPAGATION
    assert cause(behind, replacing(behind.copies, merges=1)) is C.EVIDENCE_LOST
    long_ago = Planted(WHOLE, [Copy(UPDATED, SUBMITTED_US - 2 * US_PER_S)])
    assert cause(long_ago, replacing(long_ago.copies, merges=1)) is C.LOST_PROPAGATION


def test_without_an_update_time_the_copies_are_counted() -> None:
    timeless = field_rules(frozenset({"update_time_us"}))
    lost = replace(PLANTED["lost_propagation"], with_calls=True)
    assert cause(lost, rules=timeless) is C.LOST_PROPAGATION
    assert cause(replace(lost, with_calls=False), rules=timeless) is None


def test_as_many_copies_as_writes_are_all_there_are() -> None:
    stale = PLANTED["stale_payload, by the calls"]
    assert cause(stale, replacing(stale.copies, merges=1)) is C.STALE_PAYLOAD
    fewer = replace(stale, copies=stale.copies[1:])
    assert cause(fewer, replacing(fewer.copies, merges=1)) is C.EVIDENCE_LOST
    assert cause(fewer, replacing(fewer.copies)) is C.LOST_PROPAGATION


def test_a_call_that_may_not_have_taken_effect_owes_a_copy_perhaps() -> None:
    unknown = replace(PLANTED["lost_propagation, by the calls"], submit=PLANTED["indeterminate"].submit)
    found = told(unknown, replacing(unknown.copies))
    assert {a.anomaly_class for a in found if a.role is not Role.SYMPTOM} == {C.INDETERMINATE}


def test_what_is_torn() -> None:
    one_missing = WHOLE._replace(scores=WHOLE.scores[:1])
    assert cause(Planted(WHOLE, [Copy(one_missing, SUBMITTED_US)])) is C.TORN_SCORECARD
    one_more = WHOLE._replace(scores=(*WHOLE.scores, score("zzz")))
    assert cause(Planted(WHOLE, [Copy(one_more, SUBMITTED_US)])) is C.TORN_SCORECARD
    mixed = header(
        WHOLE, overall_score=CONTENT.created_overall, submit_time_us=None, submitter="", update_time_us=UPDATED_US
    )
    copies = [Copy(DRAFT, 1), Copy(UPDATED, 2), Copy(mixed, 3)]
    assert cause(Planted(WHOLE, copies, with_calls=True)) is C.STALE_PAYLOAD
    # Nothing is shown at all: that is no mixture.
    hidden = Planted(WHOLE, [Copy(UPDATED, SUBMITTED_US, deleted=True)])
    assert cause(hidden) is None


def test_a_wrong_number_of_scores_is_torn_also_beside_a_header_that_is_no_older_state() -> None:
    strange = header(WHOLE._replace(scores=(*WHOLE.scores, score("zzz"))), agent="a", update_time_us=SUBMITTED_US + 1)
    found = proof(Planted(WHOLE, [Copy(strange, SUBMITTED_US + 1)]))
    assert found.anomaly_class is C.TORN_SCORECARD
    assert found.explanation == "ClickHouse shows 3 scores, PostgreSQL has 2"
    as_many = strange._replace(scores=WHOLE.scores)
    assert cause(Planted(WHOLE, [Copy(as_many, SUBMITTED_US + 1)])) is None


@pytest.mark.parametrize("stale", [(0, 1), (1,)])
def test_scores_of_another_state_beside_postgresqls_header_are_torn_and_the_first_is_named(stale: tuple[int]) -> None:
    scores = tuple(DRAFT.scores[n] if n in stale else one for n, one in enumerate(WHOLE.scores))
    found = proof(Planted(WHOLE, [Copy(WHOLE._replace(scores=scores), SUBMITTED_US)]))
    assert found.anomaly_class is C.TORN_SCORECARD
    assert found.field == f"score {WHOLE.scores[stale[0]].criterion}"


def test_rows_of_two_known_states_are_torn_where_the_evidence_does_not_say_which_copy_was_lost() -> None:
    """The versions of Update may have been merged away, so that the header of Submit alone is no proof of a stale payload."""
    crossed = Planted(WHOLE, [Copy(ONLY_SUBMITTED._replace(scores=WHOLE.scores), SUBMITTED_US)], with_calls=True)
    assert cause(crossed, replacing(crossed.copies, merges=1)) is C.TORN_SCORECARD
    one_state = replace(crossed, copies=[Copy(ONLY_SUBMITTED, SUBMITTED_US)])
    assert cause(one_state, replacing(one_state.copies, merges=1)) is C.EVIDENCE_LOST


def test_a_score_with_fields_of_two_known_states_is_torn() -> None:
    old, new = DRAFT.scores[0], WHOLE.scores[0]
    mixed = ONLY_SUBMITTED._replace(scores=(new._replace(numeric_value=old.numeric_value), DRAFT.scores[1]))
    planted = Planted(WHOLE, [Copy(mixed, SUBMITTED_US)], with_calls=True)
    assert old.numeric_value != new.numeric_value
    assert cause(planted, replacing(planted.copies, merges=1)) is C.TORN_SCORECARD


def test_an_old_version_that_came_in_part_is_told_as_the_copy_that_never_came() -> None:
    in_part = [Copy(DRAFT, CREATED_US), Copy(UPDATED, UPDATED_US, scores=False)]
    assert cause(Planted(WHOLE, in_part)) is C.LOST_PROPAGATION


def test_fields_of_two_known_states_in_one_row_are_torn() -> None:
    crossed = header(WHOLE, overall_score=CONTENT.created_overall, update_time_us=SUBMITTED_US)
    copies = [Copy(DRAFT, 1), Copy(UPDATED, 2), Copy(crossed._replace(scores=WHOLE.scores), 3)]
    # The header is that of Submit alone, an older state, beside scores that Update wrote.
    assert cause(Planted(WHOLE, copies, with_calls=True)) is C.STALE_PAYLOAD
    of_none = header(
        crossed, agent=CONTENT.agent, submitter=CONTENT.submitter, overall_score=CONTENT.updates[0].overall_score
    )
    assert cause(Planted(WHOLE, [*copies[:2], Copy(of_none, 3)], with_calls=True)) is None


def test_a_loss_that_the_column_did_not_impose_makes_a_phantom() -> None:
    precise = header(WHOLE, update_time_us=SUBMITTED_US + 123_456)
    cut = header(WHOLE, update_time_us=SUBMITTED_US + 123_000)
    assert cause(Planted(precise, [Copy(cut, SUBMITTED_US + 123_456)])) is C.PHANTOM_VALUE
    nothing = header(WHOLE, overall_score=None)
    zero = header(WHOLE, overall_score=0.0)
    assert (
        cause(Planted(nothing, [Copy(zero, SUBMITTED_US)]), rules=field_rules(overall_score="Float64"))
        is C.PHANTOM_VALUE
    )
    assert cause(Planted(nothing, [Copy(zero, SUBMITTED_US)])) is None


def test_a_value_of_a_call_that_was_never_made_is_a_phantom() -> None:
    never = header(WHOLE, agent="nobody")
    assert cause(Planted(WHOLE, [Copy(DRAFT, 1), Copy(UPDATED, 2), Copy(never, 3)], with_calls=True)) is C.PHANTOM_VALUE
    assert cause(Planted(WHOLE, [Copy(DRAFT, 1), Copy(UPDATED, 2), Copy(never, 3)])) is None


def test_the_first_phantom_is_named_and_comes_before_lost_evidence() -> None:
    never = header(WHOLE, agent="nobody", creator="nobody")
    planted = Planted(WHOLE, [Copy(never, SUBMITTED_US)], with_calls=True)
    found = proof(planted, replacing(planted.copies, merges=1))
    assert found.anomaly_class is C.PHANTOM_VALUE
    assert found.explanation == "header: FINAL's agent is in no state that was ever committed"


def test_lost_evidence_names_the_first_row_that_differs() -> None:
    strange = header(WHOLE, agent="nobody")
    found = proof(Planted(WHOLE, []), replacing([Copy(strange, SUBMITTED_US)], merges=1))
    assert (found.anomaly_class, found.field) == (C.EVIDENCE_LOST, "header")
    stale = strange._replace(scores=DRAFT.scores)
    found = proof(Planted(WHOLE, []), replacing([Copy(stale, SUBMITTED_US)], merges=1))
    assert (found.anomaly_class, found.field) == (C.EVIDENCE_LOST, "header")


def test_what_landed_between_the_looks_at_final_and_at_raw_makes_no_inversion() -> None:
    """FINAL is read first: RAW may already have the copy that puts it right, as its highest version."""
    before, after = replacing([Copy(UPDATED, UPDATED_US)]), replacing([Copy(UPDATED, UPDATED_US), *CLEAN.copies[2:]])
    assert cause(CLEAN, after._replace(final_headers=before.final_headers)) is None


def test_orphans_and_what_is_risen_from_the_dead() -> None:
    assert cause(Planted(None, [Copy(DRAFT, 1, deleted=True)])) is None
    assert cause(Planted(None, [Copy(DRAFT, 1, deleted=True), Copy(DRAFT, 2)])) is C.RESURRECTED_ROW
    scores_alone = [Copy(DRAFT, 1, header=False)]
    assert cause(Planted(None, scores_alone)) is C.ORPHAN_ROW
    # What is risen comes before how many of it are shown.
    risen = replacing([Copy(DRAFT, 1), Copy(DRAFT, 2, deleted=True), Copy(DRAFT, 3)])
    twice = risen._replace(final_headers=risen.final_headers * 2)
    assert cause(Planted(None, []), twice) is C.RESURRECTED_ROW
    assert cause(Planted(None, []), twice._replace(raw_headers=(), raw_scores=())) is C.ORPHAN_ROW


def test_duplicates_come_before_everything_that_versions_tell() -> None:
    both = replacing([Copy(DRAFT, 7), Copy(WHOLE, 8), Copy(UPDATED, 9)])
    twice = both._replace(final_headers=(*both.final_headers, Versioned(WHOLE.header, 8)))
    assert cause(Planted(WHOLE, []), twice) is C.DUPLICATE_FINAL
    tied = replacing([Copy(WHOLE, 8), Copy(UPDATED, 8)])
    assert cause(Planted(WHOLE, []), tied._replace(final_headers=tied.raw_headers)) is C.DUPLICATE_FINAL


def test_a_row_that_was_seen_is_not_missing() -> None:
    hidden = Planted(WHOLE, [Copy(DRAFT, 1), Copy(WHOLE, SUBMITTED_US, deleted=True)])
    assert cause(hidden) is not C.MISSING_ROW
    only_scores = Planted(WHOLE, [Copy(WHOLE, SUBMITTED_US, header=False)])
    assert cause(only_scores) is C.MISSING_ROW


def test_a_witness_has_the_calls_the_commit_the_deciding_versions_and_the_rule() -> None:
    planted = replace(PLANTED["version_inversion"], with_calls=True)
    (found,) = (a for a in told(planted, replacing(planted.copies)) if a.role is Role.CAUSE)
    kinds = [event.kind for event in found.witness]
    assert kinds == [EventKind.CALL] * 3 + [EventKind.COMMIT] + [EventKind.RAW] * 3 + [EventKind.RULE]
    raw = [event.text for event in found.witness if event.kind is EventKind.RAW]
    assert [text.split()[2].rstrip(",") for text in raw] == ["7", "8", "9"]
    assert "part all_1_1_0" in raw[1] and "submitted by" in raw[1]
    assert found.witness[0].text == "CreateScorecard started at 0.000 ms, acknowledged (OK) after 1.000 ms"


def test_a_witness_keeps_the_versions_that_decide_where_there_are_many() -> None:
    copies = [Copy(WHOLE, 1), *(Copy(header(UPDATED, agent=f"a{n}"), n) for n in range(2, 30))]
    (found,) = (a for a in told(Planted(WHOLE, copies), replacing(copies)) if a.role is Role.CAUSE)
    assert found.anomaly_class is C.VERSION_INVERSION
    assert len(found.witness) == MAX_WITNESS
    raw = [event.text for event in found.witness if event.kind is EventKind.RAW]
    assert raw[0].startswith("RAW version 1,") and raw[-1].startswith("RAW version 29,")


def many(*first: Copy) -> list[Copy]:
    """These copies, and after them more stale ones than a witness has room for."""
    return [*first, *(Copy(header(UPDATED, agent=f"a{n}"), n) for n in range(100, 120))]


def told_raw(found: Anomaly) -> list[str]:
    return [event.text for event in found.witness if event.kind is EventKind.RAW]


def test_a_witness_of_a_clobbered_submit_shows_that_it_had_been_there() -> None:
    planted = replace(PLANTED["submit_clobber"], copies=many(Copy(WHOLE, 1)))
    told_of = told(planted, replacing(planted.copies))
    found = next(a for a in told_of if a.anomaly_class is C.SUBMIT_CLOBBER)
    assert next(text for text in told_raw(found) if "submitted by" in text).startswith("RAW version 1,")


def test_a_witness_of_duplicates_shows_each_of_them() -> None:
    held = replacing(many(Copy(DRAFT, 1), Copy(WHOLE, 2)))
    twice = held._replace(final_headers=held.raw_headers[:2])
    found = proof(Planted(WHOLE, []), twice)
    assert found.anomaly_class is C.DUPLICATE_FINAL
    assert [text.split()[2] for text in told_raw(found)][:2] == ["1,", "2,"]


def test_notes_and_causes_are_told_in_the_order_of_the_table_postgresql_first() -> None:
    planted = Planted(CLOBBERED, time_versions(DRAFT), with_calls=True)
    found = [a.anomaly_class for a in told(planted, replacing(planted.copies)) if a.role is not Role.SYMPTOM]
    assert found == [C.SUBMIT_CLOBBER, C.LOST_PROPAGATION]
    both_lost = DRAFT._replace(header=DRAFT.header._replace(update_time_us=SUBMITTED_US))
    missing = Planted(both_lost, [], with_calls=True)
    found = [a.anomaly_class for a in told(missing, replacing([])) if a.role is not Role.SYMPTOM]
    assert found == [C.SUBMIT_CLOBBER, C.MISSING_ROW]


def test_postgres_and_clickhouse_are_accused_apart() -> None:
    planted = replace(
        PLANTED["submit_clobber"], copies=[*time_versions(DRAFT, UPDATED), Copy(ONLY_SUBMITTED, SUBMITTED_US)]
    )
    found = told(planted, replacing(planted.copies))
    assert next(a.anomaly_class for a in found if a.role is Role.CAUSE) is C.SUBMIT_CLOBBER
    assert len([a for a in found if a.role is Role.CAUSE]) == 2


@pytest.mark.parametrize(("header", "scores"), [(True, False), (False, True)])
def test_a_tie_of_the_header_alone_or_of_scores_alone_is_noted(header: bool, scores: bool) -> None:
    copies = [Copy(DRAFT, 7), Copy(UPDATED, 8, header, scores), Copy(DRAFT, 8, header, scores), Copy(WHOLE, 8)]
    assert [(a.anomaly_class, a.role) for a in told(Planted(WHOLE, []), replacing(copies))] == [
        (C.VERSION_TIE, Role.NOTE)
    ]


def test_a_tie_of_a_score_is_noted_also_where_another_score_has_a_higher_version() -> None:
    tied, other = (WHOLE._replace(scores=(one,)) for one in WHOLE.scores)
    stale = DRAFT._replace(scores=DRAFT.scores[:1])
    copies = [Copy(stale, 7, header=False), Copy(tied, 7, header=False), Copy(other, 8)]
    (found,) = told(Planted(WHOLE, []), replacing(copies))
    assert (found.anomaly_class, found.role) == (C.VERSION_TIE, Role.NOTE)
    assert found.field == f"score {WHOLE.scores[0].criterion}"


def test_what_has_its_highest_version_once_cannot_tie() -> None:
    assert not may_tie(replacing(CLEAN.copies))
    assert not may_tie(ClickHouseRows())
    assert not may_tie(replacing([*CLEAN.copies, CLEAN.copies[0]]))
    assert may_tie(replacing([*CLEAN.copies, replace(CLEAN.copies[-1], scores=False)]))
    assert may_tie(replacing([*CLEAN.copies, replace(CLEAN.copies[-1], header=False)]))


VERSIONS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=8)


@given(VERSIONS, st.lists(st.integers(1, 4), max_size=4))
def test_no_tie_of_the_highest_version_is_overlooked(versions: list[tuple[str, int]], headers: list[int]) -> None:
    highest = {criterion: max(v for c, v in versions if c == criterion) for criterion, _ in versions}
    rows = ClickHouseRows(
        final_scores=tuple(Versioned(score(criterion), version) for criterion, version in sorted(highest.items())),
        raw_headers=tuple(Versioned(WHOLE.header, version) for version in sorted(headers)),
        raw_scores=tuple(Versioned(score(c), version) for c, version in sorted(versions, key=lambda v: v[1])),
    )
    ties = any(versions.count(top) > 1 for top in highest.items()) or headers.count(max(headers, default=0)) > 1
    assert may_tie(rows) or not ties


def test_only_failures_have_a_cause() -> None:
    found: tuple[Anomaly, ...] = told(PLANTED["latent version_tie"], replacing(PLANTED["latent version_tie"].copies))
    assert [(a.anomaly_class, a.role) for a in found] == [(C.VERSION_TIE, Role.NOTE)]
