"""The states that serial orders of the calls explain, and rows outside them."""

import pytest
from evidence import CONTENT, RULES, call, scorecard

from harness.check.anomalies import AnomalyClass
from harness.check.serial import explained_states, postgres_anomalies
from harness.model import Call, CallOutcome, Method, Scorecard

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
    assert {(state.overall_score == CONTENT.updated_overall, state.submitted) for state in found} == states
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


def test_the_nearest_explained_state_is_what_a_row_is_held_against() -> None:
    torn = scorecard(submitter="somebody else")  # one field away from submitted, two from a draft
    assert [anomaly.field for anomaly in postgres_anomalies(torn, CONTENT, pair(ACK, UNKNOWN), RULES)] == ["submitter"]
