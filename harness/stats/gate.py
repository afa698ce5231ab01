"""What a gate says: pass, fail and inconclusive are three different things."""

from collections.abc import Iterable
from enum import StrEnum


class GateVerdict(StrEnum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - a verdict, no secret
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


def overall(verdicts: Iterable[GateVerdict]) -> GateVerdict:
    """Return what several gates say together: fail where one fails, else inconclusive where one is or where there is none, else pass."""
    found = set(verdicts)
    if GateVerdict.FAIL in found:
        return GateVerdict.FAIL
    return GateVerdict.PASS if found == {GateVerdict.PASS} else GateVerdict.INCONCLUSIVE
