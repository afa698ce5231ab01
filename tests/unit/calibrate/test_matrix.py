"""From outcomes to the detection matrix: what counts as detected, right, and falsely accused, and which bounds that meets."""

from collections.abc import Sequence

import pytest

from harness.calibrate.document import CurvePoint
from harness.calibrate.experiments import PLANTS, Expected, Experiment, Kind, experiments
from harness.calibrate.matrix import NEVER_STALE, bounds_of, detection_of
from harness.calibrate.measure import Outcome, scenario_of
from harness.check.anomalies import AnomalyClass
from harness.model import Verdict
from harness.scenario import BehaviourName, FaultName
from harness.stats.proportion import wilson

HIT = frozenset({"dropped_copy"})
LOST = AnomalyClass.LOST_PROPAGATION


def experiment(kind: Kind = Kind.FAULT, behaviour: BehaviourName = BehaviourName.CURE, **changes: object) -> Experiment:
    expected = Expected(Verdict.DIVERGED, LOST) if kind is Kind.FAULT else None
    return Experiment("x", kind, behaviour, (0.0,), 10, expected=expected, **changes)  # type: ignore[arg-type]


def outcome(verdict: Verdict = Verdict.DIVERGED, *causes: str, affected: frozenset[str] = HIT) -> Outcome:
    return Outcome(0.0, verdict, frozenset(causes), affected)


RIGHT = outcome(Verdict.DIVERGED, LOST)
CLEAN = outcome(Verdict.CONVERGED, affected=frozenset())


def met(one: Experiment, outcomes: Sequence[Outcome]) -> list[bool]:
    return [bound.met for bound in bounds_of(one, detection_of(one, outcomes), [])]


def test_what_is_counted() -> None:
    outcomes = [
        RIGHT,
        outcome(Verdict.DIVERGED, "version_tie"),
        outcome(Verdict.LATE, LOST),
        outcome(Verdict.CONVERGED),
        outcome(Verdict.ERROR),
        CLEAN,
        outcome(Verdict.DIVERGED, affected=frozenset()),
    ]
    found = detection_of(experiment(), outcomes)
    assert (found.iterations, found.errors, found.affected, found.detected) == (7, 1, 4, 3)
    assert (found.right_verdict, found.right_cause, found.falsely_accused) == (2, 1, 1)
    assert found.classes == {LOST: 2, "version_tie": 1, "none": 1}


def test_a_fault_whose_verdict_says_it_all_needs_no_cause() -> None:
    late = Experiment("x", Kind.FAULT, BehaviourName.CURE, (0.0,), 1, expected=Expected(Verdict.LATE, None))
    assert detection_of(late, [outcome(Verdict.LATE)]).right_cause == 1
    assert detection_of(late, [outcome(Verdict.DIVERGED)]).right_cause == 0


@pytest.mark.parametrize(
    ("outcomes", "bounds"),
    [
        ([RIGHT] * 100, [True, True, True]),
        ([RIGHT] * 99 + [outcome(Verdict.CONVERGED)], [True, True, True]),
        ([RIGHT] * 98 + [outcome(Verdict.CONVERGED)] * 2, [False, True, True]),
        ([RIGHT] * 95 + [outcome(Verdict.DIVERGED)] * 5, [True, True, True]),
        ([RIGHT] * 94 + [outcome(Verdict.DIVERGED)] * 6, [True, False, True]),
        ([RIGHT] * 100 + [outcome(Verdict.LATE, affected=frozenset())], [True, True, False]),
        # What never took effect proves nothing.
        ([CLEAN] * 100, [False, False, True]),
    ],
)
def test_bounds_of_a_fault(outcomes: list[Outcome], bounds: list[bool]) -> None:
    assert met(experiment(), outcomes) == bounds


def test_a_rare_fault_must_be_seen_once() -> None:
    missed = [outcome(Verdict.CONVERGED)]
    assert met(experiment(rare=True), [RIGHT, *missed * 9]) == [True, True, True]
    assert met(experiment(rare=True), missed)[0] is False


def test_a_control_accuses_nobody() -> None:
    for one in (experiment(Kind.CONTROL), *(experiment(Kind.BEHAVIOUR, name) for name in NEVER_STALE)):
        assert met(one, [CLEAN] * 10) == [True]
        assert met(one, [CLEAN] * 10 + [outcome(Verdict.LATE, affected=frozenset())]) == [False]


def point(delay_ms: float, failures: int, judged: int = 400, wrong: int = 0) -> CurvePoint:
    interval = wilson(failures, judged)
    assert interval is not None
    return CurvePoint(
        api_delay_ms=delay_ms,
        judged=judged,
        failures=failures,
        failure_rate=failures / judged,
        failure_rate_low=interval.low,
        failure_rate_high=interval.high,
        postgres_wrong=wrong,
        errors=0,
    )


@pytest.mark.parametrize(
    ("behaviour", "curve", "bounds"),
    [
        (BehaviourName.AS_FOUND, [point(0, 1), point(5, 1)], [True]),
        (BehaviourName.FIX1, [point(0, 300), point(5, 0)], [False]),
        (BehaviourName.FIX2, [point(0, 9, wrong=1)], [True]),
        (BehaviourName.FIX2, [point(0, 9)], [False]),
        (BehaviourName.FIX3, [point(0, 60), point(100, 3)], [True, True, True]),
        (BehaviourName.FIX3, [point(0, 60, wrong=1), point(100, 3)], [False, True, True]),
        (BehaviourName.FIX3, [point(0, 10), point(100, 3)], [True, False, True]),
        (BehaviourName.FIX3, [point(0, 200), point(100, 3)], [True, False, True]),
        (BehaviourName.FIX3, [point(0, 60), point(100, 4)], [True, True, False]),
        # One of sixty is more than 1 %, and says nothing against it; ten are another matter.
        (BehaviourName.FIX3, [point(0, 60), point(100, 1, 60)], [True, True, True]),
        (BehaviourName.FIX3, [point(0, 60), point(100, 10, 60)], [True, True, False]),
    ],
)
def test_bounds_of_the_incidents_curve(behaviour: BehaviourName, curve: list[CurvePoint], bounds: list[bool]) -> None:
    one = experiment(Kind.BEHAVIOUR, behaviour)
    assert [bound.met for bound in bounds_of(one, detection_of(one, []), curve)] == bounds


@pytest.mark.parametrize("quick", [True, False])
def test_every_fault_and_behaviour_is_measured_and_can_be_run(quick: bool) -> None:
    found = experiments(quick=quick)
    assert len({one.name for one in found}) == len(found)
    assert {fault for one in found for fault in one.faults} == set(FaultName) == set(PLANTS)
    assert {one.behaviour for one in found if one.kind is Kind.BEHAVIOUR} == set(BehaviourName)
    assert sum(one.kind is Kind.CONTROL for one in found) == 2
    for one in found:
        assert scenario_of(one, seed=1).stack.faults == one.faults
