"""Old runs go; the latest passing one of each scenario, and what is no run of ours, never."""

from datetime import timedelta
from pathlib import Path

from stored_runs import START, point, report, store

from harness.history.prune import plan_prune, remove
from harness.history.runs import read_runs
from harness.report.render import FILE_NAMES

NOW = START + timedelta(days=100)
POINTS = [point(10, 50, 1)]


def test_all_but_the_newest_go_and_each_baseline_stays(tmp_path: Path) -> None:
    folders = [
        store(tmp_path, report(day, POINTS, gate="pass" if day in (1, 2, 3) else "fail", scenario={"wait_s": wait}))
        for day, wait in ((1, 2), (2, 3), (3, 2), (4, 2), (5, 2), (6, 2))
    ]
    plan = plan_prune(read_runs(tmp_path), 2, NOW)
    assert [run.path for run in plan.going] == [folders[0], folders[3]]
    assert [kept.run.path for kept in plan.kept] == [folders[1], folders[2]]
    assert all("latest passing run" in kept.reason for kept in plan.kept)
    for run in plan.going:
        remove(run)
    assert sorted(tmp_path.iterdir()) == [folders[index] for index in (1, 2, 4, 5)]


def test_only_those_older_than_some_days_go(tmp_path: Path) -> None:
    folders = [store(tmp_path, report(day, POINTS, gate="fail")) for day in (1, 50, 99)]
    plan = plan_prune(read_runs(tmp_path), 0, NOW, older_than_days=60)
    assert [run.path for run in plan.going] == [folders[0]]


def test_a_folder_with_a_users_files_a_renamed_one_and_a_link_stay(tmp_path: Path) -> None:
    results = tmp_path / "results"
    ours, users, renamed, linked = (store(results, report(day, POINTS, gate="fail")) for day in (1, 2, 3, 4))
    for name in FILE_NAMES.values():
        (ours / name).write_text("rendered")
    (users / "my-notes.txt").write_text("keep me")
    renamed.rename(results / "incident")
    linked.rename(tmp_path / linked.name)
    linked.symlink_to(tmp_path / linked.name)
    plan = plan_prune(read_runs(results), 0, NOW)
    assert [run.path for run in plan.going] == [ours]
    assert [kept.reason.split(":")[0] for kept in plan.kept] == [
        "holds what no run writes",
        f"its folder was renamed; the run is {renamed.name}",
        "a link to another folder",
    ]


def test_a_run_that_is_still_written_stays(tmp_path: Path) -> None:
    folder = store(tmp_path, report(1, POINTS, status="partial"))
    written = folder.joinpath("report.json").stat().st_mtime
    seconds = written - NOW.timestamp()
    assert not plan_prune(read_runs(tmp_path), 0, NOW + timedelta(seconds=seconds + 5)).going
    assert plan_prune(read_runs(tmp_path), 0, NOW + timedelta(seconds=seconds + 500)).going
