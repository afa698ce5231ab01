"""Where an iteration counts whose gap was not what was asked for, and what all points hold together."""

import pytest
from evidence import fired

from harness.check.conclusion import Conclusion
from harness.firing import FiringSettings
from harness.model import Fired, Verdict
from harness.report.points import Points
from harness.units import NS_PER_MS


def with_gap(achieved_ms: float, api_delay_ms: float = 10.0) -> Fired:
    """An iteration whose second call started so long after the first."""
    one = fired()
    create, first, second = one.calls
    moved = second._replace(started_ns=first.started_ns + round(achieved_ms * NS_PER_MS))
    return one._replace(api_delay_ms=api_delay_ms, calls=(create, first, moved))


def counted(policy: str, *iterations: Fired) -> tuple[list[int], list[int], list[bool]]:
    """How many iterations each of the points 0, 10 and 20 ms counts, how many it saw off schedule, and what each line says."""
    points = Points((0.0, 10.0, 20.0), FiringSettings(off_schedule=policy))
    lines = [points.add(Conclusion(one, Verdict.DIVERGED, None, (), True, (), None)) for one in iterations]
    found = points.documents
    return [p.iterations for p in found], [p.off_schedule for p in found], [line.off_schedule for line in lines]


GAPS = [with_gap(10.0), with_gap(10.5), with_gap(10.501), with_gap(16.0), with_gap(9.0)]


@pytest.mark.parametrize(("policy", "expected"), [("keep", [0, 5, 0]), ("leave_out", [0, 2, 0]), ("bin", [0, 4, 1])])
def test_an_iteration_off_schedule_is_marked_and_counts_where_the_scenario_says(
    policy: str, expected: list[int]
) -> None:
    iterations, off_schedule, marked = counted(policy, *GAPS)
    assert iterations == expected
    assert off_schedule == [0, 3, 0]
    assert marked == [False, False, True, True, True]


def test_the_tolerance_grows_with_the_delay() -> None:
    settings = FiringSettings()
    assert not settings.is_off_schedule(with_gap(102.0, 100.0))
    assert settings.is_off_schedule(with_gap(102.1, 100.0))


def test_a_call_between_the_first_and_the_last_can_be_off_schedule_too() -> None:
    settings = FiringSettings()
    create, first, last = with_gap(10.0).calls
    for late_ms, off in ((0.4, False), (0.6, True)):
        between = first._replace(intended_ns=5 * NS_PER_MS, started_ns=round((5 + late_ms) * NS_PER_MS))
        assert settings.is_off_schedule(fired()._replace(calls=(create, first, between, last))) is off


def test_what_fired_no_pair_is_an_error_and_not_off_schedule() -> None:
    points = Points((10.0,), FiringSettings(off_schedule="leave_out"))
    alone = fired()._replace(scorecard="", calls=fired().calls[:1])
    points.add(Conclusion(alone, Verdict.ERROR, "refused", (), False, (), None))
    assert (points.iterations, points.errors, points.left_out) == (1, 1, 0)


def test_what_is_left_out_is_counted_as_such() -> None:
    points = Points((0.0, 10.0), FiringSettings(off_schedule="leave_out"))
    for one in GAPS:
        points.add(Conclusion(one, Verdict.CONVERGED, None, (), False, (), 1))
    assert (points.iterations, points.left_out, points.failures) == (2, 3, 0)


def test_latency_is_told_from_the_intended_start_and_service_time_from_the_actual_one() -> None:
    create, first, second = fired().calls
    late = first._replace(intended_ns=first.started_ns - 300 * NS_PER_MS, finished_ns=first.started_ns + 20 * NS_PER_MS)
    points = Points((10.0, 20.0), FiringSettings())
    for delay_ms in (10.0, 20.0):
        one = with_gap(delay_ms, delay_ms)._replace(calls=(create, late, second))
        points.add(Conclusion(one, Verdict.CONVERGED, None, (), False, (), 1))
    latency = points.latency[{"UpdateScorecard": "update", "SubmitScorecard": "submit"}[first.method.value]]
    assert latency.rpc_ms is not None and latency.service_ms is not None
    assert (latency.rpc_ms.max, latency.service_ms.max) == (320.0, 20.0)
    # Over both points.
    assert points.latency["create"].rpc_histogram
