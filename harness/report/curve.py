"""The fits over a run's points as the document holds them, and back."""

from dataclasses import asdict

from harness.report.document import Curve, CurvePoint, LogisticFit, Report
from harness.stats.dose_response import LogisticCurve, isotonic_curve, logistic_curve
from harness.stats.proportion import Counts


def with_curve(report: Report) -> Report:
    """Return the report with the fits over its points. It takes up to a second of imports, so it is for a run's end alone."""
    return report.model_copy(update={"curve": curve_of(report)})


def curve_of(report: Report) -> Curve | None:
    """Return the fits over a report's points, None where nothing was judged."""
    counts = [Counts(point.api_delay_ms, point.failures, point.iterations - point.errors) for point in report.points]
    isotonic, logistic = isotonic_curve(counts), logistic_curve(counts, report.seed)
    if isotonic is None:
        return None
    points = []
    for point in isotonic.points:
        smooth = None if logistic is None else logistic.at(point.api_delay_ms)
        points.append(
            CurvePoint(
                api_delay_ms=point.api_delay_ms,
                isotonic=point.fit.rate,
                isotonic_low=point.fit.low,
                isotonic_high=point.fit.high,
                logistic=None if smooth is None else smooth.rate,
                logistic_low=None if smooth is None else smooth.low,
                logistic_high=None if smooth is None else smooth.high,
            )
        )
    fit = None if logistic is None else LogisticFit(**asdict(logistic))
    return Curve(points=points, contradicted=isotonic.contradicted, logistic=fit)


def logistic_of(fit: LogisticFit) -> LogisticCurve:
    """Return the curve that a document's fit stands for, which tells the rate between the points too."""
    return LogisticCurve(**fit.model_dump())
