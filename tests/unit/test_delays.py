"""Lists, ranges and grids of api-delays."""

import re

import pytest

from harness.delays import parse_delays
from harness.errors import UsageError
from harness.scenario import Scenario
from harness.scenario_file import load_scenario


@pytest.mark.parametrize(
    ("text", "delays_ms"),
    [
        ("10", (10,)),
        ("0, 1.5,200", (0, 1.5, 200)),
        ("0:100:25", (0, 25, 50, 75, 100)),
        ("0:0.3:0.1", (0, 0.1, 0.2, 0.3)),
        ("1:10:4", (1, 5, 9)),
        ("5:5:1", (5,)),
        ("log:1:1000:4", (1, 10, 100, 1000)),
        ("log:1:1000:10", (1, 2.2, 4.6, 10, 22, 46, 100, 220, 460, 1000)),
        ("0,log:1:100:3,10,500", (0, 1, 10, 100, 500)),
        # As many digits as keep them apart.
        ("log:10:10.5:5", (10, 10.1, 10.2, 10.4, 10.5)),
    ],
)
def test_what_is_meant(text: str, delays_ms: tuple[float, ...]) -> None:
    assert parse_delays(text) == delays_ms
    if len(set(delays_ms)) == len(delays_ms):
        assert Scenario(api_delay_ms=text).api_delay_ms == delays_ms  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0:100", "'0:100' is not a range: write START:STOP:STEP, as 0:100:10, or log:START:STOP:COUNT"),
        ("0:100:0", "'0:100:0' has a step of 0 ms: it must be more"),
        ("100:0:1", "'100:0:1' runs backwards: START must not be more than STOP"),
        ("0:x:1", "'x' is not a number of milliseconds"),
        ("0:60000:1", "'0:60000:1' has 60001 api-delays, more than the 1000 that one run may have"),
        ("log:1:10", "'log:1:10' is not a grid: write log:START:STOP:COUNT, as log:1:1000:10"),
        ("log:0:10:5", "'log:0:10:5' needs 0 < START < STOP, since ratios are even: add 0 by itself, as 0,log:0:10:5"),
        ("log:1:10:1.5", "'log:1:10:1.5' needs a whole COUNT of 2 or more, not '1.5'"),
        ("log:1:10:1", "'log:1:10:1' needs a whole COUNT of 2 or more, not '1'"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_delays(text)
    with pytest.raises(UsageError) as used:
        load_scenario(None, {"api_delay_ms": text})
    assert message in str(used.value)


def test_a_list_in_a_scenario_can_have_ranges_among_its_numbers() -> None:
    scenario = load_scenario(None, {"api_delay_ms": [0, "log:1:100:3"]})
    assert scenario.api_delay_ms == (0, 1, 10, 100)
