"""`harness calibrate` on one fault, one control and what cannot be asked."""

import json
from pathlib import Path

from commands import harness

from harness.calibrate.document import Calibration


def test_a_fault_and_a_control_are_measured_and_written(tmp_path: Path) -> None:
    page = tmp_path / "calibration.md"
    only = ("--only", "partition_by_status", "--only", "cure at 0 ms")
    ended = harness("calibrate", "--quick", *only, "--out", str(tmp_path), "--docs", str(page))
    assert ended.code == 0, ended.err + ended.out
    document = Calibration.model_validate_json((tmp_path / "calibration.json").read_text())
    assert (document.status, document.met) == ("complete", True)
    fault, control = document.experiments
    assert fault.detection.affected == fault.detection.right_cause == fault.detection.iterations
    assert fault.detection.classes == {"duplicate_final": fault.detection.iterations}
    assert (control.detection.falsely_accused, control.detection.affected) == (0, 0)
    assert "Every bound is met" in page.read_text()
    assert "bounds are met" in ended.out
    assert max(map(len, ended.out.splitlines()[:3])) <= 80


def test_an_unknown_experiment_is_told_with_those_there_are(tmp_path: Path) -> None:
    ended = harness("calibrate", "--quick", "--only", "cure", "--only", "nothing", "--out", str(tmp_path))
    assert ended.code == 2
    assert "no experiment 'nothing'; there are as_found, " in ended.err


def test_json_goes_to_standard_output_alone(tmp_path: Path) -> None:
    ended = harness("calibrate", "--quick", "--only", "lossy_mapping", "--json", "--out", str(tmp_path))
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["experiments"][0]["name"] == "lossy_mapping"
