"""What the sequential gate does: false alarms, misses and length, simulated beside exact, and beside the fixed sample of the same errors.

    python -m benchmarks.sequential_gate [--runs 10000] [--seed 1]

Tells 0.1 % from 1 %, with errors of at most 5 % each. Exits 1 where an error rate or a length is more than is promised, or where simulation
and exact computation differ by more than the Monte Carlo error.
"""

import argparse
import sys
from dataclasses import dataclass

import numpy as np

from harness.stats.gate import GateVerdict
from harness.stats.sequential import Characteristic, SequentialTest, characteristic, fixed_sample

RATES = (0.0, 0.0005, 0.001, 0.002, 0.0035, 0.005, 0.01, 0.02, 0.05, 0.2)
MOST_ERRORS = 4.5
ROWS_AT_ONCE = 2_000
CODES = {GateVerdict.PASS: 1, GateVerdict.FAIL: 2, GateVerdict.INCONCLUSIVE: 3}


@dataclass(frozen=True, slots=True)
class Simulated:
    """Shares of runs that passed and failed, and their mean length with its standard error."""

    passes: float
    fails: float
    mean_iterations: float
    length_error: float


def simulate(test: SequentialTest, rate: float, bound: int, runs: int, seed: int) -> Simulated:
    """Fire so many runs of single iterations, and let the test itself decide after each of them."""
    rng = np.random.default_rng(seed)
    lengths, verdicts = [], []
    for start in range(0, runs, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, runs - start)
        failures = np.cumsum(rng.random((rows, bound)) < rate, axis=1, dtype=np.int32)
        most = int(failures.max()) + 1
        table = np.array(
            [[_code(test, judged, count, bound) for count in range(most)] for judged in range(1, bound + 1)]
        )
        codes = table[np.arange(bound), failures]
        first = np.where(codes.any(axis=1), codes.astype(bool).argmax(axis=1), bound - 1)
        lengths.append(first + 1)
        verdicts.append(codes[np.arange(rows), first])
    length, verdict = np.concatenate(lengths), np.concatenate(verdicts)
    error = float(length.std() / runs**0.5)
    return Simulated(
        float((verdict == CODES[GateVerdict.PASS]).mean()),
        float((verdict == CODES[GateVerdict.FAIL]).mean()),
        float(length.mean()),
        error,
    )


def _code(test: SequentialTest, judged: int, failures: int, bound: int) -> int:
    """Return 0 where the test goes on, else the verdict's code. A count of more than were judged never comes about."""
    if failures > judged:
        return 0
    decided = test.decide(judged, failures)
    if decided is None and judged == bound:
        decided = test.decide_at_end(judged, failures)
    return 0 if decided is None else CODES[decided]


def agrees(exact: Characteristic, found: Simulated, runs: int) -> bool:
    """Whether what was simulated is the exact result within the Monte Carlo error."""
    shares = ((exact.passes, found.passes), (exact.fails, found.fails))
    near = [abs(one - other) <= MOST_ERRORS * (one * (1 - one) / runs) ** 0.5 + 1 / runs for one, other in shares]
    return all(near) and abs(exact.mean_iterations - found.mean_iterations) <= MOST_ERRORS * found.length_error + 1e-6


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    test = SequentialTest(0.001, 0.01)
    bound, fixed = test.needed(), fixed_sample(0.001, 0.01)
    assert bound is not None
    print(f"fixed sample {fixed} iterations; sequential at most {bound}; {arguments.runs} simulated runs in brackets\n")
    print("| true rate | passes | fails | mean iterations | of the fixed sample |")
    print("| --- | --- | --- | --- | --- |")
    kept = True
    for rate in RATES:
        exact = characteristic(test, rate, bound)
        found = simulate(test, rate, bound, arguments.runs, arguments.seed)
        share = exact.mean_iterations / fixed
        print(
            f"| {rate * 100:g} % | {exact.passes:.2%} ({found.passes:.2%}) | {exact.fails:.2%} ({found.fails:.2%}) | "
            f"{exact.mean_iterations:.0f} ({found.mean_iterations:.0f}) | {share:.0%} |"
        )
        kept &= agrees(exact, found, arguments.runs)
        if rate <= test.good_rate:
            kept &= exact.fails <= 0.05 and found.fails <= 0.05
        if rate == test.good_rate:
            kept &= share <= 0.7 and found.mean_iterations <= 0.7 * fixed
        if rate >= test.bad_rate:
            kept &= exact.passes <= 0.05 and share <= 0.45 and found.mean_iterations <= 0.45 * fixed
    print("\nall as promised" if kept else "\nNOT as promised")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
