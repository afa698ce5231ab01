"""The model of the worker queue: reproducible, and distributed as its parameters say."""

import math
from itertools import product
from statistics import mean, median, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scenario import CopyLatency
from harness.service.latency import draw_delay_ms

DRAWS = 20_000
MODELS = st.builds(
    CopyLatency,
    median_ms=st.floats(0.001, 60_000),
    sigma=st.floats(0, 3),
    slow_share=st.floats(0, 1),
    slow_median_ms=st.floats(0.001, 60_000),
    slow_sigma=st.floats(0, 3),
)


def draws(model: CopyLatency, seed: int = 1, count: int = DRAWS) -> list[float]:
    return [draw_delay_ms(model, seed, f"scorecards/{number}", "UpdateScorecard") for number in range(count)]


def logarithms(model: CopyLatency) -> list[float]:
    return [math.log(delay_ms) for delay_ms in draws(model)]


@given(MODELS, st.integers(), st.text(), st.text())
def test_a_delay_is_positive_finite_and_always_the_same(
    model: CopyLatency, seed: int, scorecard: str, method: str
) -> None:
    delay_ms = draw_delay_ms(model, seed, scorecard, method)
    assert 0 < delay_ms < math.inf
    assert draw_delay_ms(model, seed, scorecard, method) == delay_ms


def test_the_delays_of_a_seed_do_not_change_between_versions() -> None:
    model = CopyLatency(median_ms=2, sigma=0.3, slow_share=0.15, slow_median_ms=20, slow_sigma=0.4)
    name = "customers/c/profiles/p/scorecards/s"
    seen = {
        method: round(draw_delay_ms(model, 1, name, method), 9)
        for method in ("CreateScorecard", "UpdateScorecard", "SubmitScorecard")
    }
    assert seen == {"CreateScorecard": 1.018637717, "UpdateScorecard": 1.815956739, "SubmitScorecard": 2.252899837}


def test_seed_scorecard_and_method_each_make_another_delay() -> None:
    cases = list(product((1, 2), ("a", "b"), ("UpdateScorecard", "SubmitScorecard")))
    assert len({draw_delay_ms(CopyLatency(), *case) for case in cases}) == len(cases)


def test_the_two_copies_of_a_pair_are_independent() -> None:
    model = CopyLatency(sigma=1, slow_share=0)
    first = logarithms(model)
    second = [math.log(draw_delay_ms(model, 1, f"scorecards/{n}", "SubmitScorecard")) for n in range(DRAWS)]
    middles = mean(first), mean(second)
    covariance = mean((one - middles[0]) * (other - middles[1]) for one, other in zip(first, second, strict=True))
    assert abs(covariance / (stdev(first) * stdev(second))) < 5 / math.sqrt(DRAWS)


@pytest.mark.parametrize(("share", "middle_ms", "sigma"), [(0.0, 2.0, 0.3), (1.0, 20.0, 0.4)], ids=["quick", "slow"])
def test_each_part_is_log_normal(share: float, middle_ms: float, sigma: float) -> None:
    found = logarithms(CopyLatency(median_ms=2, sigma=0.3, slow_share=share, slow_median_ms=20, slow_sigma=0.4))
    assert math.exp(median(found)) == pytest.approx(middle_ms, rel=0.02)
    assert stdev(found) == pytest.approx(sigma, rel=0.03)
    within_two_sigma = sum(abs(value - math.log(middle_ms)) < 2 * sigma for value in found)
    assert within_two_sigma / DRAWS == pytest.approx(0.9545, abs=0.01)


@pytest.mark.parametrize("share", [0.0, 0.15, 0.5, 1.0])
def test_the_slow_part_has_its_share(share: float) -> None:
    delays_ms = draws(CopyLatency(sigma=0, slow_share=share, slow_sigma=0, median_ms=2, slow_median_ms=20))
    assert {round(delay_ms, 9) for delay_ms in delays_ms} <= {2, 20}
    slow = sum(delay_ms > 10 for delay_ms in delays_ms)
    assert slow / DRAWS == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / DRAWS))


def test_without_a_spread_every_delay_is_the_median() -> None:
    assert set(draws(CopyLatency(median_ms=2, sigma=0, slow_share=0), count=100)) == {2}
