"""What instant a ClickHouse version stands for, where it is a time at all. Pure.

Many services take a time for the version: nanoseconds, microseconds, milliseconds or seconds since the epoch, or a DateTime column. The
ranges of the four between 2000 and 2100 do not overlap, so the number itself tells its unit; any other number is a sequence of its own.
"""

from dataclasses import dataclass

from harness.units import US_PER_S

YEAR_2000_S = 946_684_800
YEAR_2100_S = 4_102_444_800


@dataclass(frozen=True, slots=True)
class VersionTime:
    """The instants that a version can stand for, both ends in it, in microseconds since the epoch."""

    earliest_us: int
    latest_us: int


def version_time(version: int) -> VersionTime | None:
    """Return the time that a version stands for, None where it is none."""
    for per_second in (1, 1_000, US_PER_S):
        if YEAR_2000_S <= version // per_second < YEAR_2100_S:
            unit_us = US_PER_S // per_second
            return VersionTime(version * unit_us, version * unit_us + unit_us - 1)
    if YEAR_2000_S <= version // 1_000_000_000 < YEAR_2100_S:
        return VersionTime(version // 1000, version // 1000)
    return None
