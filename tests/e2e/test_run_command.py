"""`harness run` and `harness sweep` on the embedded stack and on a foreign one."""

from pathlib import Path

from commands import harness, iterations, parsed, side_by_side, stack_folders

from harness.report.document import Report


def test_a_run_on_the_embedded_stack_leaves_a_report_and_nothing_else(tmp_path: Path) -> None:
    before = stack_folders()
    ended = harness("run", "--iterations", "30", "--api-delay", "150", "--wait", "0.5", "--out", str(tmp_path))
    assert ended.code == 0, ended.err
    assert "Failure rate by api-delay" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80 + len(str(tmp_path))
    report = ended.report(tmp_path)
    assert (report.status, report.gate.verdict) == ("complete", None)
    (point,) = report.points
    assert (point.iterations, point.errors, point.postgres_wrong) == (30, 0, 0)
    assert point.delay_error_ms is not None and point.delay_error_ms.min >= 0
    assert point.server_inversions is not None
    assert report.target.service.startswith("reference-service")
    assert report.target.postgres.startswith("18.") and report.target.clickhouse.startswith("26.")
    lines = iterations(tmp_path)
    assert sorted(line.iteration for line in lines) == list(range(30))
    assert [line.judged_so_far for line in lines] == list(range(1, 31))
    assert {call.code for line in lines for call in line.calls} == {"OK"}
    assert stack_folders() <= before


def test_a_sweep_has_a_point_for_every_delay_and_json_is_the_report(tmp_path: Path) -> None:
    ended = harness(
        "sweep", "--iterations", "4", "--api-delay", "50,0,2.5", "--wait", "0.2", "--json", "--out", str(tmp_path)
    )
    assert ended.code == 0, ended.err
    printed = Report.model_validate(parsed(ended.out))
    assert [point.api_delay_ms for point in printed.points] == [0, 2.5, 50]
    assert [point.iterations for point in printed.points] == [4, 4, 4]
    assert printed.points == ended.report(tmp_path).points


def test_a_foreign_target_is_used_as_it_is(tmp_path: Path, places: tuple[str, ...]) -> None:
    before = stack_folders()
    arguments = (
        "--iterations",
        "5",
        "--api-delay",
        "100",
        "--wait",
        "0.3",
        "--customer",
        "acme",
        "--out",
        str(tmp_path),
    )
    ended = harness("run", *arguments, *places)
    assert ended.code == 0, ended.err
    assert stack_folders() == before
    assert all(line.scorecard.startswith("customers/acme/profiles/") for line in iterations(tmp_path))
    written = next(tmp_path.glob("*/report.json")).read_text()
    for secret in (places[3], places[5].split(":")[2].split("@")[0], places[7].split(":")[2].split("@")[0]):
        assert secret not in written
        assert secret not in ended.out


def test_settings_come_from_the_environment_too(tmp_path: Path, places: tuple[str, ...]) -> None:
    names = ("HARNESS_TARGET", "HARNESS_TOKEN", "HARNESS_PG", "HARNESS_CLICKHOUSE")
    environment = dict(zip(names, places[1::2], strict=True)) | {"HARNESS_ITERATIONS": "2", "HARNESS_WAIT": "0.1"}
    ended = harness("run", "--iterations", "3", "--out", str(tmp_path), environment=environment)
    assert ended.code == 0, ended.err
    (point,) = ended.report(tmp_path).points
    assert point.iterations == 3


def test_gates_decide_the_exit_code(tmp_path: Path, places: tuple[str, ...]) -> None:
    # A wait that is long enough for copies on a busy machine: a late one would be a failure.
    common = ("run", "--iterations", "20", "--api-delay", "150", "--wait", "3", *places)
    passed, open_ = side_by_side(
        (*common, "--max-failure-rate", "0.5", "--out", str(tmp_path / "a")),
        (*common, "--max-failure-rate", "0.01", "--out", str(tmp_path / "b")),
    )
    assert (passed.code, passed.report(tmp_path / "a").gate.verdict) == (0, "pass")
    assert (open_.code, open_.report(tmp_path / "b").gate.verdict) == (4, "inconclusive")
    assert "that takes up to 758 judged iterations (--max-iterations)" in " ".join(open_.out.split())


def test_schema_and_help() -> None:
    schema = parsed(harness("schema").out)
    assert {"IterationRecord", "ExploreReport"} <= schema["$defs"].keys()
    commands = ((), ("run",), ("sweep",), ("verify",), ("explore",), ("stack",), ("stack", "up"), ("schema",))
    for shown in side_by_side(*((*command, "--help") for command in commands)):
        assert shown.code == 0
        assert "Usage: harness" in shown.out
