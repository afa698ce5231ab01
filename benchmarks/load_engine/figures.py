"""From what was measured to what is told: pure functions. Everything is in ms but where a name says otherwise."""

import math
import statistics
from collections.abc import Iterable
from typing import Any

from benchmarks.load_engine.measure import DELAYS_MS, Arrivals, Measured, Paced
from benchmarks.load_engine.quantiles import summary
from benchmarks.load_engine.segment import Outcome, Pair

Rows = list[dict[str, Any]]
EVERY_DELAY = "all"


def figures_of(measured: Measured) -> dict[str, Any]:
    """Return all figures of a run, as they stand in the JSON file."""
    return {
        "gaps": gaps(measured),
        "loads": loads(measured),
        "saturation": saturation(measured),
        "clock_nanosleep": [
            {"delay_ms": delay_ms} | summary([error_ns / 1e6 for error_ns in errors_ns])
            for delay_ms, errors_ns in measured.sleep_errors_ns.items()
        ],
        "stopped": measured.stopped,
    }


def gaps(measured: Measured) -> Rows:
    """Return the gap's error for every load, side and delay, and over all delays: at the client and at the wire."""
    rows: Rows = []
    for (name, rate_per_s), segments in measured.paced.items():
        every = [(pair, wire_error_ms(pair, paced.arrivals)) for paced in segments for pair in paced.outcome.pairs]
        for delay_ms in (*DELAYS_MS, EVERY_DELAY):
            some = [(pair, wire) for pair, wire in every if delay_ms in (pair.delay_ms, EVERY_DELAY)]
            rows.append(
                {
                    "side": name,
                    "pairs_per_s": rate_per_s,
                    "delay_ms": delay_ms,
                    "client": summary([pair.error_ms for pair, _ in some]),
                    "wire": summary([wire for _, wire in some if wire is not None])
                    | {"inverted": sum(wire < -pair.delay_ms for pair, wire in some if wire is not None)},
                }
            )
    return rows


def wire_error_ms(pair: Pair, arrivals: Arrivals) -> float | None:
    """Return how far the gap between the arrivals at the target is from what was asked, None where one was not seen."""
    update_ns, submit_ns = arrivals.get(pair.scorecard, (None, None))
    if update_ns is None or submit_ns is None:
        return None
    return (submit_ns - update_ns - round(pair.delay_ms * 1e6)) / 1e6


def _in_one_read(pair: Pair, arrivals: Arrivals) -> bool:
    """Whether two calls that were fired apart arrived together: the first one was held back on its way to the wire."""
    return pair.delay_ms > 0 and wire_error_ms(pair, arrivals) == -pair.delay_ms


def loads(measured: Measured) -> Rows:
    """Return how every side stood at every load: the rate it reached and what it cost."""
    return [_load(name, rate_per_s, segments) for (name, rate_per_s), segments in measured.paced.items()]


def _load(name: str, rate_per_s: float, segments: list[Paced]) -> dict[str, Any]:
    outcomes = [paced.outcome for paced in segments]
    return {
        "side": name,
        "pairs_per_s": rate_per_s,
        "pairs": sum(len(outcome.pairs) for outcome in outcomes),
        "reached_per_s": statistics.median(_rate_per_s(outcome) for outcome in outcomes),
        "cpu_us_per_pair": statistics.median(_cpu_us(outcome) for outcome in outcomes),
        "core_share": statistics.median(outcome.spent.cpu_s / outcome.spent.wall_s for outcome in outcomes),
        "failed": sum(outcome.failed for outcome in outcomes),
        "in_one_read": sum(_in_one_read(pair, paced.arrivals) for paced in segments for pair in paced.outcome.pairs),
        "client_waited_ms": _sum(outcome.spent.waited_ms for outcome in outcomes),
        "target_waited_ms": _sum(paced.target_waited_ms for paced in segments),
        "scheduling": outcomes[0].scheduling,
    }


def _sum(waits_ms: Iterable[float | None]) -> float | None:
    known = [wait_ms for wait_ms in waits_ms if wait_ms is not None]
    return sum(known) if known else None


def saturation(measured: Measured) -> Rows:
    """Return what every side sustained on its core, medians over the repetitions, for each number of pairs in flight."""
    return [
        {
            "side": name,
            "in_flight": in_flight,
            "pairs_per_s": statistics.median(len(outcome.pairs) / outcome.spent.wall_s for outcome in outcomes),
            "cpu_us_per_pair": statistics.median(_cpu_us(outcome) for outcome in outcomes),
            "pairs": sum(len(outcome.pairs) for outcome in outcomes),
            "failed": sum(outcome.failed for outcome in outcomes),
        }
        for (name, in_flight), outcomes in measured.saturated.items()
    ]


def _rate_per_s(outcome: Outcome) -> float:
    """Return the rate at which pairs began, by the first calls' starts."""
    starts = [pair.first_ns for pair in outcome.pairs]
    return (len(starts) - 1) / (max(starts) - min(starts)) * 1e9 if len(starts) > 1 else math.nan


def _cpu_us(outcome: Outcome) -> float:
    return outcome.spent.cpu_s / max(1, len(outcome.pairs)) * 1e6


def cheapest_us(rows: Rows, name: str) -> float | None:
    """Return the least CPU (us) that a pair of a side took at saturation: what a busy machine changes least."""
    return min((row["cpu_us_per_pair"] for row in rows if row["side"] == name), default=None)


def best(rows: Rows, name: str) -> dict[str, Any] | None:
    """Return the row of saturation where a side sustained most; None of a side that was left out."""
    return max((row for row in rows if row["side"] == name), key=lambda row: row["pairs_per_s"], default=None)
