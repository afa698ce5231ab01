"""What a run leaves beside its report, and `harness report`."""

from pathlib import Path
from xml.etree import ElementTree

from commands import harness, side_by_side

from harness.report.document import Report


def test_a_run_leaves_its_page_and_the_formats_asked_for(tmp_path: Path, places: tuple[str, ...]) -> None:
    arguments = (*places, "--iterations", "5", "--api-delay", "0,100", "--wait", "0.3", "--max-failure-rate", "0.01")
    ended = harness("run", *arguments, "--formats", "junit,openmetrics,csv,markdown", "--out", str(tmp_path))
    # Five iterations decide nothing about 1 %.
    assert ended.code in (1, 4), ended.err
    assert "warning" not in ended.err
    (folder,) = (path.parent for path in tmp_path.glob("*/report.json"))
    assert {path.name for path in folder.iterdir()} == {
        "report.json",
        "iterations.jsonl",
        "report.html",
        "junit.xml",
        "metrics.prom",
        "points.csv",
        "summary.md",
    }
    report = ended.report(tmp_path)
    assert report.curve is not None and [point.api_delay_ms for point in report.curve.points] == [0, 100]
    suite = ElementTree.parse(folder / "junit.xml").getroot()
    assert int(suite.get("errors", 0)) + int(suite.get("failures", 0)) >= 2

    again, table = side_by_side(
        ("report", "latest", "--results", str(tmp_path), "--format", "json"),
        ("report", folder.name, "--results", str(tmp_path)),
    )
    assert again.code == 0 and Report.model_validate_json(again.out) == report
    assert table.code == 0 and "Failure rate by api-delay" in table.out


def test_a_run_that_reaches_nothing_is_red_in_its_files_too(tmp_path: Path) -> None:
    places = (
        "--target",
        "127.0.0.1:1",
        "--pg",
        "postgresql://u:secret@127.0.0.1:1/d",
        "--clickhouse",
        "http://127.0.0.1:1",
    )
    ended = harness("run", *places, "--formats", "junit,markdown,csv,openmetrics", "--out", str(tmp_path))
    assert ended.code == 3 and len(ended.err.strip().splitlines()) == 1
    (suite,) = tmp_path.glob("*/junit.xml")
    assert ElementTree.parse(suite).getroot().get("errors") == "1"
    for path in tmp_path.glob("*/*"):
        assert "secret" not in path.read_text(), path


def test_what_cannot_be_reported_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{")
    asked = (
        (("nope",), "no run 'nope'"),
        ((str(tmp_path),), "damaged or cut off"),
        (("latest", "--results", str(tmp_path)), "has no run yet"),
    )
    ends = side_by_side(*(("report", *arguments) for arguments, _ in asked))
    for ended, (_, said) in zip(ends, asked, strict=True):
        assert ended.code == 2 and said in ended.err and len(ended.err.splitlines()) == 1
