"""`max_convergence_p99_ms` at one api-delay."""

import pytest

from harness.gates.p99 import P99Gate
from harness.stats.gate import GateVerdict
from harness.units import NS_PER_MS

PASS, FAIL, OPEN = GateVerdict.PASS, GateVerdict.FAIL, GateVerdict.INCONCLUSIVE


def gate(times_ms: list[float | None], planned: int | None = None) -> P99Gate:
    one = P99Gate(50, len(times_ms) if planned is None else planned, 0.05, 0.05)
    for time_ms in times_ms:
        one.add(True, None if time_ms is None else round(time_ms * NS_PER_MS))
    return one


@pytest.mark.parametrize(
    ("times_ms", "verdict", "reason"),
    [
        (
            [30.0] * 299,
            PASS,
            "of 299 times to agreement at 5 ms none exceeded the 50 ms allowed: the p99 is at most 30 ms with 95 % confidence",
        ),
        (
            [30.0] * 298,
            OPEN,
            "of 298 times to agreement at 5 ms none exceeded the 50 ms allowed, too few for an upper bound of the p99 with 95 % "
            "confidence: that takes at least 299 judged iterations (--max-iterations)",
        ),
        (
            [30.0] * 90 + [80.0] * 10,
            FAIL,
            None,
        ),
        (
            [30.0] * 295 + [60.0] * 5,
            OPEN,
            "of 300 times to agreement at 5 ms 5 exceeded the 50 ms allowed: the p99 lies between 30 ms and 60 ms with 95 % confidence, "
            "which takes more iterations to decide",
        ),
        (
            [30.0] * 300 + [None] * 30,
            FAIL,
            "of 330 times to agreement at 5 ms 30 exceeded the 50 ms allowed: "
            "the p99 is longer than was watched with 95 % confidence",
        ),
    ],
)
def test_decisions_and_their_reasons(times_ms: list[float | None], verdict: GateVerdict, reason: str | None) -> None:
    one = gate(times_ms)
    assert one.verdict is verdict
    if reason is not None:
        assert one.reason(5) == reason


def test_part_of_the_plan_decides_nothing_since_quick_ones_are_known_first() -> None:
    one = gate([30.0] * 400, planned=628)
    assert (one.verdict, one.known) == (OPEN, False)
    assert "400 of 628 planned iterations are known" in one.reason(5)


def test_errors_are_no_times() -> None:
    one = P99Gate(50, 300, 0.05, 0.05)
    for _ in range(300):
        one.add(False, None)
    assert (one.judged, one.verdict) == (0, OPEN)
