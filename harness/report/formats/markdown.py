"""A summary for a chat or a pull request, the verdict first."""

from harness.check.anomalies import FIELDS
from harness.report.decisions import anomaly_text, decisions_of, headline, rate_text
from harness.report.document import Report
from harness.report.naming import scenario_label

MARKS = {"pass": "✅", "fail": "❌", "inconclusive": "⚠️", None: "ℹ️"}  # noqa: RUF001 - the sign is meant


def markdown_text(report: Report) -> str:
    """Return the summary; a row for each api-delay."""
    verdict = report.gate.verdict
    lines = [f"**{MARKS[verdict]} {scenario_label(report)}: {headline(report)}** - {_inline(report.gate.reason)}", ""]
    if report.points:
        lines += ["| api-delay | pairs | errors | failures | rate (95 % interval) | gate | anomalies |"]
        lines += ["| ---: | ---: | ---: | ---: | --- | --- | --- |"]
    decided = decisions_of(report)
    for point in report.points:
        gates = sorted({str(one.verdict) for one in decided if one.api_delay_ms == point.api_delay_ms})
        cells = (
            f"{point.api_delay_ms:g} ms",
            str(point.iterations),
            str(point.errors),
            str(point.failures),
            rate_text(point),
            gates[0] if gates else "",
            anomaly_text(_causes(point.anomalies)) or "none",
        )
        lines.append("| " + " | ".join(map(_inline, cells)) + " |")
    done = sum(point.iterations for point in report.points)
    target = report.target
    lines += [
        "",
        f"{done} of {report.planned_iterations} iterations judged. Service {_inline(target.service)}, "
        f"PostgreSQL {_inline(target.postgres)}, ClickHouse {_inline(target.clickhouse)}. "
        f"Run `{report.run_id}`, {report.started_at:%Y-%m-%d %H:%M} UTC.",
    ]
    return "\n".join(lines) + "\n"


def _causes(anomalies: dict[str, int]) -> dict[str, int]:
    """Return the causes without the fields that differed, which need the room; all where no cause was decided."""
    return {name: count for name, count in anomalies.items() if name not in FIELDS} or anomalies


def _inline(text: str) -> str:
    """Return a text that stays in its cell and starts no markup of its own."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").replace("`", "'").replace("@", "@\u200b").split())
