"""All gates of a run together."""

from itertools import count
from typing import Any

import pytest
from evidence import fired

from harness.check.conclusion import Conclusion
from harness.gates.keeper import Gatekeeper
from harness.gates.words import summary
from harness.model import Verdict
from harness.plan.schedule import build_plan
from harness.scenario import Scenario
from harness.scenario_file import load_scenario
from harness.stats.gate import GateVerdict, overall
from harness.units import NS_PER_MS

GOOD, BAD, ERROR, WRONG = Verdict.CONVERGED, Verdict.DIVERGED, Verdict.ERROR, Verdict.POSTGRES_WRONG


def scenario(**settings: Any) -> Scenario:
    return load_scenario(None, {name.replace("__", "."): value for name, value in settings.items()})


def conclusion(iteration: int, verdict: Verdict, api_delay_ms: float = 10.0) -> Conclusion:
    one = fired(iteration=iteration)._replace(api_delay_ms=api_delay_ms)
    return Conclusion(one, verdict, None, (), False, (), 20 * NS_PER_MS if verdict is GOOD else None)


def keep(keeper: Gatekeeper, *verdicts: Verdict) -> list[float]:
    for iteration, verdict in enumerate(verdicts):
        keeper.add(conclusion(iteration, verdict), counts=True)
    return keeper.newly_decided()


def said(keeper: Gatekeeper, *, finished: bool = True) -> dict[str, str]:
    return {decision.gate: decision.verdict for decision in keeper.decisions(finished=finished)}


def test_the_place_in_the_plan_of_a_delay_is_the_block_that_an_iteration_is_in() -> None:
    places: dict[float, Any] = {0.0: count(), 5.0: count(), 7.0: count()}
    for planned in build_plan(scenario(api_delay_ms=(0, 5, 7), iterations=40)):
        assert planned.iteration // 3 == next(places[planned.api_delay_ms])


def test_without_a_gate_nothing_is_decided_nor_stopped() -> None:
    keeper = Gatekeeper(scenario())
    assert keep(keeper, *[BAD] * 50) == []
    assert keeper.decisions(finished=True) == []


def test_a_point_that_is_decided_is_told_once() -> None:
    keeper = Gatekeeper(scenario(gates__max_failure_rate=0.01))
    assert keep(keeper, BAD, BAD) == [10.0]
    assert keeper.newly_decided() == []
    assert keeper.retired == {10.0}
    assert said(keeper)["max_failure_rate"] == "fail"


def test_each_point_is_decided_by_itself() -> None:
    keeper = Gatekeeper(scenario(gates__max_failure_rate=0.01, api_delay_ms=(0, 100)))
    for block in range(5):
        keeper.add(conclusion(2 * block, BAD, 0), counts=True)
        keeper.add(conclusion(2 * block + 1, GOOD, 100), counts=True)
    assert keeper.newly_decided() == [0]
    decisions = keeper.decisions(finished=False)
    assert [(one.api_delay_ms, one.verdict) for one in decisions[:2]] == [(0, "fail"), (100, "inconclusive")]
    assert overall(GateVerdict(one.verdict) for one in decisions) is GateVerdict.FAIL
    assert summary("fail", decisions).startswith("2 of 2 failed at 0 ms")


def test_a_run_that_goes_on_whatever_its_gates_say() -> None:
    keeper = Gatekeeper(scenario(gates__max_failure_rate=0.01, gates__stop_early=False))
    assert keep(keeper, BAD, BAD) == []
    assert said(keeper)["max_failure_rate"] == "fail"


@pytest.mark.parametrize(
    ("settings", "wrong", "verdict"), [({}, 0, "pass"), ({}, 1, "fail"), ({"gates__max_postgres_wrong": 1}, 1, "pass")]
)
def test_postgres_may_never_be_wrong_where_there_is_any_gate(settings: Any, wrong: int, verdict: str) -> None:
    keeper = Gatekeeper(scenario(gates__max_failure_rate=0.5, iterations=40, **settings))
    keep(keeper, *[GOOD] * (40 - wrong), *[WRONG] * wrong)
    assert said(keeper)["max_postgres_wrong"] == verdict
    assert said(keeper)["max_failure_rate"] == "pass"


def test_nothing_is_known_of_postgres_before_the_run_has_ended() -> None:
    keeper = Gatekeeper(scenario(gates__max_postgres_wrong=0))
    keep(keeper, GOOD)
    assert said(keeper, finished=False)["max_postgres_wrong"] == "inconclusive"
    assert said(keeper, finished=True) == {"max_postgres_wrong": "pass", "max_error_rate": "pass"}


def test_what_was_dropped_or_counts_elsewhere_leaves_no_gap() -> None:
    keeper = Gatekeeper(scenario(gates__max_failure_rate=0, iterations=4))
    keeper.add_dropped(1, 10.0)
    keeper.add(conclusion(2, BAD), counts=False)
    keeper.add(conclusion(0, GOOD), counts=True)
    assert keeper.newly_decided() == []
    keeper.add(conclusion(3, GOOD), counts=True)
    assert said(keeper)["max_failure_rate"] == "pass"
    assert keeper.decisions(finished=True)[0].judged == 2


def test_a_gate_on_the_p99_needs_all_that_was_planned_unless_the_rate_has_failed() -> None:
    settings = {"gates__max_failure_rate": 0.01, "gates__max_convergence_p99_ms": 100}
    keeper = Gatekeeper(scenario(**settings))
    assert keep(keeper, *[GOOD] * 400) == []
    assert said(keeper)["max_failure_rate"] == "pass"
    assert said(keeper)["max_convergence_p99_ms"] == "inconclusive"
    failing = Gatekeeper(scenario(**settings))
    assert keep(failing, BAD, BAD) == [10.0]
    whole = Gatekeeper(scenario(**settings))
    keep(whole, *[GOOD] * 758)
    assert said(whole)["max_convergence_p99_ms"] == "pass"
    passed = summary("pass", whole.decisions(finished=True))
    assert passed.startswith("none of 349 failed at 10 ms") and "the p99 is at most 20 ms" in passed
