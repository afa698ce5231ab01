"""What the benchmark of the firing engine makes of what it measured."""

import json
from dataclasses import asdict

import pytest

from benchmarks.load_engine.bounds import bounds
from benchmarks.load_engine.document import page, report
from benchmarks.load_engine.figures import EVERY_DELAY, figures_of
from benchmarks.load_engine.measure import DELAYS_MS, ENGINE, IDLE_PER_S, LOADS_PER_S, LOCUST, RAW, Measured, Paced
from benchmarks.load_engine.quantiles import quantile, summary
from benchmarks.load_engine.segment import Outcome, Pair, Spent
from benchmarks.load_engine.stopped import analytic_s
from benchmarks.load_engine.tables import tables

STOPPED = {
    "rate_per_s": 100.0,
    "seconds": 10.0,
    "pairs": 1000,
    "failed": 0,
    "stopped_s": 1.0,
    "analytic_p99_s": 0.9,
    "create_p99_s": 0.91,
    "pair_p99_s": 0.99,
    "create_off": 0.011,
    "pair_off": 0.1,
}


def measured_with(names: tuple[str, ...], error_us: dict[str, int]) -> Measured:
    """Every pair of a side is off by its `error_us` at the client, and exact at the wire."""
    measured = Measured(stopped=STOPPED, sleep_errors_ns={delay: [50_000] for delay in DELAYS_MS})
    for name in names:
        for load in LOADS_PER_S:
            pairs, arrivals = [], {}
            for number, delay_ms in enumerate(DELAYS_MS * 2):
                first_ns = number * 10**9
                gap_ns = round(delay_ms * 10**6)
                second_ns = first_ns + gap_ns + error_us[name] * 1000
                pairs.append(Pair(delay_ms, str(number), first_ns, first_ns, first_ns, second_ns, second_ns))
                arrivals[str(number)] = (first_ns, first_ns + gap_ns)
            measured.paced[name, load] = [Paced(Outcome(pairs, Spent(14.0, 0.7, 0.2), "normal"), arrivals, 1.5)]
        measured.saturated[name, 16] = [Outcome(pairs, Spent(14.0, 0.7, 0.2), "normal")]
    return measured


def test_a_quantile_is_one_of_the_values() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [quantile(values, share) for share in (0.2, 0.21, 0.5, 0.99, 1.0)] == [1.0, 2.0, 3.0, 5.0, 5.0]


def test_a_call_too_early_counts_by_its_size() -> None:
    told = summary([-3.0, 1.0, 2.0])
    assert (told["negative"], told["min"], told["p50"], told["max"]) == (1, -3.0, 2.0, 3.0)


@pytest.mark.parametrize(("stop_s", "seconds"), [(1.0, 10.0), (1.0, 5.0), (2.0, 50.0)])
def test_the_analytic_value_is_that_of_the_arrivals_themselves(stop_s: float, seconds: float) -> None:
    rate = 1000
    arrivals = [number / rate for number in range(round(rate * seconds))]
    begin = (seconds - stop_s) / 2
    latencies = [max(0.0, begin + stop_s - at) if at >= begin else 0.0 for at in arrivals]
    assert quantile(latencies, 0.99) == pytest.approx(analytic_s(stop_s, seconds), abs=2 / rate)


def test_a_stop_that_the_p99_cannot_show_is_refused() -> None:
    with pytest.raises(ValueError, match="less than one call in a hundred"):
        analytic_s(1.0, 100.0)


def test_the_gap_is_told_for_each_delay_and_for_all() -> None:
    rows = figures_of(measured_with((ENGINE,), {ENGINE: 20}))["gaps"]
    assert [row["delay_ms"] for row in rows if row["pairs_per_s"] == IDLE_PER_S] == [*DELAYS_MS, EVERY_DELAY]
    assert all(row["client"]["p99"] == pytest.approx(0.02, abs=1e-6) for row in rows)
    assert all(row["wire"]["p99"] == 0 and row["wire"]["inverted"] == 0 for row in rows)
    assert rows[-1]["client"]["pairs"] == 2 * len(DELAYS_MS)


def test_pairs_that_arrive_the_other_way_round_or_together_are_counted() -> None:
    measured = measured_with((ENGINE,), {ENGINE: 20})
    arrivals = measured.paced[ENGINE, 200.0][0].arrivals
    first_ns, second_ns = arrivals["3"]
    arrivals["3"] = (second_ns, first_ns)
    arrivals["4"] = (first_ns, first_ns)
    del arrivals["5"]
    figures = figures_of(measured)
    row = next(row for row in figures["gaps"] if (row["pairs_per_s"], row["delay_ms"]) == (200.0, EVERY_DELAY))
    assert row["wire"]["inverted"] == 1
    assert row["wire"]["pairs"] == 2 * len(DELAYS_MS) - 1
    assert [row["in_one_read"] for row in figures["loads"]] == [0, 1, 0]


def test_bounds_are_met_and_missed() -> None:
    figures = figures_of(measured_with((ENGINE, LOCUST, RAW), {ENGINE: 20, LOCUST: 60, RAW: 400}))
    told = {bound.what: bound for bound in bounds(figures)}
    assert told["client gap error p50, ms"].met
    assert told["p99, Locust / engine, at each delay"].measured == pytest.approx(3, rel=1e-3)
    assert told["p99, Locust / engine, at each delay"].met is False
    assert told["highest pair rate, engine / raw loop"].met
    assert told["highest pair rate, engine / Locust"].met is False
    assert told["p99 of the pair over the stop, off by"].met is False


def test_early_calls_break_a_bound() -> None:
    told = {bound.what: bound for bound in bounds(figures_of(measured_with((ENGINE,), {ENGINE: -1})))}
    assert told["client gaps too short"].met is False


def test_a_side_left_out_meets_no_bound() -> None:
    told = bounds(figures_of(measured_with((ENGINE, RAW), {ENGINE: 20, RAW: 400})))
    assert {bound.met for bound in told if "Locust" in bound.what} == {None}


@pytest.mark.parametrize("names", [(ENGINE, LOCUST, RAW), (ENGINE, RAW)])
def test_tables_fit_a_terminal_and_the_page_holds_them(names: tuple[str, ...]) -> None:
    figures = figures_of(measured_with(names, {ENGINE: 20, LOCUST: 9000, RAW: 400}))
    shown = tables(figures, bounds(figures))
    assert max(len(line) for title, lines in shown for line in (title, *lines)) <= 80
    document = report(figures, "a command", {"scheduling": "normal", "place": "another core", "repeat": 1}, None)
    text = page(json.loads(json.dumps(document)), shown)
    assert all(line in text for _, lines in shown for line in lines)


def test_an_outcome_survives_the_pipe() -> None:
    outcome = Outcome([Pair(1.0, "000000000001", 1, 2, 3, 4, 5)], Spent(1.0, 0.5, None), "normal", 2)
    assert Outcome.of(json.loads(json.dumps(asdict(outcome)))) == outcome
