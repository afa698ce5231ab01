"""The search: which delays to try next, until the answer is known. No clock, no I/O: ask `next_round`, `tell` its counts, ask again."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from harness.stats.threshold.answer import Answer, Outcome, Question, explain
from harness.stats.threshold.delays import candidate_delays
from harness.stats.threshold.evidence import Evidence, Floats

# Times 1 / F, so many failures are expected at the limit in a round: to find out where to look, and to prove.
EXPLORING_FAILURES = 0.7
PROVING_FAILURES = 2.0
GROWTH = 0.4
"""A round is this share of what its delay had already, where that is more: few rounds, and little more than is needed."""
BELIEF_TO_PROVE = 0.5
"""From which belief in one place on it is proved rather than looked for."""
LEAST_IN_ROUND = 10
LIKELY = 0.95
COARSE_SHARE = 0.4
"""From this share of the iterations on, an end that the interval still lacks comes first,"""
SURE = 0.95
"""at the nearest delay of which one is so sure."""
MANY_FAILURES = 3.0
"""So many failures expected at the limit should tell on which side of it a delay is;"""
DOUBT = 0.03
"""it does not where so much belief is left for either side."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """So many iterations at one delay."""

    api_delay_ms: float
    iterations: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of iterations at one delay: `judged` without errors, of them `failures`."""

    api_delay_ms: float
    judged: int
    failures: int


class Search:
    """A search for one question's answer."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.delays_ms = candidate_delays(question.min_delay_ms, question.max_delay_ms, question.resolution_ms)
        self.iterations = 0
        """Asked for so far, those that said nothing included."""
        self._index = {delay_ms: index for index, delay_ms in enumerate(self.delays_ms)}
        self._evidence = Evidence(len(self.delays_ms), question.max_failure_rate, question.confidence)

    def next_round(self) -> tuple[Allocation, ...]:
        """Return what to fire next, by delay; nothing where the search has ended."""
        left = self.question.max_iterations - self.iterations
        if left <= 0 or self.located:
            return ()
        wanted = self._delays_to_try()
        # What is left is shared where it does not suffice.
        share = min(1.0, left / sum(wanted.values()))
        allocations = [Allocation(self.delays_ms[d], math.floor(n * share)) for d, n in sorted(wanted.items())]
        allocations = [one for one in allocations if one.iterations] or [Allocation(self.delays_ms[min(wanted)], left)]
        self.iterations += sum(one.iterations for one in allocations)
        return tuple(allocations)

    def tell(self, tried: Iterable[Tried]) -> None:
        """Take in a whole round, only when every iteration of it has its verdict: failures fall later than successes.

        Raises KeyError for a delay that is no candidate.
        """
        for one in sorted(tried, key=lambda one: one.api_delay_ms):
            if one.judged:
                self._evidence.tell(self._index[one.api_delay_ms], one.judged, one.failures)

    @property
    def tried(self) -> list[Tried]:
        """What was told so far, by delay."""
        counts = zip(self.delays_ms, self._evidence.judged, self._evidence.failures, strict=True)
        return [Tried(delay_ms, int(judged), int(failures)) for delay_ms, judged, failures in counts if judged]

    @property
    def located(self) -> bool:
        """Whether the answer is as exact as was asked for, or the counts contradict the assumption."""
        possible = self._possible()
        return possible is None or any(set(range(possible[0], possible[1] + 1)) <= place for place in self._places())

    @property
    def interval_ms(self) -> tuple[float | None, float | None]:
        """The largest delay shown to be unsafe and the smallest shown to be safe, None where there is none."""
        possible = self._possible()
        if possible is None:
            return None, None
        low, high = possible
        return (
            self.delays_ms[low - 1] if low > 0 else None,
            self.delays_ms[high] if high < len(self.delays_ms) else None,
        )

    @property
    def likely_ms(self) -> tuple[float | None, float | None]:
        """Between which delays the threshold lies by belief alone, with 95 %; for whoever watches. None where no delay is beyond that."""
        possible = self._possible()
        if possible is None:
            return None, None
        sum_up_to = np.cumsum(self._belief_in(*possible))
        low, high = (int(np.searchsorted(sum_up_to, share)) for share in ((1 - LIKELY) / 2, (1 + LIKELY) / 2))
        return (
            self.delays_ms[low - 1] if low > 0 else None,
            self.delays_ms[high] if high < len(self.delays_ms) else None,
        )

    @property
    def answer(self) -> Answer:
        """What is known so far."""
        low_ms, high_ms = self.interval_ms
        outcome, why = self._outcome()
        reason = explain(self.question, outcome, low_ms, high_ms, why)
        return Answer(outcome, self._estimate_ms(outcome), low_ms, high_ms, reason, self._exact)

    def _outcome(self) -> tuple[Outcome, str]:
        possible = self._possible()
        if possible is None:
            return Outcome.UNDECIDED, "the failure rate rises with the delay, or it changed while it was measured"
        if not self.located:
            found = self.interval_ms[1] is not None
            why = f"{self.iterations} iterations do not locate the delay" + (" more exactly" if found else "")
            return (Outcome.FOUND if found else Outcome.UNDECIDED), why
        if possible == (0, 0):
            return Outcome.ALL_SAFE, ""
        end = len(self.delays_ms)
        return (Outcome.NONE_SAFE if possible == (end, end) else Outcome.FOUND), ""

    def _estimate_ms(self, outcome: Outcome) -> float | None:
        """Return the middle of what is possible, since nothing else is within the tolerance of all of it; else the likeliest."""
        if outcome is Outcome.ALL_SAFE:
            return self.delays_ms[0]
        possible = self._possible()
        if outcome is Outcome.NONE_SAFE or possible is None or not self.iterations:
            return None
        low, high = possible
        if not self.located:
            likeliest = int(np.searchsorted(np.cumsum(self._belief_in(low, high)), 0.5))
            return self.delays_ms[likeliest] if likeliest < len(self.delays_ms) else None
        if low == high:
            return (self.delays_ms[low - 1] + self.delays_ms[low]) / 2
        return self.delays_ms[low]

    def _belief_in(self, low: int, high: int) -> Floats:
        """Return the belief over all thresholds, given that it is one from `low` to `high`."""
        belief = self._evidence.belief()
        belief[:low] = belief[high + 1 :] = 0
        belief /= belief.sum()
        return belief

    @property
    def _exact(self) -> bool:
        return self.located and self._possible() is not None

    def _possible(self) -> tuple[int, int] | None:
        """Return the first and the last threshold that was not disproved, None where all were."""
        left = np.flatnonzero(~self._evidence.excluded)
        return (int(left[0]), int(left[-1])) if left.size else None

    def _places(self) -> list[set[int]]:
        """Return the sets of thresholds to narrow them down to: either end alone, and any two neighbours that have a safe delay."""
        end = len(self.delays_ms)
        return [{0}, {end}, *({low, low + 1} for low in range(end - 1))]

    def _delays_to_try(self) -> dict[int, int]:
        """Return indices of delays, each with how many iterations its round has."""
        possible = self._possible()
        assert possible is not None
        belief = self._belief_in(*possible)
        if self.iterations >= COARSE_SHARE * self.question.max_iterations and (ends := self._missing_ends(belief)):
            return {delay: self._size(delay, PROVING_FAILURES) for delay in ends}
        place = max(self._places(), key=lambda place: _worth(belief, place))
        if sum(belief[threshold] for threshold in place) >= BELIEF_TO_PROVE:
            below, above = min(place) - 1, max(place)
            proving = [below] if possible[0] <= below else []
            proving += [above] if possible[1] > above else []
            if proving:
                return self._with_neighbours({delay: self._size(delay, PROVING_FAILURES) for delay in proving})
        middle = min(int(np.searchsorted(np.cumsum(belief), 0.5)), len(self.delays_ms) - 1)
        return self._with_neighbours({middle: self._size(middle, EXPLORING_FAILURES)})

    def _missing_ends(self, belief: Floats) -> list[int]:
        """Return delays that are surely safe, or surely unsafe, where none was shown to be: better a wide interval than none."""
        low_ms, high_ms = self.interval_ms
        up_to = np.cumsum(belief)
        ends = []
        if high_ms is None and (safe := np.flatnonzero(up_to[:-1] >= SURE)).size:
            ends.append(int(safe[0]))
        if low_ms is None and (unsafe := np.flatnonzero(1 - up_to[:-1] >= SURE)).size:
            ends.append(int(unsafe[-1]))
        return ends

    def _with_neighbours(self, sizes: dict[int, int]) -> dict[int, int]:
        """Add the neighbours of a delay that is on neither side after many iterations: its rate is all but the limit, theirs is not."""
        judged, safe = self._evidence.judged, self._evidence.safe()
        added: dict[int, int] = {}
        for delay, size in sizes.items():
            if judged[delay] * self.question.max_failure_rate > MANY_FAILURES and DOUBT < safe[delay] < 1 - DOUBT:
                around = [one for one in (delay - 1, delay + 1) if 0 <= one < len(self.delays_ms)]
                added |= {one: size for one in around if judged[one] < judged[delay] / 2}
        return added | sizes

    def _size(self, delay: int, expected_failures: float) -> int:
        """Return how many iterations a delay's next round has, of which so many would fail at the limit, or more."""
        iterations = expected_failures / self.question.max_failure_rate
        return math.ceil(max(iterations, GROWTH * int(self._evidence.judged[delay]), LEAST_IN_ROUND))


def _worth(belief: Floats, place: set[int]) -> float:
    """Return the belief in a place; one threshold alone counts double, so that an end is told apart from its neighbour where it can be."""
    return float(sum(belief[threshold] for threshold in place)) * (2 / len(place) if len(place) == 1 else 1)
