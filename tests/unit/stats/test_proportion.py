"""The Wilson interval against published values and its own definition."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats.proportion import wilson


@pytest.mark.parametrize(
    ("failures", "trials", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_values(failures: int, trials: int, low: float, high: float) -> None:
    interval = wilson(failures, trials)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@given(trials=st.integers(1, 10_000), data=st.data())
def test_the_bounds_solve_the_score_equation(trials: int, data: st.DataObject) -> None:
    failures = data.draw(st.integers(0, trials))
    interval = wilson(failures, trials)
    assert interval is not None
    assert 0 <= interval.low <= interval.rate <= interval.high <= 1
    for bound in (interval.low, interval.high):
        if 0 < bound < 1:
            z = abs(interval.rate - bound) / math.sqrt(bound * (1 - bound) / trials)
            assert z == pytest.approx(1.959964, abs=1e-4)


def test_no_trials_are_no_rate() -> None:
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("failures", "trials"), [(2, 1), (-1, 5)])
def test_impossible_counts(failures: int, trials: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        wilson(failures, trials)
