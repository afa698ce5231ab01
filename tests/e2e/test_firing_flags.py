"""How calls are fired, as a user asks for it and reads of it."""

from pathlib import Path

import pytest
from commands import harness, iterations, side_by_side

from harness.errors import ExitCode

FAST = ("--iterations", "6", "--api-delay", "0,4", "--order", "random", "--wait", "0.3", "--seed", "5")


def test_workers_arrivals_and_a_warm_up_fire_what_one_process_fires(places: tuple[str, ...], tmp_path: Path) -> None:
    common = ("run", *FAST, "--arrivals", "poisson", "--warm-up", "0.2", *places)
    numbers = ("1", "2")
    ends = side_by_side(*((*common, "--workers", workers, "--out", str(tmp_path / workers)) for workers in numbers))
    reports = []
    for workers, ended in zip(numbers, ends, strict=True):
        out = tmp_path / workers
        assert ended.code == ExitCode.OK, ended.err
        report = ended.report(out)
        assert report.firing is not None
        assert (report.firing.arrivals, report.firing.warm_ups) == (12, 10)
        assert len(report.firing.loops) == int(workers)
        assert sorted(line.iteration for line in iterations(out)) == list(range(12))
        reports.append(report)
        assert "of 12 off schedule" in ended.out
    one, two = (report.firing for report in reports)
    assert one is not None and two is not None
    assert one.plan_hash == two.plan_hash


def test_a_rate_at_which_no_gaps_hold_is_refused_unless_forced(places: tuple[str, ...], tmp_path: Path) -> None:
    flags = ("--rate", "99000", "--calibration", "0.1", "--out", str(tmp_path / "refused"))
    refused = harness("run", *FAST, *flags, *places)
    assert refused.code == ExitCode.USAGE
    assert "99000 iterations/s is more than this machine fires with exact gaps" in refused.err
    assert "--force" in refused.err
    report = refused.report(tmp_path / "refused")
    assert (report.status, report.points[0].iterations) == ("failed", 0)
    assert report.calibration is not None and report.calibration.max_pair_rate_per_s is not None
    forced = harness(
        "run", *FAST, "--force", "--calibration", "0.1", "--rate", "99000", "--out", str(tmp_path / "f"), *places
    )
    assert forced.code == ExitCode.OK, forced.err
    assert sum(point.iterations for point in forced.report(tmp_path / "f").points) == 12


def test_a_report_says_how_exactly_the_machine_fires(places: tuple[str, ...], tmp_path: Path) -> None:
    ended = harness("run", *FAST, "--calibration", "0.3", "--out", str(tmp_path), *places)
    assert ended.code == ExitCode.OK, ended.err
    report = ended.report(tmp_path)
    assert report.calibration is not None and report.calibration.timer_error_ms is not None
    assert report.calibration.cpu_per_call_ms > 0
    assert "measured before, they h" in " ".join(ended.out.split())
    assert report.latency["update"].rpc_ms is not None and report.latency["update"].rpc_histogram
    for line in iterations(tmp_path):
        create, first, second = line.calls
        assert create.started_ns == 0 and create.intended_ns <= 0
        assert second.started_ns - first.started_ns >= line.api_delay_ms * 1e6
        assert second.intended_ns <= second.started_ns
        assert first.server_entered_ns is not None


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--calls", "update@0,remove@2"), "calls: 'remove@2' is no call: it must read update@MS or submit@MS"),
        (("--calls", "update@0,submit@2", "--api-delay", "3"), "give calls or api_delay_ms, not both"),
        (("--workers", "2", "--concurrency", "1"), "firing.workers must not be more than concurrency, 1"),
        (("--workers", "0"), "firing.workers: should be greater than or equal to 1, not 0"),
        (("--warm-up", "-1"), "firing.warm_up_s: should be greater than or equal to 0"),
        (("--topology", "three"), "'three' is not one of 'same_channel', 'two_channels', 'two_processes'"),
    ],
)
def test_what_cannot_be_fired_is_refused_in_one_line(flags: tuple[str, ...], said: str, tmp_path: Path) -> None:
    ended = harness("run", *flags, "--out", str(tmp_path))
    assert ended.code == ExitCode.USAGE
    assert said in " ".join(ended.err.split())
    assert not list(tmp_path.iterdir())
