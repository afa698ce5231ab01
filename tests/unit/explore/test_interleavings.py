"""The orders of the steps: all of them, none twice, and as many as the formula says."""

from itertools import permutations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.explore.schedule import PAIR, Turn, compact, count, interleavings, linear_extensions, switches
from harness.explore.subject import EXPLORABLE_FAULTS, NOT_BY_ORDER, Subject
from harness.model import Method, Order
from harness.scenario import BehaviourName, FaultName
from harness.service.steps import Step

STEPS = st.lists(st.sampled_from(Step), min_size=1, max_size=4, unique=True).map(sorted)


@st.composite
def partial_orders(draw: st.DrawFn) -> dict[int, frozenset[int]]:
    """Any partial order of up to six things: each may need some of those with lower numbers."""
    size = draw(st.integers(0, 6))
    return {one: draw(st.frozensets(st.integers(0, one - 1))) if one else frozenset() for one in range(size)}


def respected(sequence: tuple[int, ...], needed: dict[int, frozenset[int]]) -> bool:
    return all(needed[one] <= set(sequence[:place]) for place, one in enumerate(sequence))


@given(partial_orders())
def test_the_linear_extensions_are_the_permutations_that_respect_the_order(needed: dict[int, frozenset[int]]) -> None:
    found = list(linear_extensions(needed))
    assert len(found) == len(set(found))
    assert set(found) == {one for one in permutations(needed) if respected(one, needed)}


@given(STEPS)
def test_every_interleaving_keeps_each_calls_steps_in_order_and_none_is_there_twice(steps: list[Step]) -> None:
    found = interleavings(steps)
    assert len(found) == len(set(found)) == count(steps) == comb(2 * len(steps), len(steps))
    for schedule in found:
        for method in PAIR:
            assert [turn.step for turn in schedule if turn.method is method] == steps


@given(STEPS)
def test_half_of_them_begin_with_either_call(steps: list[Step]) -> None:
    halves = [interleavings(steps, order) for order in (Order.UPDATE_FIRST, Order.SUBMIT_FIRST)]
    assert sorted((*halves[0], *halves[1]), key=str) == sorted(interleavings(steps), key=str)
    assert {schedule[0].method for schedule in halves[0]} == {Method.UPDATE}
    assert len(halves[0]) == len(halves[1]) == count(steps, Order.UPDATE_FIRST) == count(steps, Order.SUBMIT_FIRST)


@pytest.mark.parametrize(
    ("behaviour", "fault", "steps", "on_paper"),
    [
        ("cure", None, "commit write", 6),
        ("as_found", None, "load commit write", 20),
        ("fix1", None, "load commit write", 20),
        ("fix2", None, "load commit read write", 70),
        ("fix3", None, "load commit read write", 70),
        ("cure", "stale_closure", "load commit write", 20),
        ("cure", "unordered_tasks", "commit read write", 20),
        ("cure", "now_inversion", "begin commit write", 20),
        ("cure", "full_row_save", "load commit write", 20),
        ("cure", "history_outside", "commit history write", 20),
        ("cure", "block_deduplication", "commit write", 6),
        ("cure", "versionless_delete", "commit write", 6),
        ("cure", "lossy_mapping", "commit write", 6),
        ("fix3", "now_inversion", "load begin commit read write", 252),
    ],
)
def test_the_steps_and_the_count_are_those_derived_on_paper(
    behaviour: str, fault: str | None, steps: str, on_paper: int
) -> None:
    subject = Subject(BehaviourName(behaviour), () if fault is None else (FaultName(fault),))
    assert " ".join(subject.steps) == steps
    assert subject.expected == on_paper
    assert len(subject.schedules) == on_paper


def test_a_fault_is_explored_where_the_order_alone_decides_it() -> None:
    assert set(EXPLORABLE_FAULTS) | NOT_BY_ORDER == set(FaultName)
    assert not set(EXPLORABLE_FAULTS) & NOT_BY_ORDER


def test_the_switches_of_a_schedule() -> None:
    serial, *_, last = interleavings([Step.COMMIT, Step.WRITE])
    assert (compact(serial), switches(serial)) == ("UC UW SC SW", 1)
    assert (compact(last), switches(last)) == ("SC SW UC UW", 1)
    between = tuple(Turn(method, step) for step in (Step.COMMIT, Step.WRITE) for method in PAIR)
    assert (compact(between), switches(between)) == ("UC SC UW SW", 3)
