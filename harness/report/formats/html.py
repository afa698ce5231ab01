"""`report.html`: one run as a page that opens from disk.

The chart is SVG, drawn when the page is written: about 50 kB a page, no script at all, where the bundled library for a live chart
takes 0.9 MB; a night may write hundreds. The page's policy forbids it to load anything.
"""

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from harness.report.decisions import anomaly_text, decisions_of, headline, rate_text
from harness.report.document import Point, Report, Spread
from harness.report.formats.chart import GRID, INK, chart_description, chart_legend, svg_text
from harness.report.naming import scenario_label


def html_text(report: Report, explanations: dict[float, list[str]]) -> str:
    """Return the page; `explanations` says per api-delay in ms how some of its failures came about."""
    environment = Environment(
        loader=PackageLoader("harness.report.formats", "templates"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"rate": rate_text, "ms": _ms}
    return environment.get_template("report.html.j2").render(
        report=report,
        name=scenario_label(report),
        headline=headline(report),
        decisions=decisions_of(report),
        done=sum(point.iterations for point in report.points),
        wide=_themed(svg_text(report, titled=False)),
        narrow=_themed(svg_text(report, narrow=True, titled=False)),
        legend=chart_legend(report),
        description=chart_description(report),
        anomalies=_mix(report.points),
        explanations={delay: told for delay, told in explanations.items() if told},
        anomaly_text=anomaly_text,
    )


def _themed(svg: str) -> Markup:
    """Return the chart with the page's colours of ink, grid and ground in the place of its own."""
    for colour, themed in ((INK, "currentColor"), (GRID, "var(--grid)"), ("#ffffff", "none")):
        svg = svg.replace(f'"{colour}"', f'"{themed}"')
    return Markup(svg)  # noqa: S704 - drawn by the chart library, which escapes its texts


def _mix(points: Sequence[Point]) -> list[tuple[str, int, float]]:
    """Return the anomaly classes with their counts and their share of the most frequent one."""
    counts: dict[str, int] = {}
    for point in points:
        for name, count in point.anomalies.items():
            counts[name] = counts.get(name, 0) + count
    most = max(counts.values(), default=1) or 1
    return [(name, count, count / most) for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _ms(spread: Spread | None, quantile: str) -> str:
    """Return a quantile in ms at a precision that its size deserves."""
    if spread is None:
        return ""
    value: float = getattr(spread, quantile)
    return f"{value:.3f}" if abs(value) < 1 else f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"
