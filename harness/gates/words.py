"""How gates say numbers, and what several of them say together."""

from collections.abc import Sequence

from harness.report.document import GateDecision

MOST_NAMED = 3


def percent(rate: float) -> str:
    """Return a rate as it was set: 0.01 is `1 %`."""
    return f"{rate * 100:.10g} %"


def counted(failures: int, judged: int) -> str:
    """Return how many failed of how many."""
    return f"{failures or 'none'} of {judged} failed"


def summary(verdict: str, decisions: Sequence[GateDecision]) -> str:
    """Return why the gates together say what they do: the first of the decisions that make it, with the names of the others."""
    first, *more = [decision for decision in decisions if decision.verdict == verdict]
    points = {decision.api_delay_ms for decision in decisions} - {None}
    if verdict == "pass":
        if len(points) > 1:
            return f"every gate passes at all {len(points)} api-delays"
        return "; ".join(one.reason for one in (first, *more) if one.api_delay_ms is not None) or first.reason
    if not more:
        return first.reason
    named = ", ".join(_name(decision) for decision in more[:MOST_NAMED])
    rest = f" and {len(more) - MOST_NAMED} more" if len(more) > MOST_NAMED else ""
    also = "failed" if verdict == "fail" else verdict
    return f"{first.reason}. Also {also}: {named}{rest}"


def _name(decision: GateDecision) -> str:
    where = "" if decision.api_delay_ms is None else f" at {decision.api_delay_ms:g} ms"
    return f"{decision.gate}{where}"
