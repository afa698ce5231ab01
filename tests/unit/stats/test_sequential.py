"""The sequential test: its exact errors against a plain count of every path, against simulation, and against what was asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.sequential_gate import agrees, simulate
from harness.stats import sequential
from harness.stats.gate import GateVerdict
from harness.stats.sequential import SequentialTest, characteristic, cutoffs_of, fixed_sample

NIGHTLY = SequentialTest(0.001, 0.01)


def every_path(test: SequentialTest, rate: float, bound: int) -> tuple[float, float, float]:
    """Pass, fail and mean length, one iteration after the other."""
    alive, passes, fails, length = {0: 1.0}, 0.0, 0.0, 0.0
    for judged in range(1, bound + 1):
        length += sum(alive.values())
        after: dict[int, float] = {}
        for failures, weight in alive.items():
            after[failures] = after.get(failures, 0) + weight * (1 - rate)
            after[failures + 1] = after.get(failures + 1, 0) + weight * rate
        alive = {}
        for failures, weight in after.items():
            verdict = test.decide(judged, failures)
            if verdict is None and judged == bound:
                verdict = test.decide_at_end(judged, failures)
            passes += weight * (verdict is GateVerdict.PASS)
            fails += weight * (verdict is GateVerdict.FAIL)
            if verdict is None:
                alive[failures] = weight
    return passes, fails, length


@pytest.mark.parametrize(
    ("test", "bound"),
    [(NIGHTLY, 758), (NIGHTLY, 400), (SequentialTest(0.25, 0.5, 0.01, 0.1), 60), (SequentialTest(0.04, 0.05), 300)],
)
@pytest.mark.parametrize("rate", [0.0, 0.001, 0.01, 0.3, 1.0])
def test_what_is_computed_exactly_is_what_every_path_adds_up_to(test: SequentialTest, bound: int, rate: float) -> None:
    exact = characteristic(test, rate, bound)
    assert (exact.passes, exact.fails, exact.mean_iterations) == pytest.approx(every_path(test, rate, bound), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    good=st.floats(0.0005, 0.3),
    ratio=st.floats(1.5, 20),
    errors=st.tuples(st.floats(0.002, 0.2), st.floats(0.002, 0.2)),
    bound=st.integers(1, 2_000),
)
def test_the_errors_are_kept_wherever_the_test_is_cut_off(
    good: float, ratio: float, errors: tuple[float, float], bound: int
) -> None:
    test = SequentialTest(good, min(good * ratio, 0.9), *errors)
    assert characteristic(test, test.good_rate, bound).fails <= test.false_alarm
    assert characteristic(test, test.bad_rate, bound).passes <= test.miss


@pytest.mark.parametrize("test", [NIGHTLY, SequentialTest(0.001, 0.01, 0.05 / 9), SequentialTest(0.25, 0.5)])
def test_as_many_as_are_needed_always_decide_and_one_less_does_not(test: SequentialTest) -> None:
    needed = test.needed()
    assert needed is not None
    for rate in (0.0, test.good_rate, test.bad_rate, 1.0):
        assert characteristic(test, rate, needed).undecided < 1e-9
    assert not cutoffs_of(test, needed - 1).settles_all


def test_it_takes_fewer_iterations_than_a_fixed_sample_of_the_same_errors() -> None:
    assert fixed_sample(0.001, 0.01) == 628
    needed = NIGHTLY.needed()
    assert needed == 758
    assert characteristic(NIGHTLY, 0.001, needed).mean_iterations <= 0.7 * 628
    assert characteristic(NIGHTLY, 0.01, needed).mean_iterations <= 0.45 * 628


@pytest.mark.parametrize("rate", [0.001, 0.01])
def test_simulation_says_the_same(rate: float) -> None:
    found = simulate(NIGHTLY, rate, 758, 4_000, seed=7)
    exact = characteristic(NIGHTLY, rate, 758)
    assert agrees(exact, found, 4_000)
    assert (found.fails if rate == 0.001 else found.passes) <= 0.05


def test_a_boundary_that_is_too_near_breaks_the_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks above can fail: with errors spent three times over, they would."""
    monkeypatch.setattr(sequential, "SPENT_EARLY", 3.0)
    assert characteristic(SequentialTest(0.0011, 0.011), 0.011, 700).passes > 0.05


def test_long_before_anything_can_be_known_nothing_is_decided() -> None:
    assert [NIGHTLY.decide_at_end(50, failures) for failures in (0, 1, 2)] == [
        GateVerdict.INCONCLUSIVE,
        GateVerdict.INCONCLUSIVE,
        GateVerdict.FAIL,
    ]
    assert NIGHTLY.decide(1, 1) is None, "one failure alone is ten times likelier in a bad service, not twenty"


def test_rates_that_cannot_be_run_have_no_number_of_iterations() -> None:
    assert SequentialTest(1e-9, 1e-8).needed() is None
    assert 30_000 < (SequentialTest(1e-5, 1e-4).needed() or 0) < 100_000


@pytest.mark.parametrize(("good", "bad"), [(0, 0.1), (0.1, 0.1), (0.2, 0.1), (0.1, 1)])
def test_rates_that_cannot_be_told_apart_are_refused(good: float, bad: float) -> None:
    with pytest.raises(ValueError, match="0 < good < bad < 1"):
        SequentialTest(good, bad)
