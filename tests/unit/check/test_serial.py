"""The states that serial orders of the calls explain, and rows outside them."""

from decimal import Decimal

import pytest
from evidence import CLICKHOUSE_TYPES, CONTENT, POSTGRES_TYPES, RULES, call, score, scorecard

from harness.check.anomalies import AnomalyClass
from harness.check.fields import FieldRules
from harness.check.serial import created, explained_states, postgres_anomalies, stored
from harness.check.value_reading import float32
from harness.model import Call, CallOutcome, Method, Scorecard, StoreTypes

ACK, REFUSED, UNKNOWN = CallOutcome.ACKNOWLEDGED, CallOutcome.REFUSED, CallOutcome.INDETERMINATE


def pair(update: CallOutcome, submit: CallOutcome) -> list[Call]:
    return [call(Method.UPDATE, outcome=update), call(Method.SUBMIT, outcome=submit)]


@pytest.mark.parametrize(
    ("update", "submit", "states"),
    [
        (ACK, ACK, {(True, True)}),
        (ACK, REFUSED, {(True, False)}),
        (REFUSED, REFUSED, {(False, False)}),
        (ACK, UNKNOWN, {(True, True), (True, False)}),
        (UNKNOWN, ACK, {(True, True), (False, True)}),
        (UNKNOWN, UNKNOWN, {(True, True), (True, False), (False, True), (False, False)}),
    ],
)
def test_each_outcome_allows_exactly_its_states(
    update: CallOutcome, submit: CallOutcome, states: set[tuple[bool, bool]]
) -> None:
    found = explained_states(CONTENT, pair(update, submit))
    assert {(state.overall_score == CONTENT.updates[0].overall_score, state.submitted) for state in found} == states
    assert len(found) == len(states)
    for updated in (True, False):
        for submitted in (True, False):
            clean = not postgres_anomalies(
                scorecard(updated=updated, submitted=submitted), CONTENT, pair(update, submit), RULES
            )
            assert clean is ((updated, submitted) in states)


@pytest.mark.parametrize(
    ("row", "classes"),
    [
        (scorecard(submitted=False), {AnomalyClass.SUBMIT_CLOBBER}),
        (scorecard(submitter="somebody else"), {AnomalyClass.SUBMIT_CLOBBER}),
        (scorecard(updated=False), {AnomalyClass.LOST_UPDATE}),
        (scorecard(updated=False, submitted=False), {AnomalyClass.LOST_UPDATE, AnomalyClass.SUBMIT_CLOBBER}),
        (scorecard(agent="another"), {AnomalyClass.LOST_UPDATE}),
        (None, {AnomalyClass.LOST_UPDATE}),
    ],
)
def test_a_row_that_no_order_explains_is_classed(row: Scorecard | None, classes: set[AnomalyClass]) -> None:
    found = postgres_anomalies(row, CONTENT, pair(ACK, ACK), RULES)
    assert {anomaly.anomaly_class for anomaly in found} == classes


def typed(name: str, **columns: str) -> FieldRules:
    """The reference service's rules, all numbers in PostgreSQL of the given type, some of another."""
    numbers = dict.fromkeys(("overall_score", "numeric_value", "ai_value"), name)
    return FieldRules.of(StoreTypes(POSTGRES_TYPES | numbers | columns, CLICKHOUSE_TYPES))


STORED = [
    ("double precision", 65.875, 65.875),
    ("real", 0.1, 0.10000000149011612),
    ("numeric", 0.1, Decimal("0.1")),
    ("numeric(9,2)", 65.875, Decimal("65.88")),
    ("numeric(9,2)", -65.875, Decimal("-65.88")),
    ("numeric(9, 0)", 65.5, Decimal("66")),
    ("numeric(9)", 65.5, Decimal("66")),
    ("numeric(3,-2)", 6550.0, Decimal("6.6E+3")),
    ("numeric(40,30)", 65.875, Decimal("65.875")),
    ("numeric(1000,1000)", 0.5, Decimal("0.5")),
    ("real", None, None),
    ("numeric", None, None),
]


@pytest.mark.parametrize(("name", "written", "held"), STORED)
def test_numbers_are_expected_as_their_columns_hold_them(
    name: str, written: float | None, held: float | Decimal | None
) -> None:
    numbers = {"numeric_value": written, "ai_value": written}
    state = created(CONTENT)._replace(overall_score=written, scores=(score(**numbers),))
    found = stored(state, typed(name))
    for number in (found.overall_score, found.scores[0].numeric_value, found.scores[0].ai_value):
        assert (number, type(number)) == (held, type(held))
    assert stored(state, FieldRules({}, {})) == state


def test_each_number_goes_by_its_own_column() -> None:
    state = created(CONTENT)._replace(overall_score=0.1, scores=(score(numeric_value=0.1, ai_value=0.1),))
    (found,) = stored(state, typed("double precision", numeric_value="real")).scores
    assert (found.numeric_value, found.ai_value) == (0.10000000149011612, 0.1)
    (found,) = stored(state, typed("double precision", ai_value="real")).scores
    assert (found.numeric_value, found.ai_value) == (0.1, 0.10000000149011612)


def test_a_row_that_its_columns_rounded_is_explained() -> None:
    card = scorecard()
    rounded = card._replace(
        header=card.header._replace(overall_score=float32(float(card.header.overall_score or 0))),
        scores=tuple(
            s._replace(numeric_value=float32(float(s.numeric_value or 0)), ai_value=float32(float(s.ai_value or 0)))
            for s in card.scores
        ),
    )
    assert postgres_anomalies(rounded, CONTENT, pair(ACK, ACK), typed("real")) == ()
    found = postgres_anomalies(rounded, CONTENT, pair(ACK, ACK), RULES)
    assert {anomaly.field for anomaly in found} == {"overall_score", "scores"}


def test_the_nearest_explained_state_is_what_a_row_is_held_against() -> None:
    torn = scorecard(submitter="somebody else")  # one field away from submitted, two from a draft
    assert [anomaly.field for anomaly in postgres_anomalies(torn, CONTENT, pair(ACK, UNKNOWN), RULES)] == ["submitter"]
