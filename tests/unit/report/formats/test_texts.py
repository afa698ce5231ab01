"""JUnit, OpenMetrics, CSV and Markdown, read back by what would read them."""

import csv
import io
from typing import Any
from xml.etree import ElementTree

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as older_text
from report_examples import point, report, sweep

from harness.report.document import Gate, GateDecision
from harness.report.formats.csv import csv_text
from harness.report.formats.junit import junit_text
from harness.report.formats.markdown import markdown_text
from harness.report.formats.openmetrics import openmetrics_text


def cases(text: str) -> dict[str, tuple[str, str]]:
    """Per test case its outcome and what is told of it."""
    found = {}
    for case in ElementTree.fromstring(text).iter("testcase"):
        (result, *_) = [*(one for one in case if one.tag in ("failure", "error", "skipped")), None]
        told = "" if result is None else f"{result.get('message')} {result.text}"
        found[case.get("name") or ""] = ("pass" if result is None else result.tag, told)
    return found


def test_a_delay_fails_where_its_gate_does_and_its_failures_are_explained() -> None:
    found = cases(junit_text(sweep(limit=0.05, verdict="fail"), {0: ["card 7 diverged: a\x00 <b>"]}))
    outcomes = {name: outcome for name, (outcome, _) in found.items()}
    assert outcomes["api-delay 0 ms"] == "failure"
    assert outcomes["api-delay 20 ms"] == "error"  # undecided, and a skipped test would be green
    assert outcomes["api-delay 200 ms"] == "pass"
    assert outcomes["the whole run"] == "failure"
    told = found["api-delay 0 ms"][1]
    assert "17 of 100" in told and "version_inversion 17" in told and "card 7 diverged: a? <b>" in told


def test_decisions_in_the_document_are_what_counts() -> None:
    decisions = [
        GateDecision(gate="max_failure_rate", limit=0.5, api_delay_ms=0, verdict="pass", reason="few"),
        GateDecision(gate="max_convergence_p99_ms", limit=9, api_delay_ms=1, verdict="fail", reason="slow"),
        GateDecision(gate="max_error_rate", limit=0.1, api_delay_ms=None, verdict="pass", reason="none"),
    ]
    gate = Gate(max_failure_rate=0.0001, verdict="fail", reason="slow", decisions=decisions)
    found = cases(junit_text(sweep(gate=gate), {}))
    assert [found[f"api-delay {delay} ms"][0] for delay in (0, 1, 2)] == ["pass", "failure", "pass"]
    assert found["gate max_error_rate"][0] == "pass"


@pytest.mark.parametrize("status", ["partial", "failed"])
def test_a_run_that_did_not_reach_its_end_is_red(status: Any) -> None:
    found = cases(junit_text(report([], status=status), {}))
    assert found["the whole run"][0] == "error"


def test_an_ungated_run_is_green() -> None:
    assert {outcome for outcome, _ in cases(junit_text(sweep(), {})).values()} == {"pass"}


def test_metrics_are_valid_in_both_formats_that_read_them() -> None:
    text = openmetrics_text(sweep(limit=0.05, verdict="fail"))
    assert text.endswith("# EOF\n")
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    labels = (("api_delay_ms", "5"), ("scenario", "nightly"))
    assert samples["convergence_harness_failure_ratio", *labels] == 0.13
    assert samples["convergence_harness_gate", ("scenario", "nightly"), ("verdict", "fail")] == 1
    assert samples["convergence_harness_convergence_seconds", labels[0], ("quantile", "0.99"), labels[1]] == 0.0003
    assert {family.type for family in older_text(text)} == {"gauge"}


def test_what_was_not_judged_has_no_ratio() -> None:
    text = openmetrics_text(report([point(10, 0, 5, 5)]))
    assert "failure_ratio" not in text and 'verdict="errors"} 5.0' in text


def test_csv_has_a_line_for_each_delay_and_empty_cells_where_nothing_is_known() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(report([point(0, 3), point(10, 0, 5, 5)])))))
    assert [float(row["api_delay_ms"]) for row in rows] == [0, 10]
    assert (rows[0]["failure_rate"], rows[1]["failure_rate"]) == ("0.03", "")
    assert rows[0]["anomalies"] == "stale_score=3;version_inversion=3"


def test_a_summary_begins_with_the_verdict_and_stays_in_its_cells() -> None:
    text = markdown_text(sweep(limit=0.05, verdict="fail", status="partial"))
    first, *rest = text.splitlines()
    assert "nightly: fail (partial)" in first and "&lt;b>" in first
    rows = [line for line in rest if line.startswith("|")]
    assert len(rows) == 2 + 9 and all(row.replace("\\|", "").count("|") == 8 for row in rows)
    assert "| fail | version_inversion 17 |" in rows[2]
