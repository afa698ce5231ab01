"""The failure rate as a function of the api-delay: two fits over a run's points, each with its 95 % band.

The *isotonic* fit assumes only that a longer delay never fails more often. The *logistic* fit assumes a straight line of the rate's
logit over `log(1 + delay / 1 ms)`, the scale on which 0 ms has a place; a bootstrap says whether the counts bear that out.

The functions import numpy and scipy.special inside: 0.5 s that the start of a run does not pay.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from harness.stats.proportion import Counts, Proportion

if TYPE_CHECKING:
    from harness.stats.logistic import LogisticFits

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class IsotonicPoint:
    """The non-increasing fit at one measured api-delay; rates in [0, 1]."""

    api_delay_ms: float
    fit: Proportion


@dataclass(frozen=True, slots=True)
class IsotonicCurve:
    """The non-increasing fit by rising api-delay; `contradicted` where the counts rule out, at 5 %, that no longer delay fails more often.

    The bounds of a contradicted curve are those of each point alone.
    """

    points: tuple[IsotonicPoint, ...]
    contradicted: bool


@dataclass(frozen=True, slots=True)
class LogisticCurve:
    """`logit(rate) = intercept + slope * log(1 + delay_ms)`, with the covariance of both, and how well the counts bear it out."""

    intercept: float
    slope: float
    intercept_variance: float
    slope_variance: float
    covariance: float
    lack_of_fit_p: float

    def at(self, api_delay_ms: float) -> Proportion:
        """Return the rate at a delay in ms with its pointwise 95 % interval, by the delta method on the logit scale."""
        x = log_delay(api_delay_ms)
        logit = self.intercept + self.slope * x
        variance = self.intercept_variance + 2 * x * self.covariance + x * x * self.slope_variance
        half = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * math.sqrt(max(variance, 0.0))
        return Proportion(_rate(logit), _rate(logit - half), _rate(logit + half))


def log_delay(api_delay_ms: float) -> float:
    """Return where a delay in ms stands on the fit's axis: 0 at 0 ms."""
    return math.log1p(api_delay_ms)


def isotonic_curve(points: Sequence[Counts]) -> IsotonicCurve | None:
    """Return the weighted non-increasing fit over the judged points, None where there are none.

    The fit pools adjacent violators (Barlow et al., "Statistical inference under order restrictions", 1972), which is its maximum
    likelihood. The band is simultaneous: each point gets its exact (Clopper-Pearson) interval at the level 0.95^(1/points), and since the
    rate does not rise, a point's upper bound holds for all longer delays and its lower bound for all shorter ones. It covers the whole
    curve with at least 95 % whatever the rates; Wilson's interval does not at the small rates that matter here.
    """
    judged = sorted((point for point in points if point.judged), key=lambda point: point.api_delay_ms)
    if not judged:
        return None
    level = CONFIDENCE ** (1 / len(judged))
    own = [_exact(point, level) for point in judged]
    high = [min(bounds[1] for bounds in own[: place + 1]) for place in range(len(own))]
    low = [max(bounds[0] for bounds in own[place:]) for place in range(len(own))]
    contradicted = any(below > above for below, above in zip(low, high, strict=True))
    if contradicted:
        low, high = [bounds[0] for bounds in own], [bounds[1] for bounds in own]
    rates = pooled([point.failures / point.judged for point in judged], [point.judged for point in judged])
    return IsotonicCurve(
        tuple(
            IsotonicPoint(point.api_delay_ms, Proportion(rate, below, above))
            for point, rate, below, above in zip(judged, rates, low, high, strict=True)
        ),
        contradicted,
    )


def pooled(rates: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the non-increasing sequence nearest to the rates in weighted squares, by pooling adjacent violators."""
    blocks: list[tuple[float, float, int]] = []
    for rate, weight in zip(rates, weights, strict=True):
        block = (rate, float(weight), 1)
        while blocks and blocks[-1][0] < block[0]:
            before = blocks.pop()
            total = before[1] + block[1]
            block = ((before[0] * before[1] + block[0] * block[1]) / total, total, before[2] + block[2])
        blocks.append(block)
    return [rate for rate, _, length in blocks for _ in range(length)]


def logistic_curve(points: Sequence[Counts], seed: int = 1, replicates: int = 400) -> LogisticCurve | None:
    """Return the logistic fit, None for fewer than two judged delays, through which no slope can be laid.

    `lack_of_fit_p` is the share of `replicates` seeded draws from the fit whose deviance is at least that of the counts; small
    where the curve has another shape.
    """
    import numpy as np  # noqa: PLC0415 - see the module's head

    from harness.stats.logistic import deviances, fit_logistics  # noqa: PLC0415 - it imports numpy

    judged = sorted((point for point in points if point.judged), key=lambda point: point.api_delay_ms)
    if len(judged) < 2:
        return None
    x = np.array([log_delay(point.api_delay_ms) for point in judged])
    trials = np.array([point.judged for point in judged])
    counts = np.array([[point.failures for point in judged]])
    fits: LogisticFits = fit_logistics(x, counts, trials)
    if not fits.sound[0]:
        return None
    rates = fits.rates(x)[0]
    drawn = np.random.default_rng(seed).binomial(trials, rates, (replicates, len(judged)))
    worse = (
        deviances(drawn, trials, fit_logistics(x, drawn, trials).rates(x)) >= deviances(counts, trials, rates) - 1e-9
    )
    return LogisticCurve(
        intercept=float(fits.intercept[0]),
        slope=float(fits.slope[0]),
        intercept_variance=float(fits.intercept_variance[0]),
        slope_variance=float(fits.slope_variance[0]),
        covariance=float(fits.covariance[0]),
        lack_of_fit_p=float((1 + worse.sum()) / (1 + replicates)),
    )


def _exact(point: Counts, level: float) -> tuple[float, float]:
    """Return the Clopper-Pearson interval (Biometrika 26, 1934)."""
    from scipy.special import betaincinv  # noqa: PLC0415 - see the module's head

    tail, failures, judged = (1 - level) / 2, point.failures, point.judged
    low = 0.0 if failures == 0 else float(betaincinv(failures, judged - failures + 1, tail))
    high = 1.0 if failures == judged else float(betaincinv(failures + 1, judged - failures, 1 - tail))
    return low, high


def _rate(logit: float) -> float:
    """Return the rate of a logit; large logits must not overflow."""
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1 + math.exp(logit))
