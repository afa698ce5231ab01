"""What an iteration's calls say of their order, however many they were."""

import pytest
from evidence import call, fired

from harness.model import Call, Fired, Method
from harness.units import NS_PER_MS


def with_writes(*entered_ns: int | None) -> Fired:
    """Updates started 2 ms apart, and when each entered the service."""
    calls = [call(Method.UPDATE, 10 + 2 * n, server_entered_ns=entry_ns) for n, entry_ns in enumerate(entered_ns)]
    return fired()._replace(calls=(call(Method.CREATE), *calls))


def test_the_writes_are_the_calls_after_create() -> None:
    one = with_writes(1, 2, 3)
    assert one.writes == one.calls[1:]
    assert len(one.writes) == 3


def test_the_delay_is_from_the_first_of_the_writes_to_the_last() -> None:
    assert with_writes(None, None, None).achieved_delay_ns == 4 * NS_PER_MS
    assert with_writes(None).achieved_delay_ns == 0
    assert with_writes().achieved_delay_ns is None


@pytest.mark.parametrize(
    ("entered_ns", "delay_ns", "inverted"),
    [
        ((), None, None),
        ((5,), 0, False),
        ((100, 200), 100, False),
        ((100, 100), 0, False),
        ((300, 250), -50, True),
        ((None, 5), None, None),
        ((5, None), None, None),
        ((100, 200, 300), 200, False),
        ((100, 300, 200), 100, True),
        ((200, 100, 300), 100, True),
        ((100, None, 300), 200, None),
        ((300, None, 100), -200, None),
    ],
)
def test_the_order_at_the_service_is_told_where_each_entry_is_reported(
    entered_ns: tuple[int | None, ...], delay_ns: int | None, inverted: bool | None
) -> None:
    one = with_writes(*entered_ns)
    assert (one.server_delay_ns, one.server_inverted) == (delay_ns, inverted)


def test_an_inversion_is_told_by_the_starts_and_not_by_the_plan() -> None:
    """A call of the plan that was started late is no inversion where the service saw the calls in the order of their starts."""
    calls: list[Call] = [
        call(Method.UPDATE, 14, server_entered_ns=3),
        call(Method.UPDATE, 10, server_entered_ns=1),
    ]
    one = fired()._replace(calls=(call(Method.CREATE), *calls))
    assert one.server_inverted is False
