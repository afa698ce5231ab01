"""Which numbers are times, in which unit, and over what span of time each lies."""

import pytest

from harness.check.version_time import VersionTime, version_time
from harness.units import US_PER_S

YEAR_2000_S, YEAR_2100_S = 946_684_800, 4_102_444_800


@pytest.mark.parametrize(
    ("version", "earliest_us", "latest_us"),
    [
        (1_700_000_000, 1_700_000_000_000_000, 1_700_000_000_999_999),
        (1_700_000_000_123, 1_700_000_000_123_000, 1_700_000_000_123_999),
        (1_700_000_000_123_456, 1_700_000_000_123_456, 1_700_000_000_123_456),
        (1_700_000_000_123_456_000, 1_700_000_000_123_456, 1_700_000_000_123_456),
        # Nanoseconds within a microsecond are all that microsecond.
        (1_700_000_000_123_456_999, 1_700_000_000_123_456, 1_700_000_000_123_456),
    ],
)
def test_a_version_stands_for_all_of_its_unit(version: int, earliest_us: int, latest_us: int) -> None:
    assert version_time(version) == VersionTime(earliest_us, latest_us)


@pytest.mark.parametrize("per_second", [1, 10**3, 10**6, 10**9])
def test_times_lie_between_the_beginnings_of_2000_and_of_2100(per_second: int) -> None:
    first, end = version_time(YEAR_2000_S * per_second), version_time(YEAR_2100_S * per_second - 1)
    assert first is not None
    assert first.earliest_us == YEAR_2000_S * US_PER_S
    assert end is not None
    assert end.latest_us == YEAR_2100_S * US_PER_S - 1
    assert version_time(YEAR_2000_S * per_second - 1) is None
    assert version_time(YEAR_2100_S * per_second) is None


@pytest.mark.parametrize("version", [0, 1, 42, -1_700_000_000, 2**64 - 1])
def test_any_other_number_is_a_sequence_of_its_own(version: int) -> None:
    assert version_time(version) is None
