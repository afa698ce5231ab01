"""What a scenario can say of how its calls are fired."""

import pytest
from pydantic import ValidationError

from harness.firing import FiringSettings, listed_calls
from harness.model import Method, Order
from harness.scenario import Scenario


def test_a_list_of_calls_is_read_in_any_order_and_written_in_that_of_their_start() -> None:
    calls = listed_calls(["submit@5", " Update@0 ", "update@2.5"])
    assert [(call.method, call.offset_ms) for call in calls] == [
        (Method.UPDATE, 0.0),
        (Method.UPDATE, 2.5),
        (Method.SUBMIT, 5.0),
    ]
    assert list(map(str, calls)) == ["update@0", "update@2.5", "submit@5"]


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        (["update@0", "delete@5"], "'delete@5' is no call: it must read update@MS or submit@MS"),
        (["update@0", "update@-1"], "'update@-1' is no call"),
        (["update@0", "update"], "'update' is no call"),
        (["update@0", "submit@1e3"], "'submit@1e3' is no call"),
        (["update@0", "submit@60001"], "more than 60 s after the first call"),
        (["update@1", "submit@2"], "the first call of a list starts at 0"),
        (["submit@0", "update@1", "submit@2"], "submit can stand in a list of calls once"),
        (["update@0"] * 9, "update can stand in a list of calls 8 times"),
        (["update@0"], "a list of calls has 2 to 9 of them, this one 1"),
        (["update@0"] * 10, "a list of calls has 2 to 9 of them, this one 10"),
    ],
)
def test_a_list_that_is_none_is_refused_with_what_is_wrong(texts: list[str], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong.replace("(", r"\(")):
        listed_calls(texts)


def test_a_list_of_calls_says_the_delay_and_the_order_and_survives_being_written_down() -> None:
    scenario = Scenario(calls=["submit@0", "update@3"])
    assert (scenario.api_delay_ms, scenario.order, scenario.updates) == ((3.0,), Order.SUBMIT_FIRST, 1)
    assert Scenario(calls="update@0,update@2,submit@5").updates == 2
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario


@pytest.mark.parametrize(
    "also", [{"api_delay_ms": 4}, {"api_delay_ms": [3, 4]}, {"order": "update_first"}, {"order": "random"}]
)
def test_a_list_of_calls_stands_beside_no_delay_and_no_order(also: dict[str, object]) -> None:
    (name,) = also
    with pytest.raises(ValidationError, match=f"give calls or {name}, not both"):
        Scenario(calls=["submit@0", "update@3"], **also)


def test_there_are_not_more_workers_than_iterations_in_flight() -> None:
    assert Scenario(concurrency=2, firing={"workers": 2}).firing.workers == 2
    with pytest.raises(ValidationError, match=r"firing.workers must not be more than concurrency, 1"):
        Scenario(concurrency=1, firing={"workers": 2})


@pytest.mark.parametrize(
    ("api_delay_ms", "tolerance_ns"), [(0, 500_000), (10, 500_000), (25, 500_000), (100, 2_000_000)]
)
def test_the_tolerance_is_half_a_ms_or_two_percent(api_delay_ms: float, tolerance_ns: int) -> None:
    assert FiringSettings().tolerance_ns(api_delay_ms) == tolerance_ns
