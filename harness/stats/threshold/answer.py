"""What a search found out."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a search ended."""

    FOUND = "found"
    """A safe delay is known; `exact` says whether the interval that ends there is as narrow as was asked for."""
    ALL_SAFE = "all_safe"
    """The smallest delay tried is safe, and so is every other."""
    NONE_SAFE = "none_safe"
    """Not even the largest delay is safe."""
    UNDECIDED = "undecided"
    """The iterations did not suffice for that; what the interval says holds nevertheless."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the smallest delay in [min_delay_ms, max_delay_ms] whose failure rate is below `max_failure_rate`, in (0, 1).

    The answer is to be exact to `resolution_ms`, or to 10 % where that is more, at `confidence`, by at most `max_iterations`.
    """

    max_failure_rate: float
    confidence: float = 0.95
    resolution_ms: float = 20.0
    min_delay_ms: float = 0.0
    max_delay_ms: float = 1000.0
    max_iterations: int = 6_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The threshold lies in (low_ms, high_ms] with the confidence asked for; so `safe_ms` is a delay whose rate is below the limit.

    `low_ms` is None where the threshold may lie below all delays tried, `high_ms` and `safe_ms` where it may lie above them.
    `estimate_ms` is within the tolerance of all of that where it is `exact`, and the likeliest delay alone where not; None where the
    threshold seems to lie above all delays tried.
    """

    outcome: Outcome
    estimate_ms: float | None
    low_ms: float | None
    high_ms: float | None
    reason: str
    exact: bool
    """Whether the answer is as exact as was asked for."""

    @property
    def safe_ms(self) -> float | None:
        """The smallest delay that was shown to be safe."""
        return self.high_ms


def explain(question: Question, outcome: Outcome, low_ms: float | None, high_ms: float | None, why: str) -> str:
    """Return the answer as a sentence for a user; `why` says what kept the search from more."""
    limit = f"{question.max_failure_rate * 100:.4g} %"
    with_confidence = f"with {question.confidence * 100:.4g} % confidence"
    match outcome:
        case Outcome.ALL_SAFE:
            return (
                f"safe at every delay from {question.min_delay_ms:g} ms, the smallest tried: "
                f"the failure rate there is below {limit}, {with_confidence}"
            )
        case Outcome.NONE_SAFE:
            return (
                f"none up to {question.max_delay_ms:g} ms, the largest tried: "
                f"the failure rate there is {limit} or more, {with_confidence}"
            )
        case Outcome.FOUND:
            said = f"{high_ms:g} ms is safe: the failure rate falls below {limit} {_between(low_ms, high_ms)}, {with_confidence}"
            return f"{said}; {why}" if why else said
        case Outcome.UNDECIDED:
            if low_ms is None and high_ms is None:
                return f"undecided: {why}"
            return f"undecided: {why}; it falls below {limit} {_between(low_ms, high_ms)}, {with_confidence}"


def _between(low_ms: float | None, high_ms: float | None) -> str:
    if low_ms is None:
        return f"at {high_ms:g} ms or earlier"
    if high_ms is None:
        return f"above {low_ms:g} ms, if at all"
    return f"between {low_ms:g} and {high_ms:g} ms"
