"""The classes, what kind each is of, and how long a witness gets."""

from harness.check.anomalies import FIELDS, MAX_WITNESS, Anomaly, AnomalyClass, Role, failures
from harness.check.causes import RULES


def test_what_no_rule_tells_says_which_fields_differ() -> None:
    told = {rule.anomaly_class for rule in RULES} | {AnomalyClass.REPRESENTATION_DIFF}
    assert frozenset(AnomalyClass) - told == FIELDS


def test_a_note_is_no_failure() -> None:
    symptom, cause, note = (
        Anomaly(AnomalyClass.VERSION_TIE, "header", None, None, "", role)
        for role in (Role.SYMPTOM, Role.CAUSE, Role.NOTE)
    )
    assert failures((note, symptom, cause)) == (symptom, cause)


def test_a_finding_is_a_symptom_unless_it_says_otherwise() -> None:
    assert Anomaly(AnomalyClass.STALE_SCORE, "scores[c].numeric_value", 1, 2, "").role is Role.SYMPTOM


def test_a_witness_is_short_enough_to_be_read() -> None:
    assert MAX_WITNESS == 10
