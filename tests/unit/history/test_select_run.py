"""A run is named by its folder, its id, the beginning of its id, `latest` or `latest-passing`."""

from pathlib import Path

import pytest
from stored_runs import point, report, store

from harness.errors import ResultsError
from harness.history.runs import read_runs
from harness.history.select import find_run, latest_passing, named_run

POINTS = [point(10, 50, 1)]


def test_every_way_to_name_a_run(tmp_path: Path) -> None:
    days = [store(tmp_path, report(day, POINTS, gate="fail" if day == 12 else "pass")) for day in (1, 11, 12)]
    runs = read_runs(tmp_path)
    names = (str(days[0]), f"{days[0]}/report.json", days[0].name, "20261102", "latest", "latest-passing")
    assert [find_run(name, runs).path.name for name in names] == [
        *(days[0].name,) * 4,
        days[2].name,
        days[1].name,
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2026", "the beginning of 3 runs"),
        ("2027", "no run '2027'"),
        ("", "no run ''"),
        ("broken", "run broken cannot be read: report.json is no JSON: it is empty"),
    ],
)
def test_a_name_of_none_or_several_says_so(tmp_path: Path, name: str, said: str) -> None:
    for day in (1, 11, 12):
        store(tmp_path, report(day, POINTS))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "report.json").write_text("")
    with pytest.raises(ResultsError, match=said):
        find_run(name, read_runs(tmp_path))


def test_the_baseline_passed_before_and_is_of_the_same_scenario(tmp_path: Path) -> None:
    runs = {
        "good": report(1, POINTS),
        "other scenario": report(2, POINTS, scenario={"wait_s": 9}),
        "failed its gate": report(3, POINTS, gate="fail"),
        "without a gate": report(4, POINTS, gate=None),
        "cut short": report(5, POINTS, status="partial"),
        "this": report(6, POINTS),
        "later": report(7, POINTS),
    }
    folders = {what: store(tmp_path, one) for what, one in runs.items()}
    found = read_runs(tmp_path)
    this = find_run(folders["this"].name, found)
    baseline = latest_passing(found, this)
    assert baseline is not None and baseline.path == folders["good"]
    assert latest_passing(found, baseline) is None


def test_a_run_s_path_needs_no_results_folder(tmp_path: Path) -> None:
    folder = store(tmp_path, report(1, POINTS))
    assert named_run(str(folder), tmp_path / "none").path == folder
    assert named_run("latest", tmp_path).path == folder
    with pytest.raises(ResultsError, match=r"results folder .* cannot be read"):
        named_run("latest", tmp_path / "none")
