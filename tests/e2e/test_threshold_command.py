"""`harness threshold` on the embedded stack and on a foreign one: each outcome has its exit code and its words."""

from pathlib import Path

from commands import harness, iterations, parsed, side_by_side

from harness.report.document import Report

QUICK = ("--calibration", "0", "--rate", "200", "--horizon", "1")


def test_a_service_that_is_never_stale_is_safe_at_every_delay(tmp_path: Path, cured: tuple[str, ...]) -> None:
    ended = harness("threshold", "--max-failure-rate", "0.1", *cured, *QUICK, "--out", str(tmp_path))
    assert ended.code == 0, ended.err
    assert "safe at every delay from 0 ms, the smallest tried" in " ".join(ended.out.split())
    report = ended.report(tmp_path)
    answer = report.threshold
    assert answer is not None
    assert (report.status, answer.outcome, answer.safe_delay_ms, answer.exact) == ("complete", "all_safe", 0, True)
    lines = iterations(tmp_path)
    assert sorted(line.iteration for line in lines) == list(range(answer.iterations))
    assert sum(point.iterations for point in report.points) == answer.iterations
    assert sum(tried.fired for one in answer.rounds for tried in one.tried) == answer.iterations


def test_a_service_that_is_always_stale_has_none(tmp_path: Path) -> None:
    arguments = ("--behaviour", "as_found", "--max-delay", "5", "--resolution", "5", "--json")
    ended = harness("threshold", "--max-failure-rate", "0.02", *arguments, *QUICK, "--out", str(tmp_path))
    assert ended.code == 1, ended.err
    report = Report.model_validate(parsed(ended.out))
    assert report.threshold is not None
    assert (report.threshold.outcome, report.threshold.safe_delay_ms) == ("none_safe", None)
    assert report.threshold.low_ms == 5


def test_too_few_iterations_decide_nothing(tmp_path: Path, cured: tuple[str, ...]) -> None:
    arguments = ("--max-failure-rate", "0.01", "--max-iterations", "20")
    ended = harness("threshold", *arguments, *cured, *QUICK, "--out", str(tmp_path))
    assert ended.code == 4, ended.err
    assert "undecided: 20 iterations do not locate the delay" in " ".join(ended.out.split())


def test_what_cannot_be_asked_is_said_in_a_line(tmp_path: Path) -> None:
    asked = (
        (("--max-failure-rate", "1"), "1.0 is not in the range 0<x<1"),
        (("--max-failure-rate", "0.01", "--min-delay", "9", "--max-delay", "9"), "--max-delay must be more than"),
        (("--max-failure-rate", "0.01", "--calls", "update@0,submit@5"), "threshold varies the api-delay"),
        ((), "Missing option '--max-failure-rate'"),
    )
    ends = side_by_side(*(("threshold", *arguments, "--out", str(tmp_path)) for arguments, _ in asked))
    for ended, (_, words) in zip(ends, asked, strict=True):
        assert (ended.code, words in ended.err) == (2, True), ended.err
