"""The threshold search keeps its word on simulated services, ends, and says plainly what it knows."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.threshold import Trial, simulate
from benchmarks.threshold_services import SHAPES, draw
from harness.stats.threshold.answer import Outcome, Question
from harness.stats.threshold.delays import candidate_delays, tolerance_ms
from harness.stats.threshold.evidence import Evidence
from harness.stats.threshold.search import Search, Tried

EACH = 4


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    """A smaller version of the benchmark."""
    rng = np.random.default_rng(2026)
    return [simulate(draw(shape, rng), rng, with_grid=True) for shape in SHAPES for _ in range(EACH)]


def test_intervals_cover_and_answers_are_near(trials: list[Trial]) -> None:
    # At the promised 95 %, 28 or more of 32 have a probability of 98 %.
    assert sum(one.covered for one in trials) >= 28
    assert sum(one.safe for one in trials) >= 28
    assert sum(one.near for one in trials) >= 28


def test_it_takes_far_less_than_a_fixed_grid(trials: list[Trial]) -> None:
    reached = [one for one in trials if one.grid_iterations is not None]
    assert len(reached) > len(trials) * 0.9
    assert sum(one.iterations for one in reached) <= 0.6 * sum(one.grid_iterations or 0 for one in reached)


@pytest.mark.parametrize("limit", [0.01, 0.2])
def test_the_truth_is_seldom_disproved_however_long_one_looks(limit: float) -> None:
    """The worst case for the gamblers: every delay fails exactly at the limit, so the truth is the last threshold."""
    rng, disproved, repeats = np.random.default_rng(1), 0, 100
    for _ in range(repeats):
        evidence = Evidence(3, limit, 0.9)
        for round_ in range(24):
            evidence.tell(round_ % 3, 50, int(rng.binomial(50, limit)))
        disproved += bool(evidence.excluded[3])
    # 10 % of 100, and three standard deviations.
    assert disproved <= 10 + 9


def test_delays_are_a_tolerance_apart_at_most() -> None:
    delays_ms = candidate_delays(0, 1000, 5)
    assert delays_ms[:4] == (0, 5, 10, 15)
    assert delays_ms[-1] == 1000
    for low, high in pairwise(delays_ms):
        assert 0 < high - low <= tolerance_ms(low, 5)
    assert candidate_delays(7, 7, 5) == (7,)
    assert candidate_delays(0, 1, 0.25) == (0, 0.25, 0.5, 0.75, 1)


def _searched(question: Question, rate_from: dict[float, float]) -> Search:
    """Search a service that fails exactly in proportion: the rate of the largest key at or below the delay."""
    search = Search(question)
    while allocations := search.next_round():
        tried = []
        for one in allocations:
            rate = rate_from[max(ms for ms in rate_from if ms <= one.api_delay_ms)]
            tried.append(Tried(one.api_delay_ms, one.iterations, round(one.iterations * rate)))
        search.tell(tried)
    return search


@pytest.mark.parametrize(
    ("rates", "outcome", "low_ms", "high_ms", "words"),
    [
        (
            {0: 0.2, 62: 0.0},
            Outcome.FOUND,
            60,
            66,
            "72 ms is safe: the failure rate falls below 1 % between 60 and 72 ms",
        ),
        ({0: 0.0}, Outcome.ALL_SAFE, None, 0, "safe at every delay from 0 ms, the smallest tried"),
        ({0: 0.3}, Outcome.NONE_SAFE, 1000, None, "none up to 1000 ms, the largest tried"),
    ],
)
def test_answers_in_numbers_and_words(
    rates: dict[float, float], outcome: Outcome, low_ms: float | None, high_ms: float | None, words: str
) -> None:
    answer = _searched(Question(0.01, resolution_ms=5), rates).answer
    assert answer.outcome is outcome
    assert answer.reason.startswith(words)
    assert (low_ms is None) == (answer.low_ms is None)
    # Its own place may be one step wider, never elsewhere.
    assert answer.low_ms is None or low_ms is None or 0.9 * low_ms <= answer.low_ms <= low_ms
    assert answer.high_ms is None or high_ms is None or high_ms <= answer.high_ms <= 1.11 * high_ms


def test_it_stays_within_its_iterations_and_says_that_they_did_not_suffice() -> None:
    search = _searched(Question(0.01, max_iterations=333), {0: 0.2, 62: 0.0})
    assert search.iterations == 333
    assert search.answer.outcome is Outcome.UNDECIDED
    assert search.answer.reason.startswith("undecided: 333 iterations do not locate the delay")


def test_a_rate_that_rises_with_the_delay_is_no_answer() -> None:
    search = Search(Question(0.1, max_delay_ms=10))
    search.tell([Tried(0, 1000, 0), Tried(10, 1000, 900)])
    assert search.next_round() == ()
    assert search.answer.outcome is Outcome.UNDECIDED
    assert "rises with the delay" in search.answer.reason


def test_iterations_that_said_nothing_are_no_evidence() -> None:
    search = Search(Question(0.1))
    before = search.next_round()
    search.tell([Tried(one.api_delay_ms, 0, 0) for one in before])
    assert search.tried == []
    assert search.next_round() == before


def test_where_the_rate_is_near_the_limit_for_long_a_safe_delay_is_shown_first() -> None:
    search = _searched(Question(0.01), {0: 0.05, 40: 0.0115, 80: 0.009, 140: 0.0005})
    answer = search.answer
    assert (answer.outcome, answer.exact) == (Outcome.FOUND, False)
    assert answer.safe_ms is not None and answer.safe_ms >= 80
    assert answer.low_ms is None or answer.low_ms < 80
    assert answer.reason.endswith(f"{search.iterations} iterations do not locate the delay more exactly")
