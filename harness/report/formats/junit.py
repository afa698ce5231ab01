"""JUnit XML: a run is a test suite, an api-delay a test case.

A case fails where a gate decided against its delay. What could not be decided is an *error*, not skipped: a CI counts skipped tests
as green, and a gate that learned too little has not passed. Where no gate was asked for, the cases pass and only tell.
"""

import re
from collections.abc import Sequence

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from harness.report.decisions import anomaly_text, decisions_of, rate_text
from harness.report.document import GateDecision, Point, Report
from harness.report.naming import scenario_label

# What XML 1.0 cannot hold, even escaped.
UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(report: Report, explanations: dict[float, list[str]]) -> str:
    """Return the XML; `explanations` says per api-delay in ms how some of its failures came about."""
    decisions = decisions_of(report)
    suite = TestSuite(f"harness {scenario_label(report)}")
    suite.timestamp = report.started_at.isoformat()
    for name, value in (("run_id", report.run_id), ("status", report.status), *report.target):
        suite.add_property(name, _clean(str(value)))
    class_name = f"harness.{scenario_label(report)}"
    for point in report.points:
        of_point = [one for one in decisions if one.api_delay_ms == point.api_delay_ms]
        text = _point_text(point, explanations.get(point.api_delay_ms, []))
        suite.add_testcase(_case(f"api-delay {point.api_delay_ms:g} ms", class_name, of_point, text))
    for decision in decisions:
        if decision.api_delay_ms is None:
            suite.add_testcase(_case(f"gate {decision.gate}", class_name, [decision], ""))
    suite.add_testcase(_whole_run(report, class_name))
    xml = JUnitXml()
    xml.add_testsuite(suite)
    xml.update_statistics()
    if report.finished_at is not None:
        # No case has a time of its own, since the delays are interleaved.
        suite.time = (report.finished_at - report.started_at).total_seconds()
    written: bytes = xml.tostring()
    return written.decode() + "\n"


def _case(name: str, class_name: str, decisions: Sequence[GateDecision], text: str) -> TestCase:
    case = TestCase(name, class_name)
    for kind, verdict in ((Failure, "fail"), (Error, "inconclusive")):
        bad = [one for one in decisions if one.verdict == verdict]
        if bad:
            result = kind(_clean(f"{bad[0].gate}: {bad[0].reason}"), verdict)
            result.text = _clean("\n".join([*(f"{one.gate} <= {one.limit:g}: {one.reason}" for one in bad), text]))
            case.result = [result]
            return case
    if text:
        case.system_out = _clean(text)
    return case


def _whole_run(report: Report, class_name: str) -> TestCase:
    """Return the case of the run itself: red where it did not reach its end, or where its verdict is red for whatever reason."""
    case = TestCase("the whole run", class_name)
    said = f"gate {report.gate.verdict or 'not asked for'}: {report.gate.reason}"
    if report.status != "complete":
        done = sum(point.iterations for point in report.points)
        case.result = [
            Error(
                _clean(f"run {report.status}: {done} of {report.planned_iterations} iterations; {said}"), report.status
            )
        ]
    elif report.gate.verdict == "fail":
        case.result = [Failure(_clean(said), "fail")]
    elif report.gate.verdict == "inconclusive":
        case.result = [Error(_clean(said), "inconclusive")]
    return case


def _point_text(point: Point, explanations: list[str]) -> str:
    lines = [
        f"failure rate {rate_text(point)}: {point.failures} of {point.iterations - point.errors} judged, "
        f"{point.errors} errors; diverged {point.diverged}, late {point.late}, PostgreSQL wrong {point.postgres_wrong}"
    ]
    if point.anomalies:
        lines.append(f"anomalies: {anomaly_text(point.anomalies)}")
    return "\n".join([*lines, *explanations])


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("?", text)
