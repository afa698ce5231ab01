"""Gates as a nightly job meets them: what is fired, what is said, and the exit code."""

from pathlib import Path

from commands import Ended, harness, iterations, side_by_side

from harness.report.document import Report


def run(tmp_path: Path, *arguments: str) -> tuple[Ended, Report]:
    ended = harness("run", "--out", str(tmp_path), *arguments)
    return ended, ended.report(tmp_path)


def test_a_bad_service_fails_after_a_few_dozen_iterations(tmp_path: Path, unfixed: tuple[str, ...]) -> None:
    ended, report = run(
        tmp_path, *unfixed, *("--api-delay", "0", "--max-failure-rate", "0.01", "--wait", "0.5", "--rate", "20")
    )
    assert ended.code == 1, ended.err
    assert (report.status, report.gate.verdict, report.gate.stopped_early) == ("complete", "fail", True)
    assert report.planned_iterations == 758
    (point,) = report.points
    # All that were in flight when it was decided have their verdict too.
    assert 2 <= point.iterations == len(iterations(tmp_path)) < 400
    rate, postgres, errors = report.gate.decisions
    assert (rate.gate, rate.limit, rate.api_delay_ms, rate.verdict) == ("max_failure_rate", 0.01, 0, "fail")
    assert rate.judged is not None and rate.judged < 30
    assert (postgres.gate, postgres.limit) == ("max_postgres_wrong", 0)
    assert (errors.gate, errors.verdict) == ("max_error_rate", "pass")
    shown = " ".join(ended.out.split())
    assert "Gate fail:" in shown and rate.reason in shown
    assert f"Stopped early, the gates being decided: {point.iterations} of 758 planned pairs" in shown


def test_a_good_service_passes_before_all_that_was_planned_is_fired(tmp_path: Path, cured: tuple[str, ...]) -> None:
    ended, report = run(
        tmp_path,
        *cured,
        *("--api-delay", "20,100", "--max-failure-rate", "0.05", "--wait", "1"),
        *("--workers", "2", "--warm-up", "0.2", "--rate", "50"),
    )
    assert ended.code == 0, ended.out
    assert (report.gate.verdict, report.gate.stopped_early) == ("pass", True)
    assert [decision.verdict for decision in report.gate.decisions] == ["pass"] * 4
    assert report.gate.reason == "every gate passes at all 2 api-delays"
    assert sum(point.iterations for point in report.points) < report.planned_iterations


def test_too_few_iterations_decide_nothing_and_it_is_said_how_many_would(
    tmp_path: Path, cured: tuple[str, ...]
) -> None:
    ended, report = run(tmp_path, *cured, "--max-failure-rate", "0.01", "--iterations", "50", "--wait", "1")
    assert ended.code == 4, ended.out
    assert (report.gate.verdict, report.gate.stopped_early, report.planned_iterations) == ("inconclusive", False, 50)
    assert "none of 50 failed at 10 ms, which does not tell 1 % from 0.1 %" in report.gate.reason


def test_postgres_that_is_wrong_fails_any_gate(tmp_path: Path) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text(
        'iterations = 100\napi_delay_ms = 1\norder = "submit_first"\nwait_s = 0.4\n[stack]\nbehaviour = "fix2"\n'
        "[gates]\nmax_failure_rate = 1.0\n"
    )
    ended, report = run(tmp_path / "results", str(path))
    assert ended.code == 1, ended.err
    verdicts = {decision.gate: decision.verdict for decision in report.gate.decisions}
    assert verdicts == {"max_failure_rate": "pass", "max_postgres_wrong": "fail", "max_error_rate": "pass"}


def test_time_to_agreement_is_gated_by_its_p99(tmp_path: Path, cured: tuple[str, ...]) -> None:
    # Half the rate that the stack bears, since two share it.
    common = ("run", *cured, "--api-delay", "100", "--iterations", "310", "--wait", "0.5", "--rate", "60")
    passed, failed = side_by_side(
        (*common, "--max-convergence-p99", "60000", "--out", str(tmp_path / "a")),
        (*common, "--max-convergence-p99", "0.001", "--out", str(tmp_path / "b")),
    )
    assert passed.code == 0, passed.out
    assert "the p99 is at most" in " ".join(passed.out.split())
    assert failed.code == 1, failed.out
    assert "of 310 times to agreement at 100 ms 310 exceeded the 0.001 ms allowed" in " ".join(failed.out.split())


def test_delays_as_a_range(tmp_path: Path, places: tuple[str, ...]) -> None:
    ended, report = run(tmp_path, *places, "--iterations", "2", "--api-delay", "0:20:10,log:1:100:3", "--wait", "0.2")
    assert ended.code == 0, ended.err
    assert [point.api_delay_ms for point in report.points] == [0, 1, 10, 20, 100]


def test_a_bound_without_a_gate_is_a_mistake() -> None:
    ended = harness("run", "--max-iterations", "5")
    assert ended.code == 2
    assert ended.err == ("harness: gates: max_iterations bounds a gate: set max_failure_rate too, or set iterations\n")
