"""Exact tests, corrected p-values and intervals of the difference of two failure rates."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.stats.comparison import compare_rates, newcombe, weighted_holm
from harness.stats.exact import Pair, binomial, p_worse

counts = st.integers(0, 60).flatmap(lambda judged: st.tuples(st.integers(0, judged), st.just(judged)))
pairs = st.tuples(counts, counts).map(lambda both: Pair(*both[0], *both[1]))


@settings(max_examples=50, deadline=None)
@given(pairs)
def test_one_stratum_is_fishers_exact_test(pair: Pair) -> None:
    # scipy.stats takes most of a second to import, which only this test is to pay for.
    from scipy.stats import fisher_exact

    table = [
        [pair.run_failures, pair.run_judged - pair.run_failures],
        [pair.base_failures, pair.base_judged - pair.base_failures],
    ]
    expected = fisher_exact(table, alternative="greater").pvalue
    assert p_worse([pair]) == pytest.approx(expected, rel=1e-9)


def test_strata_are_the_sum_over_every_way_the_failures_can_fall() -> None:
    strata = [Pair(1, 5, 3, 6), Pair(0, 4, 2, 4)]
    observed, tail = 5, 0.0
    for first, second in product(range(5), range(3)):
        chance = _share(strata[0], first) * _share(strata[1], second)
        tail += chance * (first + second >= observed)
    assert p_worse(strata) == pytest.approx(tail, rel=1e-12)


def _share(pair: Pair, run_failures: int) -> float:
    from math import comb

    failures = pair.base_failures + pair.run_failures
    ways = comb(pair.run_judged, run_failures) * comb(pair.base_judged, failures - run_failures)
    return ways / comb(pair.run_judged + pair.base_judged, failures)


def test_what_was_not_judged_or_did_not_fail_says_nothing() -> None:
    assert p_worse([]) == p_worse([Pair(0, 0, 9, 9)]) == p_worse([Pair(0, 50, 0, 50)]) == 1
    informative = Pair(1, 50, 9, 50)
    assert p_worse([informative, Pair(0, 0, 9, 9), Pair(0, 50, 0, 50)]) == p_worse([informative])


def test_a_million_iterations_are_tested_too_and_no_p_value_is_0() -> None:
    # By the normal approximation 4.2 sigma, which is 1.3e-5.
    assert p_worse([Pair(150_000, 1_000_000, 152_130, 1_000_000)]) == pytest.approx(1.28e-5, rel=0.05)
    assert p_worse([Pair(0, 10**6, 10**6, 10**6)]) == 1e-15


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        p_worse([Pair(0, 5, 6, 5)])


@given(st.integers(0, 200), st.floats(0, 1))
def test_binomial_probabilities_sum_to_1(trials: int, rate: float) -> None:
    weights, least = binomial(trials, rate)
    assert weights.sum() == pytest.approx(1) and 0 <= least <= trials


def test_newcombes_interval_is_that_of_his_paper() -> None:
    """Table II of the paper, rows of method 10."""
    for pair, low, high in (
        (Pair(48, 80, 56, 70), 0.0524, 0.3339),
        (Pair(3, 10, 9, 10), 0.1705, 0.8090),
        (Pair(0, 10, 10, 10), 0.6075, 1.0),
    ):
        found = newcombe(pair)
        assert found is not None
        assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    assert newcombe(Pair(0, 0, 1, 2)) is None


def test_holms_correction_by_hand_with_and_without_weights() -> None:
    found = weighted_holm([0.01, 0.04, 0.03], [1, 1, 1], 0.05)
    assert [one.corrected_p_value for one in found] == pytest.approx([0.03, 0.06, 0.06])
    assert [one.shown for one in found] == [True, False, False]
    # The first needs p/w = .02/.5 = .04; the second then has all that is left.
    found = weighted_holm([0.02, 0.04], [0.5, 0.5], 0.05)
    assert [one.corrected_p_value for one in found] == pytest.approx([0.04, 0.04])
    assert not weighted_holm([], [], 0.05)


def test_more_runs_and_more_delays_ask_for_clearer_rises() -> None:
    pair, equal = Pair(3, 300, 14, 300), Pair(3, 300, 3, 300)
    assert compare_rates([[pair]], 0.01)[0].shown
    assert not compare_rates([[pair], [equal], [equal]], 0.01)[0].shown
    assert not compare_rates([[pair, equal, equal]], 0.01)[0].shown


def test_the_question_over_all_delays_has_half_of_alpha() -> None:
    pair = Pair(3, 300, 14, 300)
    (found,) = compare_rates([[pair, pair]], 0.01)
    assert found.overall is not None
    assert found.overall.corrected_p_value == pytest.approx(2 * p_worse([pair, pair]))
    # That one being shown, all of alpha is left for the two delays.
    assert found.points[0].corrected_p_value == pytest.approx(2 * p_worse([pair]))
