"""Logistic fits of many sets of counts at once, finite whatever the counts are.

The likelihood carries Jeffreys' prior as a penalty (D. Firth, "Bias reduction of maximum likelihood estimates", Biometrika 80, 1993;
G. Heinze and M. Schemper, "A solution to the problem of separation in logistic regression", 2002): all zero, all one, and failures below
some delay alone have no maximum of the plain likelihood, and with much data the penalty is negligible.

Shapes: `x` and `trials` are (points,), `failures` is (sets, points). This module imports numpy; only what fits a curve imports it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
MAX_STEPS, LARGEST_STEP, TOLERANCE = 200, 2.0, 1e-9


@dataclass(frozen=True, slots=True)
class LogisticFits:
    """`logit(rate) = intercept + slope * x` for each set, each field of shape (sets,); `sound` where the fit converged."""

    intercept: Floats
    slope: Floats
    intercept_variance: Floats
    slope_variance: Floats
    covariance: Floats
    sound: npt.NDArray[np.bool_]

    def rates(self, x: Floats) -> Floats:
        """Return the fitted rates, of shape (sets, points)."""
        return _rates(self.intercept[:, None] + self.slope[:, None] * x)


def fit_logistics(x: Floats, failures: npt.NDArray[Any], trials: npt.NDArray[Any]) -> LogisticFits:
    """Fit each set by Fisher scoring on the penalised score; `x` needs two different values."""
    middle = float(np.average(x, weights=trials))
    z = x - middle  # centred: the two coefficients are then nearly independent, and the steps are safe
    share = (failures.sum(axis=1) + 0.5) / (trials.sum() + 1)
    a, b = np.log(share / (1 - share)), np.zeros(len(failures))
    step = np.full(len(failures), np.inf)
    for _ in range(MAX_STEPS):
        rates = _rates(a[:, None] + b[:, None] * z)
        (s0, s1, s2, determinant), weights = _information(rates, z, trials)
        leverage = weights * (s2[:, None] - 2 * s1[:, None] * z + s0[:, None] * z * z) / determinant[:, None]
        residual = failures - trials * rates + leverage * (0.5 - rates)
        u0, u1 = residual.sum(axis=1), (residual * z).sum(axis=1)
        da, db = (s2 * u0 - s1 * u1) / determinant, (s0 * u1 - s1 * u0) / determinant
        step = np.maximum(abs(da), abs(db))
        shrink = np.minimum(1, LARGEST_STEP / np.maximum(step, 1e-12))
        a, b = a + shrink * da, b + shrink * db
        if step.max() < TOLERANCE:
            break
    (s0, s1, s2, determinant), _ = _information(_rates(a[:, None] + b[:, None] * z), z, trials)
    slope_variance, own_covariance, a_variance = s0 / determinant, -s1 / determinant, s2 / determinant
    return LogisticFits(
        intercept=a - b * middle,
        slope=b,
        intercept_variance=a_variance - 2 * middle * own_covariance + middle**2 * slope_variance,
        slope_variance=slope_variance,
        covariance=own_covariance - middle * slope_variance,
        sound=np.isfinite(a) & np.isfinite(b) & (step < 1e-6),
    )


def deviances(failures: npt.NDArray[Any], trials: npt.NDArray[Any], rates: Floats) -> Floats:
    """Return twice the log-likelihood that each set's own rates have over the fitted ones, of shape (sets,)."""
    passes = trials - failures
    with np.errstate(divide="ignore", invalid="ignore"):
        failed = np.where(failures > 0, failures * np.log(failures / (trials * rates)), 0)
        passed = np.where(passes > 0, passes * np.log(passes / (trials * (1 - rates))), 0)
    return np.asarray(2 * (failed + passed).sum(axis=-1), dtype=np.float64)


def _information(rates: Floats, z: Floats, trials: npt.NDArray[Any]) -> tuple[tuple[Floats, ...], Floats]:
    weights = trials * rates * (1 - rates)
    s0, s1, s2 = weights.sum(axis=1), (weights * z).sum(axis=1), (weights * z * z).sum(axis=1)
    return (s0, s1, s2, np.maximum(s0 * s2 - s1 * s1, 1e-300)), weights


def _rates(logits: Floats) -> Floats:
    # Beyond 30 a rate differs from 0 or 1 by less than any count can tell, and its weight must not vanish.
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), dtype=np.float64)
