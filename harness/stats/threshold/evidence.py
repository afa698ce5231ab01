"""What counts at several delays say about the threshold, under the assumption that the failure rate does not rise with the delay.

Definitions. Delays d[0] < ... < d[K-1]; a *threshold* t in 0..K says that d[0..t-1] fail at the limit F or above it, and d[t..] below it.
So t = 0 says that all are safe, t = K that none is.

Belief, for steering alone: under "safe" a delay's rate is one of RATIOS_BELOW times F, under "unsafe" one of RATIOS_ABOVE, all alike likely
(both come close to 1: about a delay whose rate is all but F nothing is believed, and its neighbours are tried);
with a prior over t, that gives a posterior over t.

Proof: for every t a gambler plays against "t is the truth". On each iteration at a delay below t, whose rate would then be F or more,
half of the fortune bets that the rate is less; on each at t or above, the other half bets that it is more. A bet on a rate q multiplies
the stake by q / F at a failure and by (1 - q) / (1 - F) at a success, which is fair at F and loses where the bet is wrong. So if t is
the truth, its gambler's fortune is a supermartingale, and reaches 1 / alpha with probability alpha at most, at whatever time one looks
and however the next delay was chosen (J. Ville, "Etude critique de la notion de collectif", 1939). The thresholds whose gamblers never
got there are a confidence set at 1 - alpha. Only the true one's gambler can do harm, so nothing has to be paid for trying many delays.
What a gambler stakes follows the belief before the round: so little is lost at delays that turn out to be on the wrong side.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATIOS_BELOW = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94, 0.97, 0.985, 0.995, 0.999)
RATIOS_ABOVE = (
    1.001,
    1.005,
    1.015,
    1.03,
    1.06,
    1.12,
    1.2,
    1.3,
    1.45,
    1.7,
    2.0,
    2.5,
    3.5,
    5.0,
    8.0,
    12.0,
    20.0,
    40.0,
    80.0,
)
HIGHEST_RATE = 0.95
PRIOR_OF_ENDS = 0.1
"""Belief before the first iteration that all delays are safe, and as much that none is."""
SUREST = 0.99
"""No belief is staked on entirely: a gambler keeps at least this much back of 1."""


class Evidence:
    """Counts at `delays` delays, against the limit `max_failure_rate`, in (0, 1)."""

    def __init__(self, delays: int, max_failure_rate: float, confidence: float) -> None:
        self.judged = np.zeros(delays, dtype=np.int64)
        self.failures = np.zeros(delays, dtype=np.int64)
        self._below = _Rates(max_failure_rate, RATIOS_BELOW, delays)
        self._above = _Rates(max_failure_rate, _ratios_above(max_failure_rate), delays)
        self._log_won_below = np.zeros(delays)
        self._log_won_above = np.zeros(delays)
        self._log_prior = np.full(delays + 1, math.log((1 - 2 * PRIOR_OF_ENDS) / max(delays - 1, 1)))
        self._log_prior[[0, -1]] = math.log(PRIOR_OF_ENDS)
        self._log_needed = math.log(2 / (1 - confidence))
        self.excluded = np.zeros(delays + 1, dtype=np.bool_)
        """Per threshold, whether it was disproved."""

    def tell(self, delay: int, judged: int, failures: int) -> None:
        """Count iterations in. `delay` is an index; those that said nothing are in neither number."""
        safe = min(max(float(self.safe()[delay]), 1 - SUREST), SUREST)
        won_below, won_above = (side.tell(delay, judged, failures) for side in (self._below, self._above))
        self._log_won_below[delay] += np.logaddexp(math.log(safe) + won_below, math.log(1 - safe))
        self._log_won_above[delay] += np.logaddexp(math.log(1 - safe) + won_above, math.log(safe))
        self.judged[delay] += judged
        self.failures[delay] += failures
        self.excluded |= np.logaddexp(_before(self._log_won_below), _from(self._log_won_above)) >= self._log_needed

    def belief(self) -> Floats:
        """Return the posterior over the thresholds 0..K."""
        logs = self._log_prior + _before(self._above.log_evidence()) + _from(self._below.log_evidence())
        odds = np.exp(logs - logs.max())
        belief: Floats = odds / odds.sum()
        return belief

    def safe(self) -> Floats:
        """Return for each delay the belief that its rate is below the limit."""
        return np.cumsum(self.belief())[:-1]


class _Rates:
    """The rates that are possible on one side of the limit, and what they make of the counts at each delay, against the limit itself."""

    def __init__(self, limit: float, ratios: tuple[float, ...], delays: int) -> None:
        rates = limit * np.array(ratios)
        self._per_failure = np.log(rates / limit)
        self._per_success = np.log1p(-rates) - math.log1p(-limit)
        self._log_ratios = np.zeros((delays, len(ratios)))

    def tell(self, delay: int, judged: int, failures: int) -> float:
        """Count iterations in, and return the logarithm of what a bet on this side wins by them, spread by what was known before."""
        before = _log_mean(self._log_ratios[delay])
        self._log_ratios[delay] += failures * self._per_failure + (judged - failures) * self._per_success
        return float(_log_mean(self._log_ratios[delay]) - before)

    def log_evidence(self) -> Floats:
        """Return for each delay the logarithm of the counts' likelihood on this side."""
        return _log_mean(self._log_ratios)


def _ratios_above(limit: float) -> tuple[float, ...]:
    """Return the ratios that make rates below 1, and the way there in three steps where the limit is high."""
    highest = max(HIGHEST_RATE, (1 + limit) / 2) / limit
    steps = tuple(1 + (highest - 1) * share for share in (0.3, 0.6, 1.0))
    return (*(ratio for ratio in RATIOS_ABOVE if ratio < highest), *steps)


def _log_mean(logs: Floats) -> Floats:
    """Return the logarithm of the mean of exp(logs) over the last axis."""
    highest = logs.max(axis=-1, keepdims=True)
    mean: Floats = np.log(np.exp(logs - highest).mean(axis=-1)) + highest[..., 0]
    return mean


def _before(values: Floats) -> Floats:
    """Return for each threshold the sum over the delays below it."""
    return np.concatenate(([0.0], np.cumsum(values)))


def _from(values: Floats) -> Floats:
    """Return for each threshold the sum over the delays at it and above."""
    return np.concatenate((np.cumsum(values[::-1])[::-1], [0.0]))
