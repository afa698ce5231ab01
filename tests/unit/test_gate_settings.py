"""What gates make of a scenario."""

from typing import Any

import pytest

from harness.errors import UsageError
from harness.gate_settings import Gates
from harness.scenario import Scenario
from harness.scenario_file import load_scenario


@pytest.mark.parametrize(
    ("settings", "iterations"),
    [
        ({}, 50),
        ({"gates.max_failure_rate": 0.01}, 758),
        ({"gates.max_failure_rate": 0.01, "iterations": 50}, 50),
        ({"gates.max_failure_rate": 0.01, "gates.max_iterations": 300}, 300),
        ({"gates.max_failure_rate": 0.01, "gates.max_iterations": 300, "iterations": 50}, 300),
        ({"gates.max_failure_rate": 0}, 299),
        ({"gates.max_failure_rate": 1}, 50),
        ({"gates.max_convergence_p99_ms": 100}, 628),
        ({"gates.max_postgres_wrong": 0}, 50),
    ],
)
def test_how_many_are_planned(settings: dict[str, Any], iterations: int) -> None:
    scenario = load_scenario(None, settings)
    assert scenario.iterations == iterations
    # As a firing process reads it.
    assert Scenario.model_validate(scenario.model_dump(mode="json")) == scenario


def test_several_delays_take_more_since_they_share_the_false_alarms() -> None:
    nine = load_scenario(None, {"gates.max_failure_rate": 0.01, "api_delay_ms": list(range(9))})
    assert nine.iterations > 1000
    test = nine.gates.rate_test(9)
    assert test is not None
    assert (test.false_alarm, test.miss) == (pytest.approx(0.05 / 9), pytest.approx(0.05))


@pytest.mark.parametrize(("limit", "good"), [(0.01, 0.001), (0.1, 0.01), (0.5, 0.25), (0.9, 0.81), (0.99, 0.9)])
def test_what_must_pass_by_default(limit: float, good: float) -> None:
    test = Gates(max_failure_rate=limit).rate_test(1)
    assert test is not None
    assert test.good_rate == pytest.approx(good)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gates.max_iterations": 5}, "max_iterations bounds a gate: set max_failure_rate too, or set iterations"),
        ({"gates.good_failure_rate": 0.1}, "good_failure_rate must be at most half of max_failure_rate, and needs it"),
        (
            {"gates.good_failure_rate": 0.009, "gates.max_failure_rate": 0.01},
            "good_failure_rate must be at most half of max_failure_rate",
        ),
        ({"gates.max_failure_rate": 1e-8}, "takes more than 10000000 iterations: raise max_failure_rate"),
        ({"gates.max_failure_rate": 1.5}, "max_failure_rate: should be less than or equal to 1, not 1.5"),
    ],
)
def test_what_does_not_fit_is_said(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        load_scenario(None, settings)
    assert message in str(raised.value)
