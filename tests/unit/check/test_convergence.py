"""Each class of difference is seen, and nothing else is."""

import math

import pytest
from evidence import CLICKHOUSE_TYPES, RULES, field_rules, rows, score, scorecard

from harness.check.anomalies import AnomalyClass, Role
from harness.check.convergence import divergences, representations
from harness.check.fields import FieldRules
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS
from harness.model import ClickHouseRows, Scorecard, Versioned

CARD = scorecard()
HEADER = CARD.header


def classes(postgres: Scorecard | None, clickhouse: ClickHouseRows, rules: FieldRules = RULES) -> list[str]:
    return [anomaly.anomaly_class for anomaly in divergences(postgres, clickhouse, rules)]


def test_equal_rows_agree_and_so_do_two_absences() -> None:
    assert classes(CARD, rows(CARD)) == []
    assert classes(None, ClickHouseRows()) == []


OTHER = {
    "template": "x",
    "agent": "x",
    "creator": "x",
    "overall_score": None,
    "submit_time_us": None,
    "submitter": "",
    "create_time_us": 0,
    "update_time_us": 0,
}


CLASSES = {
    **dict.fromkeys(("submit_time_us", "submitter"), AnomalyClass.STALE_SUBMIT_STATE),
    "overall_score": AnomalyClass.STALE_OVERALL_SCORE,
    "update_time_us": AnomalyClass.STALE_UPDATE_TIME,
    **dict.fromkeys(("template", "agent", "creator", "create_time_us"), AnomalyClass.STALE_HEADER),
}


@pytest.mark.parametrize("field", HEADER_FIELDS)
def test_every_header_field_is_compared(field: str) -> None:
    stale = Scorecard(HEADER._replace(**{field: OTHER[field]}), CARD.scores)
    found = divergences(CARD, rows(stale), RULES)
    assert [(a.anomaly_class, a.field) for a in found] == [(CLASSES[field], field)]
    assert (found[0].postgres, found[0].clickhouse) == (getattr(HEADER, field), OTHER[field])
    assert classes(CARD, rows(stale), field_rules(frozenset({field}))) == []


@pytest.mark.parametrize("field", SCORE_FIELDS)
def test_every_score_field_is_compared(field: str) -> None:
    held = Scorecard(HEADER, (score(),))
    value = getattr(score(), field)
    other = not value if isinstance(value, bool) else None
    found = divergences(held, rows(Scorecard(HEADER, (score(**{field: other}),))), RULES)
    assert [(a.anomaly_class, a.field) for a in found] == [(AnomalyClass.STALE_SCORE, f"scores[c].{field}")]
    assert classes(held, rows(Scorecard(HEADER, (score(**{field: other}),))), field_rules(frozenset({field}))) == []


def test_presence() -> None:
    assert classes(CARD, ClickHouseRows(final_scores=rows(CARD).final_scores)) == [AnomalyClass.MISSING_ROW]
    assert classes(None, rows(CARD)) == [AnomalyClass.ORPHAN_ROW]
    assert classes(CARD, rows(CARD, CARD))[0] == AnomalyClass.DUPLICATE_FINAL
    one, two = score("a"), score("b")
    assert classes(Scorecard(HEADER, (one, two)), rows(Scorecard(HEADER, (one,)))) == [AnomalyClass.MISSING_SCORE]
    assert classes(Scorecard(HEADER, (one,)), rows(Scorecard(HEADER, (one, two)))) == [AnomalyClass.ORPHAN_SCORE]
    assert classes(Scorecard(HEADER, (one,)), rows(Scorecard(HEADER, (one, one)))) == [AnomalyClass.DUPLICATE_FINAL]


@pytest.mark.parametrize("shown", [2, 3])
def test_duplicates_are_counted(shown: int) -> None:
    one = Scorecard(HEADER, (score(),))
    twice = rows(*[one] * shown)
    headers, scores = (
        twice._replace(final_scores=twice.final_scores[:1]),
        twice._replace(final_headers=rows(one).final_headers),
    )
    (header,) = divergences(one, headers, RULES)
    assert (header.field, header.postgres, header.clickhouse) == ("scorecard", "1 header", f"{shown} headers")
    (found,) = divergences(one, scores, RULES)
    assert (found.anomaly_class, found.field) == (AnomalyClass.DUPLICATE_FINAL, "scores[c]")
    assert (found.postgres, found.clickhouse) == (1, shown)


def test_of_duplicate_headers_the_first_is_compared() -> None:
    stale = Scorecard(HEADER._replace(agent="x"), ())
    bare = Scorecard(HEADER, ())
    assert classes(bare, rows(bare, stale)) == [AnomalyClass.DUPLICATE_FINAL]
    assert classes(bare, rows(stale, bare)) == [AnomalyClass.DUPLICATE_FINAL, AnomalyClass.STALE_HEADER]


def test_what_a_difference_is_told_as() -> None:
    def explanation(ours: dict[str, object], theirs: dict[str, object], rules: FieldRules = RULES) -> str:
        one, other = (Scorecard(HEADER._replace(**changes), CARD.scores) for changes in (ours, theirs))  # type: ignore[arg-type]
        (found,) = divergences(one, rows(other), rules)
        return found.explanation

    draft = {"submit_time_us": None}
    assert explanation({}, draft) == "PostgreSQL has it submitted, ClickHouse still shows a draft"
    assert explanation(draft, {}) == "PostgreSQL has a draft, ClickHouse shows it submitted"
    assert explanation({}, {"submit_time_us": 7}) == "submit_time differs between the stores"
    assert explanation({}, {"overall_score": None}) == "overall_score differs between the stores"
    assert explanation({"overall_score": None}, {}) == "overall_score differs between the stores"
    undeclared = explanation({"overall_score": None}, {"overall_score": 0.0}, field_rules(overall_score="Float64"))
    assert undeclared.endswith("null_default would explain it, but is not declared")
    one, other = (Scorecard(HEADER, (score(text_value=text),)) for text in ("a", "b"))
    assert divergences(one, rows(other), RULES)[0].explanation == "text_value differs between the stores"


def test_a_tombstone_is_not_shown() -> None:
    deleted = ClickHouseRows(final_headers=(Versioned(HEADER, 3, deleted=True),))
    assert classes(None, deleted) == []
    assert AnomalyClass.MISSING_ROW in classes(CARD, deleted)
    # Also beside scores that are there.
    assert classes(CARD, rows(CARD)._replace(final_headers=deleted.final_headers)) == [AnomalyClass.MISSING_ROW]


def test_null_empty_and_zero_are_three_values() -> None:
    for field, values in {"text_value": (None, ""), "numeric_value": (None, 0.0)}.items():
        one, other = (Scorecard(HEADER, (score(**{field: value}),)) for value in values)
        assert classes(one, rows(other)) == [AnomalyClass.STALE_SCORE]


def test_numbers_are_equal_as_numbers() -> None:
    nan, zero = (Scorecard(HEADER, (score(numeric_value=value),)) for value in (math.nan, 0.0))
    assert classes(nan, rows(Scorecard(HEADER, (score(numeric_value=math.nan),)))) == []
    assert classes(zero, rows(Scorecard(HEADER, (score(numeric_value=-0.0),)))) == []
    assert classes(nan, rows(zero)) == [AnomalyClass.STALE_SCORE]


def test_times_are_compared_at_clickhouses_resolution_which_truncates() -> None:
    in_seconds = HEADER._replace(
        submit_time_us=1_700_000_000_000_000,
        create_time_us=1_699_999_999_000_000,
        update_time_us=1_699_999_999_000_000,
    )
    copy = Scorecard(in_seconds, CARD.scores)
    times = ("submit_time_us", "create_time_us", "update_time_us")
    seconds = field_rules(
        **{name: CLICKHOUSE_TYPES[name].replace("DateTime64(6, 'UTC')", "DateTime") for name in times}
    )
    assert classes(CARD, rows(copy), seconds) == []
    notes = representations(CARD, rows(copy), seconds)
    assert {note.field for note in notes} == set(times)
    assert {(note.anomaly_class, note.role) for note in notes} == {(AnomalyClass.REPRESENTATION_DIFF, Role.NOTE)}
    assert representations(CARD, rows(CARD), RULES) == ()
    assert len(classes(CARD, rows(copy))) == 3
    rounded_up = in_seconds._replace(submit_time_us=1_700_000_001_000_000)
    assert classes(CARD, rows(Scorecard(rounded_up, CARD.scores)), seconds) == [AnomalyClass.STALE_SUBMIT_STATE]
