"""The failure rate against the api-delay as one Vega-Lite specification, and its rendering as SVG and PNG.

The axis of delays is symlog with constant 1 ms, which is the fit's own log(1 + delay): 0 ms has a place, and a logistic fit's logit is
straight on it. Colours are of the Okabe-Ito palette, which the colour-blind tell apart; text and grid have colours of their own, so that
the page can put those of its theme in their place. altair takes 0.3 s to import, so only who draws imports this module.
"""

import io
import math
from typing import Any

import altair as alt

from harness.report.curve import logistic_of
from harness.report.document import Curve, Report
from harness.stats.dose_response import log_delay

INK, GRID, FIT, MEASURED, LIMIT = "#1b1f24", "#d5d9de", "#0072b2", "#d55e00", "#7a4b8c"
WIDTH_PX, HEIGHT_PX, NARROW_WIDTH_PX, NARROW_HEIGHT_PX = 700, 340, 300, 280
SMOOTH_STEPS = 120
# Below this the logistic curve has another shape than the counts, and the isotonic fit is drawn.
WORST_FIT_P = 0.01


def chart_of(report: Report, *, narrow: bool = False, titled: bool = True) -> Any:
    """Return the chart; `narrow` for the width of a phone, untitled where the page has a title of its own."""
    limit = report.gate.max_failure_rate
    measured = _measured(report)
    top = _top([*(row["high"] for row in measured), *_band_highs(report.curve)], limit)
    ticks = _ticks([point.api_delay_ms for point in report.points], apart=0.05 if not narrow else 0.075)
    longest = max((point.api_delay_ms for point in report.points), default=1)
    if len(report.points) == 1:
        # One delay alone stands in the middle of the picture, beside the 0 that tells where.
        longest, ticks = (1 + longest) ** 2 - 1, sorted({0.0, *ticks})
    x = alt.X(
        "delay:Q",
        title="api-delay in ms, spaced as log(1 + delay)",
        scale=alt.Scale(type="symlog", constant=1, domain=[0, longest or 1], padding=12, nice=False),
        axis=alt.Axis(values=ticks, format="~r", labelOverlap=False, grid=False),
    )
    scale = alt.Scale(domain=[0, top], clamp=True, nice=False)
    y = alt.Y("rate:Q", title="failure rate", scale=scale, axis=alt.Axis(format="~%", tickCount=5))
    low = alt.Y("low:Q", title="failure rate", scale=scale)
    layers = [*_fit_layers(report.curve, x, y, low), *_measured_layers(measured, x, y, low), *_limit_layers(limit, y)]
    if not measured:
        layers = [_note("nothing could be judged", (NARROW_WIDTH_PX if narrow else WIDTH_PX) / 2)]
    chart = alt.layer(*layers).properties(
        width=NARROW_WIDTH_PX if narrow else WIDTH_PX,
        height=NARROW_HEIGHT_PX if narrow else HEIGHT_PX,
        description=chart_description(report),
        **({"title": alt.Title("Failure rate by api-delay", subtitle=chart_legend(report))} if titled else {}),
    )
    return _dressed(chart)


def svg_text(report: Report, *, narrow: bool = False, titled: bool = True) -> str:
    """Return the chart as SVG that loads nothing."""
    out = io.StringIO()
    chart_of(report, narrow=narrow, titled=titled).save(out, format="svg")
    return out.getvalue()


def png_bytes(report: Report) -> bytes:
    """Return the chart as PNG, at twice the pixels for sharp screens."""
    out = io.BytesIO()
    chart_of(report).save(out, format="png", scale_factor=2)
    return out.getvalue()


def chart_legend(report: Report) -> str:
    """Return what the marks mean, in a sentence."""
    if all(point.failure_rate is None for point in report.points):
        return "No iteration was judged, so there is no rate to show."
    bars = "Dots: measured, with Wilson 95 % intervals."
    if report.curve is None or len(report.curve.points) < 2:
        return bars
    if _logistic_fits(report.curve):
        return f"{bars} Line: logistic fit with its 95 % band."
    if report.curve.contradicted:
        return f"{bars} Line: the nearest non-increasing fit, which the counts contradict."
    return f"{bars} Line: non-increasing fit with its 95 % band."


def chart_description(report: Report) -> str:
    """Return what the chart shows, for who cannot see it."""
    told = [
        f"{point.api_delay_ms:g} ms {point.failure_rate:.1%}"
        for point in report.points
        if point.failure_rate is not None
    ]
    return "Failure rate by api-delay: " + (", ".join(told) or "nothing could be judged")


def _measured(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "delay": point.api_delay_ms,
            "rate": point.failure_rate,
            "low": point.failure_rate_low,
            "high": point.failure_rate_high,
            "told": f"{point.api_delay_ms:g} ms: {point.failures} of {point.iterations - point.errors} failed",
        }
        for point in report.points
        if point.failure_rate is not None
    ]


def _logistic_fits(curve: Curve) -> bool:
    return curve.logistic is not None and curve.logistic.lack_of_fit_p >= WORST_FIT_P


def _fit_layers(curve: Curve | None, x: alt.X, y: alt.Y, low: alt.Y) -> list[Any]:
    """Return band and line; one delay alone has no curve."""
    if curve is None or len(curve.points) < 2:
        return []
    if _logistic_fits(curve) and curve.logistic is not None:
        fit, ends = logistic_of(curve.logistic), (curve.points[0].api_delay_ms, curve.points[-1].api_delay_ms)
        rows = [{"delay": delay} | _ends(fit.at(delay)) for delay in _between(*ends)]
    else:
        rows = _steps(curve)
    data = alt.Data(values=rows)
    area = alt.Chart(data).mark_area(color=FIT, opacity=0.16, aria=False)
    line = alt.Chart(data).mark_line(color=FIT, strokeWidth=2, aria=False)
    if curve.contradicted and not _logistic_fits(curve):
        # Its bounds are those of each delay alone and say nothing of what lies between two.
        return [line.encode(x=x, y=y)]
    return [area.encode(x=x, y=low, y2="high:Q"), line.encode(x=x, y=y)]


def _steps(curve: Curve) -> list[dict[str, float]]:
    """Return the isotonic fit with what its band says between two delays: below the bound of the shorter, above that of the longer."""
    rows = []
    for place, point in enumerate(curve.points):
        before, after = curve.points[max(place - 1, 0)], curve.points[min(place + 1, len(curve.points) - 1)]
        own = {"delay": point.api_delay_ms, "rate": point.isotonic}
        rows += [
            own | {"low": point.isotonic_low, "high": before.isotonic_high},
            own | {"low": point.isotonic_low, "high": point.isotonic_high},
            own | {"low": after.isotonic_low, "high": point.isotonic_high},
        ]
    return rows


def _band_highs(curve: Curve | None) -> list[float]:
    if curve is None or len(curve.points) < 2:
        return []
    if _logistic_fits(curve):
        return [point.logistic_high for point in curve.points if point.logistic_high is not None]
    return [point.isotonic_high for point in curve.points]


def _ends(fit: Any) -> dict[str, float]:
    return {"rate": fit.rate, "low": fit.low, "high": fit.high}


def _between(first_ms: float, last_ms: float) -> list[float]:
    """Return delays that lie evenly on the fit's axis."""
    start, end = log_delay(first_ms), log_delay(last_ms)
    return [math.expm1(start + (end - start) * step / SMOOTH_STEPS) for step in range(SMOOTH_STEPS + 1)]


def _measured_layers(rows: list[dict[str, Any]], x: alt.X, y: alt.Y, low: alt.Y) -> list[Any]:
    data = alt.Data(values=rows)
    told = alt.Description("told:N")
    bars = alt.Chart(data).mark_rule(color=MEASURED, strokeWidth=1.5, aria=False)
    dots = alt.Chart(data).mark_point(color=MEASURED, filled=True, size=55, opacity=1)
    return [
        bars.encode(x=x, y=low, y2="high:Q"),
        dots.encode(x=x, y=y, description=told),
    ]


def _limit_layers(limit: float | None, y: alt.Y) -> list[Any]:
    if limit is None:
        return []
    data = alt.Data(values=[{"rate": limit, "told": f"allowed {limit * 100:.3g} %"}])
    rule = alt.Chart(data).mark_rule(color=LIMIT, strokeDash=[5, 4], strokeWidth=1.5).encode(y=y)
    label = alt.Chart(data).mark_text(align="left", baseline="middle", dx=5, color=LIMIT, fontSize=12)
    return [rule, label.encode(y=y, x=alt.value("width"), text="told:N")]


def _note(text: str, middle_px: float) -> Any:
    data = alt.Data(values=[{"told": text}])
    return (
        alt.Chart(data)
        .mark_text(fontSize=16, color=INK)
        .encode(x=alt.value(middle_px), y=alt.value(NARROW_HEIGHT_PX / 2), text="told:N")
    )


def _top(highs: list[float], limit: float | None) -> float:
    """Return where the axis of rates ends: above every interval and the limit, 1 at most."""
    highest = max([*highs, 0.0 if limit is None else limit * 1.15, 0.005]) * 1.06
    for step in (0.01, 0.02, 0.05, 0.1, 0.12, 0.16, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8, 1.0):
        if highest <= step:
            return step
    return 1.0


def _ticks(delays_ms: list[float], apart: float) -> list[float]:
    """Return the delays that get a label: those that lie `apart` of the axis from one another, the longest always."""
    if not delays_ms:
        return [0]
    width = log_delay(max(delays_ms)) or 1
    kept: list[float] = []
    for delay in sorted(delays_ms, reverse=True):
        if not kept or (log_delay(kept[-1]) - log_delay(delay)) / width >= apart:
            kept.append(delay)
    return kept[::-1]


def _dressed(chart: Any) -> Any:
    text = {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": "normal"}
    return (
        chart.configure(font="sans-serif", background="#ffffff", padding=12)
        .configure_axis(**text, gridColor=GRID, domainColor=INK, tickColor=INK, titlePadding=10)
        .configure_title(anchor="start", color=INK, subtitleColor=INK, fontSize=17, subtitleFontSize=12, offset=14)
        .configure_view(stroke=None)
    )
