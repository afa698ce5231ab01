"""Every row of the verdict table, and the trap of early equality."""

import pytest
from evidence import call, fired, rows, scorecard, snapshot

from harness.check.anomalies import Anomaly, AnomalyClass
from harness.check.verdict import Findings, VerdictRules, Watch, refusal
from harness.model import CallOutcome, Fired, Method, Order, Verdict
from harness.units import NS_PER_MS

WRONG = (Anomaly(AnomalyClass.SUBMIT_CLOBBER, "submitted", False, None, ""),)
STALE = (Anomaly(AnomalyClass.STALE_SCORE, "overall_score", 1.0, 2.0, ""),)
CLEAN = Findings((), ())
DIFFER = Findings((), STALE)
# Answered at 300 ms, so due at 2,300 ms and past the horizon at 7,300 ms.
BEFORE, DUE, WATCHED, HORIZON = 2_299, 2_300, 4_000, 7_300


def watch(*, quiescent: bool = False, iteration: Fired | None = None) -> Watch:
    rules = VerdictRules.of(wait_s=2, horizon_s=5, poll_ms=100, quiescent=quiescent)
    return Watch(fired() if iteration is None else iteration, rules)


@pytest.mark.parametrize(
    ("looks", "verdict"),
    [
        # One look: (when in ms, findings, settled).
        ([(BEFORE, CLEAN, False)], None),
        ([(BEFORE, CLEAN, True)], None),
        ([(BEFORE, Findings(WRONG, STALE), True)], None),
        ([(DUE, CLEAN, False)], Verdict.CONVERGED),
        ([(DUE, Findings(WRONG, ()), False)], Verdict.POSTGRES_WRONG),
        ([(DUE, Findings(WRONG, STALE), False)], Verdict.POSTGRES_WRONG),
        ([(DUE, DIFFER, False)], None),
        ([(DUE, DIFFER, True)], Verdict.DIVERGED),
        ([(HORIZON, DIFFER, False)], Verdict.DIVERGED),
        ([(DUE, DIFFER, False), (WATCHED, DIFFER, False)], None),
        ([(DUE, DIFFER, False), (WATCHED, CLEAN, False)], None),
        ([(DUE, DIFFER, False), (WATCHED, CLEAN, True)], Verdict.LATE),
        ([(DUE, DIFFER, False), (WATCHED, DIFFER, True)], Verdict.DIVERGED),
        ([(DUE, DIFFER, False), (HORIZON, CLEAN, False)], Verdict.LATE),
        ([(DUE, DIFFER, False), (HORIZON, DIFFER, False)], Verdict.DIVERGED),
        # Healed within the horizon and broken again by a copy that came later still.
        ([(DUE, DIFFER, False), (WATCHED, CLEAN, False), (HORIZON, DIFFER, False)], Verdict.DIVERGED),
    ],
)
def test_fixed_policy(looks: list[tuple[int, Findings, bool]], verdict: Verdict | None) -> None:
    watched = watch()
    decided = [watched.look(snapshot(when), findings, settled=settled) for when, findings, settled in looks]
    assert decided == [None] * (len(looks) - 1) + [verdict]


@pytest.mark.parametrize(
    ("when", "findings", "settled", "verdict"),
    [
        (400, CLEAN, True, Verdict.CONVERGED),
        (400, DIFFER, True, Verdict.DIVERGED),
        (400, Findings(WRONG, ()), True, Verdict.POSTGRES_WRONG),
        (400, CLEAN, False, None),
        (DUE, CLEAN, False, Verdict.CONVERGED),
    ],
)
def test_quiescent_policy(when: int, findings: Findings, settled: bool, verdict: Verdict | None) -> None:
    assert watch(quiescent=True).look(snapshot(when), findings, settled=settled) is verdict


def test_equality_seen_early_does_not_hide_a_stale_copy_that_lands_later() -> None:
    watched = watch()
    assert watched.look(snapshot(400), CLEAN, settled=False) is None
    assert watched.convergence_ns is not None
    assert watched.look(snapshot(DUE), DIFFER, settled=True) is Verdict.DIVERGED
    assert watched.convergence_ns is None


def test_convergence_counts_from_the_last_answer_to_the_first_good_look_after_the_last_bad_one() -> None:
    watched = watch()
    for when, findings in [(400, CLEAN), (500, DIFFER), (700, CLEAN), (1_100, CLEAN)]:
        watched.look(snapshot(when), findings, settled=False)
    # The look took one millisecond, and ended when the agreement was known.
    assert watched.convergence_ns == (701 - 300) * NS_PER_MS
    assert watched.last_bad_ns == 500 * NS_PER_MS


def test_agreement_without_a_race_is_no_evidence() -> None:
    refused = watch(iteration=fired(submit=CallOutcome.REFUSED))
    assert refused.look(snapshot(DUE), CLEAN, settled=True) is Verdict.ERROR
    assert "SubmitScorecard was refused" in str(refusal(refused.fired))
    diverged = watch(iteration=fired(submit=CallOutcome.REFUSED))
    assert diverged.look(snapshot(DUE), DIFFER, settled=True) is Verdict.DIVERGED
    timed_out = watch(iteration=fired(submit=CallOutcome.INDETERMINATE))
    assert timed_out.look(snapshot(DUE), CLEAN, settled=True) is Verdict.CONVERGED


def test_of_several_calls_each_must_have_been_let_in() -> None:
    create, update, submit = fired().calls
    again = call(Method.UPDATE, 291, CallOutcome.REFUSED, update=1)
    refused = watch(iteration=fired()._replace(calls=(create, update, again, submit)))
    assert refused.look(snapshot(DUE), CLEAN, settled=True) is Verdict.ERROR
    assert "UpdateScorecard was refused" in str(refusal(refused.fired))
    alone = watch(iteration=fired()._replace(calls=(create, update)))
    assert alone.look(snapshot(DUE), CLEAN, settled=True) is Verdict.CONVERGED


def test_refusal_of_create_names_its_code() -> None:
    create = call(Method.CREATE, outcome=CallOutcome.INDETERMINATE, detail="too slow")
    assert refusal(Fired(0, 1.0, Order.UPDATE_FIRST, "", (create,))) == (
        "CreateScorecard failed with DEADLINE_EXCEEDED: too slow"
    )


def test_looks_come_at_doubling_distances_then_at_the_deadline_and_at_the_horizon() -> None:
    watched = watch()
    seen_ms = [watched.next_look_ns / NS_PER_MS]
    while seen_ms[-1] < HORIZON:
        watched.look(snapshot(seen_ms[-1]), DIFFER, settled=False)
        seen_ms.append(watched.next_look_ns / NS_PER_MS)
    assert seen_ms == [400, 500, 700, 1_100, 1_900, 2_300, 2_400, 2_500, 2_700, 3_100, 3_900, 5_500, 7_300]


def test_the_horizon_is_not_passed_over_where_it_comes_before_the_next_poll() -> None:
    watched = Watch(fired(), VerdictRules.of(wait_s=2, horizon_s=0.05, poll_ms=100, quiescent=False))
    watched.look(snapshot(DUE), DIFFER, settled=False)
    assert watched.next_look_ns == watched.horizon_ns


@pytest.mark.parametrize("quiescent", [False, True])
@pytest.mark.parametrize("when", [300, BEFORE, DUE, WATCHED, HORIZON, HORIZON + 1])
def test_no_look_asks_for_the_next_before_a_poll_has_passed_but_for_the_deadline(when: int, quiescent: bool) -> None:
    watched = watch(quiescent=quiescent)
    watched.look(snapshot(when), DIFFER, settled=False, passing=True)
    least = DUE if when == BEFORE and not quiescent else when + 100
    assert watched.next_look_ns >= least * NS_PER_MS


def test_an_unreadable_store_is_given_up_at_the_horizon_and_not_before() -> None:
    watched = watch()
    assert not watched.unread((HORIZON - 1) * NS_PER_MS)
    assert watched.unread(HORIZON * NS_PER_MS)


def test_evidence_helpers_agree_with_themselves() -> None:
    assert rows(scorecard()).final_headers[0].value == scorecard().header
