"""How often `harness compare` calls equal runs worse, and how often it finds a rise from 1 % to 3 %: simulated, by the code that decides.

Run from the project's root: nice -n 19 python -m benchmarks.compare [--pairs N]. Prints a Markdown table, and exits with 1 where a bound
is broken by more than the simulation's own error.
"""

import argparse
import math
import sys
from dataclasses import dataclass

import numpy as np

from harness.stats.comparison import compare_rates
from harness.stats.comparison_power import recommended_iterations
from harness.stats.exact import Pair

ALPHA = 0.005
FALSE_ALARMS = 0.01
POWER = 0.9
BASE_RATES = (0.0, 0.001, 0.01, 0.15)
POINTS = (1, 9)
SIGMAS = 3


@dataclass(frozen=True, slots=True)
class Case:
    """What is simulated: the iterations at each api-delay in both runs, and the rates of base and run at each."""

    name: str
    iterations: int
    base_rates: tuple[float, ...]
    run_rates: tuple[float, ...]
    runs: int = 1

    @property
    def equal(self) -> bool:
        """Whether nothing is worse."""
        return self.base_rates == self.run_rates


@dataclass(frozen=True, slots=True)
class Found:
    """How many of the simulated comparisons said worse."""

    case: Case
    pairs: int
    worse: int

    @property
    def share(self) -> float:
        """Of all comparisons, those that said worse."""
        return self.worse / self.pairs

    @property
    def error(self) -> float:
        """The simulation's own standard error of that share."""
        return math.sqrt(self.share * (1 - self.share) / self.pairs)

    @property
    def holds(self) -> bool:
        """Whether the bound holds, the simulation's own error allowed for."""
        slack = SIGMAS * math.sqrt(FALSE_ALARMS * (1 - FALSE_ALARMS) / self.pairs)
        if self.case.equal:
            return self.share <= FALSE_ALARMS + slack
        return self.share >= POWER - SIGMAS * math.sqrt(POWER * (1 - POWER) / self.pairs)


def cases() -> list[Case]:
    """Return what is simulated: equal runs at several rates, and rises at one delay and at all."""
    found = []
    for points in POINTS:
        alone = recommended_iterations(points, alpha=ALPHA)
        for rate in BASE_RATES:
            rates = (rate,) * points
            found.append(Case(f"equal at {rate:.1%}", alone, rates, rates))
        mixed = tuple(np.linspace(0.15, 0.0, points)) if points > 1 else (0.05,)
        found.append(Case(f"equal, {mixed[0]:.0%} to {mixed[-1]:.0%}", 50, mixed, mixed))
    three = (0.01,) * 9
    found.append(Case("equal at 1.0%, three runs", 500, three, three, runs=3))
    for points in POINTS:
        alone = recommended_iterations(points, alpha=ALPHA)
        low = (0.01,) * (points - 1)
        found.append(Case("1 % to 3 % at one delay", alone, (0.01, *low), (0.03, *low)))
    everywhere = recommended_iterations(9, alpha=ALPHA, everywhere=True)
    found.append(Case("1 % to 3 % at every delay", everywhere, (0.01,) * 9, (0.03,) * 9))
    return found


def simulate(case: Case, pairs: int, seed: int) -> Found:
    """Draw the failures of so many comparisons and decide each as the command does."""
    random = np.random.default_rng(seed)
    points = len(case.base_rates)
    base = random.binomial(case.iterations, case.base_rates, (pairs, points)).tolist()
    runs = random.binomial(case.iterations, case.run_rates, (pairs, case.runs, points)).tolist()
    worse = 0
    # Most outcomes come again and again where there are few delays.
    known: dict[tuple[object, ...], bool] = {}
    for before, afters in zip(base, runs, strict=True):
        key = (*before, *map(tuple, afters))
        if key not in known:
            compared = [
                [Pair(x, case.iterations, y, case.iterations) for x, y in zip(before, after, strict=True)]
                for after in afters
            ]
            known[key] = any(one.shown for one in compare_rates(compared, ALPHA))
        worse += known[key]
    return Found(case, pairs, worse)


def row(found: Found) -> str:
    """Return a line of the table."""
    case = found.case
    what = f"at most {FALSE_ALARMS:.0%}" if case.equal else f"at least {POWER:.0%}"
    return (
        f"| {case.name} | {len(case.base_rates)} | {case.iterations} | {found.pairs} | {found.share:.2%} "
        f"| {found.error:.2%} | {what} | {'yes' if found.holds else 'NO'} |"
    )


def main() -> None:
    """Simulate every case and print the table."""
    parser = argparse.ArgumentParser(description="False alarms and power of harness compare")
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print("| runs | delays | iterations a delay | comparisons | said worse | Monte Carlo error | wanted | holds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    holds = True
    for number, case in enumerate(cases()):
        found = simulate(case, arguments.pairs, arguments.seed + number)
        print(row(found), flush=True)
        holds &= found.holds
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
