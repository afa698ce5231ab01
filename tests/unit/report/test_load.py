"""Which folder a run's name means, and what is said of one that holds no report."""

from pathlib import Path

import pytest
from report_examples import sweep

from harness.errors import UsageError
from harness.report.load import explanations, read_report, run_folder


@pytest.fixture
def results(tmp_path: Path) -> Path:
    for name in ("20260101T000000Z-aaaaaa", "20260102T000000Z-bbbbbb", "20260103T000000Z-empty"):
        (tmp_path / name).mkdir()
        if not name.endswith("empty"):
            (tmp_path / name / "report.json").write_text(sweep().model_dump_json())
    return tmp_path


def test_a_run_is_named_by_folder_id_or_latest(results: Path) -> None:
    newest = results / "20260102T000000Z-bbbbbb"
    assert run_folder("latest", results) == newest
    assert run_folder("20260102T000000Z-bbbbbb", results) == newest
    assert run_folder(str(newest), Path("elsewhere")) == newest
    assert run_folder(str(newest / "report.json"), Path("elsewhere")) == newest
    assert read_report(newest) == sweep()


def test_what_is_not_there_is_told(results: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run 'x'"):
        run_folder("x", results)
    with pytest.raises(UsageError, match="holds no run yet"):
        run_folder("latest", tmp_path / "none")
    with pytest.raises(UsageError, match=r"holds no report\.json"):
        read_report(results / "20260103T000000Z-empty")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is damaged"),
        (b"\xff\xfe{", "is damaged"),
        (b"[1]", "no report of version 1"),
        (b'{"schema_version": 9}', "no report of version 1"),
        (b'{"schema_version": 1}', "run_id: Field required"),
    ],
)
def test_a_damaged_or_foreign_report_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "report.json").write_bytes(content)
    with pytest.raises(UsageError, match=said) as raised:
        read_report(tmp_path)
    assert "\n" not in str(raised.value)


def test_damaged_lines_cost_their_own_explanation_alone(tmp_path: Path) -> None:
    (tmp_path / "iterations.jsonl").write_bytes(b"{\n\xff\n")
    assert explanations(tmp_path) == {}
