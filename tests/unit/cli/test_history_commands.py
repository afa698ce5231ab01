"""`harness history` and `harness compare` as a user runs them, on made-up runs: exit codes, lines, and the JSON documents."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from stored_runs import point, report, store

from harness.cli.main import cli
from harness.errors import ResultsError, UsageError
from harness.history.document import Comparison, Series


def harness(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={"COLUMNS": "80"})


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A good run, one as good, a bad one, one of few iterations, and a damaged file."""
    for day, failures, iterations in ((1, 3, 400), (2, 5, 400), (3, 60, 400), (4, 0, 8)):
        gate = "pass" if failures < 6 else "fail"
        store(tmp_path, report(day, [point(10, iterations, failures)], gate=gate))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "report.json").write_text("{")
    return tmp_path


def test_the_exit_code_says_whether_a_run_is_worse(results: Path) -> None:
    for run, code in (("20261103", 0), ("20261104", 1), ("20261105", 4)):
        ended = harness("compare", "20261102", run, "--results", str(results))
        assert (ended.exit_code, max(map(len, ended.stdout.splitlines())) <= 80) == (code, True), ended.stderr
    assert "skipped broken: report.json is no JSON" in ended.stderr
    assert "Advice" in ended.stdout and "inconclusive: too few iterations" in ended.stdout
    ended = harness("compare", "20261102", "nothing", "--results", str(results))
    assert isinstance(ended.exception, ResultsError) and "no run 'nothing'" in str(ended.exception)
    assert isinstance(harness("compare", "latest", "--results", str(results)).exception, UsageError)


def test_nightly_use_compares_with_the_latest_that_passed_before(results: Path) -> None:
    ended = harness("compare", "--baseline", "latest-passing", "20261104", "--results", str(results), "--json")
    found = Comparison.model_validate_json(ended.stdout)
    assert found.base is not None and found.base.run_id.startswith("20261103")
    assert (ended.exit_code, found.verdict) == (1, "worse")
    ended = harness("compare", "--baseline", "latest-passing", "20261102", "--results", str(results), "--json")
    assert (ended.exit_code, json.loads(ended.stdout)["verdict"]) == (0, "no_baseline")


def test_history_lists_filters_and_prunes(results: Path) -> None:
    ended = harness("history", "--results", str(results))
    assert ended.exit_code == 0 and max(map(len, ended.stdout.splitlines())) <= 80
    lines = ended.stdout.splitlines()
    assert [line[:10] for line in lines[::2]] == ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "skipped br"]
    assert "10 ms 15.0% (11.8% .. 18.8%)" in lines[5]
    ended = harness("history", "--results", str(results), "--scenario", "nightly", "--limit", "2", "--json")
    series = Series.model_validate_json(ended.stdout)
    assert [run.points[0].failures for run in series.runs] == [60, 0] and series.skipped[0].name == "broken"
    before = sorted(results.iterdir())
    prune = ("history", "prune", "--keep", "1", "--results", str(results))
    assert harness(*prune, "--dry-run").stdout.endswith("3 runs would go, 1 kept\n")
    assert sorted(results.iterdir()) == before
    assert harness(*prune).stdout.endswith("3 runs removed, 1 kept\n")
    assert sorted(results.iterdir()) == [before[3], before[4]]
