"""Pass, fail and inconclusive are three different things."""

import pytest

from harness.stats.gate import GateVerdict, overall

PASS, FAIL, OPEN = GateVerdict.PASS, GateVerdict.FAIL, GateVerdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [([PASS, PASS], PASS), ([PASS, OPEN], OPEN), ([OPEN, FAIL, PASS], FAIL), ([], OPEN)],
)
def test_several_gates(verdicts: list[GateVerdict], together: GateVerdict) -> None:
    assert overall(verdicts) is together
