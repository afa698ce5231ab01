"""What was asked of the engine, and what was measured: told, never asserted. A busy machine misses bounds that an idle one meets."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from benchmarks.load_engine.figures import EVERY_DELAY, Rows, best, cheapest_us
from benchmarks.load_engine.measure import ENGINE, IDLE_PER_S, LOCUST, RAW
from benchmarks.load_engine.quantiles import ratio

Key = tuple[float, Any]
"""Pairs per second, and the delay in ms or EVERY_DELAY."""
NOWHERE: Key = (0.0, "")


class Bound(NamedTuple):
    """One bound; `measured` is None where the side to compare with was left out, `where` says at which delay and load it was worst."""

    what: str
    asked: str
    measured: float | None
    met: bool | None
    where: str = ""


def bounds(figures: dict[str, Any]) -> list[Bound]:
    """Return every bound of a run. Those of the gap hold at the set loads, not when idle."""
    return [*_gap_bounds(figures["gaps"]), *_rate_bounds(figures["saturation"]), *_stop_bounds(figures["stopped"])]


def _gap_bounds(gaps: Rows) -> list[Bound]:
    loaded = [row for row in gaps if row["pairs_per_s"] != IDLE_PER_S]
    ours = _clients(loaded, ENGINE)
    theirs = _clients(loaded, LOCUST)
    times = {key: ratio(theirs[key]["p99"], client["p99"]) for key, client in ours.items() if key in theirs}
    singly = {key: client for key, client in ours.items() if key[1] != EVERY_DELAY}
    return [
        _most("client gaps too short", {NOWHERE: sum(client["negative"] for client in singly.values())}, 0),
        _most("client gap error p50, ms", {key: client["p50"] for key, client in singly.items()}, 0.05),
        _most("client gap error p99, ms", {key: client["p99"] for key, client in singly.items()}, 0.5),
        _least("p99, Locust / engine, at each delay", {key: times[key] for key in singly if key in times}, 4),
        _least("p99, Locust / engine, all delays", {key: times[key] for key in times if key not in singly}, 4),
    ]


def _clients(rows: Rows, name: str) -> dict[Key, dict[str, float]]:
    return {(row["pairs_per_s"], row["delay_ms"]): row["client"] for row in rows if row["side"] == name}


def _rate_bounds(saturation: Rows) -> list[Bound]:
    told = []
    ours, our_cpu_us = best(saturation, ENGINE), cheapest_us(saturation, ENGINE)
    for what, name, limit in (("raw loop", RAW, 0.8), ("Locust", LOCUST, 1.8)):
        theirs, their_cpu_us = best(saturation, name), cheapest_us(saturation, name)
        rate = ratio(ours["pairs_per_s"], theirs["pairs_per_s"]) if ours and theirs else None
        cpu = ratio(their_cpu_us, our_cpu_us) if our_cpu_us and their_cpu_us else None
        told.append(_least(f"highest pair rate, engine / {what}", {NOWHERE: rate}, limit))
        told.append(_least(f"the same by CPU alone, engine / {what}", {NOWHERE: cpu}, limit))
    return told


def _stop_bounds(stopped: dict[str, Any]) -> list[Bound]:
    if not stopped:
        return []
    return [
        _most("p99 of Create over the stop, off by", {NOWHERE: abs(stopped["create_off"])}, 0.05),
        _most("p99 of the pair over the stop, off by", {NOWHERE: abs(stopped["pair_off"])}, 0.05),
    ]


def _most(what: str, values: Mapping[Key, float], limit: float) -> Bound:
    """Return the bound on the highest of some values."""
    asked = f"<= {limit:g}"
    if not values:
        return Bound(what, asked, None, None)
    worst = max(values, key=lambda key: values[key])
    return Bound(what, asked, values[worst], values[worst] <= limit, _where(worst))


def _least(what: str, values: Mapping[Key, float | None], limit: float) -> Bound:
    """Return the bound on the lowest of some values; those that were not measured are none."""
    asked = f">= {limit:g}"
    known = {key: value for key, value in values.items() if value is not None}
    if not known:
        return Bound(what, asked, None, None)
    worst = min(known, key=lambda key: known[key])
    return Bound(what, asked, known[worst], known[worst] >= limit, _where(worst))


def _where(key: Key) -> str:
    if key == NOWHERE:
        return ""
    rate_per_s, delay_ms = key
    return f"{rate_per_s:g}/s" if delay_ms == EVERY_DELAY else f"{delay_ms:g} ms {rate_per_s:g}/s"
