"""What a comparison finds and how often it errs, by simulation; `benchmarks/compare.py` does it at length."""

import pytest

from benchmarks.compare import ALPHA, Case, simulate
from harness.stats.comparison_power import power, recommended_iterations, smallest_rise


@pytest.mark.parametrize(
    "case",
    [
        Case("equal", 300, (rate,) * points, (rate,) * points, runs)
        for rate in (0.0, 0.001, 0.01, 0.15)
        for points, runs in ((1, 1), (9, 1), (2, 2))
    ],
    ids=str,
)
def test_equal_runs_are_rarely_called_worse(case: Case) -> None:
    found = simulate(case, 300, seed=1)
    # 1 % of 300 are 3; 9 or more have a probability of 0.4 %.
    assert found.worse <= 8


@pytest.mark.parametrize(("points", "everywhere"), [(1, False), (9, False), (9, True)])
def test_the_recommended_iterations_find_the_rise(points: int, everywhere: bool) -> None:
    iterations = recommended_iterations(points, everywhere=everywhere)
    rises = (0.03,) * points if everywhere else (0.03, *(0.01,) * (points - 1))
    found = simulate(Case("rise", iterations, (0.01,) * points, rises), 400, seed=2)
    assert found.share >= 0.88


def test_a_share_of_the_recommended_iterations_does_not() -> None:
    iterations = recommended_iterations()
    assert simulate(Case("rise", iterations // 2, (0.01,), (0.03,)), 400, seed=3).share < 0.75


def test_power_is_what_the_simulation_finds() -> None:
    found = simulate(Case("rise", 200, (0.05,), (0.15,)), 3000, seed=4)
    assert power(200, 200, 0.05, 0.15, ALPHA) == pytest.approx(found.share, abs=4 * found.error)


def test_exact_power_and_its_approximation_meet() -> None:
    exact = power(4000, 4000, 0.01, 0.017, 0.01)
    assert power(4001, 4001, 0.01, 0.017, 0.01) == pytest.approx(exact, abs=0.01)


def test_the_smallest_rise_is_found_with_the_power_wanted() -> None:
    rise = smallest_rise(100, 150, 0.02, 0.01)
    assert power(100, 150, 0.02, rise, 0.01) >= 0.9 > power(100, 150, 0.02, rise - 0.01, 0.01)
    assert smallest_rise(2, 2, 0.0, 0.01) == 1


def test_more_to_find_out_takes_more_iterations() -> None:
    assert recommended_iterations(1) < recommended_iterations(9) < recommended_iterations(9, 3)
    assert recommended_iterations(9, everywhere=True) < recommended_iterations(2, everywhere=True)
    with pytest.raises(ValueError, match="lower rate to a higher"):
        recommended_iterations(base_rate=0.3, run_rate=0.03)
