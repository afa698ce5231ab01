"""The fits of the failure rate over the api-delay, and what their bands cover."""

import math

import numpy as np
import pytest

from harness.stats.dose_response import isotonic_curve, logistic_curve, pooled
from harness.stats.logistic import fit_logistics
from harness.stats.proportion import Counts

DELAYS_MS = (0, 1, 2, 5, 10, 20, 50, 100, 200)


def counts(*failures: int, judged: int = 100) -> list[Counts]:
    return [Counts(delay, failed, judged) for delay, failed in zip(DELAYS_MS, failures, strict=False)]


def test_neighbours_that_rise_are_pooled_by_weight() -> None:
    assert pooled([0.3, 0.1, 0.2, 0.0], [1, 3, 1, 1]) == pytest.approx([0.3, 0.125, 0.125, 0.0])
    assert pooled([0.0, 1.0], [1, 1]) == [0.5, 0.5]


def test_a_contradicted_curve_says_so() -> None:
    rising = isotonic_curve(counts(0, 50))
    falling = isotonic_curve(counts(50, 0))
    assert rising is not None and rising.contradicted
    assert falling is not None and not falling.contradicted


def test_nothing_judged_has_no_curve_and_one_point_no_slope() -> None:
    assert isotonic_curve([Counts(10, 0, 0)]) is None
    assert logistic_curve([Counts(10, 3, 20), Counts(20, 0, 0)]) is None
    one = isotonic_curve([Counts(10, 3, 20)])
    assert one is not None and one.points[0].fit.rate == 0.15


@pytest.mark.parametrize(
    "failures", [(0,) * 9, (100,) * 9, (100, 100, 100, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0, 0, 100), (1, 0)]
)
def test_counts_without_a_plain_maximum_have_a_finite_fit(failures: tuple[int, ...]) -> None:
    curve = logistic_curve(counts(*failures))
    assert curve is not None
    for delay_ms in (*DELAYS_MS, 5_000):
        fit = curve.at(delay_ms)
        assert 0 <= fit.low <= fit.rate <= fit.high <= 1
    assert math.isfinite(curve.slope_variance) and curve.slope_variance > 0


def test_the_fit_finds_the_line_that_made_the_counts() -> None:
    truth = [1 / (1 + math.exp(-(-0.5 - 0.8 * math.log1p(delay)))) for delay in DELAYS_MS]
    many = [Counts(delay, round(rate * 1e6), 10**6) for delay, rate in zip(DELAYS_MS, truth, strict=True)]
    curve = logistic_curve(many)
    assert curve is not None
    assert (curve.intercept, curve.slope) == pytest.approx((-0.5, -0.8), abs=0.002)
    assert curve.lack_of_fit_p > 0.2


def test_another_shape_is_told() -> None:
    step = logistic_curve(counts(20, 20, 20, 20, 20, 0, 0, 0, 0, judged=1_000))
    step_like = logistic_curve(counts(150, 153, 149, 151, 150, 0, 0, 0, 0, judged=1_000))
    assert step is not None and step_like is not None
    assert step.lack_of_fit_p < 0.01 and step_like.lack_of_fit_p < 0.01


def test_the_logistic_band_covers_at_every_delay() -> None:
    """1,000 runs of nine points of 100; at 95 % the share covered has a standard error of 0.7 %."""
    x, trials = np.log1p(np.array(DELAYS_MS, dtype=float)), np.full(9, 100)
    for intercept, slope in ((-1.5, -0.7), (-0.2, -1.0), (-3.0, -0.3)):
        logits = intercept + slope * x
        drawn = np.random.default_rng(7).binomial(trials, 1 / (1 + np.exp(-logits)), (1_000, 9))
        fits = fit_logistics(x, drawn, trials)
        assert fits.sound.all()
        spread = np.sqrt(
            fits.intercept_variance[:, None] + 2 * x * fits.covariance[:, None] + x * x * fits.slope_variance[:, None]
        )
        covered = (abs(fits.intercept[:, None] + fits.slope[:, None] * x - logits) <= 1.96 * spread).mean(axis=0)
        print((intercept, slope), covered.round(3))
        assert covered.min() > 0.93 and covered.max() < 0.995


def test_the_isotonic_band_covers_the_whole_curve_at_once() -> None:
    """400 runs; at least 95 % is exact, so fewer than 92.8 % (two standard errors) would be a fault."""
    shapes = (
        (0.2, 0.2, 0.18, 0.15, 0.1, 0.03, 0.005, 0.001, 0),
        (0.001,) * 9,
        (0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01, 0.01, 0.01),
    )
    generator = np.random.default_rng(3)
    for shape in shapes:
        covered = 0
        for failures in generator.binomial(100, shape, (400, 9)):
            curve = isotonic_curve(counts(*map(int, failures)))
            assert curve is not None
            covered += all(p.fit.low <= truth <= p.fit.high for p, truth in zip(curve.points, shape, strict=True))
        print(shape, covered / 400)
        assert covered / 400 > 0.928
