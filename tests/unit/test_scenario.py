"""What a scenario file may say, what overrides it, and how its errors read."""

from pathlib import Path

import pytest

from harness.delays import parse_delays
from harness.errors import UsageError
from harness.model import Order
from harness.scenario import SWEEP_DELAYS_MS, BehaviourName, FaultName, Scenario, StackSettings
from harness.scenario_file import load_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "s.toml"
    path.write_text(text)
    return str(path)


def test_the_defaults_are_the_default_scenario() -> None:
    assert load_scenario(str(SCENARIOS / "default.toml"), {}) == Scenario()


def test_the_sweeps_defaults_are_the_sweep_scenario() -> None:
    built_in = load_scenario(None, {}, {"iterations": 100, "api_delay_ms": list(SWEEP_DELAYS_MS)})
    assert load_scenario(str(SCENARIOS / "sweep.toml"), {}) == built_in


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_scenario_that_is_shipped_is_valid(path: Path) -> None:
    assert load_scenario(str(path), {}).iterations > 0


def test_the_old_tools_scenarios() -> None:
    old = load_scenario(str(SCENARIOS / "default.toml"), {})
    assert (old.iterations, old.api_delay_ms, old.wait_s) == (50, (10.0,), 2.0)
    smoke = load_scenario(str(SCENARIOS / "smoke.toml"), {})
    assert (smoke.iterations, smoke.api_delay_ms, smoke.wait_s) == (10, (200.0,), 5.0)


def test_a_setting_beats_the_file_and_the_file_beats_the_default(tmp_path: Path) -> None:
    path = written(tmp_path, 'iterations = 7\norder = "random"\n[gates]\nmax_failure_rate = 0.5\n')
    settings = {"iterations": 9, "gates.max_failure_rate": 0.0, "target.customer": "acme", "wait_s": None}
    scenario = load_scenario(path, settings, {"iterations": 3, "scores": 8})
    assert (scenario.iterations, scenario.order, scenario.scores) == (9, Order.RANDOM, 8)
    # 0 is a value, and overrides like any other.
    assert scenario.gates.max_failure_rate == 0.0
    assert (scenario.target.customer, scenario.wait_s) == ("acme", 2.0)


class TestFaults:
    def test_are_planted_in_the_cure_where_no_behaviour_is_named(self) -> None:
        assert StackSettings().behaviour is BehaviourName.FIX3
        assert StackSettings(faults=("late_copy",)).behaviour is BehaviourName.CURE  # type: ignore[arg-type]

    def test_are_planted_in_the_behaviour_that_is_named(self, tmp_path: Path) -> None:
        path = written(tmp_path, '[stack]\nbehaviour = "fix3"\n')
        scenario = load_scenario(path, {"stack.faults": ("late_copy", "dropped_copy", "late_copy")})
        assert scenario.stack.behaviour is BehaviourName.FIX3
        assert scenario.stack.faults == (FaultName.LATE_COPY, FaultName.DROPPED_COPY)

    def test_that_are_unknown_are_told_with_those_there_are(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="'stale_closure', 'unordered_tasks'"):
            load_scenario(written(tmp_path, '[stack]\nfaults = ["stale"]\n'), {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "iterations = 5\niteration = 5\n",
            "{path}:2: unknown key 'iteration'; allowed here: iterations, api_delay_ms",
        ),
        (
            "[gates]\n\nmax = 1\n",
            "{path}:3: unknown key 'gates.max'; allowed here: max_failure_rate, good_failure_rate",
        ),
        ("api_delay_ms = [0, -1]\n", "{path}:1: api_delay_ms: should be greater than or equal to 0, not -1"),
        ("iterations = 0\n", "{path}:1: iterations: should be greater than or equal to 1, not 0"),
        ('order = "both"\n', "{path}:1: order: should be 'update_first', 'submit_first' or 'random', not 'both'"),
        ("api_delay_ms = [1, 1]\n", "{path}:1: api_delay_ms: an api-delay stands in the list twice"),
        ("iterations = \n", "{path}: not valid TOML: Invalid value (at line 1, column 14)"),
        ("gates = 3\n", "{path}:1: gates: should be a valid dictionary or instance of Gates, not 3"),
        (
            '[mapping.postgres.headers]\ntable = "a; drop"\n',
            "{path}:2: mapping.postgres.headers.table: an identifier has",
        ),
        ("wait_s = nan\n", "{path}:1: wait_s: should be a finite number, not nan"),
    ],
)
def test_an_error_names_the_place_the_field_and_what_is_allowed(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        load_scenario(path, {})
    assert str(caught.value).startswith(message.format(path=path))
    assert "\n" not in str(caught.value)


def test_an_error_in_a_setting_does_not_blame_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "iterations = 5\n")
    with pytest.raises(UsageError, match=r"^iterations: should be greater than or equal to 1, not -3$"):
        load_scenario(path, {"iterations": -3})


def test_an_unknown_scenario_names_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SCENARIOS.parent)
    with pytest.raises(UsageError, match=r"no scenario 'nope': .* \(default, nightly, smoke, sweep\)"):
        load_scenario("nope", {})
    assert load_scenario("smoke", {}).iterations == 10


def test_delays_of_a_flag() -> None:
    assert parse_delays("0, 1.5,200") == (0.0, 1.5, 200.0)
    for text in ("", "1,", "x", "-1", "nan", "inf"):
        with pytest.raises(ValueError, match=r"is not a|must be"):
            parse_delays(text)
