"""Pass, fail and inconclusive are three different things."""

import pytest

from harness.stats.gate import Counts, GateVerdict, decide_gate

PASS, FAIL, OPEN = GateVerdict.PASS, GateVerdict.FAIL, GateVerdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("limit", "counts", "verdict"),
    [
        (0.01, [(0, 400)], PASS),
        (0.01, [(0, 300)], OPEN),
        (0.01, [(50, 400)], FAIL),
        (0.1, [(0, 400), (200, 400)], FAIL),
        (0.1, [(200, 400), (0, 1)], FAIL),
        (0.1, [(0, 400), (0, 1)], OPEN),
        (0.1, [(0, 0)], OPEN),
        (0.1, [], OPEN),
        (1.0, [(5, 5)], PASS),
        (0.0, [(0, 1000)], OPEN),
        (0.0, [(1, 1000)], FAIL),
    ],
)
def test_decisions(limit: float, counts: list[tuple[int, int]], verdict: GateVerdict) -> None:
    points = [Counts(10.0 * number, failures, judged) for number, (failures, judged) in enumerate(counts)]
    assert decide_gate(limit, points).verdict is verdict


def test_reasons_name_the_delay_and_the_measure() -> None:
    failed = decide_gate(0.01, [Counts(5, 40, 400)]).reason
    assert failed == "40 of 400 failed at 5 ms (95 % interval 7.43% to 13.33%), above the 1.000% allowed"
    assert "more iterations are needed" in decide_gate(0.01, [Counts(5, 0, 40)]).reason
    assert decide_gate(0.01, [Counts(5, 0, 0)]).reason == "nothing was judged at 5 ms"
