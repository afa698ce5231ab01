"""Several Updates and a Submit of one scorecard: what explains a row, and by which way a copy became stale."""

from collections.abc import Iterator, Sequence
from itertools import chain, combinations, permutations

import pytest
from evidence import CONTENT, RULES, SUBMIT_TIME_US, call, scorecard
from hypothesis import given
from hypothesis import strategies as st
from planted import CREATED_US, DRAFT, SUBMITTED_US, TIMES, UPDATED, UPDATED_US, Copy, Planted, replacing, told

from harness.check.anomalies import AnomalyClass, Role
from harness.check.facts import Case, Facts, Written
from harness.check.serial import State, committed_states, created, explained_states, postgres_anomalies
from harness.model import Call, CallOutcome, Method, Scorecard
from harness.units import NS_PER_MS, US_PER_S

C = AnomalyClass
ACK, REFUSED, UNKNOWN = CallOutcome.ACKNOWLEDGED, CallOutcome.REFUSED, CallOutcome.INDETERMINATE


def write(method: Method, started_ms: float, outcome: CallOutcome = ACK, update: int = 0, took_ms: float = 8) -> Call:
    finished_ns = round((started_ms + took_ms) * NS_PER_MS)
    return call(method, started_ms, outcome, update=update, finished_ns=finished_ns)


def three(
    first: CallOutcome = ACK, second: CallOutcome = ACK, submit: CallOutcome = ACK, took_ms: float = 8
) -> tuple[Call, ...]:
    """The calls of `update@0, update@2, submit@5`: they overlap, unless they took less than 2 ms."""
    return (
        write(Method.UPDATE, 10, first, took_ms=took_ms),
        write(Method.UPDATE, 12, second, update=1, took_ms=took_ms),
        write(Method.SUBMIT, 15, submit, took_ms=took_ms),
    )


def mixed(scores: Sequence[int], **card: object) -> Scorecard:
    """A scorecard with each criterion's score of another update."""
    held = tuple(CONTENT.updates[update].scores[place] for place, update in enumerate(scores))
    return scorecard(**card)._replace(scores=held)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "classes"),
    [
        (scorecard(update=0), set()),
        (scorecard(update=1), set()),
        (scorecard(update=0, submitted=False), {C.SUBMIT_CLOBBER}),
        (scorecard(update=1, submitted=False), {C.SUBMIT_CLOBBER}),
        (scorecard(update=1, submitter=""), {C.SUBMIT_CLOBBER}),
        (scorecard(update=1, submitted=False, submit_time_us=SUBMIT_TIME_US), {C.SUBMIT_CLOBBER}),
        (scorecard(updated=False), {C.LOST_UPDATE}),
        (scorecard(updated=False, submitted=False), {C.LOST_UPDATE, C.SUBMIT_CLOBBER}),
        # The header of one with the scores of the other, either way, and scores of both.
        (mixed((1, 1), update=0), {C.LOST_UPDATE}),
        (mixed((0, 0), update=1), {C.LOST_UPDATE}),
        (mixed((0, 1), update=1), {C.LOST_UPDATE}),
        (mixed((0, 1), update=1, submitted=False), {C.LOST_UPDATE, C.SUBMIT_CLOBBER}),
        (mixed((0, 0), updated=False), {C.LOST_UPDATE}),
        # One that no call carried.
        (scorecard(update=2), {C.LOST_UPDATE}),
        (None, {C.LOST_UPDATE}),
    ],
)
def test_of_overlapping_updates_either_can_be_the_last_and_nothing_else(
    row: Scorecard | None, classes: set[AnomalyClass]
) -> None:
    found = postgres_anomalies(row, CONTENT, three(), RULES)
    assert {anomaly.anomaly_class for anomaly in found} == classes


@pytest.mark.parametrize(
    ("calls", "explained"),
    [
        # By which update was the last, None for none, and whether it is submitted.
        (three(), {(0, True), (1, True)}),
        (three(took_ms=1), {(1, True)}),
        (three(took_ms=2), {(0, True), (1, True)}),
        (three(second=REFUSED), {(0, True)}),
        (three(second=REFUSED, took_ms=1), {(0, True)}),
        (three(second=UNKNOWN), {(0, True), (1, True)}),
        (three(second=UNKNOWN, took_ms=1), {(0, True), (1, True)}),
        # It may take effect long after its caller gave up.
        (three(first=UNKNOWN, took_ms=1), {(0, True), (1, True)}),
        (three(first=UNKNOWN, second=UNKNOWN, submit=UNKNOWN), {(u, s) for u in (None, 0, 1) for s in (True, False)}),
        (three(first=REFUSED, second=UNKNOWN), {(None, True), (1, True)}),
        (three(submit=UNKNOWN, took_ms=1), {(1, True), (1, False)}),
        (three(submit=REFUSED), {(0, False), (1, False)}),
        (three()[:2], {(0, False), (1, False)}),
        (three()[2:], {(None, True)}),
        ((), {(None, False)}),
    ],
)
def test_each_outcome_allows_exactly_its_ends(calls: Sequence[Call], explained: set[tuple[int | None, bool]]) -> None:
    rows = {
        (update, submitted): scorecard(updated=update is not None, update=update or 0, submitted=submitted)
        for update in (None, 0, 1, 2)
        for submitted in (True, False)
    }
    clean = {which for which, row in rows.items() if not postgres_anomalies(row, CONTENT, calls, RULES)}
    assert clean == explained


def test_an_update_that_was_answered_before_another_was_started_is_lost_where_it_is_what_is_left() -> None:
    found = postgres_anomalies(scorecard(update=0), CONTENT, three(took_ms=1), RULES)
    assert {(anomaly.anomaly_class, anomaly.field) for anomaly in found} == {
        (C.LOST_UPDATE, "overall_score"),
        (C.LOST_UPDATE, "scores"),
    }


def test_nine_calls_are_judged_by_their_ends_and_not_by_their_orders() -> None:
    update = CONTENT.updates[0]
    content = CONTENT._replace(updates=tuple(update._replace(overall_score=50.0 + number) for number in range(8)))
    calls = [write(Method.UPDATE, number / 10, update=number) for number in range(8)] + [write(Method.SUBMIT, 1)]
    assert [state.overall_score for state in explained_states(content, calls)] == [50.0 + number for number in range(8)]
    row = card_of(explained_states(content, calls)[3])
    assert len(committed_states(content, calls, row, RULES).possible) == 18


def card_of(state: State) -> Scorecard:
    """A row that holds a state."""
    header = scorecard().header._replace(
        template=state.template,
        agent=state.agent,
        creator=state.creator,
        overall_score=state.overall_score,
        submit_time_us=SUBMIT_TIME_US if state.submitted else None,
        submitter=state.submitter,
    )
    return Scorecard(header, state.scores)


Played = tuple[tuple[Call, ...], tuple[State, ...]]
"""A serial order, and the states that it goes through."""


def played(calls: Sequence[Call]) -> Iterator[Played]:
    """Every serial order of the calls, one by one, by what each call does to what the one before it left."""
    certain = [one for one in calls if one.outcome is ACK]
    maybe = [one for one in calls if one.outcome is UNKNOWN]
    for extra in chain.from_iterable(combinations(maybe, size) for size in range(len(maybe) + 1)):
        for order in permutations([*certain, *extra]):
            if not any(known_before(later, earlier) for earlier, later in combinations(order, 2)):
                yield order, tuple(states_of(order))


def known_before(one: Call, other: Call) -> bool:
    both = {one.method, other.method} == {Method.UPDATE}
    return both and one.outcome is ACK and one.finished_ns < other.started_ns


def states_of(order: Sequence[Call]) -> Iterator[State]:
    state = created(CONTENT)
    yield state
    for one in order:
        if one.method is Method.UPDATE:
            overall_score, scores = CONTENT.updates[one.update]
            state = state._replace(overall_score=overall_score, scores=scores)
        else:
            state = state._replace(submitted=True, submitter=CONTENT.submitter)
        yield state


def shown(order: Sequence[Call]) -> set[Call]:
    """The calls whose effects are left to be seen."""
    updates = [one for one in order if one.method is Method.UPDATE]
    return {one for one in order if one.method is Method.SUBMIT} | set(updates[-1:])


@st.composite
def writes(draw: st.DrawFn) -> tuple[Call, ...]:
    """Up to three Updates and a Submit, in any order, that overlap or not and end in any way."""
    made = [(Method.UPDATE, update) for update in range(draw(st.integers(0, 3)))]
    made += [(Method.SUBMIT, 0)] * draw(st.integers(0, 1))
    return tuple(
        write(
            method, draw(st.integers(0, 6)), draw(st.sampled_from(CallOutcome)), update, took_ms=draw(st.integers(0, 4))
        )
        for method, update in draw(st.permutations(made))
    )


@given(writes())
def test_what_is_explained_is_what_the_orders_leave_one_by_one(calls: tuple[Call, ...]) -> None:
    found = explained_states(CONTENT, calls)
    assert set(found) == {states[-1] for _, states in played(calls)}
    assert len(set(found)) == len(found)


@given(writes(), st.data())
def test_what_was_committed_is_what_the_orders_go_through_one_by_one(
    calls: tuple[Call, ...], data: st.DataObject
) -> None:
    every = list(played([one._replace(outcome=UNKNOWN) if one.outcome is ACK else one for one in calls]))
    row = data.draw(st.sampled_from(sorted({state for _, states in every for state in states}, key=repr)))
    explaining = [(order, states) for order, states in played(calls) if states[-1] == row]
    found = committed_states(CONTENT, calls, card_of(row), RULES)
    assert len(set(found.possible)) == len(found.possible)
    if not explaining:
        assert set(found.possible) == set(found.certain) == {state for _, states in every for state in states}
        return
    sure = set.intersection(*(set(order) for order, _ in explaining))
    beginnings = [(order[:length], states[length]) for order, states in explaining for length in range(len(states))]
    assert set(found.possible) == {state for _, state in beginnings}
    assert set(found.certain) == {state for beginning, state in beginnings if shown(beginning) <= sure}


# The states of `update@0, update@2, submit@5` in the order of their starts, a second apart.
AGAIN_US = UPDATED_US + US_PER_S // 2
AGAIN = scorecard(update=1, submitted=False, update_time_us=AGAIN_US, **TIMES)
WHOLE = scorecard(update=1, submit_time_us=SUBMITTED_US, update_time_us=SUBMITTED_US, **TIMES)
FIRST_SUBMITTED = scorecard(update=0, submit_time_us=SUBMITTED_US, update_time_us=SUBMITTED_US, **TIMES)
NEVER_CALLED = scorecard(update=2, submit_time_us=SUBMITTED_US, update_time_us=SUBMITTED_US, **TIMES)


def at(card: Scorecard, **changes: object) -> Scorecard:
    return card._replace(header=card.header._replace(**changes))  # type: ignore[arg-type]


def by_time(*cards: Scorecard) -> list[Copy]:
    return [Copy(card, int(card.header.update_time_us)) for card in cards]


def by_count(*cards: Scorecard) -> list[Copy]:
    return [Copy(card, version) for version, card in enumerate(cards, 1)]


def classes(planted: Planted, *, merges: int = 0, complete: bool = False) -> set[AnomalyClass]:
    """The notes, and of each store the cause."""
    found = told(planted, replacing(planted.copies, merges=merges, complete=complete))
    return {anomaly.anomaly_class for anomaly in found if anomaly.role is not Role.SYMPTOM}


def of_three(postgres: Scorecard, copies: Sequence[Copy], writes: tuple[Call, ...] | None = None) -> Planted:
    return Planted(postgres, copies, with_calls=True, writes=three() if writes is None else writes)


TORN_HEADER = Scorecard(FIRST_SUBMITTED.header, WHOLE.scores)
STALE = {
    "converged": (WHOLE, by_time(DRAFT, UPDATED, AGAIN, WHOLE), set()),
    "converged, counted": (WHOLE, by_count(DRAFT, UPDATED, AGAIN, WHOLE), set()),
    "converged, the first update the last": (
        FIRST_SUBMITTED,
        by_count(DRAFT, AGAIN, UPDATED, FIRST_SUBMITTED),
        set(),
    ),
    "converged, whatever landed late": (WHOLE, [*by_time(WHOLE), *by_time(UPDATED, DRAFT)], set()),
    "the first update in the newest version": (
        WHOLE,
        [*by_time(DRAFT, UPDATED, AGAIN), Copy(at(UPDATED, update_time_us=UPDATED_US), SUBMITTED_US)],
        {C.STALE_PAYLOAD},
    ),
    "the first update in the newest version, submitted": (
        WHOLE,
        [*by_time(DRAFT, UPDATED, AGAIN), Copy(FIRST_SUBMITTED, SUBMITTED_US)],
        {C.STALE_PAYLOAD},
    ),
    "the first update in the newest version, counted": (
        WHOLE,
        by_count(DRAFT, UPDATED, AGAIN, FIRST_SUBMITTED),
        {C.STALE_PAYLOAD},
    ),
    "the second update in the newest version, the first the last": (
        FIRST_SUBMITTED,
        by_count(DRAFT, AGAIN, UPDATED, WHOLE),
        {C.STALE_PAYLOAD},
    ),
    "the first update above": (
        WHOLE,
        [*by_count(DRAFT, AGAIN, WHOLE), Copy(UPDATED, 9)],
        {C.VERSION_INVERSION},
    ),
    "the second update above, the first the last": (
        FIRST_SUBMITTED,
        [*by_count(DRAFT, UPDATED, FIRST_SUBMITTED), Copy(AGAIN, 9)],
        {C.VERSION_INVERSION},
    ),
    "the first update alone": (WHOLE, by_time(DRAFT, UPDATED), {C.LOST_PROPAGATION}),
    "the first update alone, counted": (WHOLE, by_count(DRAFT, UPDATED), {C.LOST_PROPAGATION}),
    "without Submit's": (WHOLE, by_time(DRAFT, UPDATED, AGAIN), {C.LOST_PROPAGATION}),
    "without Submit's, counted": (WHOLE, by_count(DRAFT, UPDATED, AGAIN), {C.LOST_PROPAGATION}),
    # The copy of the second update never came; that of the last change did, in part.
    "without the second update's, and in part": (
        WHOLE,
        [*by_count(DRAFT, UPDATED), Copy(WHOLE, 4, scores=False)],
        {C.TORN_SCORECARD},
    ),
    "two updates of one version": (WHOLE, [Copy(DRAFT, 1), Copy(WHOLE, 2), Copy(UPDATED, 2)], {C.VERSION_TIE}),
    "the scores of the first update": (
        WHOLE,
        by_count(DRAFT, UPDATED, AGAIN, WHOLE._replace(scores=UPDATED.scores)),
        {C.TORN_SCORECARD},
    ),
    "an update that no call carried": (WHOLE, by_count(DRAFT, UPDATED, AGAIN, NEVER_CALLED), {C.PHANTOM_VALUE}),
}


@pytest.mark.parametrize(("postgres", "copies", "wanted"), STALE.values(), ids=STALE.keys())
def test_a_copy_of_several_updates_is_told_by_its_cause(
    postgres: Scorecard, copies: Sequence[Copy], wanted: set[AnomalyClass]
) -> None:
    assert classes(of_three(postgres, copies)) == wanted


def test_two_updates_side_by_side_are_torn_where_versions_may_be_gone() -> None:
    torn = of_three(WHOLE, [Copy(TORN_HEADER, SUBMITTED_US)])
    assert classes(torn, merges=1) == {C.TORN_SCORECARD}
    one_state = of_three(WHOLE, [Copy(FIRST_SUBMITTED, SUBMITTED_US)])
    assert classes(one_state, merges=1) == {C.EVIDENCE_LOST}
    assert classes(one_state, merges=1, complete=True) == {C.STALE_PAYLOAD}


def test_a_row_of_two_updates_in_postgresql_is_wrong_and_a_copy_of_it_is_not_accused() -> None:
    torn = Scorecard(WHOLE.header, UPDATED.scores)
    assert classes(of_three(torn, by_time(DRAFT, UPDATED, AGAIN, torn))) == {C.LOST_UPDATE}
    clobbered = at(AGAIN, update_time_us=SUBMITTED_US)
    copies = by_time(DRAFT, UPDATED, AGAIN, clobbered)
    assert classes(of_three(clobbered, copies)) == {C.SUBMIT_CLOBBER}


@pytest.mark.parametrize(
    ("writes", "newest", "above"),
    [
        # Whether it was overwritten or rolled back nothing says: a state of it is neither older without doubt nor a phantom.
        (three(second=UNKNOWN), set(), set()),
        # It was started after the one that is left was answered, and so never took effect.
        (three(second=UNKNOWN, took_ms=1), {C.PHANTOM_VALUE}, {C.PHANTOM_VALUE}),
        (three(second=REFUSED), {C.PHANTOM_VALUE}, {C.PHANTOM_VALUE}),
        (three(), {C.STALE_PAYLOAD}, {C.VERSION_INVERSION}),
    ],
)
def test_of_an_update_whose_effect_nothing_decides_a_copy_has_no_cause(
    writes: tuple[Call, ...], newest: set[AnomalyClass], above: set[AnomalyClass]
) -> None:
    """PostgreSQL has the first update, and ClickHouse shows the second."""
    note = {C.INDETERMINATE} if any(one.outcome is UNKNOWN for one in writes) else set()
    copies = [*by_time(DRAFT, UPDATED), Copy(WHOLE, SUBMITTED_US)]
    assert classes(of_three(FIRST_SUBMITTED, copies, writes)) == newest | note
    inverted = [Copy(DRAFT, CREATED_US), Copy(FIRST_SUBMITTED, SUBMITTED_US), Copy(WHOLE, SUBMITTED_US + 1)]
    assert classes(of_three(FIRST_SUBMITTED, inverted, writes)) == above | note


@pytest.mark.parametrize(
    ("copies", "merges", "decided"),
    [
        ([Copy(DRAFT, 1), Copy(FIRST_SUBMITTED, 2), Copy(WHOLE, 2)], 0, {C.VERSION_TIE}),
        ([Copy(Scorecard(FIRST_SUBMITTED.header, WHOLE.scores), SUBMITTED_US)], 0, {C.TORN_SCORECARD}),
        ([Copy(Scorecard(WHOLE.header, FIRST_SUBMITTED.scores), SUBMITTED_US)], 1, {C.TORN_SCORECARD}),
        # What is not there at all cannot have been rolled back.
        (by_time(DRAFT), 0, {C.LOST_PROPAGATION}),
        ([], 0, {C.MISSING_ROW}),
    ],
)
def test_a_cause_that_needs_a_committed_content_waits_for_one_that_certainly_was(
    copies: Sequence[Copy], merges: int, decided: set[AnomalyClass]
) -> None:
    assert classes(of_three(FIRST_SUBMITTED, copies), merges=merges) == decided
    rest = decided & {C.LOST_PROPAGATION, C.MISSING_ROW} or ({C.EVIDENCE_LOST} if merges else set())
    assert classes(of_three(FIRST_SUBMITTED, copies, three(second=UNKNOWN)), merges=merges) == rest | {C.INDETERMINATE}


def test_an_update_that_the_row_shows_took_effect_whatever_its_caller_was_told() -> None:
    """Its draft is a state that PostgreSQL has left."""
    writes = three(first=REFUSED, second=UNKNOWN)
    planted = of_three(WHOLE, [*by_time(DRAFT), Copy(AGAIN, SUBMITTED_US)], writes)
    assert classes(planted) == {C.STALE_PAYLOAD, C.INDETERMINATE}


def test_a_value_is_known_where_a_state_has_it_and_certain_where_one_without_doubt_has() -> None:
    written = Written(CONTENT, (call(Method.CREATE), *three(second=UNKNOWN)))
    header = Facts(Case(FIRST_SUBMITTED, replacing([]), RULES, written)).header
    assert header.unknown_fields(WHOLE.header) == ()
    assert header.unknown_fields(WHOLE.header, certain=True) == ("overall_score",)
    assert header.unknown_fields(DRAFT.header, certain=True) == ()
