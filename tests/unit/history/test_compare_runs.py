"""A run is worse where its failure rate or, if asked for, a duration rose; else it is not, or nothing can be told."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from stored_runs import latency, point, report, store

from harness.errors import ResultsError
from harness.history.compare import compare
from harness.history.comparison_terminal import print_comparison
from harness.history.document import Comparison
from harness.history.runs import read_run
from harness.report.document import Point

TIMES = [float(10 + n % 50) for n in range(2000)]


def compared(
    results: Path, base: list[Point], *runs: list[Point], increase: float | None = None, **changed: Any
) -> Comparison:
    folders = [
        read_run(store(results, report(day, points, **(changed if day else {}))))
        for day, points in enumerate((base, *runs))
    ]
    return compare(folders[0], folders[1:], 0.01, increase)


def test_a_rise_at_one_delay_is_worse_there_and_a_fall_better(tmp_path: Path) -> None:
    found = compared(tmp_path, [point(0, 500, 100), point(10, 500, 5)], [point(0, 500, 20), point(10, 500, 60)])
    (run,) = found.runs
    assert (found.verdict, run.reason) == ("worse", "the failure rate rose at 10 ms")
    assert [one.verdict for one in run.points] == ["better", "worse"]


def test_a_small_rise_everywhere_is_seen_over_all_delays_only(tmp_path: Path) -> None:
    delays = [float(delay) for delay in range(9)]
    found = compared(tmp_path, [point(one, 200, 2) for one in delays], [point(one, 200, 7) for one in delays])
    (run,) = found.runs
    assert found.verdict == "worse" and "over all api-delays together" in found.reason
    assert run.overall is not None and run.overall.verdict == "worse"
    assert all(one.verdict == "no_difference_shown" for one in run.points)


def test_equal_runs_are_not_worse_and_few_iterations_tell_nothing(tmp_path: Path) -> None:
    assert compared(tmp_path / "1", [point(10, 400, 3)], [point(10, 400, 4)]).verdict == "not_worse"
    few = compared(tmp_path / "2", [point(10, 10, 0)], [point(10, 10, 1)])
    assert few.verdict == "inconclusive" and few.advice is not None and few.advice.at_one_delay > 1000
    assert compared(tmp_path / "3", [point(10, 400, 3)], [point(20, 400, 3)]).reason == "the runs share no api-delay"
    assert compared(tmp_path / "4", [point(10, 9, 0, errors=9)], [point(10, 400, 3)]).verdict == "inconclusive"


def test_one_bad_run_of_several_decides(tmp_path: Path) -> None:
    found = compared(tmp_path, [point(10, 500, 5)], [point(10, 500, 6)], [point(10, 500, 90)], [point(10, 5, 0)])
    assert [run.verdict for run in found.runs] == ["not_worse", "worse", "inconclusive"]
    assert found.verdict == "worse" and found.runs[1].run.run_id in found.reason


def test_slower_calls_are_worse_only_where_that_was_asked_for(tmp_path: Path) -> None:
    ten = [(10.0, time) for time in TIMES]
    once = {method: latency(TIMES) for method in ("create", "update", "submit")}
    slow = {"latency": once | {"update": latency([2 * time for time in TIMES])}}
    for increase, verdict in ((None, "not_worse"), (0.5, "worse"), (1.5, "not_worse")):
        results = tmp_path / str(increase)
        base = store(results, report(0, [point(10, 400, 3)], latency=once), ten)
        run = store(results, report(1, [point(10, 400, 3)], **slow), ten)
        found = compare(read_run(base), [read_run(run)], 0.01, increase)
        assert found.verdict == verdict
        shifts = [one for one in found.runs[0].durations if one.what == "update"]
        assert [one.quantile for one in shifts] == [0.5, 0.99]
        assert all(one.ratio == pytest.approx(2, rel=0.01) for one in shifts)
    base = store(tmp_path, report(0, [point(10, 400, 3)]), [(10, time) for time in TIMES])
    run = store(tmp_path, report(1, [point(10, 400, 3)]), [(10, 2 * time) for time in TIMES])
    assert compare(read_run(base), [read_run(run)], 0.01, 0.5).reason.startswith("convergence p50, convergence p99")


def test_durations_without_their_raw_values_are_told_without_an_interval(tmp_path: Path) -> None:
    base, run = (store(tmp_path, report(day, [point(10, 400, 3), point(20, 400, 3)])) for day in (0, 1))
    (base / "iterations.jsonl").unlink()
    (run / "iterations.jsonl").write_text(
        '{"api_delay_ms": 10, "conv\n[]\n7\n{"api_delay_ms": null, "convergence_ms": 1}\n'
    )
    found = compare(read_run(base), [read_run(run)], 0.01, 0.0)
    (one,) = found.runs
    assert {(shift.api_delay_ms, shift.ratio, shift.ratio_low) for shift in one.durations} == {
        (10, 1, None),
        (20, 1, None),
    }
    assert found.verdict == "inconclusive" and "create, update, submit, convergence" in found.reason
    assert "too few to judge p99 of update" in one.notes
    assert compare(read_run(base), [read_run(run)], 0.01).verdict == "not_worse"


def test_anomalies_versions_and_settings_that_changed_are_told(tmp_path: Path) -> None:
    before = [point(10, 400, 30, anomalies={"stale_score": 30, "orphan_row": 1})]
    after = [point(10, 400, 31, anomalies={"stale_score": 30, "lost_submit": 20})]
    found = compared(tmp_path, before, after, scenario={"wait_s": 3}, harness_version="1")
    (run,) = found.runs
    told = {one.anomaly_class: (one.change, one.shown) for one in run.anomalies}
    assert told == {
        "lost_submit": ("appeared", True),
        "orphan_row": ("vanished", False),
        "stale_score": ("same", False),
    }
    assert {one.field: (one.base, one.run) for one in run.changes} == {
        "harness_version": ("0", "1"),
        "scenario.wait_s": (2.0, 3.0),
    }


def test_a_partial_run_is_compared_with_a_note_and_a_failed_one_is_refused(tmp_path: Path) -> None:
    found = compared(tmp_path / "1", [point(10, 400, 3)], [point(10, 300, 3)], status="partial", planned_iterations=400)
    assert found.runs[0].notes == ["run is partial: 300 of 400 iterations have a verdict"]
    with pytest.raises(ResultsError, match="failed, so there is nothing to compare"):
        compared(tmp_path / "2", [point(10, 400, 3)], [point(10, 300, 3)], status="failed")
    same = read_run(next((tmp_path / "1").iterdir()))
    with pytest.raises(ResultsError, match="cannot be held against itself"):
        compare(same, [same], 0.01)


def test_nothing_is_wider_than_a_terminal(tmp_path: Path) -> None:
    delays = (0.0, 1.5, 60_000.0)
    found = compared(
        tmp_path,
        [point(one, 1_000_000, 10, anomalies={"stale_submit_state": 9}) for one in delays],
        [point(one, 1_000_000, 990_000, anomalies={"a_class_of_a_long_name": 9}) for one in delays],
    )
    out = io.StringIO()
    print_comparison(found, Console(file=out, width=80, markup=False, highlight=False))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80 and any("990000/1000000" in line and "worse" in line for line in lines)
