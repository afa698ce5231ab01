"""`harness report --format`: which format is made by what. Each is imported when it is asked for, since some take a second."""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from harness.report.document import Report
from harness.report.explanations import explanations
from harness.report.results import replace_file


class Format(StrEnum):
    """What a report can be rendered as, beside a table for a terminal."""

    TERMINAL = "terminal"
    JSON = "json"
    JUNIT = "junit"
    OPENMETRICS = "openmetrics"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"
    PNG = "png"
    SVG = "svg"


# How the file beside report.json is called.
FILE_NAMES = {
    Format.HTML: "report.html",
    Format.JUNIT: "junit.xml",
    Format.OPENMETRICS: "metrics.prom",
    Format.CSV: "points.csv",
    Format.MARKDOWN: "summary.md",
    Format.PNG: "chart.png",
    Format.SVG: "chart.svg",
}
# Nobody reads these in a terminal; a PNG may even leave it unusable.
NOT_FOR_TERMINALS = (Format.HTML, Format.PNG, Format.SVG)


def preload() -> None:
    """Import what the end of every run needs, which takes a second: while a run waits, so that its user does not."""
    for module in ("scipy.special", "harness.report.formats.html"):
        import_module(module)


def rendered(report: Report, folder: Path, wanted: Format) -> bytes:
    """Return a report in any format but `terminal`; `folder` holds the run's iterations, whose failures some formats explain."""
    made = _renderers(report, folder)[wanted]()
    return made if isinstance(made, bytes) else made.encode()


def write_beside(report: Report, folder: Path, wanted: Format) -> None:
    """Write the report into a run's folder in one of the formats of FILE_NAMES. Raises whatever making it raises."""
    replace_file(folder / FILE_NAMES[wanted], rendered(report, folder, wanted))


# ruff: noqa: PLC0415 - see the module's head
def _renderers(report: Report, folder: Path) -> dict[Format, Callable[[], str | bytes]]:
    def junit() -> str:
        from harness.report.formats.junit import junit_text

        return junit_text(report, explanations(folder))

    def openmetrics() -> str:
        from harness.report.formats.openmetrics import openmetrics_text

        return openmetrics_text(report)

    def csv() -> str:
        from harness.report.formats.csv import csv_text

        return csv_text(report)

    def markdown() -> str:
        from harness.report.formats.markdown import markdown_text

        return markdown_text(report)

    def html() -> str:
        from harness.report.formats.html import html_text

        return html_text(report, explanations(folder))

    def png() -> bytes:
        from harness.report.formats.chart import png_bytes

        return png_bytes(report)

    def svg() -> str:
        from harness.report.formats.chart import svg_text

        return svg_text(report)

    return {
        Format.JSON: lambda: report.model_dump_json(indent=2) + "\n",
        Format.JUNIT: junit,
        Format.OPENMETRICS: openmetrics,
        Format.CSV: csv,
        Format.MARKDOWN: markdown,
        Format.HTML: html,
        Format.PNG: png,
        Format.SVG: svg,
    }
