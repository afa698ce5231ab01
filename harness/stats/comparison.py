"""Whether one run failed more than another: per api-delay, over all of them, and with one error rate for everything asked.

The hypotheses of each run are "not worse at this delay" for every delay, and "not worse at any delay", tested over the delays as
strata. The second sees a small rise at every delay that no single delay could show; the first a rise at one delay that the
others drown. Both are corrected together by Holm's weighted procedure, so that the chance of a single false "worse" anywhere is
at most alpha, whatever the failure rates are and however they depend on each other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.stats.exact import Pair, p_worse
from harness.stats.proportion import wilson

OVERALL_WEIGHT = 0.5
"""Share of alpha that the question over all delays gets; the single delays share the rest."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Run's failure rate minus base's, in [-1, 1], with its 95 % interval."""

    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tested:
    """A p-value, how it stands after the correction, and whether that shows it at the alpha asked for."""

    p_value: float
    corrected_p_value: float
    shown: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """What the tests say of one run: per delay, in the order given, and over all delays; that is None where there is one delay only."""

    points: tuple[Tested, ...]
    overall: Tested | None

    @property
    def shown(self) -> bool:
        """Whether a rise is shown anywhere."""
        return any(point.shown for point in self.points) or (self.overall is not None and self.overall.shown)


def newcombe(pair: Pair, confidence: float = 0.95) -> Difference | None:
    """Return the run's rate minus the base's with its hybrid score interval, None where either judged nothing.

    Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods",
    Statistics in Medicine 17 (1998), method 10.
    """
    base = wilson(pair.base_failures, pair.base_judged, confidence)
    run = wilson(pair.run_failures, pair.run_judged, confidence)
    if base is None or run is None:
        return None
    difference = run.rate - base.rate
    low = difference - math.hypot(run.rate - run.low, base.high - base.rate)
    high = difference + math.hypot(run.high - run.rate, base.rate - base.low)
    return Difference(difference, max(low, -1.0), min(high, 1.0))


def compare_rates(runs: Sequence[Sequence[Pair]], alpha: float) -> list[Rates]:
    """Return for each run, given as its pairs by delay, where its failure rate is shown to be higher; corrected over all runs."""
    hypotheses = [hypothesis for pairs in runs for hypothesis in _hypotheses(pairs, len(runs))]
    tested = iter(weighted_holm([p for p, _ in hypotheses], [weight for _, weight in hypotheses], alpha))
    found = []
    for pairs in runs:
        points = tuple(next(tested) for _ in pairs)
        found.append(Rates(points, next(tested) if len(pairs) > 1 else None))
    return found


def _hypotheses(pairs: Sequence[Pair], runs: int) -> list[tuple[float, float]]:
    """Return the p-value and the weight of each of a run's hypotheses."""
    weight = point_weight(len(pairs), runs)
    points = [(p_worse([pair]), weight) for pair in pairs]
    return points if len(pairs) <= 1 else [*points, (p_worse(pairs), OVERALL_WEIGHT / runs)]


def point_weight(points: int, runs: int = 1) -> float:
    """Return the share of alpha that one delay gets at first."""
    return 1 / runs if points <= 1 else (1 - OVERALL_WEIGHT) / points / runs


def weighted_holm(p_values: Sequence[float], weights: Sequence[float], alpha: float) -> list[Tested]:
    """Return every hypothesis with its corrected p-value, and whether it is shown: at most `alpha` of all families show a false one.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979), section 3. With
    equal weights the corrected p-values are the well-known ones.
    """
    corrected = [1.0] * len(p_values)
    left, reached = math.fsum(weights), 0.0
    for index in sorted(range(len(p_values)), key=lambda one: p_values[one] / weights[one]):
        reached = max(reached, min(1.0, p_values[index] / weights[index] * left))
        corrected[index] = reached
        left -= weights[index]
    return [Tested(p, adjusted, adjusted <= alpha) for p, adjusted in zip(p_values, corrected, strict=True)]
