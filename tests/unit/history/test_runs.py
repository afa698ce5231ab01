"""A results folder holds what it holds: every run is read, and everything else is told with its reason."""

import json
from pathlib import Path

import pytest
from stored_runs import point, report, store

from harness.errors import ResultsError
from harness.history.runs import NotARunError, read_run, read_runs
from harness.history.scenarios import fingerprint
from harness.report.naming import scenario_label


def changed(folder: Path, **values: object) -> None:
    path = folder / "report.json"
    document = json.loads(path.read_text())
    document |= values
    path.write_text(json.dumps(document))


def test_runs_are_read_by_their_start_and_everything_else_is_told(tmp_path: Path) -> None:
    second, first = (store(tmp_path, report(day, [point(10, 50, 1)])) for day in (2, 1))
    (tmp_path / "README.md").write_text("the harness's own")
    (tmp_path / "explored").mkdir()
    (tmp_path / "explored" / "explore.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("a user's")
    (tmp_path / "photos").mkdir()
    cases = {
        "cut": ('{"schema_version": 1, "run', "damaged or cut off"),
        "empty": ("", "it is empty"),
        "list": ("[1]", "no schema_version"),
        "foreign": ('{"name": "x"}', "no schema_version"),
        "newer": ('{"schema_version": 7}', "newer harness: schema_version 7"),
        "odd": ('{"schema_version": "x"}', "not of this harness"),
        "hollow": ('{"schema_version": 1}', "run_id: Input should be a valid string"),
        "deep": ("[" * 100_000, "no JSON"),
        "nan": ('{"schema_version": NaN}', "not of this harness"),
    }
    for name, (text, _) in cases.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text(text)
    (tmp_path / "binary").mkdir()
    (tmp_path / "binary" / "report.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "killed").mkdir()
    (tmp_path / "killed" / "iterations.jsonl").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "report.json").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    runs = read_runs(tmp_path)
    assert [run.path for run in runs.runs] == [first, second]
    reasons = {one.name: one.reason for one in runs.skipped}
    assert all(part in reasons[name] for name, (_, part) in cases.items()), reasons
    assert reasons["notes.txt"] == "not the folder of a run"
    assert reasons["photos"] == "has no report.json"
    assert "killed" in reasons["killed"] and "UTF-8" in reasons["binary"] and "directory" in reasons["folder"]
    assert reasons.keys() == {*cases, "notes.txt", "photos", "binary", "killed", "folder", "loop"}


def test_counts_that_cannot_be_are_damage(tmp_path: Path) -> None:
    folder = store(tmp_path, report(1, [point(10, 50, 1)]))
    document = json.loads((folder / "report.json").read_text())
    changed(folder, points=[document["points"][0] | {"failures": 51}])
    with pytest.raises(NotARunError, match=r"counts at 10 ms cannot be"):
        read_run(folder)


def test_reports_of_older_and_newer_harnesses_are_read(tmp_path: Path) -> None:
    folder = store(tmp_path, report(1, [point(10, 50, 1)]))
    document = json.loads((folder / "report.json").read_text())
    # What reports of this schema were first written without.
    del document["calibration"], document["latency"]
    for name in ("off_schedule", "service_ms", "server_delay_ms"):
        del document["points"][0][name]
    document["firing"] = {"arrivals": 50, "late_arrivals": 0, "max_arrival_lateness_ms": 1, "scheduling": "normal"}
    document["points"][0]["of_tomorrow"] = 1
    (folder / "report.json").write_text(json.dumps(document))
    read = read_run(folder).report
    assert (read.calibration, read.firing, read.latency) == (None, None, {})
    assert read.points[0].server_delay_ms is None and read.points[0].failures == 1
    del document["points"][0]["failures"]
    (folder / "report.json").write_text(json.dumps(document))
    with pytest.raises(NotARunError, match=r"points\.0\.failures"):
        read_run(folder)


def test_a_folder_that_is_not_there_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"cannot be read: No such file.*--results"):
        read_runs(tmp_path / "none")


def test_a_scenario_is_its_content_without_seed_and_gates() -> None:
    first = report(1, [point(10, 50, 0)]).scenario
    same = report(2, [point(10, 50, 0)], scenario={"seed": 9, "gates": {"max_failure_rate": 0.5}}).scenario
    other = report(3, [point(10, 50, 0)], scenario={"wait_s": 3}).scenario
    older = {name: value for name, value in first.items() if name != "poll_ms"}
    assert fingerprint(first) == fingerprint(same) == fingerprint(older) != fingerprint(other)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("harness run nightly --json", "nightly"),
        ("harness run --seed 3 scenarios/nightly.toml", "nightly"),
        ("harness sweep --iterations 50 --out results", "sweep"),
        ("harness run --json --seed=3 smoke", "smoke"),
        ("harness run 'it''s", "'it''s"),
        ("", "-"),
    ],
)
def test_a_scenario_is_called_what_the_user_called_it(command: str, expected: str) -> None:
    assert scenario_label(report(1, [point(10, 50, 0)], command=command)) == expected
