"""From the outcomes of an experiment to its row of the detection matrix and its bounds. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.calibrate.document import Bound, CurvePoint, Detection
from harness.calibrate.experiments import SMALL_DELAYS_MS, Experiment, Kind
from harness.calibrate.measure import Outcome
from harness.model import Verdict
from harness.report.document import Point
from harness.scenario import BehaviourName
from harness.stats.proportion import wilson

DETECTED_SHARE, RIGHT_CAUSE_SHARE = 0.99, 0.95
# The field's curve of fix3: 10 to 20 % below 10 ms, under 1 % at 100 ms.
FIX3_SMALL = 0.10, 0.20
FIX3_LARGE = 0.01
LARGE_DELAY_MS = 100.0
# Below this many pairs a single failure is more than 1 %: only an interval that lies above it is a failure then.
ENOUGH_FOR_LARGE = 200
NO_CAUSE = "none"
NEVER_STALE = (BehaviourName.CURE, BehaviourName.OUTBOX)


def detection_of(experiment: Experiment, outcomes: Sequence[Outcome]) -> Detection:
    """Return how the iterations of an experiment were judged."""
    judged = [one for one in outcomes if one.verdict is not Verdict.ERROR]
    affected = [one for one in judged if one.affected]
    detected = [one for one in affected if one.verdict.is_failure]
    expected = experiment.expected
    right_verdict = [one for one in detected if expected is not None and one.verdict is expected.verdict]
    right_cause = [one for one in right_verdict if expected is not None and expected.cause in (None, *one.causes)]
    classes = Counter(c for one in judged if one.verdict.is_failure for c in (one.causes or {NO_CAUSE}))
    return Detection(
        iterations=len(outcomes),
        errors=len(outcomes) - len(judged),
        affected=len(affected),
        detected=len(detected),
        right_verdict=len(right_verdict),
        right_cause=len(right_cause),
        falsely_accused=sum(one.verdict.is_failure for one in judged if not one.affected),
        classes=dict(classes.most_common()),
    )


def curve_of(points: Sequence[Point]) -> list[CurvePoint]:
    """Return the points of a behaviour's curve."""
    return [
        CurvePoint(
            api_delay_ms=point.api_delay_ms,
            judged=point.iterations - point.errors,
            failures=point.failures,
            failure_rate=point.failure_rate,
            failure_rate_low=point.failure_rate_low,
            failure_rate_high=point.failure_rate_high,
            postgres_wrong=point.postgres_wrong,
            errors=point.errors,
        )
        for point in points
    ]


def bounds_of(experiment: Experiment, detection: Detection, curve: Sequence[CurvePoint]) -> list[Bound]:
    """Return what must hold of an experiment, with what was measured."""
    if experiment.kind is Kind.FAULT:
        return list(_fault_bounds(experiment, detection))
    if experiment.kind is Kind.CONTROL or experiment.behaviour in NEVER_STALE:
        return [
            _bound(
                "nobody is accused",
                f"{detection.falsely_accused} of {_judged(detection)}",
                detection.falsely_accused == 0,
            )
        ]
    return list(_behaviour_bounds(experiment.behaviour, curve))


def _fault_bounds(experiment: Experiment, detection: Detection) -> Iterator[Bound]:
    affected, detected = detection.affected, detection.detected
    if experiment.rare:
        yield _bound("detected at least once", f"{detected} of {affected}", detected > 0)
    else:
        met = affected > 0 and detected >= DETECTED_SHARE * affected
        yield _bound(f"{DETECTED_SHARE:.0%} of those in effect detected", _share(detected, affected), met)
    right = detection.right_cause
    met = detected > 0 and right >= RIGHT_CAUSE_SHARE * detected
    yield _bound(f"{RIGHT_CAUSE_SHARE:.0%} of those detected with the right cause", _share(right, detected), met)
    yield _bound("nobody else is accused", f"{detection.falsely_accused}", detection.falsely_accused == 0)


def _behaviour_bounds(behaviour: BehaviourName, curve: Sequence[CurvePoint]) -> Iterator[Bound]:
    small = [point for point in curve if point.api_delay_ms in SMALL_DELAYS_MS]
    wrong = sum(point.postgres_wrong for point in curve)
    match behaviour:
        case BehaviourName.AS_FOUND | BehaviourName.FIX1:
            least = min(point.failures for point in small)
            yield _bound("fails at every small delay", f"{least} failures at the least of them", least > 0)
        case BehaviourName.FIX2:
            yield _bound("PostgreSQL is wrong", f"{wrong} times", wrong > 0)
        case BehaviourName.FIX3:
            yield _bound("PostgreSQL is never wrong", f"{wrong} times", wrong == 0)
            yield _small_rate(small)
            yield from (_large_rate(point) for point in curve if point.api_delay_ms == LARGE_DELAY_MS)


def _small_rate(small: Sequence[CurvePoint]) -> Bound:
    """Return whether the rate below 10 ms lies in the field's range, as far as its interval can tell."""
    low, high = FIX3_SMALL
    rate = wilson(sum(point.failures for point in small), sum(point.judged for point in small))
    met = rate is not None and rate.low <= high and rate.high >= low
    measured = "nothing judged" if rate is None else f"{rate.rate:.1%} ({rate.low:.1%} to {rate.high:.1%})"
    return _bound(f"{low:.0%} to {high:.0%} fail below 10 ms", measured, met)


def _large_rate(point: CurvePoint) -> Bound:
    value = point.failure_rate if point.judged >= ENOUGH_FOR_LARGE else point.failure_rate_low
    measured = f"{point.failures} of {point.judged}"
    met = value is not None and value < FIX3_LARGE
    return _bound(f"under {FIX3_LARGE:.0%} fail at {LARGE_DELAY_MS:g} ms", measured, met)


def _bound(what: str, measured: str, met: bool) -> Bound:
    return Bound(what=what, measured=measured, met=met)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({part / whole:.1%})" if whole else "")


def _judged(detection: Detection) -> int:
    return detection.iterations - detection.errors
