"""The plan: arrivals, interleaving, order and content."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Method, Order
from harness.plan.arrivals import constant_arrivals
from harness.plan.schedule import PlanHash, PlannedCall, PlannedIteration, build_plan, share_of, worker_of
from harness.scenario import Scenario


def test_arrivals_keep_the_rate_without_drift() -> None:
    assert list(constant_arrivals(4, 3.0)) == [0, 333_333_333, 666_666_667, 1_000_000_000]
    assert deque(constant_arrivals(3_000_001, 3.0), 1).pop() == 1_000_000_000_000_000


@given(
    iterations=st.integers(1, 20),
    delays=st.lists(st.integers(0, 500), min_size=1, max_size=9, unique=True),
    seed=st.integers(0),
)
def test_every_block_holds_every_delay_once(iterations: int, delays: list[int], seed: int) -> None:
    plan = list(build_plan(Scenario(iterations=iterations, api_delay_ms=delays, seed=seed % 2**63)))
    assert [planned.iteration for planned in plan] == list(range(iterations * len(delays)))
    assert [planned.arrival_ns for planned in plan] == sorted(planned.arrival_ns for planned in plan)
    for block in range(iterations):
        held = plan[block * len(delays) : (block + 1) * len(delays)]
        assert Counter(planned.api_delay_ms for planned in held) == Counter(map(float, delays))


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    one, same, other = (
        list(build_plan(Scenario(api_delay_ms=[0, 1, 2, 5], order="random", seed=seed))) for seed in (7, 7, 8)
    )
    assert one == same
    assert one != other


def test_random_order_draws_both_orders_and_a_fixed_one_draws_none() -> None:
    drawn = Counter(planned.order for planned in build_plan(Scenario(iterations=200, order="random")))
    assert set(drawn) == {Order.UPDATE_FIRST, Order.SUBMIT_FIRST}
    assert min(drawn.values()) > 60
    assert {planned.order for planned in build_plan(Scenario(order="submit_first"))} == {Order.SUBMIT_FIRST}


def test_a_pair_is_two_calls_of_which_the_second_starts_the_delay_after_the_first() -> None:
    for order, methods in (
        ("update_first", [Method.UPDATE, Method.SUBMIT]),
        ("submit_first", [Method.SUBMIT, Method.UPDATE]),
    ):
        (planned,) = build_plan(Scenario(iterations=1, api_delay_ms=[2.5], order=order))
        assert [call.method for call in planned.calls] == methods
        assert [call.offset_ns for call in planned.calls] == [0, 2_500_000]


def test_a_list_of_calls_is_planned_as_it_is_written_and_each_update_has_its_own_content() -> None:
    (planned,) = build_plan(Scenario(iterations=1, calls="submit@5, update@0, update@2"))
    assert planned.calls == (
        PlannedCall(Method.UPDATE, 0, 0),
        PlannedCall(Method.UPDATE, 2_000_000, 1),
        PlannedCall(Method.SUBMIT, 5_000_000),
    )
    assert (planned.api_delay_ms, planned.order) == (5.0, Order.UPDATE_FIRST)


def test_what_warms_up_comes_first_and_changes_nothing_of_what_counts() -> None:
    cold = Scenario(iterations=3, api_delay_ms=[0, 5], order="random", rate_per_s=10)
    plain = list(build_plan(cold))
    warm = list(build_plan(Scenario.model_validate(cold.model_dump() | {"firing": {"warm_up_s": 0.45}})))
    ups, rest = warm[:5], warm[5:]
    assert [planned.iteration for planned in ups] == [-5, -4, -3, -2, -1]
    assert all(planned.warms_up for planned in ups)
    assert not any(planned.warms_up for planned in rest)
    assert max(planned.arrival_ns for planned in ups) < 450_000_000
    assert rest == [replace(planned, arrival_ns=planned.arrival_ns + 450_000_000) for planned in plain]


@pytest.mark.parametrize("arrivals", ["constant", "poisson", "burst", "ramp"])
def test_any_number_of_workers_fires_the_same_plan(arrivals: str) -> None:
    firing = {"arrivals": arrivals, "warm_up_s": 0.1}
    scenario = Scenario(iterations=50, api_delay_ms=[0, 1, 5], order="random", seed=3, firing=firing)
    whole = list(build_plan(scenario))
    for workers in (1, 2, 4):
        shares = [list(share_of(build_plan(scenario), worker, workers)) for worker in range(workers)]
        assert sorted((planned for share in shares for planned in share), key=lambda p: p.iteration) == whole
        assert all(worker_of(planned.iteration, workers) == worker for worker, s in enumerate(shares) for planned in s)
        assert _hash(scenario.seed, *shares) == _hash(scenario.seed, whole)


@pytest.mark.parametrize(
    "change", [{"seed": 4}, {"order": "submit_first"}, {"api_delay_ms": [0, 1, 6]}, {"rate_per_s": 51}]
)
def test_another_plan_has_another_hash(change: dict[str, object]) -> None:
    one = Scenario(iterations=5, api_delay_ms=[0, 1, 5], seed=3)
    other = Scenario.model_validate(one.model_dump() | change)
    assert _hash(one.seed, build_plan(one)) != _hash(other.seed, build_plan(other))


def _hash(seed: int, *shares: Iterable[PlannedIteration]) -> int:
    """The fingerprint of a plan of which each share was taken by a process of its own, and in another order."""
    whole = 0
    for share in shares:
        fingerprint = PlanHash(seed)
        for planned in reversed(list(share)):
            fingerprint.add(planned)
        whole ^= fingerprint.value
    return whole
