"""Coverage of the interval that every failure rate is given with: simulated beside exact, over a grid of rates and sample sizes.

    python -m benchmarks.intervals [--samples 100000] [--seed 1]

Exits 1 where a simulated coverage is not the exact one within its Monte Carlo error, or the mean is not within 94-97 %.
"""

import argparse
import sys
from dataclasses import dataclass

import numpy as np

from harness.stats.coverage import Interval, covering, exact_coverage
from harness.stats.proportion import wilson

RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
TRIALS = (20, 50, 100, 200, 500, 1000)
# Of 54 cells none is further off than so many standard errors by chance, but for one time in 300.
MOST_ERRORS = 4.5


@dataclass(frozen=True, slots=True)
class Cell:
    """One rate and sample size: coverage in [0, 1], exact and simulated, and the standard error of the latter."""

    rate: float
    trials: int
    exact: float
    simulated: float
    standard_error: float

    @property
    def agrees(self) -> bool:
        """Whether both are the same within the Monte Carlo error."""
        return abs(self.simulated - self.exact) <= MOST_ERRORS * self.standard_error + 1e-12


def cells(interval: Interval, samples: int, seed: int) -> list[Cell]:
    """Simulate every cell of the grid with so many samples."""
    rng = np.random.default_rng(seed)
    found = []
    for trials in TRIALS:
        for rate in RATES:
            exact = exact_coverage(interval, rate, trials)
            failures = rng.binomial(trials, rate, samples)
            simulated = float(np.isin(failures, covering(interval, rate, trials)).mean())
            found.append(Cell(rate, trials, exact, simulated, (exact * (1 - exact) / samples) ** 0.5))
    return found


def mean_coverage(found: list[Cell]) -> float:
    """Return the mean of the exact coverage over the grid."""
    return sum(cell.exact for cell in found) / len(found)


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    found = cells(wilson, arguments.samples, arguments.seed)
    print("| rate | " + " | ".join(f"n = {trials}" for trials in TRIALS) + " |")
    print("| --- |" + " --- |" * len(TRIALS))
    for rate in RATES:
        row = [cell for cell in found if cell.rate == rate]
        print(f"| {rate:g} | " + " | ".join(f"{cell.exact:.2%} ({cell.simulated:.2%})" for cell in row) + " |")
    mean, off = mean_coverage(found), [cell for cell in found if not cell.agrees]
    worst = max(abs(cell.simulated - cell.exact) / cell.standard_error for cell in found if cell.standard_error)
    print(f"\nexact (simulated with {arguments.samples} samples each). Mean {mean:.2%}; the two differ by at most ")
    print(
        f"{worst:.1f} standard errors of the simulation; {len(off)} of {len(found)} cells by more than {MOST_ERRORS}."
    )
    return int(bool(off) or not 0.94 <= mean <= 0.97)


if __name__ == "__main__":
    sys.exit(main())
