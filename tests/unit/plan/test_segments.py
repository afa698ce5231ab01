"""A segment fires what it was told to, is reproducible, and goes on with the numbers."""

from collections import Counter

from harness.plan.schedule import Segment, build_segment
from harness.scenario import Scenario


def test_a_segment_has_the_counts_it_was_told_and_numbers_that_go_on() -> None:
    segment = Segment(100, ((20.0, 30), (40.0, 10)))
    planned = list(build_segment(Scenario(rate_per_s=100), segment))
    assert Counter(one.api_delay_ms for one in planned) == {20.0: 30, 40.0: 10}
    assert [one.iteration for one in planned] == list(range(100, 140))
    assert [one.arrival_ns for one in planned[:2]] == [0, 10_000_000]
    # Mixed, not one delay after the other.
    assert {one.api_delay_ms for one in planned[:15]} == {20.0, 40.0}


def test_a_segment_is_the_seed_s_and_its_number_s() -> None:
    counts = ((20.0, 30), (40.0, 10))

    def delays(seed: int, first: int) -> list[float]:
        return [one.api_delay_ms for one in build_segment(Scenario(seed=seed), Segment(first, counts))]

    assert delays(1, 0) == delays(1, 0)
    assert delays(1, 0) != delays(1, 40)
    assert delays(1, 0) != delays(2, 0)


def test_the_warm_up_goes_before_the_first_segment_alone() -> None:
    scenario = Scenario(rate_per_s=10, firing={"warm_up_s": 0.5})
    first, second = (list(build_segment(scenario, Segment(number, ((5.0, 2),)))) for number in (0, 2))
    assert [one.iteration for one in first] == [-5, -4, -3, -2, -1, 0, 1]
    assert first[5].arrival_ns == 500_000_000
    assert [one.iteration for one in second] == [2, 3]
    assert second[0].arrival_ns == 0
