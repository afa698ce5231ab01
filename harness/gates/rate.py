"""`max_failure_rate` at one api-delay."""

from harness.gates.words import counted, percent
from harness.stats.gate import GateVerdict
from harness.stats.sequential import MOST_ITERATIONS, SequentialTest


class RateGate:
    """Decides on the longest prefix, in plan order, of the point's iterations that are all known; `add` takes them in that order.

    `planned` bounds it. Without a test the limit is 0 or 1: with 0 one failure fails, and none in all of them passes; with 1 nothing fails.
    """

    def __init__(self, limit: float, test: SequentialTest | None, planned: int, confidence: float) -> None:
        self._limit = limit
        self._test = test
        self._needed = None if test is None else test.needed()
        self._planned = planned
        self._confidence = confidence
        self._taken = 0
        self.judged = 0
        self.failures = 0
        self.verdict: GateVerdict | None = None
        """None while it goes on."""

    def add(self, failed: bool | None) -> None:
        """Take in the next iteration; None for one that is no evidence. What comes after the decision changes nothing."""
        if self.verdict is not None:
            return
        self._taken += 1
        if failed is not None:
            self.judged += 1
            self.failures += failed
        self.verdict = self._decide()

    def _decide(self) -> GateVerdict | None:
        exhausted = self._taken == self._planned
        if self._test is None:
            if self.failures and self._limit == 0:
                return GateVerdict.FAIL
            return (GateVerdict.PASS if self.judged else GateVerdict.INCONCLUSIVE) if exhausted else None
        decided = self._test.decide(self.judged, self.failures) if self.judged else None
        if decided is None and (exhausted or self.judged == self._needed):
            return self._test.decide_at_end(self.judged, self.failures)
        return decided

    def reason(self, api_delay_ms: float) -> str:
        """Return the sentence that explains the decision, or why there is none."""
        found = f"{counted(self.failures, self.judged)} at {api_delay_ms:g} ms"
        if self.judged == 0:
            return f"nothing was judged at {api_delay_ms:g} ms"
        if self.verdict is None:
            return f"{found} up to here, {self._taken} of {self._planned} planned iterations: that decides nothing yet"
        if self._test is None:
            return self._reason_without_test(found)
        sure = f"with {percent(self._confidence)} confidence"
        match self.verdict:
            case GateVerdict.PASS:
                return f"{found}, which rules out a rate of {percent(self._limit)} or more {sure}"
            case GateVerdict.FAIL:
                return (
                    f"{found}, which rules out a rate of {percent(self._test.good_rate)} or less {sure}, where "
                    f"{percent(self._limit)} or more must fail"
                )
            case _:
                needed = f"more than {MOST_ITERATIONS}" if self._needed is None else str(self._needed)
                return (
                    f"{found}, which does not tell {percent(self._limit)} from {percent(self._test.good_rate)} {sure}: that takes up to "
                    f"{needed} judged iterations (--max-iterations)"
                )

    def _reason_without_test(self, found: str) -> str:
        if self._limit == 1:
            return f"{found}, and any rate is allowed"
        if self.verdict is GateVerdict.FAIL:
            return f"{found}, where none may"
        # The exact upper bound for no failure: (1 - rate) ** judged = 1 - confidence.
        bound = 1 - (1 - self._confidence) ** (1 / self.judged)
        return f"{found}, which shows a rate below {bound:.2%} with {percent(self._confidence)} confidence"
