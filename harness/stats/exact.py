"""Exact conditional tests of two failure counts, alone and over several strata.

Given how many iterations failed in both runs together, the number of those that are the second run's is hypergeometric where both have the
same rate, whatever that rate is. Nothing is approximated, so the stated error rate holds for rare failures too.
Sources: R. A. Fisher, "The logic of inductive inference", JRSS 98 (1935); over strata the exact form of the Cochran-Mantel-Haenszel test,
D. R. Cox, "A simple congruential test procedure", Annals of Mathematical Statistics 37 (1966), and A. Agresti, "Categorical Data Analysis",
section 7.3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEGLIGIBLE = 1e-22
"""Relative to the most likely count: smaller probabilities are left out, which keeps a stratum of a million iterations cheap."""
SMALLEST_P = 1e-15
"""What is smaller than this is rounding; it is reported as this."""
TABLE_SIZE = 1 << 16


@dataclass(frozen=True, slots=True)
class Pair:
    """Failures among the judged iterations of one stratum (an api-delay), in the base and in the run that is held against it."""

    base_failures: int
    base_judged: int
    run_failures: int
    run_judged: int

    @property
    def mirrored(self) -> "Pair":
        """The pair with the roles changed: is the base worse than the run?"""
        return Pair(self.run_failures, self.run_judged, self.base_failures, self.base_judged)


def p_worse(pairs: Sequence[Pair]) -> float:
    """Return the one-sided p-value of "at no stratum is the run's failure rate higher", in (0, 1].

    Of one stratum this is Fisher's exact test. A stratum without judged iterations, or without failures, says nothing. Raises
    ValueError for counts that cannot be.
    """
    # Sums of several strata's counts: their distributions are folded together.
    weights, lowest, observed = np.ones(1), 0, 0
    for pair in pairs:
        stratum, start = _run_failures(pair)
        weights, lowest, observed = np.convolve(weights, stratum), lowest + start, observed + pair.run_failures
    first = observed - lowest
    if first <= 0:
        return 1.0
    tail = float(weights[first:].sum() / weights.sum())
    return min(max(tail, SMALLEST_P), 1.0)


def binomial(trials: int, rate: float) -> tuple[Floats, int]:
    """Return the probabilities of the failures of some trials, negligible ones left out, and the number of failures of the first."""
    if rate <= 0 or rate >= 1:
        return np.ones(1), 0 if rate <= 0 else trials
    spread = 10 * math.sqrt(trials * rate * (1 - rate)) + 50
    low, high = max(0, math.floor(trials * rate - spread)), min(trials, math.ceil(trials * rate + spread))
    counts = np.arange(low, high + 1)
    logs = _log_choose(trials, counts) + counts * math.log(rate) + (trials - counts) * math.log1p(-rate)
    return np.exp(logs), low


def _run_failures(pair: Pair) -> tuple[Floats, int]:
    """Return the weights of the run's share of all failures, and the smallest share that has one."""
    if not (0 <= pair.base_failures <= pair.base_judged and 0 <= pair.run_failures <= pair.run_judged):
        raise ValueError(f"{pair} cannot be")
    failures = pair.base_failures + pair.run_failures
    judged = pair.base_judged + pair.run_judged
    low, high = max(0, failures - pair.base_judged), min(failures, pair.run_judged)
    if low == high:
        return np.ones(1), low
    share = pair.run_judged / judged
    spread = 11 * math.sqrt(failures * share * (1 - share)) + 100
    low, high = max(low, math.floor(failures * share - spread)), min(high, math.ceil(failures * share + spread))
    counts = np.arange(low, high + 1)
    logs = _log_choose(pair.run_judged, counts) + _log_choose(pair.base_judged, failures - counts)
    weights = np.exp(logs - logs.max())
    kept = np.flatnonzero(weights > NEGLIGIBLE)
    return weights[kept[0] : kept[-1] + 1], low + int(kept[0])


def _log_choose(whole: int, parts: NDArray[np.int_]) -> Floats:
    logs = _log_factorials(max(TABLE_SIZE, 1 << whole.bit_length()))
    chosen: Floats = logs[whole] - logs[parts] - logs[whole - parts]
    return chosen


@cache
def _log_factorials(size: int) -> Floats:
    """Return log(n!) for n below a size."""
    logs: Floats = np.concatenate([np.zeros(1), np.cumsum(np.log(np.arange(1, size)))])
    return logs
