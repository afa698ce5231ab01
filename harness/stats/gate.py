"""The decision about a failure rate: pass, fail and inconclusive are three different things."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.stats.proportion import wilson


class GateVerdict(StrEnum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - a verdict, no secret
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Counts:
    """What one point contributes: failures among the judged iterations of one api-delay."""

    api_delay_ms: float
    failures: int
    judged: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A gate's verdict and the sentence that explains it."""

    verdict: GateVerdict
    reason: str


def decide_gate(max_failure_rate: float, points: Sequence[Counts]) -> Decision:
    """Decide whether every point keeps to the rate.

    A point fails when its whole Wilson 95 % interval lies above the rate, passes when it lies at or below it, and is inconclusive between.
    The gate fails when one point fails, passes when all pass, and is inconclusive otherwise, also where nothing was judged.
    """
    verdicts = [(point, _decide_point(max_failure_rate, point)) for point in points]
    for wanted in (GateVerdict.FAIL, GateVerdict.INCONCLUSIVE):
        for point, verdict in verdicts:
            if verdict is wanted:
                return Decision(wanted, _explain(max_failure_rate, point, wanted))
    if not verdicts:
        return Decision(GateVerdict.INCONCLUSIVE, "nothing was judged")
    return Decision(GateVerdict.PASS, f"every api-delay keeps to {max_failure_rate:.3%} with 95 % confidence")


def _decide_point(max_failure_rate: float, point: Counts) -> GateVerdict:
    interval = wilson(point.failures, point.judged)
    if interval is None:
        return GateVerdict.INCONCLUSIVE
    if interval.low > max_failure_rate:
        return GateVerdict.FAIL
    return GateVerdict.PASS if interval.high <= max_failure_rate else GateVerdict.INCONCLUSIVE


def _explain(max_failure_rate: float, point: Counts, verdict: GateVerdict) -> str:
    interval = wilson(point.failures, point.judged)
    if interval is None:
        return f"nothing was judged at {point.api_delay_ms:g} ms"
    measured = (
        f"{point.failures} of {point.judged} failed at {point.api_delay_ms:g} ms "
        f"(95 % interval {interval.low:.2%} to {interval.high:.2%})"
    )
    if verdict is GateVerdict.FAIL:
        return f"{measured}, above the {max_failure_rate:.3%} allowed"
    return f"{measured}, which neither keeps to {max_failure_rate:.3%} nor breaks it: more iterations are needed"
