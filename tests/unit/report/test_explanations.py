"""What a run's lines tell of its failures."""

from pathlib import Path

from harness.report.explanations import explanations


def test_damaged_lines_cost_their_own_explanation_alone(tmp_path: Path) -> None:
    (tmp_path / "iterations.jsonl").write_bytes(b"{\n\xff\n")
    assert explanations(tmp_path) == {}
