"""A sequential test of a failure rate: good (at most `good_rate`) against bad (at least `bad_rate`), with both errors bounded exactly.

Wald's sequential probability ratio test (A. Wald, "Sequential Tests of Statistical Hypotheses", Annals of Mathematical Statistics 16,
1945), cut off at a number of iterations. After `judged` iterations with `failures` failures the logarithm of the likelihood ratio is

    failures * ln(bad / good) - (judged - failures) * ln((1 - good) / (1 - bad)).

The test fails as soon as that is ln(1 / a) or more, and passes as soon as it is -ln(1 / b) or less. By Wald's inequality the first comes
about for a good service with a probability of at most a, the second for a bad one with at most b, whenever the test is cut off. a and b
are SPENT_EARLY times the errors asked for. Up to SPENT times them is spent where the test is cut off: what then passes and what fails
is the most that this leaves room for, computed from the exact distribution of the failures at that point. If that does not settle every
count, the test is cut off too early for these errors, and those between are inconclusive. A tenth of each error is never spent: a
simulation of 10,000 runs is off by a twentieth of it, and is to confirm what is promised.

The probabilities are exact up to rounding: between two iterations at which a boundary moves, failures are binomial.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from harness.stats.binomial import at_least, at_most, binomial_pmf
from harness.stats.gate import GateVerdict

SPENT = 0.9
SPENT_EARLY = 0.95 * SPENT
# A test that takes more cannot be run.
MOST_ITERATIONS = 10_000_000


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What is decided where the test is cut off: pass up to so many failures, fail from so many on; -1 and None for never."""

    pass_up_to: int
    fail_from: int

    @property
    def settles_all(self) -> bool:
        """Whether no count is left between."""
        return self.fail_from <= self.pass_up_to + 1


@dataclass(frozen=True, slots=True)
class Characteristic:
    """What the test does for a service of a certain failure rate, exactly: three probabilities that add to 1, and the mean length."""

    passes: float
    fails: float
    undecided: float
    mean_iterations: float


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """The test; `false_alarm` is the most that a good service may fail, `miss` the most that a bad one may pass.

    Raises ValueError for rates that are not 0 < good_rate < bad_rate < 1.
    """

    good_rate: float
    bad_rate: float
    false_alarm: float = 0.05
    miss: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.good_rate < self.bad_rate < 1:
            raise ValueError(f"rates must be 0 < good < bad < 1, not {self.good_rate:g} and {self.bad_rate:g}")

    @property
    def _failure_step(self) -> float:
        return math.log(self.bad_rate / self.good_rate)

    @property
    def _success_step(self) -> float:
        return math.log1p(-self.good_rate) - math.log1p(-self.bad_rate)

    def passes_from(self, failures: int) -> int:
        """Return the number of iterations from which on so many failures pass."""
        goal = failures * self._failure_step - math.log(self.miss * SPENT_EARLY)
        return failures + math.ceil(goal / self._success_step)

    def fails_up_to(self, failures: int) -> int:
        """Return the number of iterations up to which so many failures fail; less than `failures` where they never do."""
        excess = failures * self._failure_step + math.log(self.false_alarm * SPENT_EARLY)
        return failures + math.floor(excess / self._success_step)

    def decide(self, judged: int, failures: int) -> GateVerdict | None:
        """Return what so many iterations decide on the way, None where the test goes on."""
        if judged <= self.fails_up_to(failures) and failures:
            return GateVerdict.FAIL
        return GateVerdict.PASS if judged >= self.passes_from(failures) else None

    def decide_at_end(self, judged: int, failures: int) -> GateVerdict:
        """Return what is decided where the test went on up to here and is cut off here."""
        cutoffs = cutoffs_of(self, judged)
        if failures >= cutoffs.fail_from:
            return GateVerdict.FAIL
        return GateVerdict.PASS if failures <= cutoffs.pass_up_to else GateVerdict.INCONCLUSIVE

    def needed(self) -> int | None:
        """Return how many iterations the test takes at most: cut off there, it always decides. None for more than can be run."""
        return _needed(self)


class _Walk:
    """The exact distribution of the failures while the test goes on, for one failure rate."""

    def __init__(self, test: SequentialTest, rate: float) -> None:
        self._test = test
        self._rate = rate
        self._judged = 0
        self._lowest = 0
        """The fewest failures with which the test goes on; `weights[i]` belongs to `lowest + i` failures."""
        self.weights = [1.0]
        self._highest = 0
        self._raise_highest()
        self.passed = 0.0
        self.failed = 0.0
        self.mean_iterations = 0.0

    def go_to(self, judged: int) -> None:
        """Go on to so many iterations, from one at which a boundary moves to the next."""
        while self._judged < judged and self.weights:
            passes_at, fails_up_to = (
                self._test.passes_from(self._lowest),
                self._test.fails_up_to(self._highest + 1),
            )
            stop = min(passes_at, fails_up_to, judged)
            self._step(stop - self._judged)
            self._judged = stop
            if stop == passes_at:
                self.passed += self.weights.pop(0)
                self._lowest += 1
            self._raise_highest()

    def at(self, index: int) -> int:
        """Return how many failures a weight belongs to."""
        return self._lowest + index

    def _raise_highest(self) -> None:
        while self._test.fails_up_to(self._highest + 1) <= self._judged:
            self._highest += 1
        self.weights += [0.0] * (self._highest - self._lowest + 1 - len(self.weights))

    def _step(self, length: int) -> None:
        """Let so many iterations pass within fixed boundaries: whoever gets beyond the highest count has failed."""
        count = len(self.weights)
        moves = [binomial_pmf(more, length, self._rate) for more in range(count)]
        # The mean number of iterations with exactly `more` failures is the chance of one failure more within the time, over the rate.
        stays = [
            at_least(more + 1, length, self._rate) / self._rate if self._rate else float(length) * (more == 0)
            for more in range(count)
        ]
        before, after = self.weights, [0.0] * count
        for start, weight in enumerate(before):
            for more in range(count - start):
                after[start + more] += weight * moves[more]
                self.mean_iterations += weight * stays[more]
        self.failed += max(math.fsum(before) - math.fsum(after), 0.0)
        self.weights = after


def characteristic(test: SequentialTest, rate: float, bound: int) -> Characteristic:
    """Return what the test, cut off at `bound` iterations, does for a service that fails at `rate`: exact, no simulation."""
    cutoffs, walk = cutoffs_of(test, bound), _Walk(test, rate)
    walk.go_to(bound)
    counts = [(walk.at(index), weight) for index, weight in enumerate(walk.weights)]
    passes = walk.passed + math.fsum(weight for failures, weight in counts if failures <= cutoffs.pass_up_to)
    fails = walk.failed + math.fsum(weight for failures, weight in counts if failures >= cutoffs.fail_from)
    return Characteristic(passes, fails, max(1 - passes - fails, 0.0), walk.mean_iterations)


@lru_cache(maxsize=256)
def cutoffs_of(test: SequentialTest, bound: int) -> Cutoffs:
    """Return what is decided at `bound` iterations: what passes there is as much as `miss` has room for, and fails as `false_alarm` has."""
    good, bad = _Walk(test, test.good_rate), _Walk(test, test.bad_rate)
    good.go_to(bound)
    bad.go_to(bound)
    pass_up_to, missed = bad.at(-1), bad.passed
    for weight in bad.weights:
        if (missed := missed + weight) > test.miss * SPENT:
            break
        pass_up_to += 1
    fail_from, alarmed = good.at(len(good.weights)), good.failed
    for weight in reversed(good.weights):
        if (alarmed := alarmed + weight) > test.false_alarm * SPENT:
            break
        fail_from -= 1
    # Where both have room for a count, a miss is the worse of the two errors.
    return Cutoffs(min(pass_up_to, fail_from - 1) if pass_up_to >= fail_from else pass_up_to, fail_from)


@lru_cache(maxsize=64)
def _needed(test: SequentialTest) -> int | None:
    low, high = 0, 1
    while not cutoffs_of(test, high).settles_all:
        low, high = high, high * 2
        if low >= MOST_ITERATIONS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if cutoffs_of(test, middle).settles_all else (middle, high)
    return high


def fixed_sample(good_rate: float, bad_rate: float, false_alarm: float = 0.05, miss: float = 0.05) -> int:
    """Return the least number of iterations that tell the rates apart with these errors when all of them are always made."""
    judged, fail_from = 0, 1
    while True:
        # The least sample of which a bad service leaves fewer failures too seldom to matter; it grows with the count.
        low, high = judged, max(judged, 1)
        while at_most(fail_from - 1, high, bad_rate) > miss:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if at_most(fail_from - 1, middle, bad_rate) <= miss else (middle, high)
        judged = high
        if at_least(fail_from, judged, good_rate) <= false_alarm:
            return judged
        fail_from += 1
