"""One look judged: what is equal at sight is nothing, unless a note can be made of it."""

import pytest
from evidence import CONTENT, NAME, RULES, call, field_rules, rows, scorecard
from hypothesis import given
from hypothesis import strategies as st
from planted import PLANTED, WHOLE, calls_of, replacing, told

from harness.check.anomalies import AnomalyClass, Role, failures
from harness.check.convergence import all_equal_at_sight, equal_at_sight
from harness.check.facts import Written
from harness.check.judgement import FEW, judged, judged_all, judged_as_written
from harness.model import ClickHouseRows, Method, Scorecard, Snapshot, Versioned
from harness.units import NS_PER_MS

C = AnomalyClass


def look(postgres: Scorecard | None, clickhouse: ClickHouseRows) -> Snapshot:
    return Snapshot(NAME, 0, NS_PER_MS, postgres, clickhouse)


@pytest.mark.parametrize("case", [name for name, planted in PLANTED.items() if not planted.with_calls])
def test_the_short_way_and_the_long_way_say_the_same(case: str) -> None:
    planted = PLANTED[case]
    shown = replacing(planted.copies)
    assert judged(look(planted.postgres, shown), RULES) == told(planted, shown)


LOOKS = [
    look(planted.postgres, replacing(planted.copies)) for planted in PLANTED.values() if not planted.with_calls
] + [
    look(WHOLE, rows(WHOLE)),
    look(WHOLE._replace(scores=()), rows(WHOLE._replace(scores=()))),
    look(WHOLE._replace(scores=()), rows(WHOLE)),
    look(WHOLE, rows(WHOLE._replace(scores=WHOLE.scores[::-1]))),
    look(WHOLE, rows(WHOLE)._replace(final_headers=())),
    look(None, ClickHouseRows()),
]


@given(st.lists(st.sampled_from(LOOKS), max_size=3 * FEW), st.integers(0, 3 * FEW))
def test_many_are_judged_as_each_by_itself(some: list[Snapshot], clean: int) -> None:
    # Clean ones at the end, so that one half of what is halved can be told at sight.
    snapshots = [*some, *[look(WHOLE, rows(WHOLE))] * clean]
    assert judged_all(snapshots, RULES) == [judged(snapshot, RULES) for snapshot in snapshots]


def test_a_tie_is_noted_among_many_that_all_agree() -> None:
    shown = rows(WHOLE, version=7)
    tied = shown._replace(raw_headers=(Versioned(WHOLE.header._replace(agent="x"), 7), *shown.raw_headers))
    *others, last = judged_all([*[look(WHOLE, shown)] * FEW, look(WHOLE, tied)], RULES)
    assert others == [()] * FEW
    assert [(a.anomaly_class, a.role) for a in last] == [(C.VERSION_TIE, Role.NOTE)]


@given(st.lists(st.sampled_from(LOOKS), min_size=1, max_size=4))
def test_all_are_equal_at_sight_where_each_is(some: list[Snapshot]) -> None:
    each = [s.postgres is not None and equal_at_sight(s.postgres, s.clickhouse) for s in some]
    assert all_equal_at_sight(some) is all(each)


def test_equal_rows_are_nothing_and_neither_are_two_absences() -> None:
    assert judged(look(WHOLE, rows(WHOLE)), RULES) == ()
    assert judged(look(None, ClickHouseRows()), RULES) == ()


def test_a_header_that_is_equal_and_deleted_is_not_there() -> None:
    shown = rows(WHOLE)
    gone = shown._replace(final_headers=(Versioned(WHOLE.header, 2, deleted=True),))
    assert C.MISSING_ROW in {anomaly.anomaly_class for anomaly in failures(judged(look(WHOLE, gone), RULES))}


def test_a_tie_of_the_header_alone_or_of_one_score_alone_is_noted() -> None:
    shown = rows(WHOLE, version=7)
    other = Versioned(WHOLE.header._replace(agent="x"), 7)
    header = shown._replace(raw_headers=(other, *shown.raw_headers))
    worse = Versioned(WHOLE.scores[0]._replace(text_value="x"), 7)
    score = shown._replace(raw_scores=(worse, *shown.raw_scores))
    for tied in (header, score):
        found = judged(look(WHOLE, tied), RULES)
        assert [(a.anomaly_class, a.role) for a in found] == [(C.VERSION_TIE, Role.NOTE)]


def test_with_the_calls_known_postgres_is_judged_by_those_after_create() -> None:
    calls = calls_of(PLANTED["clean"])
    right = judged_as_written(look(WHOLE, rows(WHOLE)), RULES, Written(CONTENT, calls))
    assert (right.postgres, right.clickhouse, right.causes) == ((), (), ())
    lost = scorecard(updated=False)
    wrong = judged_as_written(look(lost, rows(lost)), RULES, Written(CONTENT, calls))
    assert {a.anomaly_class for a in wrong.postgres} == {C.LOST_UPDATE}
    assert [a.anomaly_class for a in wrong.causes] == [C.LOST_UPDATE]
    only_submit = (call(Method.CREATE), call(Method.SUBMIT))
    assert judged_as_written(look(lost, rows(lost)), RULES, Written(CONTENT, only_submit)).postgres == ()


def test_a_single_compared_field_is_compared() -> None:
    others = frozenset(name for name in (*RULES.header, *RULES.score) if name not in ("agent", "ai_scored"))
    rules = field_rules(others)
    assert (rules.header_values(WHOLE.header), len(rules.score_values(WHOLE.scores[0]))) == ((WHOLE.header.agent,), 1)
    stale = WHOLE._replace(header=WHOLE.header._replace(agent="x"))
    assert [a.field for a in failures(judged(look(WHOLE, rows(stale)), rules)) if a.role is Role.SYMPTOM] == ["agent"]
