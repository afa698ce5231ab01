"""The calibration as a page of the documentation."""

from collections.abc import Iterator, Sequence

from harness.calibrate.document import Calibration, CurvePoint, ExperimentResult

INTRODUCTION = """# Calibration: the harness measured on systems whose truth is known

This page is written by `{command}` (seed {seed}, {date}, {machine}): do not edit it. Every behaviour of the reference service,
every planted fault and two clean controls run on the embedded stack; the service itself says on which scorecards a fault took effect,
from what it did and without asking a store. `docs/faults.md` explains the faults, `docs/verify.md` the classes.

{target}. {verdict}
"""


def page(document: Calibration) -> str:
    """Return the page in Markdown."""
    missed = [bound for result in document.experiments for bound in result.bounds if not bound.met]
    verdict = "**Every bound is met.**" if not missed else f"**{len(missed)} bounds are missed.**"
    target = f"PostgreSQL {document.target.postgres}, ClickHouse {document.target.clickhouse}, harness {document.harness_version}"
    parts = [
        INTRODUCTION.format(
            command=document.command,
            seed=document.seed,
            date=f"{document.started_at:%Y-%m-%d}",
            machine=f"{document.machine.cpus} cores",
            target=target,
            verdict=verdict,
        ),
        *_faults([result for result in document.experiments if result.kind == "fault"]),
        *_controls([result for result in document.experiments if result.kind == "control"]),
        *_curves([result for result in document.experiments if result.kind == "behaviour"]),
        *_bounds(document.experiments),
    ]
    return "\n".join(parts)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _faults(results: Sequence[ExperimentResult]) -> Iterator[str]:
    if not results:
        return
    yield "## Detection of the planted faults\n\nEach is planted in `cure`, so that it is the only thing wrong.\n"
    headings = ("fault", "delay, order", "iterations", "took effect", "detected", "right cause", "falsely accused")
    yield _table(
        headings,
        [
            (
                f"`{result.name}`",
                f"{', '.join(f'{delay:g}' for delay in result.api_delays_ms)} ms, {result.order}",
                str(result.detection.iterations),
                str(result.detection.affected),
                _share(result.detection.detected, result.detection.affected),
                f"{_share(result.detection.right_cause, result.detection.detected)} `{result.expected_cause or result.expected_verdict}`",
                str(result.detection.falsely_accused),
            )
            for result in results
        ],
    )
    yield "## Fault x class\n\nHow many failures were told of each class of cause.\n"
    classes = sorted({name for result in results for name in result.detection.classes})
    yield _table(
        ("fault", *(f"`{name}`" for name in classes)),
        [
            (f"`{result.name}`", *(str(result.detection.classes.get(name, "")) for name in classes))
            for result in results
        ],
    )


def _controls(results: Sequence[ExperimentResult]) -> Iterator[str]:
    if results:
        yield "## Clean controls\n"
        rows = [
            (r.name, str(r.detection.iterations), str(r.detection.errors), str(r.detection.falsely_accused))
            for r in results
        ]
        yield _table(("control", "iterations", "errors", "accused"), rows)


def _curves(results: Sequence[ExperimentResult]) -> Iterator[str]:
    if not results:
        return
    yield "## Failure rate of each behaviour over the api-delay\n\nIn percent, with the Wilson 95 % interval; pairs in random order.\n"
    delays_ms = sorted({point.api_delay_ms for result in results for point in result.curve})
    headings = ("behaviour", *(f"{delay:g} ms" for delay in delays_ms), "PostgreSQL wrong")
    rows = []
    for result in results:
        points = {point.api_delay_ms: point for point in result.curve}
        wrong = sum(point.postgres_wrong for point in result.curve)
        judged = sum(point.judged for point in result.curve)
        rows.append((f"`{result.name}`", *(_rate(points.get(delay)) for delay in delays_ms), f"{wrong} of {judged}"))
    yield _table(headings, rows)


def _bounds(results: Sequence[ExperimentResult]) -> Iterator[str]:
    yield "## Bounds\n"
    rows = [
        (f"`{result.name}`", bound.what, bound.measured, "met" if bound.met else "**missed**")
        for result in results
        for bound in result.bounds
    ]
    yield _table(("experiment", "bound", "measured", ""), rows)


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else "-"


def _rate(point: CurvePoint | None) -> str:
    if point is None or point.failure_rate is None or point.failure_rate_low is None or point.failure_rate_high is None:
        return "-"
    return f"{point.failure_rate:.1%} ({point.failure_rate_low:.1%}-{point.failure_rate_high:.1%})"
