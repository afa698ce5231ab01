"""How often intervals hold the truth."""

import pytest

from benchmarks.intervals import cells, mean_coverage
from harness.stats.coverage import exact_coverage
from harness.stats.proportion import Proportion, wilson


def test_the_simulated_coverage_is_the_exact_one_in_every_cell_and_the_mean_is_near_95_percent() -> None:
    found = cells(wilson, samples=20_000, seed=3)
    assert len(found) == 54
    assert [cell for cell in found if not cell.agrees] == []
    assert 0.94 <= mean_coverage(found) <= 0.97


def test_an_interval_that_is_too_narrow_is_seen() -> None:
    assert exact_coverage(lambda f, n: wilson(f, n, 0.8), 0.1, 200) < 0.85


def test_what_is_known_by_hand() -> None:
    # Of one trial at 1/2, an interval [0, 0.6] of no failure and [0.7, 1] of one: half the time.
    def interval(failures: int, _trials: int) -> Proportion:
        return Proportion(failures, 0.7 * failures, 0.6 + 0.4 * failures)

    assert exact_coverage(interval, 0.5, 1) == pytest.approx(0.5)
    assert exact_coverage(lambda _f, _n: None, 0.5, 10) == 0
