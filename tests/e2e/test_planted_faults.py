"""Faults planted by the command's flag, its environment and a scenario."""

from pathlib import Path

from commands import harness, iterations

from harness import __version__
from harness.model import Verdict

ARGUMENTS = ("--iterations", "10", "--api-delay", "20", "--wait", "0.5")


def test_a_fault_by_flag_is_found_and_named(tmp_path: Path) -> None:
    ended = harness("run", *ARGUMENTS, "--fault", "lossy_mapping", "--fault", "dropped_copy", "--out", str(tmp_path))
    assert ended.code == 0, ended.err
    service = ended.report(tmp_path).target.service
    assert service == f"reference-service {__version__} (cure, lossy_mapping, dropped_copy)"
    assert {line.verdict for line in iterations(tmp_path)} == {Verdict.DIVERGED}


def test_the_cure_alone_is_clean(tmp_path: Path) -> None:
    ended = harness("run", *ARGUMENTS, "--api-delay", "0", "--behaviour", "cure", "--out", str(tmp_path))
    assert ended.code == 0, ended.err
    assert {line.verdict for line in iterations(tmp_path)} == {Verdict.CONVERGED}


def test_late_copies_by_environment_are_late_and_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text("[stack.fault_settings]\nlate_s = 1.5\n")
    ended = harness(
        "run", str(path), *ARGUMENTS, "--out", str(tmp_path / "results"), environment={"HARNESS_FAULT": "late_copy"}
    )
    assert ended.code == 0, ended.err
    assert ended.report(tmp_path / "results").target.service.endswith("(cure, late_copy)")
    assert {line.verdict for line in iterations(tmp_path / "results")} == {Verdict.LATE}


def test_an_unknown_fault_is_told_with_those_there_are() -> None:
    ended = harness("run", "--fault", "stale")
    assert ended.code == 2
    assert "stale_closure" in ended.err
