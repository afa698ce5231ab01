"""The figures as plain tables of at most 80 columns, the same in the terminal and on the page."""

from collections.abc import Sequence
from typing import Any

from benchmarks.load_engine.bounds import Bound
from benchmarks.load_engine.figures import EVERY_DELAY, Rows, best
from benchmarks.load_engine.measure import ENGINE, IDLE_PER_S, LOADS_PER_S, LOCUST, RAW
from benchmarks.load_engine.quantiles import ratio

SIDES = (ENGINE, LOCUST, RAW)
GROUP = 22
Table = tuple[str, list[str]]
"""A title and its lines."""


def tables(figures: dict[str, Any], bounds: Sequence[Bound]) -> list[Table]:
    """Return all tables in the order in which they are read."""
    return [
        ("What was asked", _bounds(bounds)),
        *((f"Client gap error, {_load(load)}, ms", _gaps(figures, load, "client", "min")) for load in LOADS_PER_S),
        *((f"Gap error at the wire, {_load(load)}, ms", _gaps(figures, load, "wire", "inv.")) for load in LOADS_PER_S),
        (
            "The kernel's own: clock_nanosleep in a bare loop, nothing else running, ms",
            _sleeps(figures["clock_nanosleep"]),
        ),
        ("What a load costs", _loads(figures["loads"])),
        ("Highest sustained pair rate on one core", _saturation(figures["saturation"])),
        ("A target that stands still for a second", _stopped(figures["stopped"])),
    ]


def _load(rate_per_s: float) -> str:
    return f"{rate_per_s:g} pairs/s" + (" (idle)" if rate_per_s == IDLE_PER_S else "")


def _gaps(figures: dict[str, Any], load: float, where: str, extra: str) -> list[str]:
    """Return one load's errors by delay and side; `extra` is the column that only the client or only the wire has."""
    rows = {(row["side"], row["delay_ms"]): row[where] for row in figures["gaps"] if row["pairs_per_s"] == load}
    present = [name for name in SIDES if any(side == name for side, _ in rows)]
    compared = LOCUST in present and ENGINE in present
    lines = [
        "delay" + "".join(f"{name:>{GROUP}}" for name in present) + ("    p99" if compared else ""),
        "   ms" + f"{extra:>8}{'p50':>7}{'p99':>7}" * len(present) + ("    L/e" if compared else ""),
    ]
    for delay_ms in dict.fromkeys(delay for _, delay in rows):
        cells = [rows[name, delay_ms] for name in present if (name, delay_ms) in rows]
        line = f"{delay_ms if delay_ms == EVERY_DELAY else f'{delay_ms:g}':>5}"
        for cell in cells:
            first = f"{cell['inverted']:8d}" if where == "wire" else f"{cell['min']:8.3f}"
            line += f"{first}{cell['p50']:7.3f}{cell['p99']:7.3f}"
        if compared:
            line += f"{ratio(rows[LOCUST, delay_ms]['p99'], rows[ENGINE, delay_ms]['p99']):7.1f}"
        lines.append(line)
    return lines


def _sleeps(rows: Rows) -> list[str]:
    quantiles = ("min", "p50", "p99", "max")
    return [
        f"{'delay ms':>8}{'sleeps':>8}" + "".join(f"{name:>9}" for name in quantiles),
        *(
            f"{row['delay_ms']:8g}{row['pairs']:8d}" + "".join(f"{row[name]:9.3f}" for name in quantiles)
            for row in rows
        ),
    ]


def _loads(rows: Rows) -> list[str]:
    ordered = sorted(rows, key=lambda row: (row["pairs_per_s"], SIDES.index(row["side"])))
    return [
        f"{'':7}  {'':9}{'':6}{'':8}{'CPU us':>9}{'of a':>7}{'':7}{'one':>6}{'ms waited':>17}",
        f"{'pairs/s':>7}  {'side':9}{'pairs':>6}{'reached':>8}{'per pair':>9}{'core':>7}{'failed':>7}{'read':>6}"
        f"{'client':>9}{'target':>8}",
        *(
            f"{row['pairs_per_s']:7g}  {row['side']:9}{row['pairs']:6d}{row['reached_per_s']:8.1f}"
            f"{row['cpu_us_per_pair']:9.0f}{row['core_share']:7.0%}{row['failed']:7d}{row['in_one_read']:6d}"
            f"{_waited(row['client_waited_ms']):>9}{_waited(row['target_waited_ms']):>8}"
            for row in ordered
        ),
    ]


def _waited(wait_ms: float | None) -> str:
    return "-" if wait_ms is None else f"{wait_ms:.1f}"


def _saturation(rows: Rows) -> list[str]:
    highest = [best(rows, name) for name in SIDES]
    ordered = sorted(rows, key=lambda row: (SIDES.index(row["side"]), row["in_flight"]))
    return [
        f"{'side':10}{'in flight':>10}{'pairs':>8}{'pairs/s':>9}{'CPU us/pair':>13}{'failed':>8}",
        *(
            f"{row['side']:10}{row['in_flight']:10d}{row['pairs']:8d}{row['pairs_per_s']:9.0f}"
            f"{row['cpu_us_per_pair']:13.0f}{row['failed']:8d}" + ("  highest" if row in highest else "")
            for row in ordered
        ),
    ]


def _stopped(stopped: dict[str, Any]) -> list[str]:
    if not stopped:
        return ["not measured"]
    return [
        f"{stopped['rate_per_s']:g} pairs/s for {stopped['seconds']:g} s, target stopped for {stopped['stopped_s']:.4f} s",
        f"{'p99 of latency from intended starts':38}{'ms':>8}{'off by':>9}",
        f"{'what the stop explains (analytic)':38}{stopped['analytic_p99_s'] * 1e3:8.1f}",
        f"{'Create, planned instant to answer':38}{stopped['create_p99_s'] * 1e3:8.1f}{stopped['create_off']:+9.1%}",
        f"{'pair, planned instant to last answer':38}{stopped['pair_p99_s'] * 1e3:8.1f}{stopped['pair_off']:+9.1%}",
    ]


def _bounds(bounds: Sequence[Bound]) -> list[str]:
    words = {True: "yes", False: "NO", None: "not measured"}
    return [
        f"{'bound':40}{'asked':>8}{'measured':>10}  met",
        *(
            f"{bound.what:40}{bound.asked:>8}{'-' if bound.measured is None else f'{bound.measured:.3g}':>10}"
            f"  {words[bound.met]}{bound.where and f', {bound.where}'}"
            for bound in bounds
        ),
    ]
