"""`max_convergence_p99_ms` at one api-delay."""

from harness.gates.words import percent
from harness.stats.gate import GateVerdict
from harness.stats.order import RankBounds, rank_bounds
from harness.stats.quantiles import Durations
from harness.units import NS_PER_MS

NEVER = "longer than was watched"


class P99Gate:
    """Decides once all planned iterations are known, by the bounds that order statistics give for the p99.

    It fails where the lower bound is above the limit and passes where the upper is not; `low_error` and `high_error` are the probabilities
    with which each bound may err. An iteration that never converged took longer than any limit.
    """

    def __init__(self, limit_ms: float, planned: int, low_error: float, high_error: float) -> None:
        self._limit_ms = limit_ms
        self._planned = planned
        self._errors = (low_error, high_error)
        self._times = Durations()
        self._taken = 0
        self._above = 0
        self.judged = 0

    @property
    def known(self) -> bool:
        """Whether all planned iterations are known."""
        return self._taken == self._planned

    def add(self, judged: bool, convergence_ns: int | None) -> None:
        """Take in an iteration, in any order; None for a time that never came."""
        self._taken += 1
        if not judged:
            return
        self.judged += 1
        if convergence_ns is not None:
            self._times.add(convergence_ns)
        self._above += convergence_ns is None or convergence_ns > self._limit_ms * NS_PER_MS

    @property
    def _bounds(self) -> RankBounds:
        return rank_bounds(self.judged, 0.99, *self._errors)

    @property
    def verdict(self) -> GateVerdict:
        """What is decided; inconclusive until all planned iterations are known."""
        within, bounds = self.judged - self._above, self._bounds
        if self.known and bounds.low is not None and within < bounds.low:
            return GateVerdict.FAIL
        if self.known and bounds.high is not None and within >= bounds.high:
            return GateVerdict.PASS
        return GateVerdict.INCONCLUSIVE

    def reason(self, api_delay_ms: float) -> str:
        """Return the sentence that explains the decision, or why there is none."""
        if not self.known:
            return (
                f"the p99 at {api_delay_ms:g} ms is not judged: {self._taken} of {self._planned} planned iterations are known, "
                "and quick ones are known first"
            )
        bounds, limit = self._bounds, f"the {self._limit_ms:g} ms allowed"
        low = "0 ms" if bounds.low is None else self._time(bounds.low)
        sure = f"with {percent(1 - self._errors[1])} confidence"
        found = f"of {self.judged} times to agreement at {api_delay_ms:g} ms {self._above or 'none'} exceeded {limit}"
        if bounds.high is None:
            return f"{found}, too few for an upper bound of the p99 {sure}: that takes {self._least()}"
        high = self._time(bounds.high)
        match self.verdict:
            case GateVerdict.PASS:
                return f"{found}: the p99 is at most {high} {sure}"
            case GateVerdict.FAIL:
                return f"{found}: the p99 is {low if low == NEVER else f'at least {low}'} {sure}"
            case _:
                return f"{found}: the p99 lies between {low} and {high} {sure}, which takes more iterations to decide"

    def _least(self) -> str:
        least = self.judged + 1
        while rank_bounds(least, 0.99, *self._errors).high is None:
            least += 1
        return f"at least {least} judged iterations (--max-iterations)"

    def _time(self, rank: int) -> str:
        """Return the time at a rank of all judged; those that never came have the highest."""
        time_ms = self._times.at_rank_ms(rank)
        return NEVER if time_ms is None else f"{time_ms:.0f} ms"
