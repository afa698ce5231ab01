"""How well the threshold search keeps its word: `nice -n 19 python -m benchmarks.threshold [SERVICES] [SEED]`.

Each simulated service is searched once, by the harness's own state machine. Judged are: whether its interval covers the true threshold;
whether its answer is within 5 ms or 10 % of it, the larger; and how many iterations it took of those that a fixed grid takes.

The fixed grid tries the same delays, all with the same n iterations, once. It is given the best analysis that a fixed sample has:
exact one-sided binomial tests at half of alpha, from the largest delay downwards for "below" and from the smallest upwards for "at or
above", each until the first that decides nothing. So its interval has the same coverage without any correction for many delays. It is
also given the service's own n: the smallest (on a ladder of 10 % steps) at which 90 % of its runs locate the threshold as narrowly as the
search is to. A user would not know that n.
"""

import os

# Small arrays: more threads only stand in each other's way. Before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from benchmarks.threshold_services import SHAPES, Floats, Service, draw
from harness.stats.threshold.answer import Answer, Outcome, Question
from harness.stats.threshold.delays import tolerance_ms
from harness.stats.threshold.search import Search, Tried

CONFIDENCE = 0.95
RESOLUTION_MS = 5.0
FAILURES_AT_MOST = 40_000
"""Times 1 / F: the bound of a search; far beyond a user's patience, so that slow tails are decided too."""
GRID_REPEATS = 60
GRID_SUCCESS = 0.9
GRID_LADDER = [round(10 * 1.1**step) for step in range(140)]


@dataclass(frozen=True, slots=True)
class Trial:
    """One service's search. `grid_iterations` is None where no n of the ladder does, or nobody asked."""

    shape: str
    exact: bool
    covered: bool
    near: bool
    safe: bool
    iterations: int
    grid_iterations: int | None


def simulate(service: Service, rng: np.random.Generator, *, with_grid: bool) -> Trial:
    """Search one service's threshold, and hold the answer against the truth."""
    search = Search(
        Question(service.limit, CONFIDENCE, RESOLUTION_MS, max_iterations=round(FAILURES_AT_MOST / service.limit))
    )
    while allocations := search.next_round():
        rates = service.rate(np.array([one.api_delay_ms for one in allocations]))
        search.tell(
            Tried(one.api_delay_ms, one.iterations, int(rng.binomial(one.iterations, rate)))
            for one, rate in zip(allocations, rates, strict=True)
        )
    answer, truth_ms = search.answer, service.threshold_ms
    safe = answer.safe_ms is None or bool(service.rate(np.array([answer.safe_ms]))[0] < service.limit)
    grid = grid_iterations(service, search.delays_ms, rng) if with_grid else None
    return Trial(
        service.shape,
        answer.exact,
        covers(answer, truth_ms),
        is_near(answer, truth_ms),
        safe,
        sum(one.judged for one in search.tried),
        grid,
    )


def covers(answer: Answer, truth_ms: float | None) -> bool:
    """Return whether the interval holds the truth, None being beyond all delays. An answer that says nothing at all does."""
    truth = float("inf") if truth_ms is None else truth_ms
    return (answer.low_ms is None or answer.low_ms < truth) and (answer.high_ms is None or truth <= answer.high_ms)


def is_near(answer: Answer, truth_ms: float | None) -> bool:
    """Return whether the answer is within 5 ms or 10 % of the truth, also where the search ended before it was sure."""
    if truth_ms is None:
        return answer.outcome is Outcome.NONE_SAFE
    if answer.estimate_ms is None:
        return False
    return abs(answer.estimate_ms - truth_ms) <= tolerance_ms(truth_ms, RESOLUTION_MS)


def grid_iterations(service: Service, delays_ms: Sequence[float], rng: np.random.Generator) -> int | None:
    """Return what the fixed grid takes for as narrow an interval, None where its ladder does not reach so far."""
    rates = service.rate(np.array(delays_ms))
    low, high = 0, len(GRID_LADDER)
    while low < high:
        middle = (low + high) // 2
        if grid_located(service.limit, rates, GRID_LADDER[middle], rng) >= GRID_SUCCESS:
            high = middle
        else:
            low = middle + 1
    return GRID_LADDER[low] * len(delays_ms) if low < len(GRID_LADDER) else None


def grid_located(limit: float, rates: Floats, n: int, rng: np.random.Generator) -> float:
    """Return the share of fixed grids, `n` iterations a delay, that locate the threshold between the neighbours of one delay, or better."""
    alpha, delays = (1 - CONFIDENCE) / 2, len(rates)
    # binom.ppf(q) is the smallest k with cdf(k) >= q.
    most_to_be_below = int(binom.ppf(alpha, n, limit)) - 1
    most_to_be_below += binom.cdf(most_to_be_below + 1, n, limit) <= alpha
    least_to_be_above = int(binom.isf(alpha, n, limit)) + 1
    failures = rng.binomial(n, rates, size=(GRID_REPEATS, delays))
    unsafe = np.cumprod(failures >= least_to_be_above, axis=1).sum(axis=1)
    safe = np.cumprod(failures[:, ::-1] <= most_to_be_below, axis=1).sum(axis=1)
    # The thresholds left are unsafe .. delays - safe.
    first, last = unsafe, delays - safe
    located = ((last - first <= 1) & (last < delays)) | (first == delays)
    # All safe is an answer only where 0 alone is left, as in the search; its neighbour is no narrower.
    return float(located.mean())


def figures(trials: Sequence[Trial]) -> list[str]:
    """Return one row of the table."""
    gridded = [one for one in trials if one.grid_iterations is not None]
    shares = [one.iterations / one.grid_iterations for one in gridded if one.grid_iterations]
    total = sum(one.iterations for one in gridded) / max(sum(one.grid_iterations or 0 for one in gridded), 1)
    count = len(trials)
    return [
        str(count),
        f"{sum(one.covered for one in trials) / count:.1%}",
        f"{sum(one.safe for one in trials) / count:.1%}",
        f"{sum(one.near for one in trials) / count:.1%}",
        str(sum(not one.exact for one in trials)),
        f"{np.median([one.iterations for one in trials]):,.0f}",
        f"{np.median([one.grid_iterations or 0 for one in gridded]):,.0f}" if gridded else "-",
        f"{total:.0%}" if gridded else "-",
        f"{max(shares):.0%}" if shares else "-",
    ]


HEADINGS = ["services", "covered", "safe is safe", "within", "inexact", "search", "grid", "of grid", "worst"]


def main(services: int = 1000, seed: int = 1) -> None:
    """Print the table as Markdown."""
    shapes = list(SHAPES)
    rng = np.random.default_rng(seed)
    trials = [simulate(draw(shapes[n % len(shapes)], rng), rng, with_grid=True) for n in range(services)]
    print(f"| shape | {' | '.join(HEADINGS)} |")
    print("| --- |" + " ---: |" * len(HEADINGS))
    for shape in shapes:
        print(f"| {shape} | {' | '.join(figures([one for one in trials if one.shape == shape]))} |")
    print(f"| all | {' | '.join(figures(trials))} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
