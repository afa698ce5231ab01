"""The plan: arrivals, interleaving, order and content."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from harness.model import Order
from harness.plan.arrivals import constant_arrivals
from harness.plan.content import content_of
from harness.plan.schedule import build_plan
from harness.scenario import Scenario


def test_arrivals_keep_the_rate_without_drift() -> None:
    assert constant_arrivals(4, 3.0) == (0, 333_333_333, 666_666_667, 1_000_000_000)
    assert constant_arrivals(3_000_001, 3.0)[-1] == 1_000_000_000_000_000


@given(
    iterations=st.integers(1, 20),
    delays=st.lists(st.integers(0, 500), min_size=1, max_size=9, unique=True),
    seed=st.integers(0),
)
def test_every_block_holds_every_delay_once(iterations: int, delays: list[int], seed: int) -> None:
    plan = build_plan(Scenario(iterations=iterations, api_delay_ms=delays, seed=seed % 2**63))
    assert [planned.iteration for planned in plan] == list(range(iterations * len(delays)))
    assert [planned.arrival_ns for planned in plan] == sorted(planned.arrival_ns for planned in plan)
    for block in range(iterations):
        held = plan[block * len(delays) : (block + 1) * len(delays)]
        assert Counter(planned.api_delay_ms for planned in held) == Counter(map(float, delays))


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    one, same, other = (
        build_plan(Scenario(api_delay_ms=[0, 1, 2, 5], order="random", seed=seed)) for seed in (7, 7, 8)
    )
    assert one == same
    assert one != other


def test_random_order_draws_both_orders_and_a_fixed_one_draws_none() -> None:
    drawn = Counter(planned.order for planned in build_plan(Scenario(iterations=200, order="random")))
    assert set(drawn) == {Order.UPDATE_FIRST, Order.SUBMIT_FIRST}
    assert min(drawn.values()) > 60
    assert {planned.order for planned in build_plan(Scenario(order="submit_first"))} == {Order.SUBMIT_FIRST}


@given(seed=st.integers(0, 2**63 - 1), iteration=st.integers(0, 10_000), scores=st.integers(1, 12))
def test_an_update_changes_every_value_that_a_stale_copy_could_keep(seed: int, iteration: int, scores: int) -> None:
    content = content_of(seed, iteration, scores)
    assert content == content_of(seed, iteration, scores)
    assert content.created_overall != content.updated_overall
    assert content.submitter != ""
    for before, after in zip(content.created_scores, content.updated_scores, strict=True):
        assert before.criterion == after.criterion
        assert before.numeric_value != after.numeric_value
        assert before.ai_value != after.ai_value
        assert before.text_value != after.text_value
    criteria = [score.criterion for score in content.created_scores]
    assert criteria == sorted(set(criteria))
