"""Does a target that stands still show in the latency, or is it omitted? The engine against a target stopped for one second.

Arrivals come at R per second for T seconds, N = R T in all, whatever becomes of those before. The target is stopped for D seconds in the
middle. An arrival t seconds before the end of the stop is answered t late, so that R (D - x) of the N arrivals wait longer than x, a
share of (D - x) / T. The quantile q is the x that a share of 1 - q exceeds:

    x = D - (1 - q) T        as long as (1 - q) T < D

With D = 1 s, T = 10 s and q = 0.99 that is 0.9 s. A tool that waits for an answer before it fires again makes one late call instead of R D,
and its p99 tells nothing of the stop. What a call takes else (under a ms) and the work that has piled up come on top.
"""

import os
import signal
import time
from dataclasses import asdict
from typing import Any

from benchmarks.load_engine.children import Side, side
from benchmarks.load_engine.quantiles import quantile
from benchmarks.load_engine.segment import Job, Outcome

STOP_S = 1.0
RATE_PER_S = 50.0
"""Fewer would make the quantile coarse, arrivals being 20 ms apart; more would pile up work whose undoing is measured too."""
QUANTILE = 0.99


def analytic_s(stop_s: float, seconds: float) -> float:
    """Return the p99 of latency (s) that the stop alone explains. Raises ValueError where the stop is too short to reach it."""
    share = (1 - QUANTILE) * seconds
    if share >= stop_s:
        raise ValueError("less than one call in a hundred falls into the stop")
    return stop_s - share


def measure(target: Side, core: int, seconds: float) -> dict[str, Any]:
    """Run the engine for `seconds`, with the target stopped for one of them; return what was measured and what was to be expected, in s.

    `create` counts from the plan's instant to Create's answer, `pair` from the same instant to the last answer of the pair.
    """
    job = Job(target.ready["address"], core, round(RATE_PER_S * seconds), (0.0,), RATE_PER_S)
    with side("engine", asdict(job)) as engine:
        engine.send({"start": True})
        time.sleep((seconds - STOP_S) / 2)
        stopped_s = _stop(target.process.pid)
        outcome = Outcome.of(engine.answer())
    expected_s = analytic_s(stopped_s, seconds)
    create_s = quantile([(pair.created_ns - pair.intended_ns) / 1e9 for pair in outcome.pairs], QUANTILE)
    pair_s = quantile([(pair.finished_ns - pair.intended_ns) / 1e9 for pair in outcome.pairs], QUANTILE)
    return {
        "rate_per_s": RATE_PER_S,
        "seconds": seconds,
        "pairs": len(outcome.pairs),
        "failed": outcome.failed,
        "stopped_s": stopped_s,
        "analytic_p99_s": expected_s,
        "create_p99_s": create_s,
        "pair_p99_s": pair_s,
        "create_off": create_s / expected_s - 1,
        "pair_off": pair_s / expected_s - 1,
    }


def _stop(pid: int) -> float:
    """Stop a process for a second; return for how long (s) it was."""
    os.kill(pid, signal.SIGSTOP)
    started_s = time.monotonic()
    try:
        time.sleep(STOP_S)
    finally:
        os.kill(pid, signal.SIGCONT)
    return time.monotonic() - started_s
