"""How gates say numbers, and what several of them say together."""

from collections.abc import Sequence

from harness.report.document import GateDecision


def percent(rate: float) -> str:
    """Return a rate as it was set: 0.01 is `1 %`."""
    return f"{rate * 100:.10g} %"


def counted(failures: int, judged: int) -> str:
    """Return how many failed of how many."""
    return f"{failures or 'none'} of {judged} failed"


def summary(verdict: str, decisions: Sequence[GateDecision]) -> str:
    """Return why the gates together say what they do: the first of the decisions that make it, and how many there are more."""
    first, *more = [decision for decision in decisions if decision.verdict == verdict]
    points = {decision.api_delay_ms for decision in decisions} - {None}
    if verdict == "pass" and len(points) > 1:
        return f"every gate passes at all {len(points)} api-delays"
    if verdict == "pass" or not more:
        return first.reason
    return f"{first.reason} (and {len(more)} more)"
