"""`max_failure_rate` at one api-delay."""

import random
from pathlib import Path

import pytest

from harness.gates.order import PlanOrder
from harness.gates.rate import RateGate
from harness.scenario_file import load_scenario
from harness.stats.gate import GateVerdict
from harness.stats.sequential import SequentialTest

PASS, FAIL, OPEN = GateVerdict.PASS, GateVerdict.FAIL, GateVerdict.INCONCLUSIVE

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def gate(planned: int = 758, limit: float = 0.01) -> RateGate:
    test = None if limit in (0, 1) else SequentialTest(limit / 10, limit)
    return RateGate(limit, test, planned, 0.95)


def fed(one: RateGate, *outcomes: bool | None) -> RateGate:
    for outcome in outcomes:
        one.add(outcome)
    return one


@pytest.mark.parametrize(
    ("limit", "planned", "outcomes", "verdict", "reason"),
    [
        (
            0.01,
            758,
            [False] * 400,
            PASS,
            "none of 349 failed at 5 ms, which rules out a rate of 1 % or more with 95 % confidence",
        ),
        (
            0.01,
            758,
            [False, True, False, True],
            FAIL,
            "2 of 4 failed at 5 ms, which rules out a rate of 0.1 % or less with 95 % confidence, where 1 % or more must fail",
        ),
        (
            0.01,
            50,
            [False] * 49 + [True],
            OPEN,
            "1 of 50 failed at 5 ms, which does not tell 1 % from 0.1 % with 95 % confidence: that takes up to 758 judged iterations "
            "(--max-iterations)",
        ),
        (
            0.01,
            758,
            [False] * 10,
            None,
            "none of 10 failed at 5 ms up to here, 10 of 758 planned iterations: that decides nothing yet",
        ),
        (0.01, 3, [None] * 3, OPEN, "nothing was judged at 5 ms"),
        (0, 50, [False] * 50, PASS, "none of 50 failed at 5 ms, which shows a rate below 5.82% with 95 % confidence"),
        (0, 50, [False, True], FAIL, "1 of 2 failed at 5 ms, where none may"),
        (1, 2, [True, True], PASS, "2 of 2 failed at 5 ms, and any rate is allowed"),
        (1, 2, [None, None], OPEN, "nothing was judged at 5 ms"),
    ],
)
def test_decisions_and_their_reasons(
    limit: float, planned: int, outcomes: list[bool | None], verdict: GateVerdict | None, reason: str
) -> None:
    one = fed(gate(planned, limit), *outcomes)
    assert one.verdict is verdict
    assert one.reason(5) == reason


def test_errors_are_no_evidence_and_use_up_the_bound() -> None:
    one = fed(gate(350), *[None] * 2, *[False] * 348)
    assert (one.judged, one.verdict) == (348, PASS)
    assert fed(gate(300), *[None] * 100, *[False] * 200).verdict is OPEN


def test_it_stops_where_it_always_decides_however_much_was_planned() -> None:
    one = gate(planned=5_000)
    for position in range(1, 758):
        one.add(position in (300, 600))
    assert one.verdict is None
    one.add(False)
    assert (one.verdict, one.judged, one.failures) == (PASS, 758, 2)


@pytest.mark.parametrize("name", ["smoke", "nightly"])
def test_a_shipped_scenario_without_a_failure_passes(name: str) -> None:
    scenario = load_scenario(str(SCENARIOS / f"{name}.toml"), {})
    assert scenario.gates.max_failure_rate is not None
    test = scenario.gates.rate_test(len(scenario.api_delay_ms))
    one = RateGate(scenario.gates.max_failure_rate, test, scenario.iterations, scenario.gates.confidence)
    assert fed(one, *[False] * scenario.iterations).verdict is PASS


def test_what_comes_after_the_decision_changes_nothing() -> None:
    one = fed(gate(), *[False] * 349, *[True] * 20)
    assert (one.verdict, one.judged, one.failures) == (PASS, 349, 0)


def test_verdicts_that_fall_first_do_not_bias_it() -> None:
    """A service that fails half the time, whose failures are all judged after its successes: in plan order it fails at once."""
    rng = random.Random(1)
    outcomes = [rng.random() < 0.5 for _ in range(758)]
    as_they_fall = sorted(range(758), key=lambda position: (outcomes[position], position))
    order, in_order, biased = PlanOrder[bool](), gate(), gate()
    for position in as_they_fall:
        biased.add(outcomes[position])
        for outcome in order.add(position, outcomes[position]):
            in_order.add(outcome)
    assert biased.verdict is PASS, "successes alone, taken as they fall, let this service pass"
    assert in_order.verdict is FAIL
    assert in_order.judged < 10


def test_the_order_of_the_plan_has_no_gaps() -> None:
    order = PlanOrder[str]()
    assert list(order.add(1, "b")) == []
    assert list(order.add(0, "a")) == ["a", "b"]
    assert list(order.add(2, "c")) == ["c"]
