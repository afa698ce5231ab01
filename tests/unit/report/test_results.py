"""The files of a run."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from evidence import RULES, fired, rows, scorecard, snapshot

from harness.check.conclusion import Conclusion
from harness.check.judgement import judged
from harness.errors import ResultsError
from harness.model import Verdict
from harness.report.document import IterationRecord, json_schema
from harness.report.records import iteration_record
from harness.report.results import ITERATIONS, ResultsFolder, new_run_id
from harness.report.tally import PointTally

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STALE = rows(scorecard(submitted=False))


def conclusion(verdict: Verdict = Verdict.DIVERGED, iteration: int = 0) -> Conclusion:
    look = snapshot(2_300, clickhouse=STALE)
    anomalies = judged(look, RULES) if verdict is Verdict.DIVERGED else ()
    reason = "the store is away" if verdict is Verdict.ERROR else None
    return Conclusion(
        fired(iteration=iteration), verdict, reason, anomalies, bool(anomalies), look.clickhouse.raw_headers, None
    )


def test_a_line_holds_the_evidence_and_the_rate_so_far() -> None:
    tally = PointTally(10.0)
    for verdict in (Verdict.CONVERGED, Verdict.ERROR, Verdict.DIVERGED):
        tally.add(one := conclusion(verdict))
    line = json.loads(iteration_record(one, tally, off_schedule=False).model_dump_json())
    assert (line["verdict"], line["judged_so_far"], line["failures_so_far"], line["failure_rate_so_far"]) == (
        "diverged",
        2,
        1,
        0.5,
    )
    told = [(a["class"], a["role"]) for a in line["anomalies"]]
    assert told == [("evidence_lost", "cause"), ("stale_submit_state", "symptom"), ("stale_submit_state", "symptom")]
    assert line["anomalies"][0]["witness"][-1]["kind"] == "rule"
    assert [(c["method"], c["started_ms"], c["duration_ms"], c["code"]) for c in line["calls"]] == [
        ("CreateScorecard", 0.0, 1.0, "OK"),
        ("UpdateScorecard", 289.0, 1.0, "OK"),
        ("SubmitScorecard", 299.0, 1.0, "OK"),
    ]
    assert line["achieved_delay_ms"] == 10.0
    assert line["raw_versions"][0]["submit_time_us"] is None
    assert IterationRecord.model_validate(line)


def test_lines_are_on_disk_as_soon_as_they_are_appended(tmp_path: Path) -> None:
    tally = PointTally(10.0)
    with ResultsFolder(tmp_path, "run") as folder:
        for iteration in range(3):
            tally.add(one := conclusion(iteration=iteration))
            folder.append([iteration_record(one, tally, off_schedule=False)])
            # Read by another handle while the first is still open: nothing waits in a buffer.
            lines = (tmp_path / "run" / ITERATIONS).read_text().splitlines()
            assert [json.loads(line)["iteration"] for line in lines] == list(range(iteration + 1))


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ResultsError, match="cannot be written: Not a directory; choose another by --out"),
        ResultsFolder(tmp_path / "file", "run"),
    ):
        pass


def test_run_ids_sort_by_time_and_differ() -> None:
    one, other = new_run_id(NOW), new_run_id(NOW)
    assert one.startswith("20260102T030405Z-")
    assert one != other


def test_the_schema_knows_both_files() -> None:
    schema = json_schema()
    assert {"run_id", "points", "gate"} <= set(schema["required"])
    assert {"iteration", "verdict", "failure_rate_so_far"} <= set(schema["$defs"]["IterationRecord"]["required"])
    assert "class" in schema["$defs"]["AnomalyRecord"]["properties"]
